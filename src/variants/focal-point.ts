import { Failure } from '../failure.ts';
import type { Point } from '../grammar/index.ts';
import { type ObjectStore, readBody } from '../storage/index.ts';
import { notFound } from './not-found.ts';

/** The metadata of an original that says what matters most in it: `0.3,0.25`, shares of width and height. */
const name = 'focal';

/** The focal point that an original's metadata name; undefined where they name none, or none that is inside. */
export function focusIn(metadata: Readonly<Record<string, string>>): Point | undefined {
  const [, x, y] =
    /^(0(?:\.\d{1,6})?|1(?:\.0{1,6})?),(0(?:\.\d{1,6})?|1(?:\.0{1,6})?)$/.exec(metadata[name] ?? '') ?? [];
  return x === undefined || y === undefined ? undefined : { x: Number(x), y: Number(y) };
}

/** Metadata that say it, for whoever stores an original. Failures: `invalid` for a point outside of the picture. */
export function focusMetadata({ x, y }: Point): Readonly<Record<string, string>> {
  if (![x, y].every((share) => share >= 0 && share <= 1)) {
    throw new Failure('invalid', `A focal point has shares of width and height from 0 to 1; got ${x},${y}.`);
  }
  return { [name]: [x, y].map((share) => String(Math.round(share * 10_000) / 10_000)).join(',') };
}

export interface FocalPointParts {
  readonly store: Pick<ObjectStore, 'head' | 'get' | 'put'>;
  /** Larger originals are left alone. */
  readonly maxBytes: number;
}

/**
 * Writes an original anew with another focal point, or with none: stores keep metadata with the bytes. Gives up when
 * somebody else writes it meanwhile. Failures: `not_found`; `overloaded` when it keeps changing; the store's.
 */
export async function storeFocus(
  { store, maxBytes }: FocalPointParts,
  { key, focus }: { readonly key: string; readonly focus: Point | undefined },
  signal: AbortSignal,
): Promise<void> {
  const said = focus === undefined ? {} : focusMetadata(focus);
  const object = await store.get(key, { signal });
  if (object === undefined) throw notFound(key);
  const { contentType, etag, metadata } = object.info;
  const bytes = await readBody(object, { maxBytes, signal });
  const { [name]: _before, ...others } = metadata;
  if ((await store.head(key, { signal }))?.etag !== etag) {
    throw new Failure('overloaded', 'The original was written by somebody else meanwhile; try again.', {
      retryAfterSeconds: 1,
    });
  }
  await store.put(key, bytes, {
    ...(contentType !== undefined && { contentType }),
    metadata: { ...others, ...said },
    signal,
  });
}
