import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { batchesOf } from '../../batches.ts';
import type { Deadline } from '../../deadline.ts';
import type { ReadOptions, SeenObject } from '../store.ts';
import { fullKey, objectAt, type S3StoreParts } from './bucket.ts';
import { callStore } from './call.ts';
import { conditionsOf, writtenEtag } from './conditions.ts';
import { meansNoObject, meansTaken } from './failures.ts';
import { lookUp } from './get.ts';

/** Calls side by side: each deletes one. */
const parallelDeletes = 16;

/** Deletes the objects that still have the etag they were seen with; the keys of those that were. */
export async function deleteUnchanged(
  parts: S3StoreParts,
  seen: readonly SeenObject[],
  { signal }: ReadOptions,
): Promise<readonly string[]> {
  for (const { key } of seen) fullKey(parts.prefix, key);
  if (seen.length === 0) return [];
  const { deleteIfMatch: form } = await conditionsOf(parts, signal);
  const deleted: string[] = [];
  for (const batch of batchesOf(seen, parallelDeletes)) {
    const outcomes = await Promise.all(
      batch.map((object) =>
        callStore(parts.operationTimeoutMs, signal, async (deadline) => {
          if (form === 'none' && !(await isUnchanged(parts, object, deadline))) return false;
          const condition = form === 'none' ? {} : { IfMatch: writtenEtag(object.etag, form) };
          return deleteOne(parts, object.key, { condition, deadline });
        }),
      ),
    );
    deleted.push(...batch.filter((_, index) => outcomes[index]).map(({ key }) => key));
  }
  return deleted;
}

/** Where the store does not compare; a write between this and what follows goes unseen. */
export async function isUnchanged(
  parts: S3StoreParts,
  { key, etag }: SeenObject,
  deadline: Deadline,
): Promise<boolean> {
  return (await lookUp(parts, key, deadline))?.etag === etag;
}

async function deleteOne(
  parts: S3StoreParts,
  key: string,
  { condition, deadline }: { readonly condition: { readonly IfMatch?: string }; readonly deadline: Deadline },
): Promise<boolean> {
  try {
    const command = new DeleteObjectCommand({ ...objectAt(parts, key), ...condition });
    await parts.client.send(command, { abortSignal: deadline.signal });
    return true;
  } catch (error) {
    if (meansTaken(error) || meansNoObject(error)) return false;
    throw error;
  }
}
