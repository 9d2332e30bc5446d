export { createDiskStore, type DiskStoreOptions } from './disk.ts';
export { createMemoryStore } from './memory.ts';
export { type OpenStoreOptions, openStore, openUploadPresigner } from './open.ts';
export type * from './presign.ts';
export { isPublicAddress } from './public-address.ts';
export { type ReadBodyOptions, readBody } from './read-body.ts';
export { createRemoteStore, type RemoteStoreOptions, withRemote } from './remote.ts';
export type * from './store.ts';
