import { isFailure } from '../../failure.ts';
import { canonical, type GrammarOptions, layerCandidates, layerIds } from '../../grammar/index.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { Epochs } from './epochs.ts';
import { type Candidate, type Identified, type IdentifiedVariant, isOutdated } from './identified.ts';
import {
  type FoundOriginal,
  type LayerState,
  type NameVariant,
  originalEtag,
  type SourceVersion,
  variantKey,
} from './identity.ts';
import { notFound } from './not-found.ts';
import { type Found, isLease } from './variant.ts';
import type { Versions } from './versions.ts';

export interface IdentifyOptions {
  readonly signal: AbortSignal;
  /** False when a 304 is likely: then nothing is read ahead from the variants store. */
  readonly readAhead: boolean;
  /** Names whoever asks, equal for what one of them asks. By default nobody in particular. */
  readonly client?: (() => string) | undefined;
}

export interface IdentificationParts {
  readonly versions: Versions;
  readonly epochs: Epochs;
  readonly nameVariant: NameVariant;
  /** Where variants are stored. */
  readonly store: { read(key: string, signal: AbortSignal): Promise<Found> } | undefined;
  readonly grammar: () => Pick<GrammarOptions, 'extensions'>;
  readonly telemetry: Telemetry;
  /** Resolves when what other processes have purged is forgotten here; undefined when that was so a moment ago. */
  readonly hearOfPurges: () => Promise<void> | undefined;
  /** True when anything is remembered of an original, or under way, that a purge would be about. */
  readonly holds: (key: string) => boolean;
}

/** One look-up, and what was noted when it began. */
interface Lookup extends Candidate, Pick<IdentifiedVariant, 'epoch' | 'ahead'>, Omit<IdentifyOptions, 'readAhead'> {}

/** How often a look-up that a purge overtook is made anew. */
const maxLookups = 5;

/** From the keys a request may mean to the identity of what it gets. Failures: `not_found`; the store's. */
export async function identify(
  parts: IdentificationParts,
  candidates: readonly Candidate[],
  options: IdentifyOptions,
): Promise<Identified> {
  const heard = restsOnMemory(parts, candidates) ? parts.hearOfPurges() : undefined;
  const identified = identifyFirst(parts, candidates, options);
  if (heard === undefined) return identified;
  // Side by side, so that a request waits for one round trip and not for two.
  const [outcome] = await Promise.allSettled([identified, heard]);
  return isStanding(parts, outcome) ? identified : identifyFirst(parts, candidates, options);
}

/** False when every answer comes from the stores themselves, which know more than has been told of them. */
function restsOnMemory({ holds, grammar }: IdentificationParts, candidates: readonly Candidate[]): boolean {
  return candidates.some(
    ({ key, transform }) =>
      holds(key) ||
      (transform !== undefined && layerIds(transform).some((id) => layerCandidates(id, grammar()).some(holds))),
  );
}

/** False when what was heard of meanwhile may be about it. */
function isStanding({ epochs }: IdentificationParts, outcome: PromiseSettledResult<Identified>): boolean {
  if (outcome.status === 'rejected') return !isFailure(outcome.reason, 'not_found');
  return !isOutdated(epochs, outcome.value);
}

/** The first candidate that is there. */
async function identifyFirst(
  parts: IdentificationParts,
  candidates: readonly Candidate[],
  options: IdentifyOptions,
): Promise<Identified> {
  for (const [index, candidate] of candidates.entries()) {
    // The other names that an original may have: mostly none is there.
    if (index === 1) {
      const others = candidates.slice(1).map(({ key }) => key);
      await parts.versions.ruleOut(others, options.signal);
    }
    // Ahead of the look-up only the name that was asked for is read: it is nearly always the one.
    const found = await lookUp(parts, candidate, index === 0 ? options : { ...options, readAhead: false });
    if (found !== undefined) return found;
  }
  throw notFound(candidates[0]?.key ?? '');
}

/** Made anew when a purge overtook it. */
async function lookUp(
  parts: IdentificationParts,
  candidate: Candidate,
  options: IdentifyOptions,
): Promise<Identified | undefined> {
  for (let tries = 1; ; tries += 1) {
    const lookup = beginLookup(parts, candidate, options);
    const found = await find(parts, lookup);
    const identified = found && named(parts, lookup, found);
    const sources = identified?.identity.sources ?? [candidate.key];
    // What is answered after a purge may not stand on what was looked up before it, not even a 304.
    if (tries >= maxLookups || !parts.epochs.isOver(lookup.epoch, sources)) return identified;
  }
}

function beginLookup(parts: IdentificationParts, candidate: Candidate, options: IdentifyOptions): Lookup {
  const { signal, readAhead, client } = options;
  const { key, transform } = candidate;
  const ahead = readAhead ? beginRead(parts, candidate, signal) : undefined;
  return { key, transform, epoch: parts.epochs.now(), ahead, signal, client };
}

/** Of a look-up that will ask the originals' store. */
function beginRead({ versions, store }: IdentificationParts, { key, transform }: Candidate, signal: AbortSignal) {
  if (store === undefined || transform === undefined || versions.remembered(key) !== undefined) return undefined;
  const place = variantKey(key, canonical(transform));
  const read = place === undefined ? undefined : store.read(place, signal);
  // It may be that nobody awaits it.
  read?.catch(() => undefined);
  return read;
}

/** The original and the layers of the transform; undefined when the original is not there. */
async function find(parts: IdentificationParts, lookup: Lookup): Promise<FoundOriginal | undefined> {
  try {
    const state = await parts.versions.lookup(lookup.key, lookup.signal, lookup.client);
    return state === 'absent' ? undefined : { state, layers: await findLayers(parts, lookup) };
  } catch (error) {
    const state = isFailure(error, 'cancelled', 'not_found') ? undefined : await stateFromStored(lookup);
    if (state === undefined) throw error;
    parts.telemetry.report({ type: 'tier-fault', tier: 'originals', operation: 'head', error });
    // The stored variant's version is that of its layers too.
    return { state, layers: [], stamp: state.version };
  }
}

/** While the originals cannot be asked, a stored variant of whatever version is better than none. */
async function stateFromStored({ ahead }: Lookup): Promise<SourceVersion | undefined> {
  const variant = await ahead;
  if (variant === undefined || isLease(variant)) return undefined;
  return { version: variant.version, lastModified: variant.lastModified, size: 0 };
}

/** Failures: `not_found`, naming the layer. */
async function findLayers(parts: IdentificationParts, lookup: Lookup): Promise<readonly LayerState[]> {
  const ids = lookup.transform === undefined ? [] : layerIds(lookup.transform);
  return Promise.all(ids.map((id) => findLayer(parts, id, lookup)));
}

async function findLayer(parts: IdentificationParts, id: string, { signal, client }: Lookup): Promise<LayerState> {
  const { versions, grammar } = parts;
  const keys = layerCandidates(id, grammar());
  for (const [index, key] of keys.entries()) {
    if (index === 1) await versions.ruleOut(keys.slice(1), signal);
    const state = await versions.lookup(key, signal, client);
    if (state !== 'absent') return { id, key, state };
  }
  throw notFound(id);
}

function named({ nameVariant }: IdentificationParts, lookup: Lookup, found: FoundOriginal): Identified {
  const { key, transform, epoch, ahead } = lookup;
  if (transform !== undefined) return { kind: 'variant', identity: nameVariant(key, transform, found), epoch, ahead };
  const { state } = found;
  const etag = originalEtag(key, state.version);
  return { kind: 'original', identity: { source: key, sources: [key], state, etag }, epoch };
}
