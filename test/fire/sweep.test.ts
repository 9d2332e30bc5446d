import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { createDiskStore, readBody } from '../../src/storage/index.ts';
import { createCommandLine } from '../support/command-line.ts';
import { recordFigure } from '../support/figures.ts';
import { createPixelFreeService } from '../support/test-service.ts';
import { anybody, createTestUploads, keysIn, live, picture, visible } from '../support/uploads.ts';

const living = 1000;
/** For each four that are finished one is not. */
const forgotten = living / 4;
const uploaders = 8;
const expiresSeconds = 600;
/** How long after an address has expired a commit may still be under way: ten minutes, and one for the clocks. */
const graceMs = (expiresSeconds + 600 + 60) * 1000;

async function temporaryStore(name: string) {
  const folder = await mkdtemp(join(tmpdir(), `fovea-${name}-`));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return createDiskStore({ directory: folder });
}

it('a thousand uploads lose nothing to a clean-up that never stops, and what was forgotten goes with one sweep', async () => {
  const [store, variants] = [await temporaryStore('originals'), await temporaryStore('variants')];
  const its = createTestUploads({ store });
  const { ask, service } = await createPixelFreeService({ originals: store, variants });
  const command = createCommandLine({ originals: store, variants });
  const bytes = await picture();
  const began = its.now();

  /** Signs and sends one file; answers its batch. */
  async function send(key: string): Promise<string> {
    const { batch, uploads } = await its.uploads.presign([{ key, type: 'image/jpeg', bytes: bytes.byteLength }], {
      origin: 'https://img.example',
      method: 'PUT',
      atomic: true,
      automatic: false,
      expiresSeconds,
      signal: live(),
    });
    const token = uploads[0]?.url.split('/').at(-1) ?? '';
    const body = Readable.from([bytes], { objectMode: false });
    await its.uploads.place(await its.uploads.readPlace(token), { body, bytes: bytes.byteLength }, live());
    return batch;
  }

  let refused = 0;
  const todo = Array.from({ length: living + forgotten }, (_, index) => index);
  async function uploader(): Promise<void> {
    for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
      const isForgotten = next % 5 === 4;
      const key = `${isForgotten ? 'forgotten' : 'living'}/${next}.jpg`;
      const batch = await send(key);
      if (isForgotten) continue;
      const { published } = await its.uploads.commit(batch, anybody());
      if (!published || (await ask(`/w_1/${key}`)).status !== 200) refused += 1;
    }
  }

  const uploading = Promise.all(Array.from({ length: uploaders }, uploader));
  const isOver = uploading.then(
    () => true,
    () => true,
  );
  // Another process' command, as cron would run it, but with no minimum age: what is young has nothing else to save it.
  async function clean(what: '--staging' | '--variants'): Promise<number> {
    let runs = 0;
    do {
      const { code, stderr } = await command.fovea(['gc', what, '--delete', '--force', '--min-age', '0s']);
      expect([code, stderr]).toEqual([0, '']);
      runs += 1;
    } while (!(await Promise.race([isOver, false])));
    return runs;
  }
  const [sweeps, collections] = await Promise.all([clean('--staging'), clean('--variants')]);
  await uploading;
  await service.variants.settled();

  const left = visible(await keysIn(store));
  let spoilt = 0;
  for (const key of left) {
    const object = await store.get(key);
    if (object === undefined || !(await readBody(object, { maxBytes: 100_000 })).equals(bytes)) spoilt += 1;
  }
  const lost = living - left.length;
  const keptVariants = (await keysIn(variants)).length;

  // Whoever signed them may still commit: no sweep has touched them, and none does until nobody can.
  const orphans = async () => new Set((await stagedIn(store)).map((key) => key.split('/')[1])).size;
  its.pass(began + graceMs - 60_000 - its.now());
  await its.uploads.sweep({ olderThan: new Date(its.now()) });
  const early = await orphans();
  its.pass(graceMs);
  await its.uploads.sweep({ olderThan: new Date(its.now()) });
  const after = await orphans();

  recordFigure(
    27,
    `${living} uploads beside ${sweeps} sweeps of the staging area and ${collections} of the variants without a minimum age: ${lost} lost, ${spoilt} spoilt, ${refused} refused, ${living - keptVariants} of their variants lost; of ${forgotten} never committed ${early} are kept until they have expired, ${after} after one sweep`,
  );
  expect({ lost, spoilt, refused, keptVariants }).toEqual({ lost: 0, spoilt: 0, refused: 0, keptVariants: living });
  expect([early, after]).toEqual([forgotten, 0]);
  expect(visible(await keysIn(store))).toEqual(left);
  expect(Math.min(sweeps, collections)).toBeGreaterThan(3);
});

async function stagedIn(store: Parameters<typeof keysIn>[0]): Promise<readonly string[]> {
  const keys = await keysIn(store);
  const seen = new Set(visible(keys));
  return keys.filter((key) => !seen.has(key));
}
