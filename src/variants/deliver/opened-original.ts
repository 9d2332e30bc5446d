import { Readable } from 'node:stream';
import { contentTypeOf } from '../../image/index.ts';
import type { ObjectStore } from '../../storage/index.ts';
import type { Epochs } from '../identify/epochs.ts';
import { type IdentifiedOriginal, isOutdated } from '../identify/identified.ts';
import { originalEtag, versionOf } from '../identify/identity.ts';
import { notFound } from '../identify/not-found.ts';
import type { Versions } from '../identify/versions.ts';

export interface OpenedOriginal {
  /** Strong entity tag of these bytes, quoted: not that of what was looked up, where the original was overwritten since. */
  readonly etag: string;
  /** Of these bytes, too. */
  readonly lastModified: Date;
  /** Bytes. */
  readonly size: number;
  /** By the first bytes, never by name or by what an uploader claimed; undefined for what is no picture of ours. */
  readonly contentType: string | undefined;
  readonly body: Readable;
  /** False when a purge overtook it while it was opened: it may be answered once, but nobody may keep it. */
  readonly isCurrent: boolean;
}

export interface OpenOriginalParts {
  readonly originalsStore: Pick<ObjectStore, 'get'>;
  readonly versions: Versions;
  readonly epochs: Epochs;
}

/** The original's untouched bytes, as a stream that the caller reads to its end or destroys. Failures: `not_found`. */
export async function openOriginal(
  { originalsStore, versions, epochs }: OpenOriginalParts,
  identified: IdentifiedOriginal,
  signal: AbortSignal,
): Promise<OpenedOriginal> {
  const { source, state } = identified.identity;
  const object = await originalsStore.get(source, { signal });
  if (object === undefined) {
    versions.forget(source);
    throw notFound(source);
  }
  // What was looked up is believed for a while, and the store has the last word.
  const { version, lastModified, size } = versionOf(object.info);
  if (version !== state.version) versions.forget(source);
  const { contentType, body } = await sniffStream(object.body);
  const isCurrent = !isOutdated(epochs, identified);
  return { etag: originalEtag(source, version), lastModified, size, contentType, body, isCurrent };
}

/** Looks at the first chunk of a stream and hands the whole of it on. */
async function sniffStream(source: Readable): Promise<Pick<OpenedOriginal, 'contentType' | 'body'>> {
  const chunks: AsyncIterator<Uint8Array, undefined> = source[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done) return { contentType: undefined, body: Readable.from([]) };
  const body = Readable.from(whole(source, first.value, chunks), { objectMode: false });
  return { contentType: contentTypeOf(first.value), body };
}

async function* whole(source: Readable, first: Uint8Array, others: AsyncIterator<Uint8Array, undefined>) {
  try {
    yield first;
    yield* { [Symbol.asyncIterator]: () => others };
  } finally {
    source.destroy();
  }
}
