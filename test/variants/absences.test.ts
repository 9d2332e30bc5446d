import { describe, expect, test } from 'vitest';
import { createFaultyStore } from '../support/faulty-store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';
import { picture } from '../support/uploads.ts';

const jpeg = await picture();

async function start(keys: readonly string[] = [], listsAtOnce = true) {
  const originals = createFaultyStore({ ...createMemoryStore(), listsAtOnce: () => listsAtOnce });
  for (const key of keys) await originals.put(key, jpeg, { contentType: 'image/jpeg' });
  const variants = createFaultyStore(createMemoryStore());
  const its = await createPixelFreeService({ originals, variants });
  originals.forgetCalls();
  variants.forgetCalls();
  return { ...its, originals, variants };
}

describe('a picture that is not there', () => {
  test.each(['/w_300/none.png', '/w_300/none', '/none.jpg', '/w_300/none.pdf'])(
    'costs two calls of a store that lists at once, and none when asked again (%s)',
    async (path) => {
      const { ask, originals, variants } = await start(['other.jpg']);
      expect((await ask(path)).status).toBe(404);
      expect(originals.calls.length).toBeLessThanOrEqual(3);
      expect(originals.count('list')).toBeLessThanOrEqual(1);
      expect(variants.count('get')).toBeLessThanOrEqual(1);
      originals.forgetCalls();
      expect((await ask(path)).status).toBe(404);
      expect(originals.calls).toEqual([]);
    },
  );

  test('costs no listing of a folder, which would read all its names', async () => {
    const { ask, originals } = await start([], false);
    expect((await ask('/w_300/none.png')).status).toBe(404);
    expect(originals.count('list')).toBe(0);
  });

  test('is looked for once by a crowd', async () => {
    const { ask, originals } = await start();
    const responses = await Promise.all(Array.from({ length: 50 }, () => ask('/w_300/none')));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([404]));
    expect(originals.calls).toHaveLength(2);
  });

  test('costs no more as one of ten layers', async () => {
    const { ask, originals } = await start(['a.jpg']);
    const layers = Array.from({ length: 10 }, (_, index) => `l_none${index}/fl_layer_apply`).join('/');
    expect((await ask(`/w_300/${layers}/a.jpg`)).status).toBe(404);
    expect(originals.calls.length).toBeLessThanOrEqual(1 + 2 * 10);
  });
});

describe('a name that means another one', () => {
  test.each([
    ['/w_300/a', 'a.jpg'],
    ['/w_300/a.png', 'a.jpg'],
    ['/w_300/a.webp', 'a'],
    ['/w_300/folder/a', 'folder/a.gif'],
  ])('%s still finds %s', async (path, key) => {
    const { ask } = await start([key, 'ab.jpg', 'a-1.jpg', 'a/b.jpg']);
    expect((await ask(path)).status).toBe(200);
  });

  test('is found among more names of that beginning than are listed', async () => {
    const crowd = Array.from({ length: 60 }, (_, index) => `a-${index}.jpg`);
    for (const key of ['a.jpg', 'a.webp', 'a']) {
      const { ask } = await start([...crowd, key]);
      expect([key, (await ask('/w_300/a.png')).status]).toEqual([key, 200]);
    }
  });

  test('is found although the store cannot be listed', async () => {
    const { ask, originals } = await start(['a.jpg']);
    originals.fail('list', { kind: 'upstream' });
    expect((await ask('/w_300/a')).status).toBe(200);
    expect((await ask('/w_300/none')).status).toBe(404);
  });

  test('is there as soon as it was uploaded, even while somebody was listing', async () => {
    const { service, originals, ask } = await start();
    let letGo = () => {};
    const gate = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    originals.fail('list', { kind: 'delayed', gate }, (key) => !key.startsWith('.fovea'));
    const asked = ask('/w_300/a');
    while (originals.count('list') === 0) await new Promise((resolve) => setImmediate(resolve));
    const files = (async function* () {
      yield {
        key: 'a.jpg',
        body: (async function* () {
          yield jpeg;
        })(),
      };
    })();
    const report = await service.uploads.receive(files, { signal: new AbortController().signal });
    expect(report.published).toBe(true);
    letGo();
    await asked;
    expect((await ask('/w_300/a.jpg')).status).toBe(200);
  });
});
