import { describe, expect, it, vi } from 'vitest';
import { openCdn, type RetryPolicy } from '../../src/cdn/index.ts';
import { type ProviderAnswer, type ProviderRequest, startProvider } from '../support/provider-stand-in.ts';

const retry: RetryPolicy = { maxAttempts: 4, initialDelayMs: 1, maxDelayMs: 5, timeoutMs: 30_000 };
const credentials = { accessKeyId: 'x', secretAccessKey: 'y' };
const never = new AbortController().signal;
const many = (count: number) => Array.from({ length: count }, (_, index) => `o:${index}`);

const xmlError = (status: number, code: string): ProviderAnswer => ({
  status,
  body: `<ErrorResponse xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Error><Type>Sender</Type><Code>${code}</Code><Message>m</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
});

/** CloudFront's promise: one reference is one invalidation; the same reference with other paths is refused. */
function createInvalidations() {
  const known = new Map<string, { readonly id: string; readonly items: string }>();
  return {
    known,
    take({ body }: ProviderRequest): ProviderAnswer {
      const reference = /<CallerReference>(.*?)<\/CallerReference>/.exec(body)?.[1] ?? '';
      const items = /<Items>(.*?)<\/Items>/.exec(body)?.[1] ?? '';
      const before = known.get(reference);
      if (before !== undefined && before.items !== items) return xmlError(400, 'InvalidationBatchAlreadyExists');
      const invalidation = before ?? { id: `I${known.size + 1}`, items };
      known.set(reference, invalidation);
      return {
        status: 201,
        body: `<Invalidation xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Id>${invalidation.id}</Id><Status>InProgress</Status></Invalidation>`,
      };
    },
  };
}

const itemsOf = ({ body }: ProviderRequest) => [...body.matchAll(/<Path>(.*?)<\/Path>/g)].map((match) => match[1]);

async function cloudFront(answer: (request: ProviderRequest, index: number) => ProviderAnswer) {
  const provider = await startProvider(answer);
  const cdn = await openCdn('cloudfront:E123', { endpoint: provider.url, credentials, retry });
  return {
    ...provider,
    purge: (tags: string[], callerReference = 'r') => cdn.purgeTags(tags, { callerReference, signal: never }),
  };
}

describe('no CDN', () => {
  it('purges nothing and says so', async () => {
    const cdn = await openCdn('none');
    expect(cdn.isPresent).toBe(false);
    expect(await cdn.purgeTags(['o:1'], { callerReference: 'r', signal: never })).toEqual([]);
  });

  it.each(['', 'fastly:1', 'cloudflare:0123'])('is not what %j means: refused', async (location) => {
    await expect(openCdn(location)).rejects.toMatchObject({ kind: 'invalid' });
  });
});

describe('CloudFront', () => {
  it('is asked to invalidate each tag once, as #tag, and its answer is told', async () => {
    const invalidations = createInvalidations();
    const { purge, requests } = await cloudFront(invalidations.take);
    expect(await purge(['o:a', 'o:b', 'o:a'])).toEqual([{ provider: 'cloudfront', id: 'I1', status: 'InProgress' }]);
    expect(requests).toHaveLength(1);
    expect(requests[0]?.path).toBe('/2020-05-31/distribution/E123/invalidation');
    expect(requests.flatMap(itemsOf)).toEqual(['#o:a', '#o:b']);
    expect(requests[0]?.body).toContain('<Quantity>2</Quantity>');
  });

  it('gets at most 1,000 tags at a time', async () => {
    const { purge, requests } = await cloudFront(createInvalidations().take);
    expect(await purge(many(2500))).toHaveLength(3);
    expect(requests.map((request) => itemsOf(request).length)).toEqual([1000, 1000, 500]);
  });

  it('makes one invalidation of one reference, however often it is sent, and several of several', async () => {
    const invalidations = createInvalidations();
    const { purge } = await cloudFront(invalidations.take);
    for (let time = 0; time < 3; time += 1) await purge(['o:a'], 'event 1');
    expect(invalidations.known.size).toBe(1);
    await purge(['o:b'], 'event 1');
    await purge(['o:a'], 'event 2');
    expect(invalidations.known.size).toBe(3);
  });

  it('does not make a second invalidation when the answer to the first was lost', async () => {
    const invalidations = createInvalidations();
    const { purge, requests } = await cloudFront((request, index) => {
      const taken = invalidations.take(request);
      return index === 1 ? { status: 0, cut: true } : taken;
    });
    expect(await purge(['o:a'])).toEqual([{ provider: 'cloudfront', id: 'I1', status: 'InProgress' }]);
    expect([requests.length, invalidations.known.size]).toEqual([2, 1]);
  });

  it.each(['TooManyInvalidationsInProgress', 'Throttling', 'ServiceUnavailable'])(
    'answering %s is asked again until it has room',
    async (code) => {
      const invalidations = createInvalidations();
      const { purge, requests } = await cloudFront((request, index) =>
        index < 4 ? xmlError(400, code) : invalidations.take(request),
      );
      expect(await purge(['o:a'])).toHaveLength(1);
      expect(requests).toHaveLength(4);
      expect(new Set(requests.map(({ body }) => body)).size).toBe(1);
    },
  );

  it('that never has room is given up: overloaded, after the tries that its policy allows', async () => {
    const { purge, requests } = await cloudFront(() => xmlError(400, 'TooManyInvalidationsInProgress'));
    await expect(purge(['o:a'])).rejects.toMatchObject({ kind: 'overloaded' });
    expect(requests).toHaveLength(4);
  });

  it.each([
    [403, 'AccessDenied', /cloudfront:CreateInvalidation/],
    [404, 'NoSuchDistribution', /FOVEA_CDN/],
    [400, 'InvalidArgument', /CacheTagConfig/],
  ])('refusing with %i %s is told with its remedy, and not tried again', async (status, code, remedy) => {
    const { purge, requests } = await cloudFront(() => xmlError(status, code));
    await expect(purge(['o:a'])).rejects.toMatchObject({ kind: 'invalid', message: expect.stringMatching(remedy) });
    expect(requests).toHaveLength(1);
  });

  it('that never answers costs a bounded wait: timeout', async () => {
    const { url } = await startProvider(() => ({ status: 0, silent: true }));
    const brief = { ...retry, maxAttempts: 2, timeoutMs: 50 };
    const cdn = await openCdn('cloudfront:E123', { endpoint: url, credentials, retry: brief });
    const purge = cdn.purgeTags(['o:a'], { callerReference: 'r', signal: never });
    await expect(purge).rejects.toMatchObject({ kind: 'timeout' });
  });

  it('is left alone once the purge is cancelled', async () => {
    const controller = new AbortController();
    const { url, requests } = await startProvider(() => {
      controller.abort();
      return xmlError(503, 'ServiceUnavailable');
    });
    const cdn = await openCdn('cloudfront:E123', { endpoint: url, credentials, retry });
    const purge = cdn.purgeTags(['o:a'], { callerReference: 'r', signal: controller.signal });
    await expect(purge).rejects.toMatchObject({ kind: 'cancelled' });
    expect(requests).toHaveLength(1);
  });
});

describe('a purge that waits for its next try', () => {
  it('ends when it is cancelled, and not when the wait is over', async () => {
    const controller = new AbortController();
    const { url, requests } = await startProvider(() => ({ status: 503 }));
    const patient = { ...retry, initialDelayMs: 600_000, maxDelayMs: 600_000 };
    const cdn = await openCdn(`varnish:${url}`, { retry: patient });
    const timers = vi.spyOn(globalThis, 'setTimeout');
    const purge = cdn.purgeTags(['o:a'], { callerReference: 'r', signal: controller.signal });
    const isWaiting = () => timers.mock.calls.some(([, ms = 0]) => ms > 60_000);
    while (!isWaiting()) await new Promise((resolve) => setImmediate(resolve));
    timers.mockRestore();
    controller.abort();
    await expect(purge).rejects.toMatchObject({ kind: 'cancelled' });
    expect(requests).toHaveLength(1);
  });
});

describe('Cloudflare', () => {
  const done: ProviderAnswer = { status: 200, body: '{"success":true,"errors":[],"messages":[],"result":{"id":"z"}}' };

  async function cloudflare(answer: (request: ProviderRequest, index: number) => ProviderAnswer) {
    const provider = await startProvider(answer);
    const options = { endpoint: provider.url, cloudflareToken: 'secret-token', retry };
    const cdn = await openCdn('cloudflare:0123abc', options);
    return { ...provider, purge: (tags: string[]) => cdn.purgeTags(tags, { callerReference: 'r', signal: never }) };
  }

  it('is asked with the token, at most 100 tags a call', async () => {
    const { purge, requests } = await cloudflare(() => done);
    expect(await purge(many(250))).toEqual(Array(3).fill({ provider: 'cloudflare', id: 'z', status: 'Completed' }));
    expect(requests.map(({ body }) => JSON.parse(body).tags.length)).toEqual([100, 100, 50]);
    expect(requests[0]).toMatchObject({ method: 'POST', path: '/zones/0123abc/purge_cache' });
    expect(requests[0]?.headers.authorization).toBe('Bearer secret-token');
  });

  it('over its rate (429) is asked again', async () => {
    const { purge, requests } = await cloudflare((_, index) => (index < 3 ? { status: 429, body: '{}' } : done));
    expect(await purge(['o:a'])).toHaveLength(1);
    expect(requests).toHaveLength(3);
  });

  it('refusing the token is told without the token, once', async () => {
    const { purge, requests } = await cloudflare(() => ({ status: 403, body: '{"success":false,"errors":[]}' }));
    const error: unknown = await purge(['o:a']).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'invalid' });
    expect(String(error)).not.toContain('secret-token');
    expect(requests).toHaveLength(1);
  });

  it.each([
    { status: 200, body: '{"success":false,"errors":[{"code":1000,"message":"no"}],"result":null}' },
    { status: 500, body: '<html>' },
    { status: 0, cut: true },
  ])('answering %j is an upstream failure, after all tries', async (answer) => {
    const { purge, requests } = await cloudflare(() => answer);
    await expect(purge(['o:a'])).rejects.toMatchObject({ kind: 'upstream' });
    expect(requests).toHaveLength(4);
  });
});

describe('Varnish', () => {
  async function varnish(answer: (request: ProviderRequest, index: number) => ProviderAnswer) {
    const provider = await startProvider(answer);
    const cdn = await openCdn(`varnish:${provider.url}`, { retry });
    return { ...provider, purge: (tags: string[]) => cdn.purgeTags(tags, { callerReference: 'r', signal: never }) };
  }

  it('gets PURGE with the tags in one header, at most 100 a call, and tells how many objects went', async () => {
    const { purge, requests } = await varnish(() => ({ status: 200, reason: 'purged 7' }));
    expect(await purge(many(150))).toEqual(Array(2).fill({ provider: 'varnish', id: '', status: 'purged 7' }));
    expect(requests.map(({ method }) => method)).toEqual(['PURGE', 'PURGE']);
    expect(requests.map(({ headers }) => String(headers['xkey']).split(' ').length)).toEqual([100, 50]);
  });

  it.each([[403], [405]])('refusing with %i is told with its remedy, once', async (status) => {
    const { purge, requests } = await varnish(() => ({ status }));
    await expect(purge(['o:a'])).rejects.toMatchObject({ kind: 'invalid', message: expect.stringContaining('VCL') });
    expect(requests).toHaveLength(1);
  });

  it('out of order for a moment is asked again', async () => {
    const { purge } = await varnish((_, index) => (index < 3 ? { status: 503 } : { status: 200, reason: 'purged 0' }));
    expect(await purge(['o:a'])).toHaveLength(1);
  });
});
