import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Failure } from '../../src/failure.ts';
import { createDiskStore, type ObjectStore, readBody } from '../../src/storage/index.ts';
import type { FileToPresign, PresignedBatch } from '../../src/uploads/index.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { anybody, createTestUploads, live, picture, type TestUploads, visible } from '../support/uploads.ts';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

const stores: readonly (readonly [string, () => Promise<ObjectStore>])[] = [
  ['memory', async () => createMemoryStore()],
  [
    'a folder',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'fovea-uploads-'));
      folders.push(folder);
      return createDiskStore({ directory: folder });
    },
  ],
];

function signing(
  test: TestUploads,
  files: readonly FileToPresign[],
  change: { atomic?: boolean; seconds?: number } = {},
) {
  return test.uploads.presign(files, {
    origin: 'https://img.example',
    method: 'PUT',
    atomic: change.atomic ?? true,
    automatic: false,
    expiresSeconds: change.seconds ?? 600,
    signal: live(),
  });
}

function tokenOf({ uploads }: PresignedBatch, index = 0): string {
  return uploads[index]?.url.split('/').at(-1) ?? '';
}

async function place(test: TestUploads, token: string, bytes: Uint8Array, claim = 'image/jpeg') {
  const body = Readable.from([bytes], { objectMode: false });
  return test.uploads.place(await test.uploads.readPlace(token), { body, claim, bytes: bytes.byteLength }, live());
}

const jpeg = await picture();
const ofJpeg = { type: 'image/jpeg', bytes: jpeg.byteLength };

describe.each(stores)('a signed batch on %s', (_name, openStore) => {
  test('is published when all its files are there, with what is known of them', async () => {
    const other = await picture('png');
    const its = createTestUploads({ store: await openStore() });
    const signed = await signing(its, [ofJpeg, { type: 'image/png', bytes: other.byteLength, key: 'cats/one.png' }]);
    await place(its, tokenOf(signed), jpeg);
    await place(its, tokenOf(signed, 1), other, 'image/png');
    expect(visible(await its.keys())).toEqual([]);
    const report = await its.uploads.commit(signed.batch, anybody());
    const [first, second] = report.files;
    expect(report.published).toBe(true);
    expect(first).toMatchObject({ status: 'published', format: 'jpeg', type: 'image/jpeg', width: 60, height: 40 });
    expect(second).toMatchObject({ key: 'cats/one.png', bytes: other.byteLength, thumbhash: expect.any(String) });
    expect(signed.uploads[0]?.key).toMatch(/^\d{4}\/\d\d\/[0-9a-f-]{36}\.jpg$/);
    expect(its.changed).toEqual(expect.arrayContaining(['cats/one.png', signed.uploads[0]?.key]));
    const object = await its.store.get('cats/one.png');
    expect(object?.info.contentType).toBe('image/png');
    expect(object && (await readBody(object, { maxBytes: 100_000 })).equals(other)).toBe(true);
    await its.sweepLater();
    expect(await its.keys()).toEqual([signed.uploads[0]?.key, 'cats/one.png'].toSorted());
  });

  test('committed again answers the same, since the first answer may have been lost', async () => {
    const its = createTestUploads({ store: await openStore() });
    const signed = await signing(its, [ofJpeg]);
    await place(its, tokenOf(signed), jpeg);
    const first = await its.uploads.commit(signed.batch, anybody());
    expect(await its.uploads.commit(signed.batch, anybody())).toEqual(first);
  });

  test('committed by many at once is published once', async () => {
    const its = createTestUploads({ store: await openStore() });
    const signed = await signing(its, [ofJpeg, ofJpeg]);
    await place(its, tokenOf(signed), jpeg);
    await place(its, tokenOf(signed, 1), jpeg);
    const reports = await Promise.all([1, 2, 3, 4].map(() => its.uploads.commit(signed.batch, anybody())));
    for (const report of reports) expect(report).toEqual(reports[0]);
    expect(visible(await its.keys())).toHaveLength(2);
  });

  test('that is forgotten leaves nothing after the sweep, and stays alone until it has expired', async () => {
    const its = createTestUploads({ store: await openStore() });
    const signed = await signing(its, [ofJpeg, ofJpeg]);
    await place(its, tokenOf(signed), jpeg);
    its.pass(60_000);
    expect(await its.uploads.sweep({ olderThan: new Date(its.now()) })).toEqual({ batches: 0, objects: 0 });
    its.pass(3_600_000);
    const dry = await its.uploads.sweep({ olderThan: new Date(its.now()), dryRun: true });
    expect(dry).toEqual({ batches: 1, objects: 2 });
    expect(await its.keys()).toHaveLength(2);
    await its.sweepLater();
    expect(await its.keys()).toEqual([]);
  });

  test('that is aborted can neither be used nor committed, and leaves nothing after the sweep', async () => {
    const its = createTestUploads({ store: await openStore() });
    const signed = await signing(its, [ofJpeg]);
    await place(its, tokenOf(signed), jpeg);
    await its.uploads.abort(signed.batch, anybody());
    await expect(its.uploads.commit(signed.batch, anybody())).rejects.toMatchObject({ kind: 'invalid' });
    await expect(place(its, tokenOf(signed), jpeg)).rejects.toMatchObject({ kind: 'not_found' });
    await its.uploads.abort(signed.batch, anybody());
    await its.sweepLater();
    expect(await its.keys()).toEqual([]);
  });

  test('that is published is not aborted any more', async () => {
    const its = createTestUploads({ store: await openStore() });
    const signed = await signing(its, [ofJpeg]);
    await place(its, tokenOf(signed), jpeg);
    await its.uploads.commit(signed.batch, anybody());
    await expect(its.uploads.abort(signed.batch, anybody())).rejects.toMatchObject({ kind: 'invalid' });
    expect(visible(await its.keys())).toHaveLength(1);
  });
});

/** Five files that have arrived, on a store that fails on command. */
async function staged() {
  const store = createFaultyStore(createMemoryStore());
  const its = createTestUploads({ store });
  const keys = [0, 1, 2, 3, 4].map((index) => `five/${index}.jpg`);
  const signed = await signing(
    its,
    keys.map((key) => ({ ...ofJpeg, key })),
  );
  for (const index of keys.keys()) await place(its, tokenOf(signed, index), jpeg);
  return { its, store, signed, keys };
}

describe('an atomic batch of five', () => {
  test.each([0, 1, 2, 3, 4].flatMap((k) => ['upstream', 'lost-answer'].map((kind) => [k, kind] as const)))(
    'of which file %i cannot be published (%s) is not published at all',
    async (k, kind) => {
      const { its, store, signed, keys } = await staged();
      store.fail('put', { kind: kind as 'upstream' }, (key) => key === keys[k]);
      const report = await its.uploads.commit(signed.batch, anybody());
      expect(report.published).toBe(false);
      expect(report.files[k]).toMatchObject({ status: 'refused', failure: { kind: 'upstream' } });
      expect(report.files.filter(({ status }) => status === 'withheld')).toHaveLength(4);
      expect(visible(await its.keys())).toEqual([]);
      store.heal();
      await its.sweepLater();
      expect(await its.keys()).toEqual([]);
    },
  );

  test('whose roll-back fails too is taken back by the sweep', async () => {
    const { its, store, signed, keys } = await staged();
    store.fail('put', { kind: 'upstream' }, (key) => key === keys[4]);
    store.fail('delete', { kind: 'upstream' });
    const report = await its.uploads.commit(signed.batch, anybody());
    expect(report.published).toBe(false);
    expect(visible(await its.keys()).length).toBeGreaterThan(0);
    for (const key of keys) expect(await its.visible.head(key)).toBeUndefined();
    expect(its.telemetry.events).toContainEqual(expect.objectContaining({ type: 'tier-fault', operation: 'revert' }));
    store.heal();
    await its.sweepLater();
    expect(await its.keys()).toEqual([]);
  });

  test('whose decision was kept and its answer lost is published', async () => {
    const { its, store, signed } = await staged();
    store.failOnce('put', { kind: 'lost-answer' }, (key) => key.endsWith('/outcome.json'));
    expect((await its.uploads.commit(signed.batch, anybody())).published).toBe(true);
  });

  test('whose decision cannot be kept says so, shows nothing once it is swept, and can be committed again before', async () => {
    const { its, store, signed } = await staged();
    store.fail('put', { kind: 'upstream' }, (key) => key.endsWith('/outcome.json'));
    await expect(its.uploads.commit(signed.batch, anybody())).rejects.toMatchObject({ kind: 'upstream' });
    store.heal();
    expect((await its.uploads.commit(signed.batch, anybody())).published).toBe(true);
    const second = await staged();
    second.store.fail('put', { kind: 'upstream' }, (key) => key.endsWith('/outcome.json'));
    await expect(second.its.uploads.commit(second.signed.batch, anybody())).rejects.toMatchObject({ kind: 'upstream' });
    second.store.heal();
    await second.its.sweepLater();
    expect(await second.its.keys()).toEqual([]);
  });

  test('taken back leaves alone what somebody else has put under its keys meanwhile', async () => {
    const { its, store, signed, keys } = await staged();
    store.fail('put', { kind: 'upstream' }, (key) => key === keys[4]);
    store.fail('delete', { kind: 'upstream' });
    await its.uploads.commit(signed.batch, anybody());
    store.heal();
    await store.put('five/0.jpg', Buffer.from('of somebody else'));
    await its.sweepLater();
    expect(await its.keys()).toEqual(['five/0.jpg']);
  });
});

describe('a batch of many files', () => {
  test('is committed without a word of Node about listeners that leak', async () => {
    const warnings: string[] = [];
    const note = ({ name }: Error) => void warnings.push(name);
    process.on('warning', note);
    onTestFinished(() => void process.off('warning', note));
    const its = createTestUploads();
    const files = Array<FileToPresign>(30).fill(ofJpeg);
    const signed = await signing(its, files);
    for (const index of files.keys()) await place(its, tokenOf(signed, index), jpeg);
    expect((await its.uploads.commit(signed.batch, anybody())).published).toBe(true);
    // Node warns a turn later.
    await nextTurn();
    expect(warnings).not.toContain('MaxListenersExceededWarning');
  });
});

describe('what visitors may see of a batch', () => {
  test('is nothing while it is being published, and then all of it', async () => {
    const { its, store, signed, keys } = await staged();
    let open = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      open = resolve;
    });
    store.fail('put', { kind: 'delayed', gate: held }, (key) => key.endsWith('/outcome.json'));
    const committing = its.uploads.commit(signed.batch, anybody());
    await expect.poll(async () => visible(await its.keys()).length).toBe(5);
    for (const key of keys) expect(await its.visible.head(key)).toBeUndefined();
    expect(its.changed).toEqual([]);
    open();
    await committing;
    for (const key of keys) expect(await its.visible.head(key)).toMatchObject({ key });
    expect(its.changed).toEqual(keys);
    await its.sweepLater();
    for (const key of keys) expect(await its.visible.head(key)).toMatchObject({ key });
  });

  test('does not depend on marks that are none, or on what others put there', async () => {
    const its = createTestUploads();
    await its.store.put('odd.jpg', jpeg, { metadata: { 'fovea-batch': '../../x' } });
    await its.store.put('plain.jpg', jpeg);
    expect(await its.visible.head('odd.jpg')).toMatchObject({ key: 'odd.jpg' });
    expect(await its.visible.head('plain.jpg')).toMatchObject({ key: 'plain.jpg' });
    expect(await its.visible.head('absent.jpg')).toBeUndefined();
  });
});

describe('a batch that is not atomic', () => {
  test('publishes what is sound and says of the rest why not', async () => {
    const its = createTestUploads();
    const signed = await signing(its, [ofJpeg, { type: 'image/png', bytes: jpeg.byteLength }], { atomic: false });
    await place(its, tokenOf(signed), jpeg);
    await place(its, tokenOf(signed, 1), jpeg, 'image/png');
    const report = await its.uploads.commit(signed.batch, anybody());
    expect(report.files.map(({ status }) => status)).toEqual(['published', 'refused']);
    expect(visible(await its.keys())).toEqual([signed.uploads[0]?.key]);
  });
});

describe('a file is refused', () => {
  test('before it is signed or sent, where its type is not read here', async () => {
    const refusal = new Failure('unsupported', 'Its decoder is not installed.');
    const refusalOf = (type: string) => (type === 'image/heic' ? refusal : undefined);
    const its = createTestUploads({ refusalOf });
    await expect(signing(its, [{ type: 'image/heic', bytes: 10 }])).rejects.toBe(refusal);
    await expect(signing(its, [{ filename: 'a.HEIC', bytes: 10 }])).rejects.toBe(refusal);
    await expect(signing(its, [{ type: 'image/heif', bytes: 10 }])).rejects.toBe(refusal);
    expect(await its.keys()).toEqual([]);
  });

  test('before it is signed: too large, of a type that is not taken, under a key that is none or taken, twice', async () => {
    const its = createTestUploads({ maxBytes: 1000 });
    await its.store.put('there.jpg', jpeg);
    const asked = (...files: FileToPresign[]) => expect(signing(its, files)).rejects;
    await asked({ type: 'image/jpeg', bytes: 1001 }).toMatchObject({ kind: 'too_large' });
    // With a name that would do: who knows what it is says so.
    for (const type of ['application/pdf', 'image/heic-sequence', 'image/jp2', 'video/mp4']) {
      await asked({ filename: 'a.jpg', type, bytes: 10 }).toMatchObject({ kind: 'unsupported' });
    }
    await asked({ ...ofJpeg, bytes: 9, key: 'there.jpg' }).toMatchObject({ message: expect.stringContaining('taken') });
    for (const key of ['', '../up.jpg', '.fovea-staging/x', 'a//b.jpg', 'a/.fovea/b', '.fovea-meta/x']) {
      await asked({ type: 'image/jpeg', bytes: 9, key }).toMatchObject({ kind: 'invalid' });
    }
    const twice = { type: 'image/jpeg', bytes: 9, key: 'a.jpg' };
    await asked(twice, twice).toMatchObject({ message: expect.stringContaining('twice') });
    await asked({ ...twice, sha256: 'short' }).toMatchObject({ kind: 'invalid' });
    await asked().toMatchObject({ kind: 'invalid' });
    expect(await its.keys()).toEqual(['there.jpg']);
  });

  test('at its address: forged, expired, used before, too large, too short, of another type', async () => {
    const its = createTestUploads();
    const signed = await signing(its, [ofJpeg, ofJpeg, ofJpeg]);
    const token = tokenOf(signed);
    const flipped = token.slice(0, -2) + (token.at(-2) === 'A' ? 'B' : 'A') + token.slice(-1);
    await expect(place(its, flipped, jpeg)).rejects.toMatchObject({ kind: 'unauthorised' });
    await expect(place(its, 'x', jpeg)).rejects.toMatchObject({ kind: 'unauthorised' });
    await expect(place(its, token, Buffer.concat([jpeg, jpeg]))).rejects.toMatchObject({ kind: 'too_large' });
    const body = Readable.from([jpeg, jpeg], { objectMode: false });
    await expect(its.uploads.place(await its.uploads.readPlace(token), { body }, live())).rejects.toMatchObject({
      kind: 'too_large',
    });
    await expect(place(its, token, jpeg.subarray(0, 100))).rejects.toMatchObject({ kind: 'invalid' });
    await expect(place(its, token, jpeg, 'text/html')).rejects.toMatchObject({ kind: 'unsupported' });
    await place(its, token, jpeg);
    await expect(place(its, token, jpeg)).rejects.toMatchObject({ message: expect.stringContaining('used already') });
    its.pass(700_000);
    await expect(place(its, tokenOf(signed, 1), jpeg)).rejects.toMatchObject({
      kind: 'unauthorised',
      message: expect.stringContaining('expired'),
    });
    await expect(its.uploads.commit(signed.batch, anybody())).rejects.toMatchObject({
      message: expect.stringContaining('expired'),
    });
  });

  test('by another secret than it was signed with', async () => {
    const store = createMemoryStore();
    const signed = await signing(createTestUploads({ store }), [ofJpeg]);
    const other = createTestUploads({ store, secret: 'another secret' });
    await expect(place(other, tokenOf(signed), jpeg)).rejects.toMatchObject({ kind: 'unauthorised' });
  });

  test('when committed: missing, other bytes than promised, no picture, damaged, taken meanwhile, another checksum', async () => {
    const sha256 = createHash('sha256').update(jpeg).digest('hex');
    const png = await picture('png');
    const cases = [
      { file: ofJpeg, bytes: undefined, kind: 'invalid', says: 'not arrived' },
      { file: { type: 'image/png', bytes: jpeg.byteLength }, bytes: jpeg, kind: 'unsupported', says: 'image/jpeg' },
      { file: { type: 'image/jpeg', bytes: 5 }, bytes: Buffer.from('hello'), kind: 'unsupported', says: 'no picture' },
      { file: { type: 'image/png', bytes: 12 }, bytes: png.subarray(0, 12), kind: 'corrupt', says: 'PNG' },
      { file: { ...ofJpeg, sha256: 'ab'.repeat(32) }, bytes: jpeg, kind: 'invalid', says: sha256 },
      { file: { ...ofJpeg, key: 'soon/taken.jpg' }, bytes: jpeg, kind: 'invalid', says: 'taken' },
    ];
    for (const { file, bytes, kind, says } of cases) {
      const its = createTestUploads();
      const signed = await signing(its, [file]);
      if (bytes !== undefined) await place(its, tokenOf(signed), bytes, file.type);
      await its.store.put('soon/taken.jpg', png);
      const report = await its.uploads.commit(signed.batch, anybody());
      expect(report.published).toBe(false);
      expect(report.files[0]).toMatchObject({
        status: 'refused',
        failure: { kind, message: expect.stringContaining(says) },
      });
      expect(visible(await its.keys())).toEqual(['soon/taken.jpg']);
      expect((await its.store.head('soon/taken.jpg'))?.size).toBe(png.byteLength);
    }
  });

  test('by its bytes, and not for those that lay in its place before or came under another name', async () => {
    const its = createTestUploads();
    const decoded = vi.spyOn(its.renderer, 'thumbHash');
    const signed = await signing(its, [ofJpeg, ofJpeg, { type: 'image/png' }]);
    await place(its, tokenOf(signed), jpeg);
    await place(its, tokenOf(signed, 1), jpeg);
    await place(its, tokenOf(signed, 2), await picture('png'), 'image/png');
    expect((await its.uploads.commit(signed.batch, anybody())).published).toBe(true);
    const names = new Map(decoded.mock.calls.map(([bytes, { fingerprint }]) => [fingerprint, bytes.length]));
    expect(decoded.mock.calls).toHaveLength(3);
    expect([...names.values()].sort()).toEqual([jpeg.length, (await picture('png')).length].sort());
  });

  test('while renders are overloaded, and taken when asked again', async () => {
    const its = createTestUploads();
    const signed = await signing(its, [{ ...ofJpeg, sha256: createHash('sha256').update(jpeg).digest('base64') }]);
    await place(its, tokenOf(signed), jpeg);
    its.renderer.failWith(new Failure('overloaded', 'Full.'));
    const report = await its.uploads.commit(signed.batch, anybody());
    expect(report.files[0]).toMatchObject({ status: 'refused', failure: { kind: 'overloaded' } });
    its.renderer.failWith(undefined);
    expect((await its.uploads.commit(signed.batch, anybody())).published).toBe(true);
  });

  test('by a batch that nobody signed', async () => {
    const its = createTestUploads();
    await expect(its.uploads.commit('nothing', anybody())).rejects.toMatchObject({ kind: 'invalid' });
    const unknown = '01900000-0000-7000-8000-000000000000';
    await expect(its.uploads.commit(unknown, anybody())).rejects.toMatchObject({ kind: 'not_found' });
    await expect(its.uploads.abort(unknown, anybody())).rejects.toMatchObject({ kind: 'not_found' });
  });
});
