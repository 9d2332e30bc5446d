export { createDiskStore } from './disk.ts';
export { type OpenStoreOptions, openStore, openUploadPresigner } from './open.ts';
export { withPresence } from './presence.ts';
export type * from './presign.ts';
export { isPublicAddress } from './public-address.ts';
export { readBody } from './read-body.ts';
export { remedyOf } from './refusal.ts';
export { createRemoteStore, withRemote } from './remote.ts';
export type * from './store.ts';
