import { describe, expect, it } from 'vitest';
import { cacheTag } from '../../src/variants/index.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const adminToken = 'an admin token of the tests';
const url = '/l_logo,g_south_east,x_5/cat.jpg';

/** A service with a picture and a logo, whose look-ups are remembered for a minute unless it is told otherwise. */
async function house(environment: Record<string, string> = {}) {
  const originals = createFaultyStore(createMemoryStore());
  await originals.put('cat.jpg', Buffer.from('a cat'));
  await originals.put('logo.png', Buffer.from('a logo'));
  const variants = createMemoryStore();
  const built = await createPixelFreeService({
    originals,
    variants,
    environment: { FOVEA_ADMIN_TOKEN: adminToken, ...environment },
  });
  const purge = (keys: readonly string[]) =>
    built.ask('/-/purge', {
      method: 'POST',
      headers: { Authorization: `Bearer ${adminToken}` },
      body: JSON.stringify({ keys }),
    });
  return { originals, variants, purge, ...built };
}

const status = (response: Response) => response.headers.get('cache-status');

describe('a variant with a layer', () => {
  it('is made from both originals, once', async () => {
    const { ask, renderer } = await house();
    const [first, second] = await Promise.all([ask(url), ask(url)]);
    expect([first?.status, second?.status]).toEqual([200, 200]);
    expect(status(await ask(url))).toContain('hit; detail=memory');
    expect(renderer.renders).toHaveLength(1);
    expect(renderer.layers).toEqual([new Map([['logo', 'a logo']])]);
  });

  it('is not found without its layer, and says which', async () => {
    const { ask, renderer } = await house();
    const response = await ask('/l_nowhere:logo/fl_layer_apply/cat.jpg');
    expect(response.status).toBe(404);
    expect(response.headers.get('x-cld-error')).toContain('nowhere/logo');
    expect(renderer.renders).toHaveLength(0);
  });

  it('names the originals it shows to the CDN', async () => {
    const { ask } = await house();
    const tags = (await ask(url)).headers.get('x-amz-meta-cache-tag')?.split(',');
    expect(tags).toEqual([cacheTag('cat.jpg'), cacheTag('logo.png')]);
  });

  it('is another one once its layer is overwritten: tag, memory and store', async () => {
    const { ask, originals, service, renderer } = await house({ FOVEA_ORIGINAL_TTL: '0' });
    const before = await ask(url);
    await service.variants.settled();
    await originals.put('logo.png', Buffer.from('another logo'));
    const etag = before.headers.get('etag') ?? '';
    const after = await ask(url, { headers: { 'If-None-Match': etag } });
    expect(after.status).toBe(200);
    expect(after.headers.get('etag')).not.toBe(etag);
    expect(status(after)).toContain('fwd=miss');
    expect(renderer.layers.at(-1)).toEqual(new Map([['logo', 'another logo']]));
    await service.variants.settled();
    expect(status(await ask(url))).toContain('detail=memory');
  });

  it('that is stored is not taken for another state of its layer', async () => {
    const { ask, originals, variants, service } = await house();
    await ask(url);
    await service.variants.settled();
    await originals.put('logo.png', Buffer.from('another logo'));
    const later = await createPixelFreeService({ originals, variants });
    expect(status(await later.ask(url))).toContain('fwd=miss');
    await later.service.variants.settled();
    const next = await createPixelFreeService({ originals, variants });
    expect(status(await next.ask(url))).toContain('detail=store');
  });

  it('shows the new layer at once after a purge of the layer alone', async () => {
    const { ask, originals, purge, renderer } = await house();
    await ask(url);
    await originals.put('logo.png', Buffer.from('another logo'));
    expect(status(await ask(url))).toContain('detail=memory');
    expect((await purge(['logo.png'])).status).toBe(200);
    expect(status(await ask(url))).toContain('fwd=miss');
    expect(renderer.layers.at(-1)).toEqual(new Map([['logo', 'another logo']]));
  });

  it('that is being made while its layer is purged may not be kept', async () => {
    const { ask, purge, renderer } = await house();
    const release = renderer.hold();
    const asked = ask(url);
    await expect.poll(() => renderer.renders.length).toBe(1);
    await purge(['logo.png']);
    release();
    expect((await asked).headers.get('cache-control')).toBe('no-store');
  });

  it('is still served from the store while the originals cannot be asked', async () => {
    const { ask, originals, variants, service } = await house();
    await ask(url);
    await service.variants.settled();
    const later = await createPixelFreeService({ originals, variants });
    originals.fail('head', { kind: 'upstream' });
    const response = await later.ask(url);
    expect(response.status).toBe(200);
    expect(status(response)).toContain('detail=store');
  });
});
