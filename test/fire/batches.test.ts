import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { createFaultyStore, type StoreFault, type StoreOperation } from '../support/faulty-store.ts';
import { recordFigure } from '../support/figures.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { anybody, createTestUploads, keysIn, live, picture } from '../support/uploads.ts';

const sizes = [1, 2, 3, 5, 8, 13, 21];

const faultKinds = [
  'upstream',
  'overloaded',
  'timeout',
  'lost-answer',
] as const satisfies readonly StoreFault['kind'][];

/** A call to the store that is about item k. */
interface Place {
  readonly name: string;
  readonly during: 'arrival' | 'commit';
  readonly operation: StoreOperation;
  readonly isOf: (key: string, k: number, original: string) => boolean;
  /** What fails besides, while the batch is committed. */
  readonly besides?: { readonly operation: StoreOperation; readonly isOf: (key: string) => boolean };
}

const isPiece = (key: string, k: number) => key.includes(`/files/${k}/`);
const isItself = (key: string, _k: number, original: string) => key === original;

const places: readonly Place[] = [
  { name: 'its arrival', during: 'arrival', operation: 'put', isOf: isPiece },
  { name: 'the look for what has arrived', during: 'commit', operation: 'list', isOf: isPiece },
  { name: 'the read of what has arrived', during: 'commit', operation: 'get', isOf: isPiece },
  { name: 'the look whether its key is taken', during: 'commit', operation: 'head', isOf: isItself },
  { name: 'its publishing', during: 'commit', operation: 'put', isOf: isItself },
  {
    name: 'its publishing, and all that would take the others back',
    during: 'commit',
    operation: 'put',
    isOf: isItself,
    besides: { operation: 'delete', isOf: () => true },
  },
  {
    name: 'its publishing, and the record of the decision',
    during: 'commit',
    operation: 'put',
    isOf: isItself,
    besides: { operation: 'put', isOf: (key) => key.endsWith('/outcome.json') },
  },
];

interface Case {
  readonly size: number;
  readonly k: number;
  readonly kind: (typeof faultKinds)[number];
  readonly place: Place;
}

const cases: readonly Case[] = sizes.flatMap((size) =>
  Array.from({ length: size }, (_, k) => k).flatMap((k) =>
    faultKinds.flatMap((kind) => places.map((place) => ({ size, k, kind, place }))),
  ),
);

/** Uploads and commits a batch whose item k meets a fault; what is to be seen of it then, and what a sweep leaves. */
async function faulted({ size, k, kind, place }: Case, bytes: Uint8Array) {
  const store = createFaultyStore(createMemoryStore());
  const its = createTestUploads({ store });
  const keys = Array.from({ length: size }, (_, index) => `batch/${index}.jpg`);
  const matches = (key: string) => place.isOf(key, k, keys[k] ?? '');
  const fail = () => {
    store.forgetCalls();
    store.fail(place.operation, { kind }, matches);
    if (place.besides !== undefined) store.fail(place.besides.operation, { kind: 'upstream' }, place.besides.isOf);
  };
  const signed = await its.uploads.presign(
    keys.map((key) => ({ key, type: 'image/jpeg', bytes: bytes.byteLength })),
    {
      origin: 'https://img.example',
      method: 'PUT',
      atomic: true,
      automatic: false,
      expiresSeconds: 600,
      signal: live(),
    },
  );
  if (place.during === 'arrival') fail();
  for (const { url } of signed.uploads) {
    const body = Readable.from([bytes], { objectMode: false });
    const placed = its.uploads.place(
      await its.uploads.readPlace(url.slice(url.lastIndexOf('/') + 1)),
      { body, bytes: bytes.byteLength },
      live(),
    );
    // The client is told, and commits all the same.
    await placed.catch(() => undefined);
  }
  if (place.during === 'commit') fail();
  const published = await its.uploads.commit(signed.batch, anybody()).then(
    (report) => report.published,
    () => undefined,
  );
  const isMet = store.calls.some(({ operation, key }) => operation === place.operation && matches(key));
  store.heal();
  const countSeen = async () => {
    const infos = await Promise.all(keys.map((key) => its.visible.head(key)));
    return infos.filter((info) => info !== undefined).length;
  };
  const seen = await countSeen();
  await its.sweepLater();
  return { published, isMet, seen, seenLater: await countSeen(), keysLater: (await keysIn(store)).length };
}

it('a batch of which any item meets any fault at any step is seen whole or not at all, and leaves no rest', async () => {
  const bytes = await picture();
  const complaints: string[] = [];
  const ends = { published: 0, refused: 0, failed: 0 };
  for (const its of cases) {
    const { published, isMet, seen, seenLater, keysLater } = await faulted(its, bytes);
    const { size, k, kind, place } = its;
    const about = `item ${k} of ${size}, ${kind} at ${place.name}:`;
    ends[published === undefined ? 'failed' : published ? 'published' : 'refused'] += 1;
    if (!isMet) complaints.push(`${about} never met`);
    if (seen !== 0 && seen !== size) complaints.push(`${about} ${seen} to be seen`);
    if (seenLater !== 0 && seenLater !== size) complaints.push(`${about} ${seenLater} to be seen after the sweep`);
    if (published !== undefined && seen > 0 !== published) complaints.push(`${about} ${published}, but ${seen} seen`);
    if (published !== undefined && seenLater > 0 !== published)
      complaints.push(`${about} ${published}, ${seenLater} later`);
    if (keysLater !== seenLater)
      complaints.push(`${about} ${keysLater - seenLater} rests in the store after the sweep`);
  }
  recordFigure(
    29,
    `a fault at each item of batches of ${sizes.join(', ')}, ${faultKinds.length} kinds at ${places.length} steps: ${cases.length} batches (${ends.published} published, ${ends.refused} refused, ${ends.failed} broken off), ${complaints.length} with a rest to be seen or left by the sweep`,
  );
  expect(complaints).toEqual([]);
  expect(Math.min(ends.published, ends.refused)).toBeGreaterThan(0);
});
