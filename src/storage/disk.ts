import type { Telemetry } from '../telemetry.ts';
import { deleteFiles, deleteUnchangedFiles } from './disk/delete.ts';
import { createStoreFolder } from './disk/folder.ts';
import { getFile, headFile } from './disk/get.ts';
import { listFiles } from './disk/list.ts';
import { probeFolder } from './disk/probe.ts';
import { putFile } from './disk/put.ts';
import { createFolderUses } from './disk/uses.ts';
import { checkedPut } from './put-input.ts';
import type { ObjectStore } from './store.ts';

export interface DiskStoreOptions {
  /** The folder; made at the first put. */
  readonly directory: string;
  /** Told, once of each, of a folder below that a listing may not look into, and passes over. */
  readonly telemetry?: Telemetry | undefined;
  /** What is put is on the disk, its name too, when the put resolves: for those who fear a power cut. */
  readonly syncs?: boolean;
}

/**
 * A folder as a store: an object is a plain file at its key, so files dropped in by hand are objects too. What a plain
 * file cannot say lies under `.fovea-meta/`. Cache-Control is not kept: nothing is sent to clients straight from the folder.
 */
export function createDiskStore({ directory, telemetry, syncs = false }: DiskStoreOptions): ObjectStore {
  const folder = createStoreFolder(directory, { telemetry, syncs });
  return {
    listsAtOnce: () => false,
    createsOnce: true,
    uses: createFolderUses(folder),
    probe: (options = {}) => probeFolder(folder, options),
    head: (key, options = {}) => headFile(folder, key, options),
    get: (key, options = {}) => getFile(folder, key, options),
    put: async (key, body, options) => putFile(folder, checkedPut(key, body, options)),
    delete: (keys, options = {}) => deleteFiles(folder, keys, options),
    deleteUnchanged: (seen, options = {}) => deleteUnchangedFiles(folder, seen, options),
    conditions: async () => ({ createsOnly: true, putsUnchanged: true, deletesUnchanged: true }),
    list: (prefix, options = {}) => listFiles(folder, prefix, options),
  };
}
