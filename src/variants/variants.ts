import { isFailure } from '../failure.ts';
import { createFlights } from '../flights.ts';
import type { GrammarOptions, IsDeclared, Point, ResolvedTransform } from '../grammar/index.ts';
import type { Renderer } from '../image/index.ts';
import type { ObjectStore } from '../storage/index.ts';
import type { Telemetry } from '../telemetry.ts';
import { type Collects, createCollects } from './collect/collect.ts';
import type { Admission } from './deliver/admission.ts';
import { createDelivery, type Deliver, type Made } from './deliver/delivery.ts';
import { type OpenedOriginal, openOriginal } from './deliver/opened-original.ts';
import type { Originals } from './deliver/originals.ts';
import { createVariantCounts } from './deliver/variant-counts.ts';
import { storeFocus } from './focal-point.ts';
import { createIdentification, type Identification, type OriginalIdentity } from './identify/identification.ts';
import type { VariantIdentity } from './identify/identity.ts';
import type { Versions } from './identify/versions.ts';
import type { EdgePurges } from './purge/edge-purges.ts';
import { createHoldings, scopeOf } from './purge/holdings.ts';
import { createPurges, type PurgeOptions, type Purges } from './purge/purge.ts';
import { createPurgeLog } from './purge/purge-log.ts';
import type { MemoryTier } from './tiers/memory-tier.ts';
import type { Sending } from './tiers/sending.ts';
import type { StoreTier } from './tiers/store-tier.ts';
import { type Warmed, type WarmOptions, warm } from './warm.ts';

/** The life of variants, from the question for one to the end of everything made of an original. */
export interface Variants extends Purges, Collects {
  /** Which candidate is there, and what its variant is called. Failures: `not_found`; the store's, when it fails. */
  readonly identify: Identification['identify'];
  /** The tag the variant at hand in memory was made with, which may be older than the identity's own. */
  etagInMemory(identity: VariantIdentity): string | undefined;
  readonly deliver: Deliver;
  /** The original's untouched bytes, as a stream that the caller reads to its end or destroys. */
  openOriginal(identity: OriginalIdentity, signal: AbortSignal): Promise<OpenedOriginal>;
  /** Makes variants before somebody asks, behind those who do. Failures: `overloaded`; the store's, the renderer's. */
  warm(key: string, transforms: readonly ResolvedTransform[], options: WarmOptions): Promise<Warmed>;
  /**
   * Says what matters most in an original (`g_custom`), or takes that back; what was made of it before is purged.
   * Failures: `not_found`, `invalid`, `overloaded` when somebody writes it at the same time; the store's.
   */
  setFocus(key: string, focus: Point | undefined, options: PurgeOptions): Promise<void>;
  /** Resolves when every write behind a response is done. */
  settled(): Promise<void>;
}

export interface VariantsParts {
  readonly originalsStore: Pick<ObjectStore, 'head' | 'get' | 'put' | 'list' | 'delete'>;
  readonly variantsStore: Pick<ObjectStore, 'head' | 'get' | 'put' | 'list' | 'delete'> | undefined;
  readonly versions: Versions;
  readonly originals: Originals;
  readonly memory: MemoryTier;
  readonly store: StoreTier | undefined;
  readonly admission: Admission;
  readonly sending: Sending;
  readonly renderer: Renderer;
  readonly edge: EdgePurges;
  readonly grammar: GrammarOptions;
  readonly isDeclared: IsDeclared;
  /** Variants of one original that unsigned URLs may make, of those that nobody declared. */
  readonly budget: number;
  readonly telemetry: Telemetry;
  /** Names the libraries that encode (part of every ETag). */
  readonly build: string;
  /** Anybody may have the original of this key as it is: only then may a picture of it be its own coding. */
  readonly isOpen: (key: string) => boolean;
  /** Milliseconds after which a visitor is told to come again. */
  readonly maxAnswerMs: number;
  /** Aborts when the service closes: a render whose visitors have left is finished until then. */
  readonly closing: AbortSignal;
}

/**
 * Builds the room from its tiers and the rooms below.
 *
 * @example
 * const variants = createVariants(parts);
 * const identified = await variants.identify([{ key: 'cats/tom.jpg', transform }], { signal, readAhead: false });
 * const purged = await variants.purge({ keys: ['cats/tom.jpg'] }, { signal });
 */
export function createVariants(parts: VariantsParts): Variants {
  const { memory, store } = parts;
  const flights = createFlights<Made>();
  const identification = createIdentification(parts);
  const { variantsStore, isDeclared, telemetry } = parts;
  const counts = createVariantCounts({ store: variantsStore, isDeclared, telemetry, clock: performance });
  const deliver = createDelivery({ ...parts, identification, flights, counts });
  const holdings = createHoldings({ ...parts, identification, flights });
  const log =
    parts.variantsStore &&
    createPurgeLog({
      store: parts.variantsStore,
      forget: (notice) => void holdings.forget(scopeOf(notice)),
      telemetry: parts.telemetry,
      clock: performance,
    });
  const purges = createPurges({ ...parts, holdings, log });
  const identify: Variants['identify'] = async (candidates, options) => {
    const look = log?.look();
    const identified = identification.identify(candidates, options);
    if (look === undefined) return identified;
    // Side by side, so that a request waits for one round trip and not for two; what was heard of may be about it.
    const [found] = await Promise.allSettled([identified, look]);
    const isSure =
      found.status === 'fulfilled'
        ? !identification.isOutdated(found.value.identity)
        : !isFailure(found.reason, 'not_found');
    return isSure ? identified : identification.identify(candidates, options);
  };
  return {
    ...purges,
    ...createCollects({ ...parts, purge: purges.purge, now: Date.now }),
    identify,
    etagInMemory: (identity) => memory.get(identity)?.etag,
    deliver,
    openOriginal: (identity, signal) => openOriginal({ ...parts, identification }, identity, signal),
    warm: (key, transforms, options) => warm({ identify, deliver }, { key, transforms }, options),
    async setFocus(key, focus, options) {
      const target = { store: parts.originalsStore, maxBytes: parts.originals.maxBytes };
      await storeFocus(target, { key, focus }, options.signal);
      await purges.purge({ keys: [key] }, options);
    },
    async settled() {
      await store?.settled();
    },
  };
}
