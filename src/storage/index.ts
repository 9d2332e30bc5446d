export { createDiskStore, type DiskStoreOptions } from './disk.ts';
export { createMemoryStore } from './memory.ts';
export { type OpenStoreOptions, openStore } from './open.ts';
export { type ReadBodyOptions, readBody } from './read-body.ts';
export type * from './store.ts';
