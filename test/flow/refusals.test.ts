import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { createMemoryStore } from '../../src/storage/index.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { from, quarters } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { createTestService } from '../support/test-service.ts';

const { renderer } = startRenderer();
afterAll(() => renderer.close());

describe('an original that was refused for its own bytes', () => {
  it.each([
    ['no picture', 415, Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['cut off inside its header', 422, Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x00])],
  ])('%s, is not fetched again for another size, until it is another one', async (_, status, bytes) => {
    const originals = createFaultyStore(createMemoryStore());
    const { ask, service } = await createTestService({ originals, renderer });
    await originals.put('cat.png', bytes);
    const first = await ask('/w_10/cat.png');
    const said = first.headers.get('x-cld-error');
    expect([first.status, originals.count('get')]).toEqual([status, 1]);
    // The bytes that are held for its next sizes go; the refusal is of the version, and stays.
    await service.variants.purge({ keys: ['cat.png'] }, { signal: new AbortController().signal });
    for (const path of ['/w_11/cat.png', '/w_12,f_webp/cat.png', '/e_blur/cat.png']) {
      const again = await ask(path);
      expect([again.status, again.headers.get('x-cld-error')]).toEqual([status, said]);
    }
    expect(originals.count('get')).toBe(1);

    await originals.put('cat.png', await from(quarters(20, 10)).png().toBuffer());
    const fresh = await createTestService({ originals, renderer });
    expect((await fresh.ask('/w_10/cat.png')).status).toBe(200);
  });

  it('is another matter than one that was refused for what was asked of it', async () => {
    const originals = createMemoryStore();
    const { ask } = await createTestService({ originals, renderer });
    await originals.put('cat.png', await from(quarters(20, 10)).png().toBuffer());
    expect((await ask('/c_scale,w_8000,h_8000/cat.png')).status).toBe(413);
    expect((await ask('/pg_7/cat.png')).status).toBe(400);
    expect((await ask('/w_10/cat.png')).status).toBe(200);
  });
});

describe('a picture whose render was lost', () => {
  it('is answered with 422 from then on, with what and for how long; other pictures of its original are made', async () => {
    const slow = startRenderer({ timeoutMs: 1_000, cpuTimeOf: () => () => undefined });
    onTestFinished(() => slow.renderer.close());
    slow.hang(true);
    const originals = createFaultyStore(createMemoryStore());
    await originals.put('cat.png', await from(quarters(20, 10)).png().toBuffer());
    const { ask } = await createTestService({ originals, renderer: slow.renderer });
    expect((await ask('/w_10/cat.png')).status).toBe(504);
    slow.hang(false);
    originals.forgetCalls();
    const again = await ask('/w_10/cat.png');
    expect(again.status).toBe(422);
    expect(Number(again.headers.get('retry-after'))).toBeGreaterThan(500);
    expect(again.headers.get('cache-control')).toBe('public, max-age=60');
    expect(await again.json()).toMatchObject({
      detail: expect.stringMatching(/not finished within 1000 ms; others .* not tried again for 10 minutes\.$/),
    });
    expect(originals.count('get')).toBe(0);
    expect((await ask('/w_11/cat.png')).status).toBe(200);
  }, 60_000);

  it('has others of its original wait while that is tried, and no longer than they will', async () => {
    const slow = startRenderer({ timeoutMs: 2_000, cpuTimeOf: () => () => undefined });
    onTestFinished(() => slow.renderer.close());
    slow.hang(true);
    const originals = createMemoryStore();
    await originals.put('cat.png', await from(quarters(20, 10)).png().toBuffer());
    const { ask } = await createTestService({ originals, renderer: slow.renderer, config: { renderTimeoutMs: -500 } });
    const lost = () =>
      slow.events.filter((event) => event.type === 'render-process' && event.event === 'killed-deadline');
    // Each visitor is sent away after half a second; the render goes on, and is lost.
    for (const count of [1, 2]) {
      await slow.seen('started', count);
      expect((await ask(`/w_${count}/cat.png`)).status).toBe(503);
      await expect.poll(() => lost().length, { timeout: 30_000 }).toBe(count);
    }
    const waited = await ask('/w_12/cat.png');
    expect([waited.status, waited.headers.get('retry-after')]).toEqual([503, '2']);
    await expect.poll(() => lost().length, { timeout: 30_000 }).toBe(3);
    await expect.poll(async () => (await ask('/w_12/cat.png')).status).toBe(422);
  }, 60_000);
});
