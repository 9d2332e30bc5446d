import { afterAll, describe, expect, it } from 'vitest';
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
