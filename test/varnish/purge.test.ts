import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openCdn } from '../../src/cdn/index.ts';
import { type Listening, listen } from '../../src/http/index.ts';
import { cacheTag } from '../../src/variants/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';
import { freePort, startVarnish, type Varnish } from './varnish.ts';

const adminToken = 'an admin token of the tests';
const edgeSchema = z.object({ edge: z.array(z.object({ provider: z.string(), id: z.string(), status: z.string() })) });
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

async function startHouse() {
  const [originPort, varnishPort] = [await freePort(), await freePort()];
  const originals = createMemoryStore();
  const built = await createPixelFreeService({
    originals,
    cdn: await openCdn(`varnish:http://127.0.0.1:${varnishPort}/`),
    environment: { FOVEA_ADMIN_TOKEN: adminToken, FOVEA_RENDERERS: '16' },
  });
  const server = await listen(built.service.app, { port: originPort, host: '127.0.0.1' });
  const varnish = await startVarnish(varnishPort, originPort);
  return { ...built, originals, server, varnish };
}

let house: Awaited<ReturnType<typeof startHouse>> & { readonly server: Listening; readonly varnish: Varnish };

beforeAll(async () => {
  house = await startHouse();
});

afterAll(async () => {
  await house.server.close();
  // Repeats at Varnish what it has purged.
  await house.service.close();
  await house.varnish.stop();
});

const get = (path: string) => fetch(`${house.varnish.url}${path}`);
const cacheStatus = (response: Response) => response.headers.get('cache-status');

/** What the CDN did, as the purge tells. */
const edgeOf = async (answer: Promise<Response>) => edgeSchema.parse(await (await answer).json()).edge;

async function purge(body: unknown): Promise<Response> {
  return fetch(`${house.server.url}/-/purge`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${adminToken}` },
    body: JSON.stringify(body),
  });
}

describe('a purge through a real Varnish', () => {
  it('reaches every variant of the original and its own bytes at the edge, and no other', async () => {
    const paths = ['/w_1/cat.jpg', '/w_2/cat.jpg', '/cat.jpg'];
    for (const key of ['cat.jpg', 'dog.jpg']) await house.originals.put(key, Buffer.from(`old ${key}`));
    for (const path of [...paths, '/w_1/dog.jpg']) await get(path);
    for (const path of [...paths, '/w_1/dog.jpg']) expect(cacheStatus(await get(path))).toContain('varnish; hit');
    await house.originals.put('cat.jpg', Buffer.from('new cat'));
    const edge = await edgeOf(purge({ keys: ['cat.jpg'] }));
    expect(edge).toEqual([{ provider: 'varnish', id: '', status: '3 objects purged' }]);
    expect(cacheStatus(await get('/w_1/dog.jpg'))).toContain('varnish; hit');
    expect(await (await get('/cat.jpg')).text()).toBe('new cat');
    for (const path of ['/w_1/cat.jpg', '/w_2/cat.jpg']) {
      const response = await get(path);
      expect(cacheStatus(response)).toContain('varnish; fwd=miss');
      expect(await response.text()).toContain(hashOf('new cat'));
    }
  });

  it('by tag reaches what only the edge still has', async () => {
    await house.originals.put('bird.jpg', Buffer.from('a bird'));
    await get('/bird.jpg');
    expect(cacheStatus(await get('/bird.jpg'))).toContain('varnish; hit');
    const edge = await edgeOf(purge({ tags: [cacheTag('bird.jpg')] }));
    expect(edge).toMatchObject([{ status: '1 objects purged' }]);
    expect(cacheStatus(await get('/bird.jpg'))).toContain('varnish; fwd=miss');
  });

  it('of 250 originals at once takes three calls', async () => {
    const keys = Array.from({ length: 250 }, (_, index) => `many/${index}.jpg`);
    for (const key of keys) await house.originals.put(key, Buffer.from(key));
    await Promise.all(keys.slice(0, 20).map((key) => get(`/${key}`)));
    const edge = await edgeOf(purge({ prefixes: ['many/'] }));
    expect(edge).toHaveLength(3);
    for (const key of keys.slice(0, 20)) expect(cacheStatus(await get(`/${key}`))).toContain('varnish; fwd=miss');
  });

  it('is final in 500 races with renders under way: 0 stale pictures afterwards', async () => {
    const { originals, renderer } = house;
    let stale = 0;
    for (let round = 0; round < 50; round += 1) {
      const keys = Array.from({ length: 10 }, (_, index) => `race/${round}-${index}.jpg`);
      for (const key of keys) await originals.put(key, Buffer.from(`old ${key}`));
      const before = renderer.renders.length;
      const release = renderer.hold();
      const late = keys.map((key) => get(`/w_1/${key}`).then((response) => response.text()));
      await expect.poll(() => renderer.renders.length, { interval: 5, timeout: 10_000 }).toBe(before + keys.length);
      for (const key of keys) await originals.put(key, Buffer.from(`new ${key}`));
      const purges = keys.map((key) => purge({ keys: [key] }));
      // In turn: the old picture arrives while the purge runs, or after it was answered.
      if (round % 2 === 0) release();
      else setTimeout(release, 5);
      for (const answer of await Promise.all(purges)) expect(answer.status).toBe(200);
      const fresh = () => Promise.all(keys.map(async (key) => (await get(`/w_1/${key}`)).text()));
      const first = await fresh();
      await Promise.all(late);
      for (const bodies of [first, await fresh()]) {
        stale += bodies.filter((body, index) => !body.includes(hashOf(`new ${keys[index]}`))).length;
      }
    }
    expect(stale).toBe(0);
  });
});
