import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { contentTypeByExtension } from '../content-type.ts';
import type { ObjectInfo } from '../store.ts';
import { meansNoFile } from './failures.ts';
import type { SidecarFacts } from './sidecar.ts';

/** Names one body: a rename brings another inode, a write in place another time. */
export function etagOf(stats: BigIntStats): string {
  return [stats.ino, stats.size, stats.mtimeNs].map((number) => number.toString(36)).join('-');
}

/** That of the file at a path, links followed; undefined when there is none. */
export async function etagAt(file: string): Promise<string | undefined> {
  try {
    const stats = await stat(file, { bigint: true });
    return stats.isFile() ? etagOf(stats) : undefined;
  } catch (error) {
    if (meansNoFile(error)) return undefined;
    throw error;
  }
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
