import { type GrammarOptions, layerCandidates, layerIds } from '../../grammar/index.ts';
import type { Epochs } from '../identify/epochs.ts';
import type { Candidate, IdentifiedVariant } from '../identify/identified.ts';
import type { LayerState, NameVariant, SourceVersion, VariantIdentity } from '../identify/identity.ts';
import type { Variant } from '../identify/variant.ts';
import type { Versions } from '../identify/versions.ts';
import type { MemoryTier } from '../tiers/memory-tier.ts';

/** What was remembered of a key that a request may have meant. */
interface Ground {
  readonly key: string;
  readonly state: SourceVersion | 'absent';
}

/** What an answer out of memory stands on: while all of it is so, whoever asks the same gets the same. */
export interface Standing {
  readonly identity: VariantIdentity;
  readonly grounds: readonly Ground[];
  /** Not held: once the memory tier lets go of it, it is gone. */
  readonly variant: WeakRef<Variant>;
  /** Up to this one no purge was about it. */
  epoch: number;
}

export interface StandingParts {
  readonly versions: Pick<Versions, 'remembered'>;
  readonly memory: Pick<MemoryTier, 'get'>;
  readonly epochs: Epochs;
  readonly nameVariant: NameVariant;
  readonly grammar: () => Pick<GrammarOptions, 'extensions'>;
  readonly hearOfPurges: () => Promise<void> | undefined;
}

/** Undefined when the variant is not in memory, or something that leads to it is remembered no longer. */
export function standingOf(
  parts: StandingParts,
  { identity, epoch }: IdentifiedVariant,
  candidates: readonly Candidate[],
): Standing | undefined {
  const { source, transform, memoryKey } = identity;
  const variant = parts.memory.get(identity);
  const found = firstThere(
    parts,
    candidates.map(({ key }) => key),
  );
  if (variant === undefined || found?.key !== source) return undefined;
  const layers: LayerState[] = [];
  const grounds = [...found.grounds];
  for (const id of layerIds(transform)) {
    const layer = firstThere(parts, layerCandidates(id, parts.grammar()));
    if (layer === undefined) return undefined;
    layers.push({ id, key: layer.key, state: layer.state });
    grounds.push(...layer.grounds);
  }
  // What is remembered now may be newer than what the answer was made of.
  if (parts.nameVariant(source, transform, { state: found.state, layers }).memoryKey !== memoryKey) return undefined;
  return { identity, grounds, variant: new WeakRef(variant), epoch };
}

interface There {
  readonly key: string;
  readonly state: SourceVersion;
  readonly grounds: readonly Ground[];
}

/** The first of these names that is there, as far as that is remembered and fresh. */
function firstThere({ versions }: StandingParts, keys: readonly string[]): There | undefined {
  const grounds: Ground[] = [];
  for (const key of keys) {
    const state = versions.remembered(key);
    if (state === undefined) return undefined;
    grounds.push({ key, state });
    if (state !== 'absent') return { key, state, grounds };
  }
  return undefined;
}

/** The variant, while all stands; undefined when it has to be asked for anew. Each time counts as a use of what is remembered. */
export function recall(parts: StandingParts, standing: Standing): Variant | undefined {
  // The last look was too long ago: whoever asks waits for the next.
  if (parts.hearOfPurges() !== undefined) return undefined;
  const { identity, grounds } = standing;
  const epoch = parts.epochs.now();
  if (standing.epoch !== epoch) {
    if (parts.epochs.isOver(standing.epoch, identity.sources)) return undefined;
    standing.epoch = epoch;
  }
  for (const { key, state } of grounds) if (parts.versions.remembered(key) !== state) return undefined;
  const variant = parts.memory.get(identity);
  return variant !== undefined && variant === standing.variant.deref() ? variant : undefined;
}
