import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createDiskStore } from '../../src/storage/index.ts';
import { describeObjectStore } from '../contracts/object-store.ts';

describeObjectStore('disk', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'fovea-disk-'));
  return { store: createDiskStore({ directory }), cleanup: () => rm(directory, { recursive: true }) };
});
