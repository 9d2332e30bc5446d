import { Failure } from '../failure.ts';
import { altMetadata, focusMetadata, type Point, withoutAlt, withoutFocus } from '../grammar/index.ts';
import { type ObjectStore, readBody } from '../storage/index.ts';
import { notFound } from './identify/not-found.ts';
import type { PurgeOptions, Purges } from './purge/purge.ts';

/** What people say of an original. What was made of it before is purged. */
export interface Sayings {
  /**
   * What matters most in it (`g_custom`), or takes that back. Failures: `not_found`, `invalid`, `overloaded` when somebody
   * writes it at the same time; the store's.
   */
  setFocus(key: string, focus: Point | undefined, options: PurgeOptions): Promise<void>;
  /** The same for the words that say what it shows. */
  setAlt(key: string, alt: string | undefined, options: PurgeOptions): Promise<void>;
}

interface SayingsParts {
  readonly originalsStore: Pick<ObjectStore, 'get' | 'put'>;
  /** Larger originals are left alone. */
  readonly maxBytes: number;
  readonly purge: Purges['purge'];
}

export function createSayings(parts: SayingsParts): Sayings {
  return {
    async setFocus(key, focus, options) {
      const said = focus === undefined ? {} : focusMetadata(focus);
      return say(parts, { key, change: (metadata) => ({ ...withoutFocus(metadata), ...said }) }, options);
    },
    async setAlt(key, alt, options) {
      const said = alt === undefined ? {} : altMetadata(alt);
      return say(parts, { key, change: (metadata) => ({ ...withoutAlt(metadata), ...said }) }, options);
    },
  };
}

type Metadata = Readonly<Record<string, string>>;

interface Saying {
  readonly key: string;
  readonly change: (metadata: Metadata) => Metadata;
}

/** Writes an original anew: stores keep metadata with the bytes. Gives up when somebody else writes it meanwhile. */
async function say(
  { originalsStore, maxBytes, purge }: SayingsParts,
  { key, change }: Saying,
  options: PurgeOptions,
): Promise<void> {
  const { signal } = options;
  const object = await originalsStore.get(key, { signal });
  if (object === undefined) throw notFound(key);
  const { contentType, etag, metadata } = object.info;
  const bytes = await readBody(object, { maxBytes, signal });
  const put = await originalsStore.put(key, bytes, {
    ...(contentType !== undefined && { contentType }),
    metadata: change(metadata),
    ifMatch: etag,
    signal,
  });
  if (put !== undefined) return void (await purge({ keys: [key] }, options));
  throw new Failure('overloaded', 'The original was written by somebody else meanwhile; try again.', {
    retryAfterSeconds: 1,
  });
}
