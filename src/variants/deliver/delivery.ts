import { Failure } from '../../failure.ts';
import type { FlightControl, Flights, Landed } from '../../flights.ts';
import type { IsDeclared } from '../../grammar/index.ts';
import { HeldBack, type Renderer, type RenderInput } from '../../image/index.ts';
import type { Claim } from '../../shares.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { Identification } from '../identify/identification.ts';
import { sourcesOf, type VariantIdentity } from '../identify/identity.ts';
import type { UnreadVariant, Variant, VariantFacts } from '../identify/variant.ts';
import type { Versions } from '../identify/versions.ts';
import { withPatience } from '../tiers/deadline.ts';
import type { MemoryTier } from '../tiers/memory-tier.ts';
import type { Sending } from '../tiers/sending.ts';
import type { StoreTier } from '../tiers/store-tier.ts';
import { type Admission, QueueFull } from './admission.ts';
import { type Body, type BodyOptions, createBodyOf } from './bodies.ts';
import type { Originals } from './originals.ts';
import type { VariantCounts } from './variant-counts.ts';

/** Milliseconds a request spent where; absent where it did not go. */
export interface DeliveryTimings {
  readonly storeMs?: number;
  readonly queueMs?: number;
  readonly fetchMs?: number;
  readonly renderMs?: number;
}

export interface Delivered extends VariantFacts, Body {
  readonly source: string;
  /** Keys of every original it shows: the source and its layers. */
  readonly sources: readonly string[];
  readonly from: 'memory' | 'store' | 'render';
  /** Somebody else's request was already making it. */
  readonly collapsed: boolean;
  /** False when a purge overtook it while it was made: it may be answered once, but nobody may keep it. */
  readonly isCurrent: boolean;
  readonly timings: DeliveryTimings;
}

export interface DeliverOptions extends BodyOptions {
  /** Anybody could have asked: what nobody declared counts against what the original may have of that. */
  readonly isLimited?: boolean;
}

/** What a flight brings home. */
export type Made = Pick<Delivered, 'from' | 'isCurrent' | 'timings'> & { readonly variant: Variant | UnreadVariant };

export interface DeliveryParts {
  readonly identification: Identification;
  readonly flights: Flights<Made>;
  readonly counts: VariantCounts;
  /** What an operator has declared always has room. */
  readonly isDeclared: IsDeclared;
  /** Variants of one original that anybody may make of the others. */
  readonly budget: number;
  readonly versions: Versions;
  readonly originals: Originals;
  readonly memory: MemoryTier;
  readonly store: StoreTier | undefined;
  readonly admission: Admission;
  readonly sending: Sending;
  readonly renderer: Renderer;
  readonly telemetry: Telemetry;
  /** Milliseconds after which a request is told to come again: in a queue, its wait has no other end. */
  readonly maxAnswerMs: number;
  /** Aborts when the service closes: a render whose visitors have left is finished until then. */
  readonly closing: AbortSignal;
}

/** From an identity to bytes: memory, then one flight through the store tier and the renderer for all who ask. */
export type Deliver = (identity: VariantIdentity, options: DeliverOptions) => Promise<Delivered>;

/** How often a request looks its original up anew before it gives up: only an original that keeps changing needs more. */
const maxLookups = 5;

/** How many leaders of a flight somebody sees refused before it is refused too: a crowd is not to try one by one for ever. */
const mostLeaders = 5;

/** The original was overwritten or removed between the look-up and the read: the identity has to be found anew. */
class SourceChanged extends Error {
  override readonly name = 'SourceChanged';
}

/** With the layers: one that kills renders must not make poison of every picture it lies on. */
function versionsOf({ source, version, stamp }: VariantIdentity) {
  return { fingerprint: `${source}\0${stamp}`, original: `${source}\0${version}` };
}

/** All layers together may be as large as one original: ten of them are not to hold ten times the memory. */
function checkLayerBytes(layers: VariantIdentity['layers'], maxBytes: number): void {
  // An original that lies here as several layers is fetched once for each.
  const bytes = layers.reduce((sum, { state }) => sum + state.size, 0);
  if (bytes <= maxBytes) return;
  throw new Failure(
    'too_large',
    `The pictures of the layers have ${bytes} bytes together; at most ${maxBytes} are read for one picture.`,
  );
}

export function createDelivery(parts: DeliveryParts): Deliver {
  const { identification, flights, counts, versions, originals, memory, store } = parts;
  const { admission, renderer, telemetry } = parts;
  const bodyOf = createBodyOf(parts);

  /** Of whatever version. */
  async function readStored(identity: VariantIdentity, signal: AbortSignal) {
    if (store === undefined || identity.key === undefined) return undefined;
    return identification.readAhead(identity) ?? store.read(identity.key, signal);
  }

  async function fetchOriginal(key: string, version: string, signal: AbortSignal): Promise<Uint8Array> {
    const bytes = await originals.fetch(key, version, signal);
    if (typeof bytes !== 'string') return bytes;
    versions.forget(key);
    throw new SourceChanged();
  }

  async function fetchInput(identity: VariantIdentity, signal: AbortSignal): Promise<RenderInput> {
    const { source, version, layers, focus, isOpen } = identity;
    checkLayerBytes(layers, originals.maxBytes);
    const [original, ...files] = await Promise.all([
      fetchOriginal(source, version, signal),
      ...layers.map(async ({ id, key, state }) => [id, await fetchOriginal(key, state.version, signal)] as const),
    ]);
    return { original, isOpen, ...(files.length > 0 && { layers: new Map(files) }), ...(focus && { focus }) };
  }

  async function render(
    identity: VariantIdentity,
    claim: Claim,
    control: FlightControl,
  ): Promise<Omit<Made, 'isCurrent'> & { readonly variant: Variant }> {
    const started = performance.now();
    const input = await fetchInput(identity, control.signal);
    const fetchMs = performance.now() - started;
    const rendered = await renderer.render(input, identity.transform, {
      signal: parts.closing,
      abandoned: control.signal,
      // From here it is finished even when every visitor leaves: killing a render costs more than ending it.
      onBegun: control.commit,
      ...versionsOf(identity),
      claim,
    });
    const { bytes, contentType } = rendered;
    const { etag, stamp, lastModified } = identity;
    const variant: Variant = { bytes, contentType, etag, version: stamp, lastModified };
    return { variant, from: 'render', timings: { fetchMs, renderMs: rendered.timings.renderMs } };
  }

  /** Whoever comes to a slot while the original is on trial gives it back, and waits for the end of that without one. */
  async function unlessHeldBack<T>(
    identity: VariantIdentity,
    { signal }: FlightControl,
    run: () => Promise<T>,
  ): Promise<T> {
    for (;;) {
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof HeldBack)) throw error;
      }
      await renderer.check(versionsOf(identity), identity.transform, signal);
    }
  }

  async function make(identity: VariantIdentity, options: DeliverOptions, control: FlightControl): Promise<Made> {
    // The flight is known by the original alone; a purge of one of its layers shows in the look-up.
    const mayBeKept = () => control.isCurrent() && !identification.isOutdated(identity);
    const asked = performance.now();
    const stored = await readStored(identity, control.signal);
    const storeMs = performance.now() - asked;
    if (stored?.version === identity.stamp) {
      const isCurrent = mayBeKept();
      if (isCurrent && stored.bytes !== undefined) memory.set(identity, stored);
      return { variant: stored, from: 'store', isCurrent, timings: { storeMs } };
    }
    await renderer.check(versionsOf(identity), identity.transform, control.signal);
    const claim = { client: options.client?.(), original: identity.source };
    // One of another version is replaced: that makes no more of them.
    const isNew = stored === undefined;
    if (isNew && isCounted(identity, options)) {
      // A refusal makes none, and is not to cost a listing.
      admission.refuseWhenFull(claim);
      await counts.admit(identity, parts.budget, control.signal);
    }
    const queued = performance.now();
    let queueMs = 0;
    const made = await unlessHeldBack(identity, control, () =>
      admission.run(
        () => {
          queueMs = performance.now() - queued;
          return render(identity, claim, control);
        },
        { ...claim, signal: control.signal, priority: options.priority ?? 'visitor' },
      ),
    );
    const isCurrent = mayBeKept();
    if (isCurrent) {
      memory.set(identity, made.variant);
      store?.keep(identity, made.variant);
    }
    return { ...made, isCurrent, timings: { ...made.timings, storeMs, queueMs } };
  }

  const isCounted = ({ source, text }: VariantIdentity, { isLimited }: DeliverOptions) =>
    isLimited === true && !parts.isDeclared(source, text);

  /** Warming has all the time there is. */
  const patienceOf = ({ priority }: DeliverOptions) => (priority === 'warming' ? undefined : parts.maxAnswerMs);

  /**
   * A flight waits in its leader's name. Where that is refused for what else the leader waits for, others who joined it
   * go on in their own: or whoever fills the queue could have any picture refused to everybody by asking for it first.
   */
  async function join(flight: string, identity: VariantIdentity, options: DeliverOptions): Promise<Landed<Made>> {
    for (let leaders = 1; ; leaders += 1) {
      let leads = false;
      try {
        return await flights.join(flight, options.signal, (control) => {
          leads = true;
          return make(identity, options, control);
        });
      } catch (error) {
        const isOthers = error instanceof QueueFull && !leads && error.client !== options.client?.();
        if (!isOthers || leaders >= mostLeaders) throw error;
      }
    }
  }

  async function deliverOnce(identity: VariantIdentity, options: DeliverOptions): Promise<Delivered> {
    const { source } = identity;
    const sources = sourcesOf(identity);
    // Found before a purge began: the purge has just made us forget what this identity stands on.
    if (identification.isOutdated(identity)) throw new SourceChanged();
    const kept = memory.get(identity);
    if (kept !== undefined) {
      telemetry.report({ type: 'tier-hit', tier: 'memory' });
      const body = await bodyOf(kept, identity, options);
      if (body === undefined) throw new SourceChanged();
      return { ...kept, ...body, source, sources, from: 'memory', collapsed: false, isCurrent: true, timings: {} };
    }
    // Whoever may ask for any number does not share the refusal of one who may not.
    const flight = isCounted(identity, options) ? `${identity.memoryKey}\0limited` : identity.memoryKey;
    const { value, led } = await withPatience(patienceOf(options), options.signal, (signal) =>
      join(flight, identity, { ...options, signal }),
    );
    telemetry.report({ type: 'tier-hit', tier: led ? value.from : 'collapsed' });
    const { variant, from, isCurrent, timings } = value;
    const body = await bodyOf(variant, identity, options);
    // It was in the store a moment ago.
    if (body === undefined) throw new SourceChanged();
    return { ...variant, ...body, source, sources, from, collapsed: !led, isCurrent, timings };
  }

  return async function deliver(identity, options) {
    let current = identity;
    for (let lookups = 1; ; lookups += 1) {
      try {
        return await deliverOnce(current, options);
      } catch (error) {
        if (!(error instanceof SourceChanged)) throw error;
        if (lookups >= maxLookups) {
          throw new Failure('upstream', 'The original keeps changing while it is being read.', { cause: error });
        }
      }
      const candidate = { key: identity.source, transform: identity.transform };
      const again = await identification.identify([candidate], { signal: options.signal, readAhead: false });
      // A candidate with a transform is identified as a variant.
      if (again.kind === 'variant') current = again.identity;
    }
  };
}
