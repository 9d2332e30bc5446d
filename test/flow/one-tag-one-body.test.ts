import { afterAll, describe, expect, it } from 'vitest';
import { everyStore } from '../support/every-store.ts';
import { startRenderer } from '../support/renderer.ts';
import { createPixelFreeService, createTestService } from '../support/test-service.ts';
import { picture } from '../support/uploads.ts';

// A strong entity tag names one body (RFC 9110 §8.8.1), whatever is overwritten while an older state is believed.

const { renderer } = startRenderer();
afterAll(() => renderer.close());

/** Pictures of two originals, one of them a layer: untouched, in the original's own coding, drawn, and for a missing one. */
const paths = [
  '/d_cat.png,w_8/none.png',
  '/l_mark.png/fl_layer_apply/cat.png',
  '/w_8/cat.png',
  '/f_png/cat.png',
  '/cat.png',
];

describe.each(everyStore)('an original in %s that is overwritten while its state is believed', (_, openStore) => {
  it('goes out under a tag of its own, by GET and HEAD, and so does whatever is made of it', async () => {
    const originals = await openStore();
    const { ask } = await createTestService({ originals, renderer });
    const bodies = new Map<string, string>();
    for (const shade of [10, 90, 170, 250]) {
      for (const key of ['cat.png', 'mark.png']) await originals.put(key, await picture('png', shade));
      // What was made before is at hand for the first of them; the last has looked at the store.
      for (const path of [...paths, ...paths]) {
        const [headed, got] = [await ask(path, { method: 'HEAD' }), await ask(path)];
        const [tag, body] = [got.headers.get('etag') ?? '', Buffer.from(await got.arrayBuffer()).toString('base64')];
        expect([path, headed.status, got.status]).toEqual([path, 200, 200]);
        for (const name of ['etag', 'last-modified', 'content-length']) {
          expect([path, headed.headers.get(name)]).toEqual([path, got.headers.get(name)]);
        }
        expect([path, tag, bodies.get(tag) ?? body]).toEqual([path, tag, body]);
        bodies.set(tag, body);
      }
    }
    // Each shade of the original itself, at the least.
    expect(bodies.size).toBeGreaterThanOrEqual(4);
  });

  it('is looked up again by whoever asks next, and its old tag is fresh no longer', async () => {
    const originals = await openStore();
    const { ask } = await createPixelFreeService({ originals });
    await originals.put('cat.jpg', Buffer.from('an old cat'));
    const old = (await ask('/cat.jpg')).headers.get('etag') ?? '';
    await originals.put('cat.jpg', Buffer.from('another, younger cat'));
    const tag = (await ask('/cat.jpg', { method: 'HEAD' })).headers.get('etag') ?? '';
    expect(tag).not.toBe(old);
    const again = await ask('/cat.jpg', { headers: { 'if-none-match': old } });
    expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([200, tag, 'another, younger cat']);
    expect((await ask('/cat.jpg', { headers: { 'if-none-match': tag } })).status).toBe(304);
  });

  it('is not sent to whoever has the new state already', async () => {
    const originals = await openStore();
    const [believing, knowing] = [
      await createPixelFreeService({ originals }),
      await createPixelFreeService({ originals }),
    ];
    await originals.put('cat.jpg', Buffer.from('an old cat'));
    await believing.ask('/cat.jpg');
    await originals.put('cat.jpg', Buffer.from('another, younger cat'));
    const tag = (await knowing.ask('/cat.jpg')).headers.get('etag') ?? '';
    const answer = await believing.ask('/cat.jpg', { headers: { 'if-none-match': `"x", ${tag}` } });
    expect([answer.status, answer.headers.get('etag')]).toEqual([304, tag]);
  });
});
