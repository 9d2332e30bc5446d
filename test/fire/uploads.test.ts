import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDiskStore } from '../../src/storage/index.ts';
import { recordFigure } from '../support/figures.ts';
import { startServer } from '../support/server-process.ts';
import { createTestUploads, keysIn, picture, visible } from '../support/uploads.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-killed-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const files = 24;
const kills = 10;
const admin = { Authorization: 'Bearer the admin token of the tests' };
const environment = { FOVEA_ADMIN_TOKEN: 'the admin token of the tests' };

/** Uploads so many files in one request; undefined when the server died before it answered. */
async function upload(url: string, name: string, bytes: Uint8Array): Promise<number | undefined> {
  const form = new FormData();
  for (let index = 0; index < files; index += 1) {
    form.append('key', `${name}/${index}.jpg`);
    form.append('image', new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' }), 'photo.jpg');
  }
  const sent = fetch(`${url}/-/images`, { method: 'POST', headers: admin, body: form });
  return sent.then(
    ({ status }) => status,
    () => undefined,
  );
}

test('a server killed while it publishes shows all of a batch or none, and nothing stays after the sweep', async () => {
  const bytes = await picture();
  const originals = createDiskStore({ directory: join(folder, 'data', 'originals') });
  let interrupted = 0;
  let server = await startServer(folder, environment);
  for (let kill = 0; kill < kills; kill += 1) {
    const name = `batch-${kill}`;
    const uploading = upload(server.url, name, bytes);
    // In the middle of publishing: some of the originals are at their keys, and not all.
    const isMoment = async () => (await originals.head(`${name}/${kill}.jpg`)) !== undefined;
    while (!(await isMoment())) if ((await Promise.race([uploading, 'busy'])) !== 'busy') break;
    await server.end('SIGKILL');
    const answer = await uploading;
    const there = (await keysIn(originals)).filter((key) => key.startsWith(`${name}/`)).length;
    if (answer === undefined && there > 0 && there < files) interrupted += 1;
    server = await startServer(folder, environment);
    const { url } = server;
    const paths = Array.from({ length: files }, (_, index) => `/${name}/${index}.jpg`);
    const statuses = await Promise.all(paths.map(async (path) => (await fetch(url + path)).status));
    expect([name, [...new Set(statuses)]]).toEqual([name, [statuses[0]]]);
    if (answer === 201) expect(statuses[0]).toBe(200);
  }
  await server.end('SIGTERM');
  await createTestUploads({ store: originals }).sweepLater();
  const left = await keysIn(originals);
  const counts = Array.from(
    { length: kills },
    (_, kill) => left.filter((key) => key.startsWith(`batch-${kill}/`)).length,
  );
  const partial = counts.filter((count) => count !== 0 && count !== files).length;
  recordFigure(
    29,
    `${kills} servers killed (SIGKILL) while they published ${files} files, ${interrupted} of them between two files: ${partial} batches to be seen in part, before or after the sweep, and ${left.length - visible(left).length} staged objects left`,
  );
  expect(interrupted).toBeGreaterThan(0);
  expect(left).toEqual(visible(left));
  expect(partial).toBe(0);
});
