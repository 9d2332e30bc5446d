import { Failure, isFailure } from '../failure.ts';
import type { ResolvedTransform } from '../grammar/index.ts';
import type { Telemetry } from '../telemetry.ts';
import { createIdentify, originalEtag, type SourceVersion, type VariantIdentity } from './identity.ts';
import type { StoreTier } from './store-tier.ts';
import type { Variant } from './variant.ts';
import type { Versions } from './versions.ts';

/** One key a request may mean; without a transform it means the original's own bytes. */
export interface Candidate {
  readonly key: string;
  readonly transform: ResolvedTransform | undefined;
}

export interface OriginalIdentity {
  readonly source: string;
  readonly state: SourceVersion;
  readonly etag: string;
}

export type Identified =
  | { readonly kind: 'variant'; readonly identity: VariantIdentity }
  | { readonly kind: 'original'; readonly identity: OriginalIdentity };

export interface IdentifyOptions {
  readonly signal: AbortSignal;
  /** False when a 304 is likely: then nothing is read ahead from the variants store. */
  readonly readAhead: boolean;
}

export interface IdentificationParts {
  readonly versions: Versions;
  readonly store: StoreTier | undefined;
  readonly telemetry: Telemetry;
  /** Names the libraries that encode (part of every ETag). */
  readonly build: string;
}

/** From the keys a request may mean to the identity of what it gets. */
export interface Identification {
  identify(candidates: readonly Candidate[], options: IdentifyOptions): Promise<Identified>;
  /** The read of the store tier that went out together with the look-up, if there was one. */
  readAhead(identity: VariantIdentity): Promise<Variant | undefined> | undefined;
  /** True when a purge began since the look-up: what was found then may be the state before it. */
  isOutdated(identity: VariantIdentity): boolean;
  /** To be called when a purge begins, with what it is about. */
  outdate(includes: (source: string) => boolean): void;
}

/** Purges remembered: a request that was overtaken by more than these between look-up and delivery looks up again. */
const rememberedPurges = 100;

export function notFound(key: string): Failure {
  return new Failure('not_found', `Resource not found - ${key}`);
}

export function createIdentification({ versions, store, telemetry, build }: IdentificationParts): Identification {
  const identify = createIdentify(build);
  // How many purges there have been, and what the last of them were about.
  let purgeCount = 0;
  let recentPurges: readonly ((source: string) => boolean)[] = [];
  const lookups = new WeakMap<
    VariantIdentity,
    { readonly purgeCount: number; readonly read: Promise<Variant | undefined> | undefined }
  >();

  function beginRead({ key, transform }: Candidate, options: IdentifyOptions) {
    if (!options.readAhead || store === undefined || transform === undefined) return undefined;
    if (versions.remembered(key) !== undefined) return undefined;
    // The version in it does not matter: where a variant lies depends on its source and transform alone.
    const unversioned = { version: '', lastModified: new Date(0), size: 0 };
    const place = identify(key, unversioned, transform).key;
    const read = place === undefined ? undefined : store.read(place, options.signal);
    read?.catch(() => undefined);
    return read;
  }

  /** While the originals cannot be asked, a stored variant of whatever version is better than none. */
  async function stateFromStored(read: Promise<Variant | undefined> | undefined): Promise<SourceVersion | undefined> {
    const variant = await read;
    return variant && { version: variant.version, lastModified: variant.lastModified, size: 0 };
  }

  async function stateOf(candidate: Candidate, read: Promise<Variant | undefined> | undefined, signal: AbortSignal) {
    try {
      return await versions.lookup(candidate.key, signal);
    } catch (error) {
      const state = isFailure(error, 'cancelled') ? undefined : await stateFromStored(read);
      if (state === undefined) throw error;
      telemetry.report({ type: 'tier-fault', tier: 'originals', operation: 'head', error });
      return state;
    }
  }

  return {
    async identify(candidates, options) {
      for (const candidate of candidates) {
        const lookup = { purgeCount, read: beginRead(candidate, options) };
        const state = await stateOf(candidate, lookup.read, options.signal);
        if (state === 'absent') continue;
        if (candidate.transform === undefined) {
          const etag = originalEtag(candidate.key, state.version);
          return { kind: 'original', identity: { source: candidate.key, state, etag } };
        }
        const identity = identify(candidate.key, state, candidate.transform);
        lookups.set(identity, lookup);
        return { kind: 'variant', identity };
      }
      throw notFound(candidates[0]?.key ?? '');
    },
    readAhead: (identity) => lookups.get(identity)?.read,
    isOutdated(identity) {
      const since = purgeCount - (lookups.get(identity)?.purgeCount ?? purgeCount);
      if (since > recentPurges.length) return true;
      return since > 0 && recentPurges.slice(-since).some((includes) => includes(identity.source));
    },
    outdate(includes) {
      purgeCount += 1;
      recentPurges = [...recentPurges, includes].slice(-rememberedPurges);
    },
  };
}
