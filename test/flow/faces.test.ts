import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/failure.ts';
import type { ObjectStore } from '../../src/storage/index.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const signal = new AbortController().signal;
const thumb = '/c_thumb,g_face,w_10,h_10/cat.jpg';

async function house(stores: { originals?: ObjectStore; variants?: ObjectStore } = {}) {
  const { originals = createMemoryStore(), variants = createMemoryStore() } = stores;
  const isThere = await originals.head('cat.jpg').catch(() => true);
  if (isThere === undefined) await originals.put('cat.jpg', Buffer.from('a cat'));
  return { originals, variants, ...(await createPixelFreeService({ originals, variants })) };
}

async function keysOf(store: ObjectStore): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list('', { signal })) keys.push(key);
  return keys;
}

describe('faces in an original', () => {
  it('are looked for once, for all variants that go by them, and for those that ask at once', async () => {
    const { ask, renderer } = await house();
    const release = renderer.hold();
    const asked = [thumb, '/e_blur_faces/cat.jpg', '/c_fill,g_faces:auto,w_20,h_10/cat.jpg'].map((url) => ask(url));
    release();
    for (const { status } of await Promise.all(asked)) expect(status).toBe(200);
    expect((await ask('/c_thumb,g_face,w_30,h_30/cat.jpg')).status).toBe(200);
    // Where they are to be hidden a second look is taken in any case; one flight each.
    expect(renderer.looks.toSorted()).toEqual(['always at all of a cat', 'if-none at all of a cat']);
    await ask('/c_thumb,g_face,w_40,h_40/cat.jpg');
    await ask('/e_pixelate_faces/cat.jpg');
    expect(renderer.looks).toHaveLength(2);
  });

  it('are not looked for where nothing goes by them, and only at a glance where nobody asks for them', async () => {
    const { ask, renderer } = await house();
    for (const path of ['/w_10/cat.jpg', '/c_fill,g_north,w_10,h_10/cat.jpg', '/cat.jpg']) await ask(path);
    expect(renderer.looks).toEqual([]);
    await ask('/c_fill,g_auto,w_10,h_10/cat.jpg');
    await ask(thumb);
    await ask('/c_fill,g_auto,w_20,h_10/cat.jpg');
    await ask('/pg_2/c_fill,g_auto,w_20,h_10/cat.jpg');
    expect(renderer.looks).toEqual(['never at all of a cat', 'if-none at all of a cat', 'never at 2 of a cat']);
  });

  it('are kept beside its variants, where the next process finds them, and gone with them', async () => {
    const first = await house();
    await first.ask(thumb);
    await first.service.variants.settled();
    expect(await keysOf(first.variants)).toContain('cat.jpg/.fovea/-faces');
    const next = await house(first);
    await next.ask('/c_thumb,g_face,w_20,h_20/cat.jpg');
    expect([next.renderer.renders.length, next.renderer.looks]).toEqual([1, []]);
    await next.service.variants.settled();
    const { variantsDeleted } = await next.service.variants.purge({ keys: ['cat.jpg'] }, { signal });
    // Two variants: what is known of faces is none.
    const left = (await keysOf(next.variants)).filter((key) => key.startsWith('cat.jpg'));
    expect([variantsDeleted, left]).toEqual([2, []]);
  });

  it('are looked for anew in another version', async () => {
    const { ask, originals, renderer, service } = await house();
    await ask(thumb);
    await originals.put('cat.jpg', Buffer.from('another cat'));
    await service.variants.purge({ keys: ['cat.jpg'] }, { signal });
    await ask(thumb);
    expect(renderer.looks).toEqual(['if-none at all of a cat', 'if-none at all of another cat']);
  });

  it('that are stored otherwise than we write them are looked for again', async () => {
    const first = await house();
    await first.ask(thumb);
    await first.service.variants.settled();
    const key = 'cat.jpg/.fovea/-faces';
    const { metadata = {} } = (await first.variants.head(key)) ?? {};
    await first.variants.put(key, Buffer.from('{"faces":[{"x":7}]}'), { contentType: 'application/json', metadata });
    const next = await house(first);
    expect((await next.ask('/c_thumb,g_face,w_20,h_20/cat.jpg')).status).toBe(200);
    expect(next.renderer.looks).toEqual(['if-none at all of a cat']);
  });
});

describe('while originals cannot be asked', () => {
  it('what goes by faces is served as it is stored', async () => {
    const originals = createFaultyStore(createMemoryStore());
    const first = await house({ originals });
    const { body, etag } = await bodyAndTag(await first.ask(thumb));
    await first.service.variants.settled();
    originals.fail('all', { kind: 'upstream' });
    const next = await house({ variants: first.variants, originals });
    const answer = await next.ask(thumb);
    expect(answer.status).toBe(200);
    expect(await bodyAndTag(answer)).toEqual({ body, etag });
    expect([next.renderer.renders, next.renderer.looks]).toEqual([[], []]);
  });
});

async function bodyAndTag(response: Response) {
  return { body: await response.text(), etag: response.headers.get('etag') };
}

describe('where nobody could look', () => {
  it('the fallback is sent once, under a tag of its own, and not kept', async () => {
    const { ask, renderer, variants, service } = await house();
    renderer.blindWith(new Failure('timeout', 'It took too long.'));
    const blind = await ask(thumb);
    expect([blind.status, blind.headers.get('cache-control')]).toEqual([200, 'no-store']);
    await service.variants.settled();
    expect(await keysOf(variants)).toEqual([]);
    renderer.blindWith(undefined);
    const seeing = await ask(thumb);
    expect(seeing.headers.get('cache-control')).toContain('immutable');
    expect(seeing.headers.get('etag')).not.toBe(blind.headers.get('etag'));
    expect(renderer.renders).toHaveLength(2);
  });

  it('no picture is sent that was to hide faces', async () => {
    const { ask, renderer } = await house();
    renderer.blindWith(new Failure('timeout', 'It took too long.'));
    expect((await ask('/e_blur_faces/cat.jpg')).status).toBe(504);
    expect((await ask('/w_100/e_pixelate_faces/cat.jpg')).status).toBe(504);
    expect(renderer.renders).toEqual([]);
  });

  it('the fallback is kept where looking again would come to the same', async () => {
    const { ask, renderer } = await house();
    renderer.blindWith(new Failure('too_large', 'It is too large to look at.'));
    expect((await ask(thumb)).headers.get('cache-control')).toContain('immutable');
  });

  it('a fault of ours is told', async () => {
    const originals = createMemoryStore();
    await originals.put('cat.jpg', Buffer.from('a cat'));
    const { ask, renderer, telemetry } = await createPixelFreeService({ originals });
    renderer.blindWith(new Error('a bug'));
    expect((await ask(thumb)).headers.get('cache-control')).toBe('no-store');
    expect(telemetry.events).toContainEqual(expect.objectContaining({ type: 'bug', where: 'looking for faces' }));
  });
});
