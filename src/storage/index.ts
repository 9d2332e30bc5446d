export { createDiskStore, type DiskStoreOptions } from './disk.ts';
export { createMemoryStore } from './memory.ts';
export { type OpenStoreOptions, openStore, openUploadSigner } from './open.ts';
export type * from './presign.ts';
export { type ReadBodyOptions, readBody } from './read-body.ts';
export type * from './store.ts';
