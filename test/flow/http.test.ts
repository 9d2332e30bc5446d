import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Config, readConfig } from '../../src/config/index.ts';
import { Failure, type FailureKind, failureKinds } from '../../src/failure.ts';
import { version } from '../../src/version.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';
import { picture } from '../support/uploads.ts';

async function serviceWith(
  keys: readonly string[],
  environment: Record<string, string> = {},
  config: Partial<Config> = {},
) {
  const originals = createMemoryStore();
  for (const key of keys) await originals.put(key, Buffer.from(`the picture ${key}`));
  return { originals, ...(await createPixelFreeService({ originals, environment, config })) };
}

describe('an answer with a picture', () => {
  it('carries the headers of the contract', async () => {
    const { ask } = await serviceWith(['cat.jpg']);
    const response = await ask('/w_128,h_128/cat.jpg');
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'content-length': String((await response.arrayBuffer()).byteLength),
      etag: expect.stringMatching(/^"[\w-]+"$/),
      'last-modified': expect.stringMatching(/GMT$/),
      'cache-control': 'public, max-age=31536000, immutable',
      'cache-status': 'fovea; fwd=miss; stored; detail=render',
      'server-timing': expect.stringMatching(/queue;dur=[\d.]+, fetch;dur=[\d.]+, render;dur=[\d.]+/),
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'cross-origin',
      'access-control-allow-origin': '*',
      'timing-allow-origin': '*',
      'x-amz-meta-cache-tag': expect.stringMatching(/^o:[\w-]{32}$/),
      'x-request-id': expect.stringMatching(/^[\da-f-]{36}$/),
      'content-disposition': 'inline; filename="cat.jpg"',
    });
    expect(response.headers.get('vary')).toBeNull();
  });

  it('of an original that a faster clock has dated is not newer than the answer', async () => {
    const originals = createMemoryStore();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 600_000 });
    onTestFinished(() => void vi.useRealTimers());
    await originals.put('cat.jpg', Buffer.from('a cat'));
    vi.useRealTimers();
    const { ask } = await createPixelFreeService({ originals });
    for (const path of ['/w_128/cat.jpg', '/cat.jpg']) {
      const lastModified = (await ask(path)).headers.get('last-modified') ?? '';
      expect(Date.parse(lastModified)).toBeLessThanOrEqual(Date.now());
      // It may change until then without changing its date.
      expect((await ask(path, { headers: { 'if-modified-since': lastModified } })).status).toBe(200);
    }
  });

  it('says from which tier it came', async () => {
    const { ask } = await serviceWith(['cat.jpg']);
    await ask('/w_128/cat.jpg');
    const again = await ask('/w_128/cat.jpg');
    expect(again.headers.get('cache-status')).toBe('fovea; hit; detail=memory');
  });

  it('says nothing is stored when there is no store of variants', async () => {
    const { ask } = await createPixelFreeService({
      variants: undefined,
      originals: (await serviceWith(['cat.jpg'])).originals,
    });
    expect((await ask('/w_128/cat.jpg')).headers.get('cache-status')).toBe('fovea; fwd=miss; detail=render');
  });

  it('is the same for two spellings of one picture: one render, one ETag', async () => {
    const { ask, renderer } = await serviceWith(['a/cat.jpg']);
    const spellings = [
      '/w_128,h_128/a/cat.jpg',
      '/h_128,w_128/a/cat.jpg',
      '/c_fill,w_128,h_128/v17/a/cat.jpg?_a=BAMAROfk0',
      '/image/upload/c_fill,h_128,w_128/v1/a/cat.jpg',
      '/image/upload/w_64,h_64,c_fill,dpr_2.0/a/cat.jpg',
      '/iu/c_fill,h_128,w_128/a/cat.jpg',
    ];
    const etags = new Set<string | null>();
    for (const path of spellings) {
      const response = await ask(path);
      expect(response.status, path).toBe(200);
      etags.add(response.headers.get('etag'));
    }
    expect(etags.size).toBe(1);
    expect(renderer.renders).toHaveLength(1);
  });

  it('has as HEAD the headers of GET and no body', async () => {
    const { ask } = await serviceWith(['cat.jpg']);
    const get = await ask('/w_128/cat.jpg');
    const head = await ask('/w_128/cat.jpg', { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe(get.headers.get('content-length'));
    expect(head.headers.get('etag')).toBe(get.headers.get('etag'));
    expect(await head.text()).toBe('');
  });

  it('names a download when the URL asks for an attachment', async () => {
    const { ask } = await serviceWith(['cat.png']);
    const response = await ask('/w_10,f_jpg,fl_attachment:my%20cat/cat.png');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="my cat.jpg"/);
  });
});

describe('negotiation', () => {
  const accepts: readonly (readonly [string | undefined, string])[] = [
    ['image/jxl,image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', 'f_auto:avif'],
    ['image/avif;q=0,image/webp,*/*', 'f_auto:webp'],
    ['image/webp;q=0,image/avif;q=0,*/*', 'f_auto:basic'],
    ['image/jxl', 'f_auto:basic'],
    ['*/*', 'f_auto:basic'],
    [undefined, 'f_auto:basic'],
  ];

  it.each(accepts)('answers Accept %j with %s, and varies on Accept', async (accept, expected) => {
    const { ask, renderer } = await serviceWith(['cat.jpg']);
    const response = await ask('/w_128,f_auto/cat.jpg', accept === undefined ? {} : { headers: { accept } });
    expect(renderer.renders[0]).toContain(expected);
    expect(response.headers.get('vary')).toBe('Accept');
  });

  it('varies on Accept in a 304 and in an error too', async () => {
    const { ask } = await serviceWith(['cat.jpg']);
    const etag = (await ask('/f_auto,w_9/cat.jpg')).headers.get('etag') ?? '';
    const fresh = await ask('/f_auto,w_9/cat.jpg', { headers: { 'if-none-match': etag } });
    expect([fresh.status, fresh.headers.get('vary')]).toEqual([304, 'Accept']);
    const missing = await ask('/f_auto,w_9/dog.jpg');
    expect([missing.status, missing.headers.get('vary')]).toEqual([404, 'Accept, Sec-Fetch-Dest']);
  });
});

describe('a conditional request', () => {
  it.each([
    ['the tag', (etag: string) => etag],
    ['a weak form of it', (etag: string) => `W/${etag}`],
    ['a list with it', (etag: string) => `"other", ${etag}`],
    ['a star', () => '*'],
  ])('is answered 304 for %s, with validators and no body, fetch or render', async (_, field) => {
    const { ask, originals } = await serviceWith(['cat.jpg']);
    const etag = (await ask('/w_128/cat.jpg')).headers.get('etag') ?? '';
    // Another instance, which has neither rendered nor stored it: the tag follows from the inputs.
    const cold = await createPixelFreeService({ originals });
    const response = await cold.ask('/w_128/cat.jpg', { headers: { 'if-none-match': field(etag) } });
    expect(response.status).toBe(304);
    expect(response.headers.get('etag')).toBe(etag);
    expect(response.headers.get('cache-control')).toContain('immutable');
    expect(response.headers.get('content-length')).toBeNull();
    expect(await response.text()).toBe('');
    expect(cold.renderer.renders).toHaveLength(0);
    expect(cold.telemetry.events.some(({ type }) => type === 'fetched')).toBe(false);
  });

  it('is answered 200 for another tag, whatever If-Modified-Since says', async () => {
    const { ask } = await serviceWith(['cat.jpg']);
    const headers = { 'if-none-match': '"other"', 'if-modified-since': new Date(Date.now() + 9e6).toUTCString() };
    expect((await ask('/w_128/cat.jpg', { headers })).status).toBe(200);
  });

  it('is answered by date alone when there is no tag, for an original', async () => {
    const { ask } = await serviceWith(['cat.jpg']);
    const lastModified = (await ask('/cat.jpg')).headers.get('last-modified') ?? '';
    expect((await ask('/cat.jpg', { headers: { 'if-modified-since': lastModified } })).status).toBe(304);
    const before = new Date(Date.parse(lastModified) - 5000).toUTCString();
    expect((await ask('/cat.jpg', { headers: { 'if-modified-since': before } })).status).toBe(200);
    expect((await ask('/cat.jpg', { headers: { 'if-modified-since': 'yesterday' } })).status).toBe(200);
  });

  it('is never answered by the date of a variant, which is its original’s: a preset may make others by now', async () => {
    const cards = (card: string) => ({ file: { ...readConfig({}).file, presets: { card } } });
    const { originals, ...before } = await serviceWith(['cat.jpg'], {}, cards('w_128'));
    const first = (await before.ask('/t_card/cat.jpg')).headers;
    const after = await createPixelFreeService({ originals, config: cards('w_256') });
    const headers = { 'if-modified-since': first.get('last-modified') ?? '' };
    for (const _ of ['rendered', 'in memory']) {
      const answer = await after.ask('/t_card/cat.jpg', { headers });
      expect(answer.headers.get('last-modified')).toBe(first.get('last-modified'));
      expect(answer.headers.get('etag')).not.toBe(first.get('etag'));
      expect(answer.status).toBe(200);
    }
  });

  it('gets 304 with the tag a variant was stored with, when the libraries are newer by now', async () => {
    const originals = createMemoryStore();
    await originals.put('cat.jpg', Buffer.from('cat'));
    const variants = createMemoryStore();
    const older = await createPixelFreeService({ originals, variants, build: 'fake 0.9.0' });
    const etag = (await older.ask('/w_128/cat.jpg')).headers.get('etag') ?? '';
    await older.service.variants.settled();
    const newer = await createPixelFreeService({ originals, variants });
    const response = await newer.ask('/w_128/cat.jpg', { headers: { 'if-none-match': etag } });
    expect([response.status, response.headers.get('etag')]).toEqual([304, etag]);
    expect(newer.renderer.renders).toHaveLength(0);
  });

  it('gets 304 with the tag that the client has, of the two that a variant has had', async () => {
    const originals = createMemoryStore();
    await originals.put('cat.jpg', Buffer.from('cat'));
    const variants = createMemoryStore();
    const older = await createPixelFreeService({ originals, variants, build: 'fake 0.9.0' });
    const stored = (await older.ask('/w_128/cat.jpg')).headers.get('etag') ?? '';
    await older.service.variants.settled();
    const elsewhere = await createPixelFreeService({ originals });
    const own = (await elsewhere.ask('/w_128/cat.jpg')).headers.get('etag') ?? '';
    expect(own).not.toBe(stored);
    const newer = await createPixelFreeService({ originals, variants });
    expect((await newer.ask('/w_128/cat.jpg')).headers.get('etag')).toBe(stored);
    for (const tag of [own, stored]) {
      const response = await newer.ask('/w_128/cat.jpg', { headers: { 'if-none-match': tag } });
      expect([response.status, response.headers.get('etag')]).toEqual([304, tag]);
    }
  });
});

describe('the original itself', () => {
  it('is sent untouched, and typed by its bytes', async () => {
    const originals = createMemoryStore();
    const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
    await originals.put('folder/fake.jpg', png, { contentType: 'text/html' });
    const { ask } = await createPixelFreeService({ originals });
    for (const path of [
      '/folder/fake.jpg',
      '/v12/folder/fake.jpg',
      '/_/folder/fake.jpg',
      '/image/upload/folder/fake.jpg',
    ]) {
      const response = await ask(path);
      expect([path, response.status, response.headers.get('content-type')]).toEqual([path, 200, 'image/png']);
      expect(Buffer.from(await response.arrayBuffer()).equals(png)).toBe(true);
      expect(response.headers.get('content-disposition')).toMatch(/^inline/);
    }
  });

  it('is a download of octets when it is no picture, so that no script of it ever runs', async () => {
    const originals = createMemoryStore();
    await originals.put('evil.svg', Buffer.from('<svg onload="alert(1)"/>'), { contentType: 'image/svg+xml' });
    const file = { ...readConfig({}).file, otherOriginals: ['svg'] };
    const { ask } = await createPixelFreeService({ originals, config: { file } });
    const response = await ask('/evil.svg');
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment/);
  });

  it('is an SVG written anew of what draws, where that is let out', async () => {
    const originals = createMemoryStore();
    const drawing =
      '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script><rect width="9"/></svg>';
    await originals.put('logo.svg', Buffer.from(drawing));
    await originals.put('page.svg', Buffer.from('<html>secret</html>'));
    await originals.put('cat.svg', await picture('png'));
    const file = { ...readConfig({}).file, sendSvg: true };
    const { ask } = await createPixelFreeService({ originals, config: { file } });
    const response = await ask('/logo.svg');
    const text = await response.text();
    expect(text).toContain('<rect width="9"></rect></svg>');
    expect(text).not.toContain('alert');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/svg+xml',
      'content-length': String(Buffer.byteLength(text)),
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': expect.stringContaining('public'),
    });
    const etag = response.headers.get('etag') ?? '';
    expect((await ask('/logo.svg', { headers: { 'if-none-match': etag } })).status).toBe(304);
    expect((await ask('/logo.svg', { headers: { 'if-match': '"other"' } })).status).toBe(412);
    expect(await (await ask('/logo.svg', { method: 'HEAD' })).text()).toBe('');
    expect((await ask('/page.svg')).status).toBe(404);
    expect((await ask('/cat.svg')).headers.get('content-type')).toBe('image/png');
    await originals.put('large.svg', Buffer.from(drawing.replace('<rect', `${' '.repeat(1_100_000)}<rect`)));
    expect((await ask('/large.svg')).status).toBe(413);
  });

  it('is not there when it is no picture and of no kind that is named, or when its name begins with a dot', async () => {
    const originals = createMemoryStore();
    const keys = ['page.html', 'evil.svg', 'notes', 'backup.sql'];
    for (const key of keys) await originals.put(key, Buffer.from('<html>secret</html>'));
    const png = await picture('png');
    for (const key of ['.env', '.git/HEAD', 'a/.htpasswd', '.hidden.png']) await originals.put(key, png);
    const { ask } = await createPixelFreeService({ originals });
    for (const path of [...keys, '.env', '.git/HEAD', 'a/.htpasswd', '%2eenv', '.hidden.png', 'v1/.env', '.hidden']) {
      for (const method of ['GET', 'HEAD']) {
        const response = await ask(`/${path}`, { method });
        const status = /(^|\/|%2e)\.?(env|git|htpasswd|hidden)/.test(path) ? 400 : 404;
        expect([path, response.status, (await response.text()).includes('secret')]).toEqual([path, status, false]);
      }
    }
    expect((await ask('/w_10/.hidden.png')).status).toBe(400);
    expect((await ask('/l_.hidden.png/fl_layer_apply/cat.jpg')).status).not.toBe(200);
  });

  it('answers 304 and HEAD without its body', async () => {
    const { ask } = await serviceWith(['cat.jpg']);
    const head = await ask('/cat.jpg', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const etag = head.headers.get('etag') ?? '';
    expect((await ask('/cat.jpg', { headers: { 'if-none-match': etag } })).status).toBe(304);
  });
});

describe('finding the original', () => {
  it('finds a key by its stem, and asks the store once for each name', async () => {
    const { ask, renderer } = await serviceWith(['folder/cat.png']);
    const response = await ask('/image/upload/f_auto,q_auto,w_128,h_128/folder/cat');
    expect(response.status).toBe(200);
    expect(renderer.renders).toHaveLength(1);
  });

  it('reads a further extension as the format asked for', async () => {
    const { ask, renderer } = await serviceWith(['doc.tiff']);
    expect((await ask('/w_128/doc.tiff.png')).status).toBe(200);
    expect(renderer.renders[0]).toContain('f_png');
  });

  it.each([
    ['/wd_400/cat.jpg', 'w_400'],
    ['/width_400/cat.jpg', 'w_400'],
    ['/400x300/cat.jpg', 'w_400,h_300'],
    ['/format-webp/cat.jpg', 'f_webp'],
    ['/v1/w=400/cat.jpg', 'w_400'],
  ])('tells whoever asks for %s how that is written here', async (path, meant) => {
    const { ask } = await serviceWith(['cat.jpg']);
    const response = await ask(path);
    const [, folder = ''] = /([^/]+)\/cat\.jpg$/.exec(path) ?? [];
    const detail = `Resource not found - ${folder}/cat.jpg. If "${folder}" is no folder, write ${meant}, as in /${meant}/cat.jpg`;
    expect([response.status, response.headers.get('x-cld-error')]).toEqual([404, detail]);
  });

  it.each(['/v1/cats/dog.jpg', '/v1/my_cats/dog.jpg', '/v1/chapter_1/dog.jpg', '/dog.jpg', '/v1/2026-11/dog.jpg'])(
    'has no such advice for %s',
    async (path) => {
      const { ask } = await serviceWith([]);
      const id = path.replace(/^\/(v1\/)?/, '');
      expect((await ask(path)).headers.get('x-cld-error')).toBe(
        `Resource not found - ${id}. No original has this key: its folders, spelling and case count`,
      );
    },
  );

  it('shows the form of a URL where there is no picture in it', async () => {
    const { ask } = await serviceWith([]);
    expect((await ask('/')).headers.get('x-cld-error')).toContain('as in /w_400,h_300/picture.jpg');
  });

  it('puts the substitute of d_ in the place of a missing picture, for a short time and saying so', async () => {
    const { ask } = await serviceWith(['avatar.png']);
    const response = await ask('/c_fill,w_10,d_avatar.png/nobody.jpg');
    expect(response.status).toBe(200);
    expect(response.headers.get('x-cld-error')).toBe('Resource not found - nobody.jpg');
    expect(response.headers.get('cache-control')).toBe('public, max-age=60');
  });
});

describe('a refusal', () => {
  const expected: Readonly<Record<FailureKind, readonly [number, string]>> = {
    invalid: [400, 'public, max-age=60'],
    unauthorised: [401, 'no-store'],
    expired: [410, 'no-store'],
    not_found: [404, 'public, max-age=10'],
    too_large: [413, 'public, max-age=60'],
    unsupported: [415, 'public, max-age=60'],
    corrupt: [422, 'public, max-age=60'],
    overloaded: [503, 'no-store'],
    upstream: [502, 'no-store'],
    timeout: [504, 'no-store'],
    cancelled: [499, 'no-store'],
  };

  it.each(failureKinds)('of kind %s has its status, its lifetime, a problem and x-cld-error', async (kind) => {
    const { ask, renderer } = await serviceWith(['cat.jpg']);
    renderer.failWith(new Failure(kind, 'width: expected 1–96 × 0, came ü'));
    const response = await ask('/w_128/cat.jpg');
    expect([response.status, response.headers.get('cache-control')]).toEqual(expected[kind]);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(response.headers.get('x-cld-error')).toBe('width: expected 1-96 x 0, came ?');
    expect(await response.json()).toMatchObject({
      status: expected[kind][0],
      detail: 'width: expected 1–96 × 0, came ü',
      requestId: response.headers.get('x-request-id'),
    });
    expect(response.headers.has('retry-after')).toBe(kind === 'overloaded');
  });

  it('of a bug has a fixed text, and the cause goes to the log alone', async () => {
    const { ask, renderer, telemetry } = await serviceWith(['cat.jpg']);
    renderer.failWith(new Error('secret-bucket exploded at /srv/app'));
    const response = await ask('/w_128/cat.jpg');
    expect(response.status).toBe(500);
    expect(JSON.stringify([...response.headers]) + (await response.text())).not.toContain('secret-bucket');
    expect(telemetry.events).toContainEqual(expect.objectContaining({ type: 'bug', where: 'http' }));
  });

  it('of a bad parameter names it and what would be right', async () => {
    const { ask } = await serviceWith(['cat.jpg']);
    const response = await ask('/w_abc/cat.jpg');
    expect(response.status).toBe(400);
    expect(response.headers.get('x-cld-error')).toMatch(/w_abc.*pixels/);
  });

  it('of another method is 405 and names those allowed; OPTIONS answers a preflight', async () => {
    const { ask } = await serviceWith(['cat.jpg']);
    const post = await ask('/w_128/cat.jpg', { method: 'POST' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
    expect(post.headers.get('cache-control')).not.toBeNull();
    expect((await ask('/w_128/cat.jpg', { method: 'OPTIONS' })).status).toBe(204);
  });

  it('meets unknown paths of ours, which are never taken for keys', async () => {
    const { ask } = await serviceWith(['-/secret']);
    expect((await ask('/-/secret')).status).toBe(404);
    expect((await ask('/-/')).status).toBe(404);
  });
});

describe('who may ask', () => {
  // Too short to be set from outside: the SDKs' own examples are signed with it.
  const secrets = { signingSecrets: ['new', 'b'], unsigned: 'none' } as const;

  it('refuses unsigned URLs under none, and takes every documented signature of any secret', async () => {
    const { ask } = await serviceWith(['image.jpg', 'key.jpg'], {}, secrets);
    expect((await ask('/w_128,h_128/key.jpg')).status).toBe(401);
    expect((await ask('/key.jpg')).status).toBe(401);
    // Secret `b`: SHA-1/8 and SHA-256/32 as the official SDKs print them.
    for (const signature of ['MWQSwMOc', '8VRkkBM33vH0Bj8EAJSBy2kS5WQtoYuG']) {
      expect((await ask(`/s--${signature}--/w_128,h_128/key.jpg`)).status, signature).toBe(200);
    }
    expect((await ask('/image/upload/s--Ai4Znfl3--/c_crop,h_20,w_10/v1234/image.jpg')).status).toBe(200);
  });

  it('gives every wrong signature the same 401', async () => {
    const { ask } = await serviceWith(['key.jpg'], {}, secrets);
    const bodies = new Set<string>();
    for (const path of ['/s--MWQSwMOd--/w_128,h_128/key.jpg', '/s--MWQSwMOc--/w_129,h_128/key.jpg', '/w_128/key.jpg']) {
      const response = await ask(path);
      expect(response.status).toBe(401);
      bodies.add(((await response.json()) as { detail: string }).detail);
    }
    expect(bodies.size).toBe(1);
  });

  it('holds unsigned widths to the ladder and names the neighbours', async () => {
    const { ask } = await serviceWith(['key.jpg'], { FOVEA_UNSIGNED: 'ladder' });
    expect((await ask('/w_640/key.jpg')).status).toBe(200);
    const refused = await ask('/w_641/key.jpg');
    expect(refused.status).toBe(400);
    expect(refused.headers.get('x-cld-error')).toContain('640 and 750');
  });
});

describe('our own pages', () => {
  const token = 'a-token-of-some-length';

  it('answer health always, and readiness by a real render and the store', async () => {
    const { ask, service, telemetry } = await serviceWith([]);
    const health = await ask('/-/health');
    expect([health.status, await health.text()]).toEqual([200, `ok\nversion ${version}\n`]);
    expect((await ask('/-/ready')).status).toBe(200);
    service.drain();
    expect((await ask('/-/ready')).status).toBe(503);
    expect((await ask('/-/health')).status).toBe(200);
    // To go away is no bug, however often a load balancer asks.
    expect(telemetry.events.filter(({ type }) => type === 'bug')).toEqual([]);
  });

  it('say not ready when no render can be done', async () => {
    const { ask, renderer } = await serviceWith([]);
    renderer.failWith(new Error('no decoder'));
    const response = await ask('/-/ready');
    expect([response.status, response.headers.get('cache-control')]).toEqual([503, 'no-store']);
  });

  it('show metrics to the admin alone', async () => {
    const { ask } = await serviceWith([], { FOVEA_ADMIN_TOKEN: token });
    expect((await ask('/-/metrics')).status).toBe(401);
    expect((await ask('/-/metrics', { headers: { authorization: 'Bearer wrong' } })).status).toBe(401);
    expect((await ask('/-/metrics', { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  });

  it('have no admin API when no token is set and the listener is not on loopback', async () => {
    const { ask, service } = await serviceWith([], { HOST: '0.0.0.0' });
    expect(service.adminToken).toBeUndefined();
    expect((await ask('/-/metrics', { headers: { authorization: 'Bearer undefined' } })).status).toBe(401);
  });
});
