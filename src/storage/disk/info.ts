import type { BigIntStats } from 'node:fs';
import { contentTypeByExtension } from '../content-type.ts';
import type { ObjectInfo } from '../store.ts';
import type { SidecarFacts } from './sidecar.ts';

/** Names one body: a rename brings another inode, a write in place another time. */
export function etagOf(stats: BigIntStats): string {
  return [stats.ino, stats.size, stats.mtimeNs].map((number) => number.toString(36)).join('-');
}

/** What a plain file says of itself. */
export function fileFacts(stats: BigIntStats): Pick<ObjectInfo, 'size' | 'etag' | 'lastModified'> {
  return { etag: etagOf(stats), size: Number(stats.size), lastModified: stats.mtime };
}

/** What the folder knows of an object: what its file says, and what is kept beside it. */
export function fileInfo(
  key: string,
  file: Pick<ObjectInfo, 'size' | 'etag' | 'lastModified'>,
  facts: SidecarFacts | undefined,
): ObjectInfo {
  return {
    key,
    size: file.size,
    etag: file.etag,
    lastModified: file.lastModified,
    contentType: facts?.contentType ?? contentTypeByExtension(key),
    metadata: facts?.metadata ?? {},
  };
}
