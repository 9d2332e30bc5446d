import { DeleteObjectCommand, DeleteObjectsCommand, type S3Client } from '@aws-sdk/client-s3';
import { batchesOf } from '../../batches.ts';
import { isFailure } from '../../failure.ts';
import type { ReadOptions } from '../store.ts';
import { fullKey, type S3StoreParts } from './bucket.ts';
import { callStore } from './call.ts';
import { factsOf } from './facts.ts';
import { meansNoObject, s3CodeFailure } from './failures.ts';

/** S3's limit on one DeleteObjects. */
const maxDeletesPerCall = 1000;
/** Calls side by side where each deletes one. */
const parallelDeletes = 16;

/** Clients whose store turned out to have no DeleteObjects. */
const oneByOne = new WeakSet<S3Client>();

/** What a store may answer that does not know DeleteObjects, or wants it otherwise than it is sent. */
const unservedStatuses: ReadonlySet<number> = new Set([400, 404, 405, 411, 415, 501]);

/** Deletes any number of objects, a call for each thousand, or for each one where the store knows no other. */
export async function deleteObjects(
  parts: S3StoreParts,
  keys: readonly string[],
  { signal }: ReadOptions,
): Promise<void> {
  const targets = keys.map((key) => fullKey(parts.prefix, key));
  for (const batch of batchesOf(targets, maxDeletesPerCall)) {
    if (!oneByOne.has(parts.client) && (await deleteTogether(parts, batch, signal))) continue;
    await deleteOneByOne(parts, batch, signal);
    // Not before they are gone: what was refused may have been the request, not its kind.
    oneByOne.add(parts.client);
  }
}

/** False when the store may know no such call. */
async function deleteTogether(
  { client, bucket, operationTimeoutMs }: S3StoreParts,
  keys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const objects = keys.map((key) => ({ Key: key }));
  const command = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } });
  const response = await callStore(operationTimeoutMs, signal, (deadline) =>
    client.send(command, { abortSignal: deadline.signal }).catch((error: unknown) => {
      if (!meansUnserved(error)) throw error;
      return undefined;
    }),
  );
  if (response === undefined) return false;
  const failed = response.Errors?.find((error) => error.Code !== 'NoSuchKey');
  if (failed) throw s3CodeFailure(failed.Code);
  return true;
}

function meansUnserved(error: unknown): boolean {
  const { name, status = 0 } = factsOf(error);
  return !isFailure(error) && name !== 'NoSuchBucket' && unservedStatuses.has(status);
}

async function deleteOneByOne(
  { client, bucket, operationTimeoutMs }: S3StoreParts,
  keys: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const batch of batchesOf(keys, parallelDeletes)) {
    await Promise.all(
      batch.map((key) =>
        callStore(operationTimeoutMs, signal, (deadline) =>
          client
            .send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: deadline.signal })
            .catch((error: unknown) => {
              if (!meansNoObject(error)) throw error;
            }),
        ),
      ),
    );
  }
}
