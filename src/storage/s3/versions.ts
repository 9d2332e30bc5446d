import { Readable } from 'node:stream';
import { GetObjectCommand, ListObjectVersionsCommand, type ListObjectVersionsCommandOutput } from '@aws-sdk/client-s3';
import type { ObjectVersion, ReadOptions, StoredObject, StoreVersions } from '../store.ts';
import { createS3Body } from './body.ts';
import { objectAt, type S3StoreParts } from './bucket.ts';
import { callStore, readOptions } from './call.ts';
import { meansNoObject, meansUnknown } from './failures.ts';
import { incompleteResponse, objectInfo } from './info.ts';

/** The newest of a key: whoever wants an older one names it. */
const mostTold = 100;

export function s3Versions(parts: S3StoreParts): StoreVersions {
  return {
    list: (key, options = {}) => listVersions(parts, key, options),
    get: (key, id, options = {}) => getVersion(parts, { key, id }, options),
  };
}

async function listVersions(
  parts: S3StoreParts,
  key: string,
  { signal }: ReadOptions,
): Promise<readonly ObjectVersion[]> {
  const { Bucket, Key } = objectAt(parts, key);
  // Of the keys that begin so this one is the first.
  const command = new ListObjectVersionsCommand({ Bucket, Prefix: Key, MaxKeys: mostTold });
  const page = await callStore(parts.operationTimeoutMs, signal, (deadline) =>
    parts.client.send(command, readOptions(parts, deadline)),
  );
  return versionsIn(page, Key).slice(0, mostTold);
}

/** Newest first; what was deleted has a mark of it among them. */
function versionsIn({ Versions = [], DeleteMarkers = [] }: ListObjectVersionsCommandOutput, key: string) {
  const kept = Versions.filter(({ Key }) => Key === key).map((one) => versionOf(one, one.Size));
  const marks = DeleteMarkers.filter(({ Key }) => Key === key).map((one) => versionOf(one, undefined));
  return [...kept, ...marks].sort(
    (a, b) => Number(b.isLatest) - Number(a.isLatest) || b.lastModified.getTime() - a.lastModified.getTime(),
  );
}

interface TellingVersion {
  readonly VersionId?: string | undefined;
  readonly LastModified?: Date | undefined;
  readonly IsLatest?: boolean | undefined;
}

function versionOf(told: TellingVersion, size: number | undefined): ObjectVersion {
  const { VersionId: id, LastModified: lastModified, IsLatest: isLatest = false } = told;
  if (id === undefined || lastModified === undefined) throw incompleteResponse('versions with their ids and times');
  return { id, lastModified, isLatest, size };
}

async function getVersion(
  parts: S3StoreParts,
  { key, id }: { readonly key: string; readonly id: string },
  { signal }: ReadOptions,
): Promise<StoredObject | undefined> {
  const command = new GetObjectCommand({ ...objectAt(parts, key), VersionId: id });
  return callStore(parts.operationTimeoutMs, signal, async (deadline) => {
    try {
      const response = await parts.client.send(command, readOptions(parts, deadline));
      const { Body: source, ContentLength: size = 0 } = response;
      if (!(source instanceof Readable)) throw incompleteResponse('a body');
      const body = createS3Body(source, { size, stallTimeoutMs: parts.stallTimeoutMs, signal });
      if (deadline.signal.aborted) body.destroy();
      return { info: objectInfo(key, response), body };
    } catch (error) {
      // No such version, no id of one, or the mark of what was deleted.
      if (meansNoObject(error) || meansUnknown(error)) return undefined;
      throw error;
    }
  });
}
