import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import { withRemote } from '../../src/storage/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';

async function serviceWith(clientHints: boolean) {
  const originals = createMemoryStore();
  await originals.put('cat.jpg', Buffer.from('a cat'));
  const config = { file: { ...readConfig({}).file, clientHints } };
  return createPixelFreeService({ originals, config });
}

describe('client hints', () => {
  it('choose width and density by new names and old ones, and say what the answer varies by', async () => {
    const { ask, renderer } = await serviceWith(true);
    const path = '/c_limit,w_auto/dpr_auto,q_auto/cat.jpg';
    const answers = await Promise.all([
      ask(path, { headers: { 'Sec-CH-Width': '600' } }),
      ask(path, { headers: { Width: '601' } }),
      ask(path, { headers: { 'Sec-CH-Viewport-Width': '390', 'Sec-CH-DPR': '3' } }),
      ask(path, { headers: { 'Viewport-Width': '390', DPR: '1' } }),
      ask(path),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect([...renderer.renders].sort()).toEqual([
      'c_limit,w_1200/f_jpeg,q_auto:good',
      'c_limit,w_400/f_jpeg,q_auto:good',
      'c_limit,w_600/f_jpeg,q_auto:good',
      'c_limit,w_640/f_jpeg,q_auto:good',
      'f_jpeg,q_auto:good',
    ]);
    for (const { headers } of answers) {
      expect(headers.get('vary')).toBe(
        'Save-Data, Sec-CH-Width, Width, Sec-CH-Viewport-Width, Viewport-Width, Sec-CH-DPR, DPR',
      );
      expect(headers.get('accept-ch')).toBe(
        'Sec-CH-DPR, Sec-CH-Width, Sec-CH-Viewport-Width, DPR, Width, Viewport-Width',
      );
    }
  });

  it('share a variant between hints of one step, with each other and with the width itself', async () => {
    const { ask, renderer } = await serviceWith(true);
    const tags = new Set<string | null>();
    for (const width of ['610', '625', '640']) {
      tags.add((await ask('/c_limit,w_auto/cat.jpg', { headers: { 'Sec-CH-Width': width } })).headers.get('etag'));
    }
    tags.add((await ask('/c_limit,w_640/cat.jpg')).headers.get('etag'));
    expect([tags.size, renderer.renders.length]).toEqual([1, 1]);
  });

  it('are not asked for where the URL has nothing automatic, and mean nothing unless configured', async () => {
    const on = await serviceWith(true);
    const plain = await on.ask('/c_limit,w_100/cat.jpg', { headers: { 'Sec-CH-Width': '600', 'Sec-CH-DPR': '3' } });
    expect([plain.headers.get('vary'), plain.headers.get('accept-ch')]).toEqual([null, null]);
    const off = await serviceWith(false);
    const answer = await off.ask('/c_limit,w_auto/dpr_auto/cat.jpg', { headers: { 'Sec-CH-Width': '600' } });
    expect([answer.headers.get('vary'), answer.headers.get('accept-ch')]).toEqual([null, null]);
    expect(off.renderer.renders).toEqual(['f_jpeg']);
  });
});

describe('Save-Data', () => {
  it('lowers an automatic quality by one level, which the answer says it varies by', async () => {
    const { ask, renderer } = await serviceWith(false);
    const headers = { 'Save-Data': 'on' };
    expect((await ask('/w_9,q_auto/cat.jpg', { headers })).headers.get('vary')).toBe('Save-Data');
    expect((await ask('/w_9,q_80/cat.jpg', { headers })).headers.get('vary')).toBeNull();
    await ask('/w_9,q_auto/cat.jpg');
    expect(renderer.renders).toEqual([
      'c_fill,w_9/f_jpeg,q_auto:eco',
      'c_fill,w_9/f_jpeg,q_80',
      'c_fill,w_9/f_jpeg,q_auto:good',
    ]);
  });
});

describe('a picture on another host', () => {
  const key = '.fovea-fetch/https/pictures.example/a b.jpg'.replace(' ', '%20');

  async function fetching(etag: () => string) {
    const info = () => ({
      key,
      size: 7,
      etag: etag(),
      lastModified: new Date(0),
      contentType: undefined,
      metadata: {},
    });
    const elsewhere = createMemoryStore();
    await elsewhere.put(key, Buffer.from('picture'));
    const originals = withRemote(createMemoryStore(), {
      head: async (asked) => (asked === key ? info() : undefined),
      get: async (asked) => {
        const object = await elsewhere.get(asked);
        return object && { ...object, info: info() };
      },
    });
    const config = { file: { ...readConfig({}).file, fetchHosts: ['pictures.example'] } };
    return createPixelFreeService({ originals, config, environment: { FOVEA_ORIGINAL_TTL: '0' } });
  }

  it('is rendered, kept and named like one of ours, and anew when its host says that it changed', async () => {
    let etag = 'v1';
    const { ask, renderer } = await fetching(() => etag);
    const url = '/image/fetch/c_limit,w_9/https://pictures.example/a%20b.jpg';
    const first = await ask(url);
    expect(first.status).toBe(200);
    const again = await ask(url, { headers: { 'If-None-Match': first.headers.get('etag') ?? '' } });
    expect([again.status, renderer.renders.length]).toEqual([304, 1]);
    etag = 'v2';
    expect((await ask(url)).headers.get('etag')).not.toBe(first.headers.get('etag'));
    expect(renderer.renders).toHaveLength(2);
  });

  it('that is not there is 404, and one on a host that is not configured is never asked for', async () => {
    const { ask } = await fetching(() => 'v1');
    expect((await ask('/image/fetch/w_9/https://pictures.example/none.jpg')).status).toBe(404);
    const refused = await ask('/image/fetch/w_9/https://evil.example/a.jpg');
    expect([refused.status, refused.headers.get('x-cld-error')]).toEqual([
      400,
      'Pictures of evil.example are not fetched here: it is not among the fetchHosts.',
    ]);
  });

  it('is purged by its URL', async () => {
    const { ask, service, renderer } = await fetching(() => 'v1');
    const url = '/image/fetch/c_limit,w_9/https://pictures.example/a%20b.jpg';
    await ask(url);
    await service.variants.purge({ urls: [url] }, { signal: new AbortController().signal, reference: 'test' });
    await ask(url);
    expect(renderer.renders).toHaveLength(2);
  });
});
