import { LRUCache } from 'lru-cache';
import { formatOf, mostPlainBytes, plainDrawing, plainDrawingVersion, tooLargeToBePlain } from '../../image/index.ts';
import { readBody } from '../../storage/index.ts';
import { type IdentifiedOriginal, isOutdated } from '../identify/identified.ts';
import { originalEtag, versionOf } from '../identify/identity.ts';
import { notFound } from '../identify/not-found.ts';
import type { OpenOriginalParts } from './opened-original.ts';

/** A drawing of lines as it may be sent: the original's, written anew. */
export interface PlainDrawing {
  /** Of these bytes, quoted. */
  readonly etag: string;
  readonly lastModified: Date;
  readonly bytes: Uint8Array;
  /** False when a purge overtook it while it was read. */
  readonly isCurrent: boolean;
}

/** What was written anew lately, by its tag: a page has some logos, of some kilobytes each. */
export type PlainDrawings = LRUCache<string, Pick<PlainDrawing, 'etag' | 'lastModified' | 'bytes'>>;

const mostKeptBytes = 8 * 1024 * 1024;

export function createPlainDrawings(): PlainDrawings {
  return new LRUCache({ maxSize: mostKeptBytes, sizeCalculation: ({ bytes }) => Math.max(1, bytes.byteLength) });
}

/** The tag of what is sent of a drawing in that version: its bytes are others than the original's. */
export function drawingEtag(source: string, version: string): string {
  return originalEtag(source, version).replace(/"$/, `.svg${plainDrawingVersion}"`);
}

interface PlainDrawingParts extends OpenOriginalParts {
  readonly drawings: PlainDrawings;
}

/**
 * The original as a drawing that may be sent; undefined where it is none. Failures: those of the store, `too_large`, `corrupt`,
 * `unsupported`.
 */
export async function openDrawing(
  { originalsStore, versions, epochs, drawings }: PlainDrawingParts,
  identified: IdentifiedOriginal,
  signal: AbortSignal,
): Promise<PlainDrawing | undefined> {
  const { source, state } = identified.identity;
  const isCurrent = () => !isOutdated(epochs, identified);
  const known = drawings.get(drawingEtag(source, state.version));
  if (known !== undefined) return { ...known, isCurrent: isCurrent() };
  const object = await originalsStore.get(source, { signal });
  const found = object && versionOf(object.info);
  // What was looked up is believed for a while, and the store has the last word.
  if (found?.version !== state.version) versions.forget(source);
  if (object === undefined || found === undefined) throw notFound(source);
  if (object.info.size > mostPlainBytes) {
    object.body.destroy();
    throw tooLargeToBePlain(object.info.size);
  }
  const bytes = await readBody(object, { maxBytes: mostPlainBytes, signal });
  if (formatOf(bytes) !== 'svg+xml') return undefined;
  const { lastModified } = found;
  const drawing = { etag: drawingEtag(source, found.version), lastModified, bytes: await plainDrawing(bytes) };
  drawings.set(drawing.etag, drawing);
  return { ...drawing, isCurrent: isCurrent() };
}
