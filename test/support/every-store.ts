import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createDiskStore, type ObjectStore } from '../../src/storage/index.ts';
import { storeOn } from './fault-storm.ts';
import { createMemoryStore } from './memory-store.ts';
import { startS3FaultServer } from './s3-fault-server.ts';

async function openFolder(): Promise<ObjectStore> {
  const directory = mkdtempSync(join(tmpdir(), 'fovea-store-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return createDiskStore({ directory });
}

async function openStub(): Promise<ObjectStore> {
  const server = await startS3FaultServer();
  onTestFinished(() => server.close());
  return storeOn(server, 'originals/');
}

/** Each kind of store by name, and how a test opens an empty one, which goes when the test is done. */
export const everyStore: readonly (readonly [string, () => Promise<ObjectStore>])[] = [
  ['memory', async () => createMemoryStore()],
  ['a folder', openFolder],
  ['S3', openStub],
];
