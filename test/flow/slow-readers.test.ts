import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { createFakeRenderer } from '../support/fake-renderer.ts';
import { resolveTarget } from '../support/grammar.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createTestService } from '../support/test-service.ts';

const bytesEach = 200_000;

/** A service whose pictures have 200 kB each, with room for one and a half of them beside the memory tier. */
async function largePictures(parts: { readonly stored?: boolean; readonly memoryBytes?: number } = {}) {
  const originals = createMemoryStore();
  await originals.put('cat.jpg', Buffer.from('a picture of a cat'));
  const fake = createFakeRenderer();
  const renderer = {
    ...fake,
    render: async (...asked: Parameters<typeof fake.render>) => {
      const rendered = await fake.render(...asked);
      return { ...rendered, bytes: Buffer.concat([rendered.bytes, Buffer.alloc(bytesEach)], bytesEach) };
    },
  };
  const { stored = true, memoryBytes = 1_000 } = parts;
  const variants = stored ? createMemoryStore() : undefined;
  const config = { memoryBytes };
  const its = await createTestService({ originals, variants, renderer, config, sendingBytes: 300_000 });
  const signal = new AbortController().signal;
  const ends: (() => void)[] = [];
  return {
    ...its,
    renders: fake.renders,
    ends,
    /** Answers somebody who does not read it until the test says so. */
    async send(width: number, client = `${width}`) {
      const transform = resolveTarget(`/w_${width}/cat.jpg`);
      const found = await its.service.variants.identify([{ key: 'cat.jpg', transform }], { signal, readAhead: false });
      if (found.kind !== 'variant') throw new Error('a candidate with a transform is a variant');
      const onHeld = (end: () => void) => void ends.push(end);
      return its.service.variants.deliver(found, { signal, client: () => client, onHeld });
    },
  };
}

const textOf = async (body: Uint8Array | Readable) =>
  (body instanceof Readable ? await buffer(body) : Buffer.from(body)).toString();

describe('what is sent to clients that read slowly', () => {
  it('is in memory while there is room, and read from the store in pieces beyond that: the same bytes', async () => {
    const { send, ends, renders } = await largePictures();
    const first = await send(100);
    expect(first.body).toBeInstanceOf(Uint8Array);
    for (const from of ['render', 'store'] as const) {
      const other = await send(101);
      expect([other.from, other.size]).toEqual([from, bytesEach]);
      expect(other.body).toBeInstanceOf(Readable);
      expect(await textOf(other.body)).toContain('w_101');
    }
    for (const end of ends.splice(0)) end();
    const again = await send(101);
    expect(again.body).toBeInstanceOf(Uint8Array);
    expect(await textOf(again.body)).toContain('w_101');
    expect(renders).toHaveLength(2);
  });

  it('is shared by all who read the same', async () => {
    const { send } = await largePictures({ memoryBytes: 10_000_000 });
    const bodies = await Promise.all(Array.from({ length: 20 }, (_, index) => send(100, `${index}`)));
    expect(new Set(bodies.map(({ body }) => body)).size).toBe(1);
  });

  it('is refused for a moment where nothing is stored', async () => {
    const { send, ends } = await largePictures({ stored: false });
    await send(100);
    await expect(send(101)).rejects.toMatchObject({ kind: 'overloaded', retryAfterSeconds: 5 });
    for (const end of ends.splice(0)) end();
    expect((await send(101)).body).toBeInstanceOf(Uint8Array);
  });

  it('has the headers that it has from memory, and for HEAD no body', async () => {
    const { send, ask, service } = await largePictures();
    const plain = await ask('/w_101/cat.jpg');
    await service.variants.settled();
    await send(100);
    const [got, headed] = await Promise.all([ask('/w_101/cat.jpg'), ask('/w_101/cat.jpg', { method: 'HEAD' })]);
    for (const name of ['content-length', 'content-type', 'etag', 'cache-control']) {
      expect(got.headers.get(name)).toBe(plain.headers.get(name));
      expect(headed.headers.get(name)).toBe(plain.headers.get(name));
    }
    expect(await got.text()).toBe(await plain.text());
    expect(await headed.text()).toBe('');
    const { status, headers } = await ask('/w_101/cat.jpg', {
      headers: { 'if-none-match': got.headers.get('etag') ?? '' },
    });
    expect([status, headers.get('content-length')]).toEqual([304, null]);
  });

  it('is still warmed', async () => {
    const { send, service } = await largePictures();
    await send(100);
    const signal = new AbortController().signal;
    const transforms = [resolveTarget('/w_101/cat.jpg')];
    expect(await service.variants.warm('cat.jpg', transforms, { signal })).toMatchObject({ rendered: 1, present: 0 });
    expect(await service.variants.warm('cat.jpg', transforms, { signal })).toMatchObject({ rendered: 0, present: 1 });
  });
});
