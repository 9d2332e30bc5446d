import { isFailure } from '../../failure.ts';
import { type GrammarOptions, layerCandidates, layerIds, type ResolvedTransform } from '../../grammar/index.ts';
import type { Telemetry } from '../../telemetry.ts';
import {
  createIdentify,
  type LayerState,
  originalEtag,
  type SourceVersion,
  sourcesOf,
  type VariantIdentity,
} from './identity.ts';
import { notFound } from './not-found.ts';
import type { UnreadVariant, Variant } from './variant.ts';
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
  /** Where variants are stored. */
  readonly store: { read(key: string, signal: AbortSignal): Promise<Stored | undefined> } | undefined;
  readonly grammar: Pick<GrammarOptions, 'extensions'>;
  readonly telemetry: Telemetry;
  /** Names the libraries that encode (part of every ETag). */
  readonly build: string;
  /** Anybody may have the original of this key as it is. */
  readonly isOpen: (key: string) => boolean;
}

/** From the keys a request may mean to the identity of what it gets. */
export interface Identification {
  identify(candidates: readonly Candidate[], options: IdentifyOptions): Promise<Identified>;
  /** The read of the store tier that went out together with the look-up, if there was one. */
  readAhead(identity: VariantIdentity): Reading;
  /** True when a purge began since the look-up: what was found then may be the state before it. */
  isOutdated(identity: VariantIdentity | OriginalIdentity): boolean;
  /** To be called when a purge begins, with what it is about. */
  outdate(includes: (source: string) => boolean): void;
}

type Stored = Variant | UnreadVariant;
type Reading = Promise<Stored | undefined> | undefined;

/** What was found out about an original and the layers of its transform. */
interface Found {
  readonly state: SourceVersion;
  readonly layers: readonly LayerState[];
}

/** What an identity was found by. */
interface Lookup {
  /** Purges there had been when it began. */
  readonly purgeCount: number;
  readonly read: Reading;
}

/** How often a look-up that a purge overtook is made anew. */
const maxLookups = 5;

/** Purges remembered: a request that was overtaken by more than these between look-up and delivery looks up again. */
const rememberedPurges = 100;

export function createIdentification(parts: IdentificationParts): Identification {
  const { versions, store, grammar, telemetry, build, isOpen } = parts;
  const identify = createIdentify(build, isOpen);
  // How many purges there have been, and what the last of them were about.
  let purgeCount = 0;
  let recentPurges: readonly ((source: string) => boolean)[] = [];
  const lookups = new WeakMap<VariantIdentity | OriginalIdentity, Lookup>();

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

  /** Failures: `not_found`, naming the layer. */
  async function layersOf(
    transform: ResolvedTransform | undefined,
    signal: AbortSignal,
  ): Promise<readonly LayerState[]> {
    const ids = transform === undefined ? [] : layerIds(transform);
    return Promise.all(ids.map((id) => findLayer(id, signal)));
  }

  async function findLayer(id: string, signal: AbortSignal): Promise<LayerState> {
    const keys = layerCandidates(id, grammar);
    for (const [index, key] of keys.entries()) {
      if (index === 1) await versions.ruleOut(keys.slice(1), signal);
      const state = await versions.lookup(key, signal);
      if (state !== 'absent') return { id, key, state };
    }
    throw notFound(id);
  }

  /** While the originals cannot be asked, a stored variant of whatever version is better than none. */
  async function stateFromStored(read: Reading): Promise<SourceVersion | undefined> {
    const variant = await read;
    return variant && { version: variant.version, lastModified: variant.lastModified, size: 0 };
  }

  async function stateOf(
    { key, transform }: Candidate,
    read: Reading,
    signal: AbortSignal,
  ): Promise<Found | undefined> {
    try {
      const state = await versions.lookup(key, signal);
      return state === 'absent' ? undefined : { state, layers: await layersOf(transform, signal) };
    } catch (error) {
      const state = isFailure(error, 'cancelled', 'not_found') ? undefined : await stateFromStored(read);
      if (state === undefined) throw error;
      telemetry.report({ type: 'tier-fault', tier: 'originals', operation: 'head', error });
      // The stored variant's version is that of its layers too.
      return { state, layers: [] };
    }
  }

  function wasOvertaken(lookup: Lookup, sources: readonly string[]): boolean {
    const since = purgeCount - lookup.purgeCount;
    if (since > recentPurges.length) return true;
    return since > 0 && recentPurges.slice(-since).some((includes) => sources.some(includes));
  }

  async function lookUp(candidate: Candidate, options: IdentifyOptions): Promise<Identified | undefined> {
    const { key, transform } = candidate;
    for (let tries = 1; ; tries += 1) {
      const lookup = { purgeCount, read: beginRead(candidate, options) };
      const found = await stateOf(candidate, lookup.read, options.signal);
      const sources = [key, ...(found?.layers ?? []).map((layer) => layer.key)];
      // What is answered after a purge may not stand on what was looked up before it, not even a 304.
      if (tries < maxLookups && wasOvertaken(lookup, sources)) continue;
      if (found === undefined) return undefined;
      const { state, layers } = found;
      if (transform === undefined) {
        const identity = { source: key, state, etag: originalEtag(key, state.version) };
        lookups.set(identity, lookup);
        return { kind: 'original', identity };
      }
      const identity = identify(key, state, transform, layers);
      lookups.set(identity, lookup);
      return { kind: 'variant', identity };
    }
  }

  return {
    async identify(candidates, options) {
      for (const [index, candidate] of candidates.entries()) {
        // The other names that an original may have: mostly none is there.
        if (index === 1) {
          const others = candidates.slice(1).map(({ key }) => key);
          await versions.ruleOut(others, options.signal);
        }
        // Ahead of the answer only the name that was asked for is read: it is nearly always the one.
        const found = await lookUp(candidate, index === 0 ? options : { ...options, readAhead: false });
        if (found !== undefined) return found;
      }
      throw notFound(candidates[0]?.key ?? '');
    },
    readAhead: (identity) => lookups.get(identity)?.read,
    isOutdated(identity) {
      const lookup = lookups.get(identity);
      const sources = 'layers' in identity ? sourcesOf(identity) : [identity.source];
      return lookup !== undefined && wasOvertaken(lookup, sources);
    },
    outdate(includes) {
      purgeCount += 1;
      recentPurges = [...recentPurges, includes].slice(-rememberedPurges);
    },
  };
}
