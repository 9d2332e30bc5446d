import { createExecutionContext, env, SELF, waitOnExecutionContext } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import cases from '../../../test/support/accept-cases.json';
import worker from '../src/index.ts';
import { reduceAccept } from '../src/reduce.ts';

const host = 'https://img.test';

/** Asks the Worker and waits for what it does behind its answer. */
async function ask(path: string, init?: RequestInit): Promise<Response> {
  const context = createExecutionContext();
  const request = new Request<unknown, IncomingRequestCfProperties>(`${host}${path}`, init as never);
  const response = await worker.fetch(request, env as never, context);
  const body = await response.arrayBuffer();
  await waitOnExecutionContext(context);
  const isEmpty = [204, 304].includes(response.status) || init?.method === 'HEAD';
  return new Response(isEmpty ? null : body, response);
}

/** The runtime warns of text() on a picture's media type. */
async function textOf(response: Response): Promise<string> {
  return new TextDecoder().decode(await response.arrayBuffer());
}

const avif = { accept: 'image/avif,image/webp,*/*' };
const basic = { accept: '*/*' };

describe('the worker and the origin', () => {
  it.each(cases.map((one) => [one.path, one] as const))('agree on %s %j', async (path, one) => {
    const headers = new Headers();
    if (one.accept !== null) headers.set('accept', one.accept);
    if (one.saveData !== null) headers.set('save-data', one.saveData);
    expect(reduceAccept(headers)).toBe(one.token);
    const response = await SELF.fetch(`${host}${path}?utm=1`, { headers });
    expect(response.headers.get('x-asked')).toBe(`GET ${path} ${one.token}`);
    expect(await textOf(response)).toBe(`picture as ${one.token}`);
  });
});

describe('the cache', () => {
  it('asks the origin once for a path and a token, whatever the query', async () => {
    const first = await ask('/once/a.jpg?x=1', { headers: avif });
    const second = await ask('/once/a.jpg?x=2', { headers: { accept: 'image/avif' } });
    expect(first.headers.get('cache-status')).toBe('fovea; fwd=miss, cloudflare-worker; fwd=uri-miss; stored');
    expect(second.headers.get('cache-status')).toContain('cloudflare-worker; hit');
    expect(second.headers.get('x-count')).toBe('1');
  });

  it('never gives one format to who asked for the other', async () => {
    for (const headers of [avif, basic, avif, basic]) {
      const response = await ask('/formats/a.jpg', { headers });
      expect(await textOf(response)).toBe(`picture as ${headers === avif ? 'avif' : 'none'}`);
      expect(response.headers.get('vary')).toBe('Accept');
    }
  });

  it('keeps the tags for purges and shows them to nobody', async () => {
    const response = await ask('/tags/a.jpg', { headers: avif });
    expect(response.headers.has('x-amz-meta-cache-tag')).toBe(false);
    expect(response.headers.has('cache-tag')).toBe(false);
    const kept = await caches.default.match(`${host}/tags/a.jpg?accept=avif`);
    expect(kept?.headers.get('cache-tag')).toBe('o:abc');
    await kept?.body?.cancel();
  });

  it.each(['/no-store/a.jpg', '/status-500/a.jpg', '/status-503/no-store.jpg'])('never keeps %s', async (path) => {
    await ask(path, { headers: avif });
    const second = await ask(path, { headers: avif });
    expect(second.headers.get('x-count')).toBe('2');
  });

  it('keeps a mistake for as long as the origin says', async () => {
    await ask('/status-404/a.jpg', { headers: avif });
    const second = await ask('/status-404/a.jpg', { headers: avif });
    expect([second.status, second.headers.get('x-count')]).toEqual([404, '1']);
  });

  it.each(['cold', 'warm'])('answers 304 when %s', async (state) => {
    if (state === 'warm') await ask('/warm/a.jpg', { headers: avif });
    const response = await ask(`/${state}/a.jpg`, { headers: { ...avif, 'if-none-match': '"avif"' } });
    expect(response.status).toBe(304);
    expect(response.headers.get('etag')).toBe('"avif"');
  });

  it('answers HEAD as GET, without the body', async () => {
    const response = await ask('/head/a.jpg', { method: 'HEAD', headers: avif });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('image/webp');
    expect(await textOf(response)).toBe('');
  });
});

describe('the copies in R2', () => {
  async function leaveCache(path: string): Promise<void> {
    await caches.default.delete(`${host}${path}?accept=avif`);
  }

  it('save the way from the origin, which is asked whether they are still the answer', async () => {
    await ask('/copied/a.jpg', { headers: avif });
    await leaveCache('/copied/a.jpg');
    const response = await ask('/copied/a.jpg', { headers: avif });
    expect(response.headers.get('cache-status')).toContain('detail=validated');
    expect(await textOf(response)).toBe('picture as avif');
    expect(response.headers.get('content-type')).toBe('image/webp');
    expect(response.headers.get('x-count')).toBe('2');
  });

  it('are shown, briefly, while the origin is away', async () => {
    await ask('/outage/a.jpg', { headers: avif });
    await leaveCache('/outage/a.jpg');
    await fetch('http://origin.test/control/fail/outage/a.jpg');
    const response = await ask('/outage/a.jpg', { headers: avif });
    expect(response.status).toBe(200);
    expect(await textOf(response)).toBe('picture as avif');
    expect(response.headers.get('cache-control')).toBe('public, max-age=10');
    expect(response.headers.get('cache-status')).toContain('detail=stale');
  });

  it('are of nothing whose URL ends: past its end nobody gets it, even while the origin is away', async () => {
    const path = '/s--abcdefgh--/x-2000000000/outage/a.jpg';
    expect((await ask(path, { headers: avif })).status).toBe(200);
    expect((await ask(path, { headers: avif })).headers.get('cache-status')).toContain('cloudflare-worker; hit');
    await leaveCache(path);
    await fetch(`http://origin.test/control/fail${path}`);
    const response = await ask(path, { headers: avif });
    expect([response.status, response.headers.get('cache-control')]).toEqual([502, 'no-store']);
  });

  it('do not hide a failure of what was never asked for', async () => {
    await fetch('http://origin.test/control/fail/never/a.jpg');
    const response = await ask('/never/a.jpg', { headers: avif });
    expect([response.status, response.headers.get('cache-control')]).toEqual([502, 'no-store']);
  });
});

describe('what is not a picture', () => {
  it.each(['/-/metrics', '/-/purge', '/-', '/%2D/metrics', '/%2d%2Fmetrics', '/-%5Cmetrics', '/-/uploadsx'])(
    'closes %s',
    async (path) => {
      expect((await ask(path)).status).toBe(404);
    },
  );

  it.each(['/%zz', '/a%2F%2e%2e%2F-/metrics', '/a%5C..%5C-/metrics'])('refuses %s', async (path) => {
    expect((await ask(path)).status).toBe(400);
  });

  it('passes uploads on, whole and uncached', async () => {
    for (const count of ['1', '2']) {
      const response = await ask('/-/uploads/s3/params?filename=a.jpg');
      expect(response.headers.get('x-asked')).toBe('GET /-/uploads/s3/params?filename=a.jpg null');
      expect(response.headers.get('x-count')).toBe(count);
    }
  });

  it('refuses methods that change things', async () => {
    const response = await ask('/a.jpg', { method: 'PUT', body: 'x' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });
});
