import { ListObjectsV2Command, type ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { isKey } from '../keys.ts';
import type { ListOptions, ObjectInfo } from '../store.ts';
import type { S3StoreParts } from './bucket.ts';
import { callStore, readOptions } from './call.ts';
import { objectInfo } from './info.ts';

/** S3's limit on one page of a listing. */
const maxKeysPerCall = 1000;

/** The objects whose keys start with `beginning`, a page at a time. */
export async function* listObjects(
  parts: S3StoreParts,
  beginning: string,
  options: ListOptions,
): AsyncGenerator<ObjectInfo, void, undefined> {
  let token: string | undefined;
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  do {
    const page = await listPage(parts, beginning, { ...options, left, token });
    for (const object of page.Contents ?? []) {
      const key = keyIn(page, object.Key ?? '').slice(parts.prefix.length);
      // Not every server heeds MaxKeys.
      if (left <= 0) return;
      left -= 1;
      // What we could not address is not ours: the consoles' folder markers end in a slash.
      if (isKey(key)) yield objectInfo(key, { ...object, ContentLength: object.Size });
    }
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined && left > 0);
}

interface PageOptions extends ListOptions {
  /** Keys that are still wanted. */
  readonly left: number;
  /** Where the page before has ended. */
  readonly token: string | undefined;
}

async function listPage(
  parts: S3StoreParts,
  beginning: string,
  { startAfter, limit, left, token, signal }: PageOptions,
): Promise<ListObjectsV2CommandOutput> {
  const { client, bucket, prefix, operationTimeoutMs } = parts;
  const command = new ListObjectsV2Command({
    Bucket: bucket,
    Prefix: prefix + beginning,
    // XML cannot carry every key.
    EncodingType: 'url',
    ...(limit === undefined ? {} : { MaxKeys: Math.min(left, maxKeysPerCall) }),
    ...(startAfter === undefined ? {} : { StartAfter: prefix + startAfter }),
    ...(token === undefined ? {} : { ContinuationToken: token }),
  });
  return callStore(operationTimeoutMs, signal, (deadline) => client.send(command, readOptions(parts, deadline)));
}

/**
 * A key as the store has it. Encoded it is only where the page says so: some S3-compatible servers pass over what was asked
 * for, and send `a+b.jpg` and `100%.jpg` as they are. AWS form-encodes, a space is a `+`.
 */
function keyIn({ EncodingType }: Pick<ListObjectsV2CommandOutput, 'EncodingType'>, written: string): string {
  if (EncodingType !== 'url') return written;
  try {
    return decodeURIComponent(written.replaceAll('+', ' '));
  } catch {
    return written;
  }
}
