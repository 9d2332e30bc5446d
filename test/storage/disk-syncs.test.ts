import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createDiskStore } from '../../src/storage/index.ts';

/** How often a folder store has files and folders written out for what is done with it. */
async function syncsOf(syncs: boolean, work: (store: ReturnType<typeof createDiskStore>) => Promise<unknown>) {
  const directory = await mkdtemp(join(tmpdir(), 'fovea-syncs-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const probe = await open(join(directory, 'probe'), 'w');
  const sync = vi.spyOn(Object.getPrototypeOf(probe) as typeof probe, 'sync');
  await probe.close();
  sync.mockClear();
  onTestFinished(() => sync.mockRestore());
  await work(createDiskStore({ directory, syncs }));
  return sync.mock.calls.length;
}

test.each([
  // The file, then the folders a/, b/ and the root; of what lies beside it the file, two folders more, and the root.
  ['what is put', {}, 4],
  ['and what is said of it', { metadata: { a: 'b' } }, 8],
  ['what is created only', { onlyIfAbsent: true }, 4],
])('a folder that is told to has %s on the disk, with its name', async (_, options, expected) => {
  const put = (store: ReturnType<typeof createDiskStore>) => store.put('a/b/c.jpg', Buffer.from('x'), options);
  expect(await syncsOf(true, put)).toBe(expected);
  expect(await syncsOf(false, put)).toBe(0);
});
