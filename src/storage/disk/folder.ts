import path from 'node:path';
import { createKeyLock, type KeyLock } from './key-lock.ts';
import { removeLeftovers } from './temporary.ts';

/** A folder that is a store, and what this process remembers of it. */
export interface StoreFolder {
  readonly root: string;
  readonly writers: KeyLock;
  /** The removal of what killed processes have left; undefined until the first put. */
  leftovers: Promise<void> | undefined;
}

export function createStoreFolder(directory: string): StoreFolder {
  return { root: path.resolve(directory), writers: createKeyLock(), leftovers: undefined };
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
