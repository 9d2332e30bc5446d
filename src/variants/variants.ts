import type { Cdn } from '../cdn/index.ts';
import { createFlights } from '../flights.ts';
import type { GrammarOptions, IsDeclared, ResolvedTransform } from '../grammar/index.ts';
import type { Renderer } from '../image/index.ts';
import type { ObjectStore } from '../storage/index.ts';
import type { Telemetry } from '../telemetry.ts';
import { type Collects, createCollects } from './collect/collect.ts';
import type { Admission } from './deliver/admission.ts';
import { createBehind } from './deliver/behind.ts';
import { bodyToResend, type Resending } from './deliver/bodies.ts';
import type { Delivered, DeliverOptions } from './deliver/delivered.ts';
import { createKnownFaces } from './deliver/known-faces.ts';
import type { MadeVariant } from './deliver/make.ts';
import type { Originals } from './deliver/originals.ts';
import { createSentOriginals, type SentOriginals } from './deliver/sent-originals.ts';
import { deliverSoon } from './deliver/stand-in.ts';
import { recall, type Standing, standingOf } from './deliver/standing.ts';
import { createVariantCounts } from './deliver/variant-counts.ts';
import { createEpochs } from './identify/epochs.ts';
import type { Candidate, Identified, IdentifiedVariant } from './identify/identified.ts';
import { type IdentifyOptions, identify } from './identify/identify.ts';
import { createNameVariant, type VariantIdentity } from './identify/identity.ts';
import type { Variant } from './identify/variant.ts';
import type { Versions } from './identify/versions.ts';
import type { EdgePurges } from './purge/edge-purges.ts';
import { createErasures, type Erasures } from './purge/erase.ts';
import { createHoldings, scopeOf } from './purge/holdings.ts';
import { createMoves, type Moves } from './purge/move.ts';
import { createPurges, type Purges } from './purge/purge.ts';
import { createPurgeLog, type PurgeLogOptions } from './purge/purge-log.ts';
import { createServedMarks } from './purge/served-marks.ts';
import { createSayings, type Sayings } from './said.ts';
import type { Leases } from './tiers/leases.ts';
import type { MemoryTier } from './tiers/memory-tier.ts';
import type { Sending } from './tiers/sending.ts';
import type { StoreTier } from './tiers/store-tier.ts';
import { type Warmed, type WarmOptions, warm } from './warm.ts';

/** The life of variants, from the question for one to the end of everything made of an original. */
export interface Variants extends SentOriginals, Purges, Erasures, Moves, Sayings, Collects {
  /** Which candidate is there, and what its variant is called. Failures: `not_found`; the store's, when it fails. */
  identify(candidates: readonly Candidate[], options: IdentifyOptions): Promise<Identified>;
  /** The first of a few keys that an original has. All are asked for at once. Failures: the store's. */
  firstThere(keys: readonly string[], options: Omit<IdentifyOptions, 'readAhead'>): Promise<string | undefined>;
  /** Where a variant is kept, without reading it. A store that fails keeps nothing. */
  keptIn(identity: VariantIdentity, signal: AbortSignal): Promise<'memory' | 'store' | 'nowhere'>;
  /** The tag the variant at hand in memory was made with, which may be older than the identity's own. */
  etagInMemory(identity: VariantIdentity): string | undefined;
  /** The bytes of what was identified; a WebP for an AVIF that takes long, which is made behind it. Failures: `overloaded`, `timeout`, and those of the stores and the renderer. */
  deliver(identified: IdentifiedVariant, options: DeliverOptions): Promise<Delivered>;
  /** What an answer out of memory stood on; undefined when something of it is not remembered. */
  standing(identified: IdentifiedVariant, candidates: readonly Candidate[]): Standing | undefined;
  /** At once, and without asking anybody: the variant, while what it stands on is so; undefined: it has to be identified. */
  recall(standing: Standing): Variant | undefined;
  /** At once: the bytes of what was recalled; undefined when there is no room for them while they are sent, or they are many. */
  resend(variant: Variant, options: Resending): Uint8Array | undefined;
  /** Makes variants before somebody asks, behind those who do. Failures: `overloaded`; the store's, the renderer's. */
  warm(key: string, transforms: readonly ResolvedTransform[], options: WarmOptions): Promise<Warmed>;
  /** Resolves when every write behind a response is done. */
  settled(): Promise<void>;
}

export interface VariantsParts {
  readonly originalsStore: Pick<ObjectStore, 'head' | 'get' | 'put' | 'list' | 'delete' | 'deleteUnchanged'>;
  readonly variantsStore: Pick<ObjectStore, 'head' | 'get' | 'put' | 'list' | 'delete'> | undefined;
  readonly versions: Versions;
  readonly originals: Originals;
  readonly memory: MemoryTier;
  readonly store: StoreTier | undefined;
  readonly leases: Leases | undefined;
  readonly admission: Admission;
  readonly sending: Sending;
  readonly renderer: Renderer;
  readonly cdn: Pick<Cdn, 'isPresent'>;
  readonly edge: EdgePurges;
  /** As it is configured now. */
  readonly grammar: () => GrammarOptions;
  readonly isDeclared: IsDeclared;
  /** Variants of one original that unsigned URLs may make, of those that nobody declared. */
  readonly budget: () => number;
  readonly telemetry: Telemetry;
  /** Names the libraries that encode (part of every ETag). */
  readonly build: string;
  /** Anybody may have the original of this key as it is: only then may a picture of it be its own coding. */
  readonly isOpen: (key: string) => boolean;
  /** Milliseconds after which a visitor is told to come again. */
  readonly maxAnswerMs: number;
  /** Milliseconds of computing that an AVIF may be reckoned to take to be waited for; undefined: each is. */
  readonly patienceMs?: number | undefined;
  /** AVIFs that are made at once behind what stood in for them; one by default. */
  readonly behindAtOnce?: number;
  /** Aborts when the service closes: a render whose visitors have left is finished until then. */
  readonly closing: AbortSignal;
}

/**
 * Builds the room from its tiers and the rooms below.
 *
 * @example
 * const variants = createVariants(parts);
 * const identified = await variants.identify([{ key: 'cats/tom.jpg', transform }], { signal, readAhead: false });
 * if (identified.kind === 'variant') await variants.deliver(identified, { signal });
 * const purged = await variants.purge({ keys: ['cats/tom.jpg'] }, { signal });
 */
export function createVariants(given: VariantsParts): Variants {
  const { variantsStore, originals, memory, store, telemetry } = given;
  const clock = performance;
  const epochs = createEpochs();
  const flights = createFlights<MadeVariant | undefined>();
  const marks = createServedMarks({ store: given.cdn.isPresent ? variantsStore : undefined, telemetry, clock });
  const holdings = createHoldings({ ...given, epochs, flights, marks });
  const forget: PurgeLogOptions['forget'] = (notice) => void holdings.forget(scopeOf(notice));
  const log = variantsStore && createPurgeLog({ store: variantsStore, forget, telemetry, clock });
  const purges = createPurges({ ...given, holdings, log, marks });
  const parts = {
    ...given,
    epochs,
    flights,
    behind: createBehind({ ...given, atOnce: given.behindAtOnce ?? 1 }),
    patienceMs: given.patienceMs,
    faces: createKnownFaces(given),
    nameVariant: createNameVariant(given),
    counts: createVariantCounts({ ...given, store: variantsStore, clock }),
    hearOfPurges: () => log?.look(),
    holds: holdings.holds,
  };
  const erasures = createErasures({ ...given, purge: purges.purge });
  return {
    ...purges,
    ...erasures,
    ...createSayings({ ...given, ...purges, maxBytes: originals.maxBytes }),
    ...createMoves({ ...given, ...purges, ...erasures }),
    ...createCollects({ ...given, purge: purges.purge, now: Date.now }),
    identify: (candidates, options) => identify(parts, candidates, options),
    async firstThere(keys, { signal, client }) {
      const states = await Promise.all(keys.map((key) => given.versions.lookup(key, signal, client)));
      return keys.find((_, index) => states[index] !== 'absent');
    },
    async keptIn(identity, signal) {
      if (memory.get(identity) !== undefined) return 'memory';
      return (await store?.has(identity, signal)) === true ? 'store' : 'nowhere';
    },
    etagInMemory: (identity) => memory.get(identity)?.etag,
    deliver: (identified, options) => deliverSoon(parts, identified, options),
    ...createSentOriginals({ ...given, epochs, note: (source) => marks.note(source) }),
    standing: (identified, candidates) => standingOf(parts, identified, candidates),
    recall: (standing) => recall(parts, standing),
    resend: (variant, options) => bodyToResend(parts, variant, options),
    warm: (key, transforms, options) => warm(parts, { key, transforms }, options),
    async settled() {
      await store?.settled();
      await given.leases?.settled();
      await marks.settled();
    },
  };
}
