import type { S3Client } from '@aws-sdk/client-s3';
import { Failure } from '../../failure.ts';
import { checkKey, maxKeyBytes } from '../keys.ts';
import type { KnownConditions } from './known-conditions.ts';
import type { S3Writing } from './writing.ts';

/** A bucket, or what lies under a prefix of it. */
export interface S3Bucket {
  /** Made by `createS3Client`. */
  readonly client: S3Client;
  readonly bucket: string;
  /** What every key in the bucket begins with: empty, or ends in `/`. */
  readonly prefix: string;
  /** What everything is put with there; as the bucket has it when absent. */
  readonly writing?: S3Writing;
}

export interface S3StoreParts extends S3Bucket {
  /** Milliseconds that a call has, retries included, until the first byte of its response. */
  readonly operationTimeoutMs: number;
  /** Milliseconds without a byte after which a body that is being read is given up. */
  readonly stallTimeoutMs: number;
  readonly conditions: KnownConditions;
}

/** Where an object lies. Failure `invalid` for a key that the bucket cannot hold. */
export function objectAt({ bucket, prefix }: S3Bucket, key: string): { readonly Bucket: string; readonly Key: string } {
  return { Bucket: bucket, Key: fullKey(prefix, key) };
}

/** A key as the bucket has it. */
export function fullKey(prefix: string, key: string): string {
  checkKey(key);
  const full = prefix + key;
  if (Buffer.byteLength(full) <= maxKeyBytes) return full;
  throw new Failure('invalid', `The key is not valid: with the store's prefix it is over ${maxKeyBytes} bytes.`);
}
