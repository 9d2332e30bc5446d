import { createKeyLock } from './key-lock.ts';
import { checkedPut } from './put-input.ts';
import type { S3Bucket } from './s3/bucket.ts';
import { allConditions, storeConditions } from './s3/conditions.ts';
import { deleteObjects } from './s3/delete.ts';
import { deleteUnchanged } from './s3/delete-unchanged.ts';
import { getObject, headObject } from './s3/get.ts';
import { listObjects } from './s3/list.ts';
import { probeBucket } from './s3/probe.ts';
import { putObject } from './s3/put.ts';
import { s3Versions } from './s3/versions.ts';
import type { ObjectStore } from './store.ts';

export interface S3StoreOptions extends S3Bucket {
  /** Milliseconds that a call has, retries included, until the first byte of its response; 5 s by default. */
  readonly operationTimeoutMs?: number;
  /** Milliseconds without a byte after which a body that is being read is given up; 5 s by default. */
  readonly stallTimeoutMs?: number;
}

/** A bucket, or what lies under a prefix of it, as a store; any S3-compatible server will do. */
export function createS3Store({
  operationTimeoutMs = 5_000,
  stallTimeoutMs = 5_000,
  ...bucket
}: S3StoreOptions): ObjectStore {
  // AWS decides them all; of others it is tried.
  const known = bucket.client.config.endpoint === undefined ? allConditions : undefined;
  const conditions = { known, trying: undefined, creators: createKeyLock() };
  const parts = { ...bucket, operationTimeoutMs, stallTimeoutMs, conditions };
  return {
    listsAtOnce: () => true,
    createsOnce: true,
    versions: s3Versions(parts),
    probe: (options = {}) => probeBucket(parts, options),
    head: (key, options = {}) => headObject(parts, key, options),
    get: (key, options = {}) => getObject(parts, key, options),
    put: async (key, body, options) => putObject(parts, checkedPut(key, body, options)),
    delete: (keys, options = {}) => deleteObjects(parts, keys, options),
    deleteUnchanged: (seen, options = {}) => deleteUnchanged(parts, seen, options),
    conditions: (options = {}) => storeConditions(parts, options),
    list: (beginning, options = {}) => listObjects(parts, beginning, options),
  };
}
