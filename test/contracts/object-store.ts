import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ObjectInfo, type ObjectStore, readBody } from '../../src/storage/index.ts';

export interface StoreUnderTest {
  readonly store: ObjectStore;
  readonly cleanup: () => Promise<void>;
}

/** Keys that have broken one store or another: encodings, XML, signatures, paths. */
const awkwardKeys = [
  'plain.jpg',
  'deep/er/and/deeper/still.jpg',
  'with space.jpg',
  ' leading and trailing ',
  'percent%20encoded%2Fslash.jpg',
  'plus+plus.jpg',
  `quotes'"\`.jpg`,
  'emoji 🦊/片仮名/ключ.jpg',
  'e\u0301 and é.jpg',
  'equals=and,commas;semicolons.jpg',
  'amp&lt<gt>.jpg',
  'question?hash#.jpg',
  'back\\slash|pipe~tilde.jpg',
  'brackets[{(*)}]!@$^.jpg',
  '...dots/..two/.hidden',
  `${'long'.repeat(60)}.jpg`,
] as const;

/** What every ObjectStore promises; each implementation runs it. Tests use keys of their own in one shared store. */
export function describeObjectStore(name: string, makeStore: () => Promise<StoreUnderTest>): void {
  describe(`the object store: ${name}`, () => {
    let made: StoreUnderTest;
    const opened = () => made.store;

    beforeAll(async () => {
      made = await makeStore();
    }, 120_000);
    afterAll(() => made?.cleanup());

    test('a probe resolves, whatever lies in it, and leaves nothing', async () => {
      await opened().put('probed/a.txt', Buffer.from('a'));
      await opened().probe();
      const keys: string[] = [];
      for await (const { key } of opened().list('-')) keys.push(key);
      expect(keys).toEqual([]);
      await expect(opened().probe({ signal: AbortSignal.abort() })).rejects.toMatchObject({ kind: 'cancelled' });
    });

    describeReadingAndWriting(opened);
    describeParts(opened);
    describeCreateOnly(opened);
    describeConditions(opened);
    describeBrokenWrites(opened);
    describeDeleting(opened);
    describeListing(opened);
    describeRefusals(opened);
  });
}

function describeReadingAndWriting(opened: () => ObjectStore): void {
  test('gives back the bytes, the content type and the metadata it was given', async () => {
    const store = opened();
    const bytes = randomBytes(10_000);
    const metadata = { version: 'v1', 'cache-tag': 'o:abc,f:avif', odd: '~ !"' };
    const put = await store.put('round/trip.jpg', bytes, { contentType: 'image/avif', metadata });
    const head = await store.head('round/trip.jpg');
    const { info, bytes: read } = await readAll(store, 'round/trip.jpg');
    expect(read.equals(bytes)).toBe(true);
    expect(head).toMatchObject({ key: 'round/trip.jpg', size: 10_000, contentType: 'image/avif', metadata });
    expect(info).toEqual(head);
    expect(put).toMatchObject({
      key: 'round/trip.jpg',
      size: 10_000,
      etag: info.etag,
      contentType: 'image/avif',
      metadata,
    });
    expect(Math.abs(info.lastModified.getTime() - Date.now())).toBeLessThan(60_000);
  });

  test('answers undefined for what is not there', async () => {
    expect(await opened().head('absent/key.jpg')).toBeUndefined();
    expect(await opened().get('absent/key.jpg')).toBeUndefined();
    await opened().put('absent.d/there', Buffer.from('x'));
    expect(await opened().get('absent.d')).toBeUndefined();
    expect(await opened().get('absent.d/there/below')).toBeUndefined();
    expect(await opened().head(`absent/${'x'.repeat(900)}`)).toBeUndefined();
  });

  test('holds an empty body', async () => {
    await opened().put('empty.bin', new Uint8Array(), { contentType: 'image/png' });
    const { info, bytes } = await readAll(opened(), 'empty.bin');
    expect(bytes.byteLength).toBe(0);
    expect(info.size).toBe(0);
  });

  test.each(awkwardKeys)('holds the key %j', async (key) => {
    const store = opened();
    await store.put(`awkward/${key}`, Buffer.from(key), { contentType: 'image/x-test' });
    expect((await readAll(store, `awkward/${key}`)).bytes.toString()).toBe(key);
    expect(await keysOf(store, `awkward/${key}`)).toEqual([`awkward/${key}`]);
    await store.delete([`awkward/${key}`]);
    expect(await store.head(`awkward/${key}`)).toBeUndefined();
  });

  test('changes the etag whenever the body changes, and not by being read', async () => {
    const store = opened();
    const seen = new Set<string>();
    for (let round = 0; round < 20; round++) {
      const put = await store.put('etag.bin', Buffer.from(`body ${String(round).padStart(2, '0')}`));
      const { info } = await readAll(store, 'etag.bin');
      expect(info.etag).toBe(put?.etag);
      expect(info.etag).not.toMatch(/"/);
      expect((await store.head('etag.bin'))?.etag).toBe(info.etag);
      seen.add(info.etag);
    }
    expect(seen.size).toBe(20);
  });

  test('an overwrite replaces the content type and the metadata too', async () => {
    const store = opened();
    await store.put('overwritten', Buffer.from('1'), { contentType: 'image/png', metadata: { a: '1', b: '2' } });
    await store.put('overwritten', Buffer.from('2'), { contentType: 'image/webp', metadata: { a: '3' } });
    expect(await store.head('overwritten')).toMatchObject({ contentType: 'image/webp', metadata: { a: '3' } });
  });

  test('stores a streamed body of 20 MB', async () => {
    const store = opened();
    const bytes = randomBytes(20_000_000);
    await store.put('big.bin', chunked(bytes, 65_536), { size: bytes.byteLength, contentType: 'image/tiff' });
    const read = await readAll(store, 'big.bin');
    expect(read.info.size).toBe(bytes.byteLength);
    expect(read.bytes.equals(bytes)).toBe(true);
  });

  test('a body may be left unread', async () => {
    await opened().put('unread.bin', randomBytes(1_000_000));
    const object = await opened().get('unread.bin');
    object?.body.destroy();
    expect((await readAll(opened(), 'unread.bin')).bytes.byteLength).toBe(1_000_000);
  });

  test('a reader beside overwrites sees one whole body with its own facts, never a mix', async () => {
    const store = opened();
    const bodyOf = (round: number) => Buffer.alloc(300_000 + round, String(round % 10));
    const write = (round: number) => store.put('contended', bodyOf(round), { metadata: { round: String(round) } });
    await write(0);
    let isWriting = true;
    const readers = Array.from({ length: 4 }, async () => {
      let reads = 0;
      while (isWriting || reads === 0) {
        const { info, bytes } = await readAll(store, 'contended');
        const round = Number(info.metadata['round']);
        expect(bytes.equals(bodyOf(round))).toBe(true);
        reads++;
      }
      return reads;
    });
    for (let round = 1; round <= 30; round++) await write(round);
    isWriting = false;
    expect(Math.min(...(await Promise.all(readers)))).toBeGreaterThan(0);
  });
}

function describeParts(opened: () => ObjectStore): void {
  test('gives the part of a body that is asked for, and says of the whole what HEAD says', async () => {
    const store = opened();
    const bytes = randomBytes(300_000);
    await store.put('parts/long.bin', bytes, { metadata: { version: 'v1' } });
    const head = await store.head('parts/long.bin');
    for (const [start, end] of [
      [0, 1],
      [0, 300_000],
      [12_345, 290_000],
      [299_999, 300_000],
    ] as const) {
      const object = await store.get('parts/long.bin', { range: { start, end } });
      if (object === undefined) throw new Error('it was just put');
      expect(object.info).toEqual(head);
      expect(object.part).toEqual({ start, end });
      const part = await readBody(object, { maxBytes: end - start });
      expect(part.equals(bytes.subarray(start, end))).toBe(true);
    }
  });

  test('leaves out of a part what lies past the end, and is empty where all of it does', async () => {
    const store = opened();
    await store.put('parts/short', Buffer.from('0123456789'));
    await store.put('parts/empty', Buffer.alloc(0));
    for (const [key, start, end, text] of [
      ['parts/short', 7, 20, '789'],
      ['parts/short', 10, 20, ''],
      ['parts/short', 500, 501, ''],
      ['parts/empty', 0, 5, ''],
    ] as const) {
      const object = await store.get(key, { range: { start, end } });
      if (object === undefined) throw new Error('it was just put');
      const { size } = object.info;
      expect([key, object.part]).toEqual([key, { start: Math.min(start, size), end: Math.min(end, size) }]);
      expect((await readBody(object, { maxBytes: 10 })).toString()).toBe(text);
    }
    expect(await store.get('parts/absent', { range: { start: 3, end: 5 } })).toBeUndefined();
  });

  test('lets a part be left before its end, and stops reading it when the signal fires', async () => {
    const store = opened();
    await store.put('parts/left', randomBytes(2_000_000));
    const left = await store.get('parts/left', { range: { start: 5, end: 1_900_000 } });
    left?.body.destroy();
    const controller = new AbortController();
    const object = await store.get('parts/left', { range: { start: 5, end: 1_900_000 }, signal: controller.signal });
    if (object === undefined) throw new Error('it was just put');
    const read = readBody(object, { maxBytes: 2_000_000, signal: controller.signal });
    controller.abort();
    await expect(read).rejects.toMatchObject({ kind: 'cancelled' });
  });
}

function describeCreateOnly(opened: () => ObjectStore): void {
  test('create-only leaves what is there', async () => {
    const store = opened();
    await store.put('mine', Buffer.from('first'), { metadata: { who: 'first' } });
    expect(
      await store.put('mine', Buffer.from('second'), { onlyIfAbsent: true, metadata: { who: 'second' } }),
    ).toBeUndefined();
    const { info, bytes } = await readAll(store, 'mine');
    expect(bytes.toString()).toBe('first');
    expect(info.metadata).toEqual({ who: 'first' });
    await store.delete(['mine']);
    expect(await store.put('mine', Buffer.from('third'), { onlyIfAbsent: true })).toMatchObject({
      key: 'mine',
      size: 5,
    });
  });

  test('of twenty creators at once exactly one wins, and its body is the one stored', async () => {
    const store = opened();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        store.put('race/key', Buffer.from(`creator ${index}`), {
          onlyIfAbsent: true,
          metadata: { index: String(index) },
        }),
      ),
    );
    const winners = answers.flatMap((answer, index) => (answer ? [index] : []));
    expect(winners).toHaveLength(1);
    const { info, bytes } = await readAll(store, 'race/key');
    expect(bytes.toString()).toBe(`creator ${winners[0]}`);
    expect(info.metadata).toEqual({ index: String(winners[0]) });
  });

  test('create-only takes a stream', async () => {
    const put = (text: string) =>
      opened().put('race/stream', chunked(Buffer.from(text), 2), { onlyIfAbsent: true, size: text.length });
    expect(await put('one')).toMatchObject({ size: 3 });
    expect(await put('three')).toBeUndefined();
    expect((await readAll(opened(), 'race/stream')).bytes.toString()).toBe('one');
  });
}

function describeConditions(opened: () => ObjectStore): void {
  test('a put over what was seen replaces it, and nothing else', async () => {
    const store = opened();
    const seen = await store.put('over/a', Buffer.from('first'), { metadata: { who: 'first' } });
    const ifMatch = seen?.etag ?? '';
    const options = { ifMatch, contentType: 'image/png', metadata: { who: 'second' } };
    expect(await store.put('over/a', Buffer.from('second'), options)).toMatchObject({ size: 6 });
    expect(await store.put('over/a', Buffer.from('third'), { ifMatch })).toBeUndefined();
    const late = chunked(Buffer.from('fourth'), 2);
    expect(await store.put('over/a', late, { ifMatch, size: 6 })).toBeUndefined();
    expect(late.destroyed).toBe(true);
    const { info, bytes } = await readAll(store, 'over/a');
    expect([String(bytes), info.metadata, info.contentType]).toEqual(['second', { who: 'second' }, 'image/png']);
    await store.delete(['over/a']);
    expect(await store.put('over/a', Buffer.from('fifth'), { ifMatch: info.etag })).toBeUndefined();
    expect(await store.head('over/a')).toBeUndefined();
  });

  test('of ten who replace what they saw exactly one does', async () => {
    const store = opened();
    const seen = await store.put('over/raced', Buffer.from('seen'));
    const bodies = Array.from({ length: 10 }, (_, index) => Buffer.from(`writer ${index}`));
    const put = await Promise.all(bodies.map((body) => store.put('over/raced', body, { ifMatch: seen?.etag ?? '' })));
    const winners = bodies.filter((_, index) => put[index] !== undefined);
    expect(winners).toHaveLength(1);
    expect((await readAll(store, 'over/raced')).bytes).toEqual(winners[0]);
  });

  test('what was seen is deleted, and not what has come since', async () => {
    const store = opened();
    const keys = ['a', 'b', 'c'].map((name) => `unless/${name}`);
    const seen = [];
    for (const key of keys) seen.push({ key, etag: (await store.put(key, Buffer.from('seen')))?.etag ?? '' });
    await store.put('unless/b', Buffer.from('since'));
    await store.delete(['unless/c']);
    expect(await store.deleteUnchanged([...seen, { key: 'unless/never', etag: 'x' }])).toEqual(['unless/a']);
    expect(await keysOf(store, 'unless/')).toEqual(['unless/b']);
    expect(String((await readAll(store, 'unless/b')).bytes)).toBe('since');
    expect(await store.deleteUnchanged([])).toEqual([]);
  });

  test('says what it decides itself, and leaves nothing of having tried it', async () => {
    const conditions = await opened().conditions();
    expect(Object.values(conditions).every((decides) => typeof decides === 'boolean')).toBe(true);
    expect(await keysOf(opened(), '.fovea')).toEqual([]);
  });
}

function describeBrokenWrites(opened: () => ObjectStore): void {
  test('a stream that errors half-way stores nothing', async () => {
    const broken = Readable.from(brokenAfter(200_000), { objectMode: false });
    await expect(opened().put('broken/stream', broken, { size: 400_000 })).rejects.toMatchObject({ kind: 'upstream' });
    expect(await opened().head('broken/stream')).toBeUndefined();
    expect(await keysOf(opened(), 'broken/')).toEqual([]);
  });

  test('a failed overwrite leaves the object as it was', async () => {
    await opened().put('kept', Buffer.from('as it was'), { metadata: { kept: 'yes' } });
    const broken = Readable.from(brokenAfter(1000), { objectMode: false });
    await expect(opened().put('kept', broken, { size: 2000 })).rejects.toMatchObject({ kind: 'upstream' });
    const { info, bytes } = await readAll(opened(), 'kept');
    expect(bytes.toString()).toBe('as it was');
    expect(info.metadata).toEqual({ kept: 'yes' });
  });

  test.each([-1, 1])('a stream that is %i bytes off its announced size stores nothing', async (off) => {
    const body = chunked(randomBytes(50_000), 10_000);
    await expect(opened().put('off/size', body, { size: 50_000 + off })).rejects.toMatchObject({ kind: 'invalid' });
    expect(await opened().head('off/size')).toBeUndefined();
  });

  test('an aborted put stores nothing', async () => {
    const controller = new AbortController();
    const endless = Readable.from(abortingAfter(100_000, controller), { objectMode: false });
    const put = opened().put('aborted/put', endless, { size: 10_000_000, signal: controller.signal });
    await expect(put).rejects.toMatchObject({ kind: 'cancelled' });
    expect(await opened().head('aborted/put')).toBeUndefined();
    expect(endless.destroyed).toBe(true);
  });

  test('a signal that has fired already is cancelled everywhere', async () => {
    const signal = AbortSignal.abort();
    await opened().put('cancelled', Buffer.from('x'));
    await expect(opened().put('cancelled/new', Buffer.from('x'), { signal })).rejects.toMatchObject({
      kind: 'cancelled',
    });
    await expect(opened().head('cancelled', { signal })).rejects.toMatchObject({ kind: 'cancelled' });
    await expect(opened().get('cancelled', { signal })).rejects.toMatchObject({ kind: 'cancelled' });
    await expect(opened().delete(['cancelled'], { signal })).rejects.toMatchObject({ kind: 'cancelled' });
    await expect(infosOf(opened(), 'cancelled', { signal })).rejects.toMatchObject({ kind: 'cancelled' });
    expect(await keysOf(opened(), 'cancelled')).toEqual(['cancelled']);
  });

  test('a body is cancelled by the signal it was got with', async () => {
    await opened().put('cancelled-body', randomBytes(5_000_000));
    const controller = new AbortController();
    const object = await opened().get('cancelled-body', { signal: controller.signal });
    controller.abort();
    if (!object) throw new Error('expected an object');
    await expect(readBody(object, { maxBytes: 10_000_000 })).rejects.toMatchObject({ kind: 'cancelled' });
  });
}

function describeDeleting(opened: () => ObjectStore): void {
  test('deleting is idempotent and spares the neighbours', async () => {
    await opened().put('delete/a', Buffer.from('a'), { metadata: { a: 'a' } });
    await opened().put('delete/ab', Buffer.from('ab'));
    await opened().delete(['delete/a', 'delete/never-there', 'delete/a']);
    await opened().delete(['delete/a']);
    await opened().delete([]);
    expect(await keysOf(opened(), 'delete/')).toEqual(['delete/ab']);
  });

  test('a key put again after a delete does not inherit anything', async () => {
    await opened().put('reborn', Buffer.from('1'), { contentType: 'image/x-old', metadata: { old: 'yes' } });
    await opened().delete(['reborn']);
    await opened().put('reborn', Buffer.from('2'), { contentType: 'image/x-new' });
    expect(await opened().head('reborn')).toMatchObject({ contentType: 'image/x-new', metadata: {} });
  });

  test('deletes 2,500 keys at once, and lists them before in order', { timeout: 120_000 }, async () => {
    const keys = Array.from({ length: 2500 }, (_, index) => `many/${String(index).padStart(4, '0')}`);
    for (let start = 0; start < keys.length; start += 50) {
      await Promise.all(keys.slice(start, start + 50).map((key) => opened().put(key, Buffer.from('x'))));
    }
    await opened().put('many.jpg', Buffer.from('stays'));
    expect(await keysOf(opened(), 'many/')).toEqual(keys);
    expect(await keysOf(opened(), 'many/', 'many/1233')).toEqual(keys.slice(1234));
    await opened().delete(keys);
    expect(await keysOf(opened(), 'many')).toEqual(['many.jpg']);
  });

  test('puts and deletes of neighbours do not trip over each other', async () => {
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let round = 0; round < 15; round++) {
          const key = `churn/x/y/${writer}`;
          await opened().put(key, Buffer.from('x'), { metadata: { round: String(round) } });
          expect(await opened().head(key)).toMatchObject({ metadata: { round: String(round) } });
          await opened().delete([key]);
        }
      }),
    );
    expect(await keysOf(opened(), 'churn/')).toEqual([]);
  });
}

function describeListing(opened: () => ObjectStore): void {
  test('lists in the order of UTF-8 bytes, across folders', async () => {
    const sorted = [
      'a b',
      'a!',
      'a+',
      'a-b',
      'a.jpg',
      'a/b',
      'a/b-c',
      'a/b.d/e',
      'a0',
      'aa',
      'b',
      'é',
      '\u{fffd}',
      '🦊',
    ];
    const keys = sorted.filter((key) => key !== 'a b').map((key) => `order/${key}`);
    for (const key of keys.toReversed()) await opened().put(key, Buffer.from(key));
    const listed = await keysOf(opened(), 'order/');
    expect(listed).toEqual(keys);
    expect(listed).toEqual(listed.toSorted((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right))));
    for (const [index, key] of keys.entries()) {
      expect(await keysOf(opened(), 'order/', key)).toEqual(keys.slice(index + 1));
    }
  });

  test('a prefix may end in the middle of a name, and takes no sibling along', async () => {
    for (const key of ['p/cat.jpg', 'p/cat.jpg!/w_1', 'p/cat.jpg!/w_2/x', 'p/cat.jpg2', 'p/cats/1', 'p/dog.jpg']) {
      await opened().put(key, Buffer.from('x'));
    }
    expect(await keysOf(opened(), 'p/cat.jpg!/')).toEqual(['p/cat.jpg!/w_1', 'p/cat.jpg!/w_2/x']);
    expect(await keysOf(opened(), 'p/cat.jpg!/w_')).toEqual(['p/cat.jpg!/w_1', 'p/cat.jpg!/w_2/x']);
    expect(await keysOf(opened(), 'p/cats')).toEqual(['p/cats/1']);
    expect(await keysOf(opened(), 'p/dog')).toEqual(['p/dog.jpg']);
    expect(await keysOf(opened(), 'p/dog.jpg/')).toEqual([]);
    expect(await keysOf(opened(), 'p/none')).toEqual([]);
    expect(await keysOf(opened(), 'p/../p/dog')).toEqual([]);
    expect(await keysOf(opened(), 'p/', 'p/cat.jpg!/w_1')).toEqual([
      'p/cat.jpg!/w_2/x',
      'p/cat.jpg2',
      'p/cats/1',
      'p/dog.jpg',
    ]);
    expect(await keysOf(opened(), 'p/', 'p/cat.jpg!/zz')).toEqual(['p/cat.jpg2', 'p/cats/1', 'p/dog.jpg']);
    expect(await keysOf(opened(), 'p/', 'a')).toHaveLength(6);
    expect(await keysOf(opened(), 'p/', 'q')).toEqual([]);
  });

  test('a listing tells size, etag and time, but neither content type nor metadata', async () => {
    await opened().put('listed.webp', Buffer.from('12345'), { contentType: 'image/webp', metadata: { a: 'b' } });
    const head = await opened().head('listed.webp');
    const [listed] = await infosOf(opened(), 'listed.webp');
    expect(listed).toMatchObject({
      key: 'listed.webp',
      size: 5,
      etag: head?.etag,
      contentType: undefined,
      metadata: {},
    });
    // S3 lists milliseconds and sends seconds in a header.
    expect(Math.abs((listed?.lastModified.getTime() ?? 0) - (head?.lastModified.getTime() ?? 0))).toBeLessThan(1000);
  });

  test('a listing has no more keys than are wanted', async () => {
    const store = opened();
    for (const name of ['a', 'b', 'c', 'd']) await store.put(`limited/${name}.jpg`, Buffer.from(name));
    for (const [limit, wanted] of [
      [2, ['limited/a.jpg', 'limited/b.jpg']],
      [9, ['limited/a.jpg', 'limited/b.jpg', 'limited/c.jpg', 'limited/d.jpg']],
    ] as const) {
      const keys: string[] = [];
      for await (const { key } of store.list('limited/', { limit })) keys.push(key);
      expect(keys).toEqual(wanted);
    }
  });

  test('a listing may be left early', async () => {
    for (const key of ['left/1', 'left/2', 'left/3']) await opened().put(key, Buffer.from('x'));
    for await (const info of opened().list('left/')) {
      expect(info.key).toBe('left/1');
      break;
    }
  });

  test('a key that is also the folder of another is held or refused, and hurts nobody', async () => {
    await opened().put('both', Buffer.from('file'));
    const below = await opened()
      .put('both/below', Buffer.from('below'))
      .catch((error: unknown) => error);
    expect((await readAll(opened(), 'both')).bytes.toString()).toBe('file');
    if (below instanceof Error) expect(below).toMatchObject({ kind: 'invalid' });
    else expect(await keysOf(opened(), 'both')).toEqual(['both', 'both/below']);

    await opened().put('folder/below', Buffer.from('below'));
    const above = await opened()
      .put('folder', Buffer.from('above'), { onlyIfAbsent: true })
      .catch((error: unknown) => error);
    if (above instanceof Error) expect(above).toMatchObject({ kind: 'invalid' });
    else expect(above).toMatchObject({ key: 'folder' });
    expect((await readAll(opened(), 'folder/below')).bytes.toString()).toBe('below');
    await opened().delete(['folder/below']);
    await opened().put('folder', Buffer.from('now alone'));
    expect((await readAll(opened(), 'folder')).bytes.toString()).toBe('now alone');
  });
}

function describeRefusals(opened: () => ObjectStore): void {
  test.each([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    '..',
    'a/../b',
    './a',
    'a/.',
    'nul\0',
    'line\nfeed',
    '\ud800',
    'x'.repeat(1025),
  ])('refuses the key of case %#', async (key) => {
    await expect(opened().put(key, Buffer.from('x'))).rejects.toMatchObject({ kind: 'invalid' });
    await expect(opened().head(key)).rejects.toMatchObject({ kind: 'invalid' });
    await expect(opened().get(key)).rejects.toMatchObject({ kind: 'invalid' });
    await expect(opened().delete(['fine', key])).rejects.toMatchObject({ kind: 'invalid' });
  });

  test.each([
    { metadata: { Upper: 'x' } },
    { metadata: { under_score: 'x' } },
    { metadata: { name: 'naïve' } },
    { metadata: { name: ' outer space' } },
    { metadata: { name: 'line\r\nfeed: x' } },
    { metadata: { name: '' } },
    { metadata: { name: 'x'.repeat(2049) } },
    { contentType: 'image/png\r\nx: y' },
  ])('refuses what a store could not give back, case %#', async (options) => {
    await expect(opened().put('refused', Buffer.from('x'), options)).rejects.toMatchObject({ kind: 'invalid' });
    expect(await opened().head('refused')).toBeUndefined();
  });

  test('refuses a stream without a size, and a size that is not the body’s', async () => {
    await expect(opened().put('refused', chunked(Buffer.from('x'), 1))).rejects.toMatchObject({ kind: 'invalid' });
    await expect(opened().put('refused', Buffer.from('x'), { size: 2 })).rejects.toMatchObject({ kind: 'invalid' });
  });
}

async function readAll(
  store: ObjectStore,
  key: string,
): Promise<{ readonly info: ObjectInfo; readonly bytes: Buffer }> {
  const object = await store.get(key);
  if (!object) throw new Error(`expected an object at ${key}`);
  return { info: object.info, bytes: await readBody(object, { maxBytes: 100_000_000 }) };
}

async function infosOf(
  store: ObjectStore,
  prefix: string,
  options: { readonly startAfter?: string; readonly signal?: AbortSignal } = {},
): Promise<ObjectInfo[]> {
  const infos: ObjectInfo[] = [];
  for await (const info of store.list(prefix, options)) infos.push(info);
  return infos;
}

async function keysOf(store: ObjectStore, prefix: string, startAfter?: string): Promise<string[]> {
  return (await infosOf(store, prefix, startAfter === undefined ? {} : { startAfter })).map((info) => info.key);
}

function chunked(bytes: Uint8Array, chunkBytes: number): Readable {
  const starts = Array.from({ length: Math.ceil(bytes.byteLength / chunkBytes) }, (_, index) => index * chunkBytes);
  return Readable.from(
    starts.map((start) => bytes.subarray(start, start + chunkBytes)),
    { objectMode: false },
  );
}

function* brokenAfter(bytes: number): Generator<Buffer> {
  yield Buffer.alloc(bytes);
  throw new Error('the source broke');
}

async function* abortingAfter(bytes: number, controller: AbortController): AsyncGenerator<Buffer> {
  yield Buffer.alloc(bytes);
  controller.abort();
  // Stays silent from here: only the abort can end the put.
  await new Promise(() => undefined);
}
