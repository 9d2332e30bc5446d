import { describe, expect, it, test } from 'vitest';
import { Failure } from '../../src/failure.ts';
import { type ListedStore, type ObjectStore, readBody, withListed } from '../../src/storage/index.ts';
import { describeObjectStore } from '../contracts/object-store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { keysIn } from '../support/uploads.ts';

const cleanup = async () => undefined;
const asListed = (prefix: string, store: ObjectStore, isReadOnly = false): ListedStore => ({
  prefix,
  store,
  isReadOnly,
});

describeObjectStore('several, of which the first takes everything', async () => {
  const store = withListed(createMemoryStore(), [
    asListed('', createMemoryStore()),
    asListed('deep/', createMemoryStore()),
  ]);
  return { store, cleanup };
});

describeObjectStore('several, of which one takes a part', async () => {
  const store = withListed(createMemoryStore(), [
    asListed('deep/', createMemoryStore()),
    asListed('x', createMemoryStore(), true),
  ]);
  return { store, cleanup };
});

const bytes = (text: string) => Buffer.from(text);

async function filled(keys: Readonly<Record<string, string>>): Promise<ObjectStore> {
  const store = createMemoryStore();
  for (const [key, text] of Object.entries(keys)) await store.put(key, bytes(text));
  return store;
}

async function textAt(store: ObjectStore, key: string): Promise<string | undefined> {
  const object = await store.get(key);
  return object && (await readBody(object, { maxBytes: 1000 })).toString();
}

describe('several stores of originals', () => {
  async function house() {
    const shop = await filled({ 'a.jpg': 'shop a', 'sub/b.jpg': 'shop b', '.fovea-staging/x': 'its own' });
    const archive = await filled({ 'a.jpg': 'archive a', 'old.jpg': 'archive old' });
    const last = await filled({ 'shop/a.jpg': 'last shop a', 'shop/c.jpg': 'last shop c', 'z.jpg': 'last z' });
    const store = withListed(last, [asListed('shop/', shop), asListed('', archive, true)]);
    return { store, shop, archive, last };
  }

  it('are asked in their order, each by what follows its prefix', async () => {
    const { store } = await house();
    const texts = ['shop/a.jpg', 'shop/sub/b.jpg', 'shop/c.jpg', 'a.jpg', 'z.jpg', 'none.jpg'].map((key) =>
      textAt(store, key),
    );
    expect(await Promise.all(texts)).toEqual(['shop a', 'shop b', 'last shop c', 'archive a', 'last z', undefined]);
    expect((await store.head('shop/a.jpg'))?.key).toBe('shop/a.jpg');
    expect(await store.head('shop/.fovea-staging/x')).toBeUndefined();
  });

  it('are listed as one, in order, and each key once', async () => {
    const { store } = await house();
    expect(await keysIn(store)).toEqual(['a.jpg', 'old.jpg', 'shop/a.jpg', 'shop/c.jpg', 'shop/sub/b.jpg', 'z.jpg']);
    const listed = async (prefix: string, options = {}) => {
      const keys: string[] = [];
      for await (const { key, size } of store.list(prefix, options)) keys.push(`${key} ${size}`);
      return keys;
    };
    expect(await listed('shop/', { startAfter: 'shop/a.jpg' })).toEqual(['shop/c.jpg 11', 'shop/sub/b.jpg 6']);
    expect(await listed('sh', { limit: 1 })).toEqual(['shop/a.jpg 6']);
    expect(await listed('', { startAfter: 'shop/d' })).toEqual(['shop/sub/b.jpg 6', 'z.jpg 6']);
  });

  it('take what is new in the first that may be written, and our own in the last', async () => {
    const { store, shop, last, archive } = await house();
    await store.put('shop/new.jpg', bytes('new'));
    await store.put('new.jpg', bytes('new'));
    await store.put('.fovea-staging/batch', bytes('staged'));
    expect([await textAt(shop, 'new.jpg'), await textAt(last, 'new.jpg')]).toEqual(['new', 'new']);
    expect(await textAt(last, '.fovea-staging/batch')).toBe('staged');
    expect(await archive.head('new.jpg')).toBeUndefined();
  });

  it('create nothing over what one of them has, and replace it where it is', async () => {
    const { store, shop, last } = await house();
    expect(await store.put('shop/c.jpg', bytes('x'), { onlyIfAbsent: true })).toBeUndefined();
    expect(await store.put('old.jpg', bytes('x'), { onlyIfAbsent: true })).toBeUndefined();
    const { etag = '' } = (await store.head('shop/c.jpg')) ?? {};
    expect(await store.put('shop/c.jpg', bytes('changed'), { ifMatch: etag })).toMatchObject({ key: 'shop/c.jpg' });
    expect([await textAt(last, 'shop/c.jpg'), await textAt(shop, 'c.jpg')]).toEqual(['changed', undefined]);
  });

  it('delete from all that have it, so that nothing comes to light', async () => {
    const { store, shop, last } = await house();
    const { etag = '' } = (await store.head('shop/a.jpg')) ?? {};
    expect(await store.deleteUnchanged([{ key: 'shop/a.jpg', etag: 'another' }])).toEqual([]);
    expect(await store.deleteUnchanged([{ key: 'shop/a.jpg', etag }])).toEqual(['shop/a.jpg']);
    expect([await shop.head('a.jpg'), await last.head('shop/a.jpg')]).toEqual([undefined, undefined]);
    await store.delete(['shop/sub/b.jpg', 'shop/c.jpg', 'nothing.jpg']);
    expect(await keysIn(store)).toEqual(['a.jpg', 'old.jpg', 'z.jpg']);
  });

  it('change nothing in one that is only read', async () => {
    const { store, archive } = await house();
    const { etag = '' } = (await store.head('old.jpg')) ?? {};
    for (const change of [
      () => store.put('old.jpg', bytes('x')),
      () => store.put('old.jpg', bytes('x'), { ifMatch: etag }),
      () => store.delete(['old.jpg']),
      () => store.deleteUnchanged([{ key: 'old.jpg', etag }]),
    ]) {
      await expect(change()).rejects.toMatchObject({ kind: 'invalid', message: expect.stringContaining('only read') });
    }
    expect(await textAt(archive, 'old.jpg')).toBe('archive old');
  });

  test('one that fails is not passed over', async () => {
    const broken = { ...createMemoryStore(), head: async () => Promise.reject(new Failure('upstream', 'It is down.')) };
    const store = withListed(await filled({ 'shop/a.jpg': 'last' }), [asListed('shop/', broken)]);
    await expect(store.head('shop/a.jpg')).rejects.toMatchObject({ kind: 'upstream' });
    expect(await textAt(store, 'other.jpg')).toBeUndefined();
  });
});
