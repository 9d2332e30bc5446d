import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { writeGif } from '../support/animations.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { from, gifDeclaring, noise, pngDeclaring, quarters } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { createTestService } from '../support/test-service.ts';

const { renderer } = startRenderer();
afterAll(() => renderer.close());

describe('an original that was refused for its own bytes', () => {
  const refused: readonly (readonly [string, number, () => Buffer | Promise<Buffer>])[] = [
    ['no picture', 415, () => Buffer.from('Hello')],
    ['cut off inside its header', 422, () => Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0x00])],
    ['of more pixels than are read', 413, () => pngDeclaring(30_000, 30_000)],
    ['of more frames than are read', 413, () => gifDeclaring(8, 8, 10_001)],
    ['too small a file for its pixels', 422, () => pngDeclaring(3_000, 3_000)],
    ['cut off inside its pixels', 422, cutOff],
  ];

  it.each(refused)('%s, is not fetched again for another size, until it is another one', async (_, status, make) => {
    const originals = createFaultyStore(createMemoryStore());
    const { ask, service } = await createTestService({ originals, renderer });
    await originals.put('cat.png', await make());
    await originals.put('logo.png', await from(quarters(8, 8)).png().toBuffer());
    const first = await ask('/w_10/cat.png');
    const said = first.headers.get('x-cld-error');
    expect([first.status, originals.count('get')]).toEqual([status, 1]);
    // The bytes that are held for its next sizes go; the refusal is of the version, and stays.
    await service.variants.purge({ keys: ['cat.png'] }, { signal: new AbortController().signal });
    for (const path of ['/w_11/cat.png', '/w_12,f_webp/cat.png', '/e_blur/cat.png', '/l_logo/cat.png']) {
      const again = await ask(path);
      expect([again.status, again.headers.get('x-cld-error')]).toEqual([status, said]);
    }
    expect(originals.count('get')).toBe(1);

    await originals.put('cat.png', await from(quarters(20, 10)).png().toBuffer());
    await service.variants.purge({ keys: ['cat.png'] }, { signal: new AbortController().signal });
    expect((await ask('/w_10/cat.png')).status).toBe(200);
  });

  it('is refused no more than needs what is damaged: a frame that does not decode is none of the first', async () => {
    const originals = createFaultyStore(createMemoryStore());
    const { ask, service } = await createTestService({ originals, renderer });
    const frame = { left: 0, top: 0, width: 8, height: 8, colour: [255, 0, 0] } as const;
    const gif = writeGif({ screen: [8, 8], frames: [frame, frame] });
    // The first code of the last frame is of no colour, and none that came before.
    gif.fill(0xff, gif.lastIndexOf(0x2c) + 12, gif.length - 2);
    await originals.put('cat.gif', gif);
    expect((await ask('/w_10,f_webp/cat.gif')).status).toBe(422);
    expect((await ask('/w_11,f_jpg/cat.gif')).status).toBe(200);
    await service.variants.purge({ keys: ['cat.gif'] }, { signal: new AbortController().signal });
    originals.forgetCalls();
    expect((await ask('/w_12,f_webp/cat.gif')).status).toBe(422);
    expect(originals.count('get')).toBe(0);
    expect((await ask('/w_13,f_jpg/cat.gif')).status).toBe(200);
  });

  it('for what was asked of it is not fetched again for the same, and drawn for others', async () => {
    const originals = createFaultyStore(createMemoryStore());
    const { ask, service } = await createTestService({ originals, renderer });
    await originals.put('cat.png', await from(quarters(20, 10)).png().toBuffer());
    for (const [path, status] of [['/c_scale,w_8000,h_8000/cat.png', 413] as const, ['/pg_7/cat.png', 400] as const]) {
      const first = await ask(path);
      expect(first.status).toBe(status);
      await service.variants.purge({ keys: ['cat.png'] }, { signal: new AbortController().signal });
      originals.forgetCalls();
      const again = await ask(path);
      expect([again.status, again.headers.get('x-cld-error')]).toEqual([status, first.headers.get('x-cld-error')]);
      expect(originals.count('get')).toBe(0);
    }
    expect((await ask('/w_10/cat.png')).status).toBe(200);
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

async function cutOff(): Promise<Buffer> {
  const whole = await from(noise(200, 200)).jpeg().toBuffer();
  return whole.subarray(0, whole.length / 2);
}
