import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { focusMetadata } from '../../src/grammar/index.ts';
import { openStore } from '../../src/storage/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const signal = new AbortController().signal;
const url = '/c_fill,g_custom,w_10,h_10/cat.jpg';

async function diskStore() {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-focus-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return openStore(`file:${folder}`, {});
}

describe.each([
  ['memory', async () => createMemoryStore()],
  ['a folder', diskStore],
] as const)('a focal point kept with an original in %s', (_, open) => {
  async function house() {
    const originals = await open();
    await originals.put('cat.jpg', Buffer.from('a cat'), { contentType: 'image/jpeg', metadata: { author: 'me' } });
    return { originals, ...(await createPixelFreeService({ originals })) };
  }

  it('reaches the renderer, and makes another variant', async () => {
    const { ask, originals, service, renderer } = await house();
    const before = await ask(url);
    expect(renderer.focuses).toEqual([undefined]);
    await service.variants.setFocus('cat.jpg', { x: 0.25, y: 0.75 }, { signal });
    const after = await ask(url);
    expect(renderer.focuses).toEqual([undefined, { x: 0.25, y: 0.75 }]);
    expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'));
    expect(after.headers.get('cache-status')).toContain('fwd=miss');
    const kept = await originals.head('cat.jpg');
    expect(kept).toMatchObject({ contentType: 'image/jpeg', metadata: { author: 'me', focal: '0.25,0.75' } });
  });

  it('can be taken back', async () => {
    const { ask, originals, service, renderer } = await house();
    await service.variants.setFocus('cat.jpg', { x: 0.25, y: 0.75 }, { signal });
    await service.variants.setFocus('cat.jpg', undefined, { signal });
    await ask(url);
    expect(renderer.focuses).toEqual([undefined]);
    expect((await originals.head('cat.jpg'))?.metadata).toEqual({ author: 'me' });
  });
});

describe('a focal point', () => {
  it.each(['2,0.5', '0.5', '0.5,-1', 'x,y', '0.5,0.5,0.5'])('written %s by somebody is none', async (focal) => {
    const originals = createMemoryStore();
    await originals.put('cat.jpg', Buffer.from('a cat'), { metadata: { focal } });
    const { ask, renderer } = await createPixelFreeService({ originals });
    expect((await ask(url)).status).toBe(200);
    expect(renderer.focuses).toEqual([undefined]);
  });

  it('outside of the picture is refused, and so is one of nothing', async () => {
    expect(() => focusMetadata({ x: 1.2, y: 0 })).toThrow(/0 to 1/);
    expect(() => focusMetadata({ x: Number.NaN, y: 0 })).toThrow(/0 to 1/);
    const { service } = await createPixelFreeService();
    const missing = service.variants.setFocus('cat.jpg', { x: 0, y: 0 }, { signal });
    await expect(missing).rejects.toMatchObject({ kind: 'not_found' });
  });
});
