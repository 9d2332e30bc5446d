import path from 'node:path';
import type { Telemetry } from '../../telemetry.ts';
import { createKeyLock, type KeyLock } from '../key-lock.ts';
import { removeLeftovers } from './temporary.ts';

/** A folder that is a store, and what this process remembers of it. */
export interface StoreFolder {
  readonly root: string;
  /** What is put is on the disk before it is done. */
  readonly syncs: boolean;
  readonly writers: KeyLock;
  /** The removal of what killed processes have left; undefined until the first put. */
  leftovers: Promise<void> | undefined;
  /** Tells of a folder below that a walk could not look into; once of each. */
  readonly passOver: (folder: string, error: unknown) => void;
}

/** Folders of which it is remembered that they were told of. */
const maxToldOf = 1000;

export function createStoreFolder(
  directory: string,
  { telemetry, syncs }: { readonly telemetry: Telemetry | undefined; readonly syncs: boolean },
): StoreFolder {
  const root = path.resolve(directory);
  const toldOf = new Set<string>();
  return {
    root,
    syncs,
    writers: createKeyLock(),
    leftovers: undefined,
    passOver(folder, error) {
      if (toldOf.has(folder) || toldOf.size >= maxToldOf) return;
      toldOf.add(folder);
      const why = error instanceof Error ? error.message : String(error);
      const message = `The folder ${path.join(root, folder)} may not be read, and is passed over: ${why}`;
      telemetry?.report({ type: 'warning', message });
    },
  };
}

/** Removes what killed processes have left: once, or again when it has failed. */
export async function removeLeftoversOnce(folder: StoreFolder): Promise<void> {
  folder.leftovers ??= removeLeftovers(folder.root, Date.now());
  try {
    await folder.leftovers;
  } catch (error) {
    folder.leftovers = undefined;
    throw error;
  }
}
