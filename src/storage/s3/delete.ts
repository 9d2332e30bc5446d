import { DeleteObjectsCommand } from '@aws-sdk/client-s3';
import { batchesOf } from '../../batches.ts';
import type { ReadOptions } from '../store.ts';
import { fullKey, type S3StoreParts } from './bucket.ts';
import { callStore } from './call.ts';
import { s3CodeFailure } from './failures.ts';

/** S3's limit on one DeleteObjects. */
const maxDeletesPerCall = 1000;

/** Deletes any number of objects, a call for each thousand. */
export async function deleteObjects(
  { client, bucket, prefix, operationTimeoutMs }: S3StoreParts,
  keys: readonly string[],
  { signal }: ReadOptions,
): Promise<void> {
  const targets = keys.map((key) => ({ Key: fullKey(prefix, key) }));
  for (const batch of batchesOf(targets, maxDeletesPerCall)) {
    const command = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: [...batch], Quiet: true } });
    const response = await callStore(operationTimeoutMs, signal, (deadline) =>
      client.send(command, { abortSignal: deadline.signal }),
    );
    const failed = response.Errors?.find((error) => error.Code !== 'NoSuchKey');
    if (failed) throw s3CodeFailure(failed.Code);
  }
}
