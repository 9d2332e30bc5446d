import type { FlightControl } from '../../flights.ts';
import type { IsDeclared } from '../../grammar/index.ts';
import { HeldBack } from '../../image/index.ts';
import type { Epochs } from '../identify/epochs.ts';
import { type IdentifiedVariant, isOutdated } from '../identify/identified.ts';
import type { VariantIdentity } from '../identify/identity.ts';
import type { StoredVariant } from '../identify/variant.ts';
import type { MemoryTier } from '../tiers/memory-tier.ts';
import type { StoreTier } from '../tiers/store-tier.ts';
import type { Admission } from './admission.ts';
import type { DeliverOptions, DeliveryTimings } from './delivered.ts';
import { fingerprintsOf, type RenderedVariant, type RenderingParts, renderVariant } from './render.ts';
import type { VariantCounts } from './variant-counts.ts';

export interface MakingParts extends RenderingParts {
  readonly memory: MemoryTier;
  readonly store: StoreTier | undefined;
  readonly epochs: Epochs;
  readonly admission: Admission;
  readonly counts: VariantCounts;
  /** What an operator has declared always has room. */
  readonly isDeclared: IsDeclared;
}

/** What is asked for, and how: in a flight, by the one who leads it. */
interface Order {
  readonly identified: IdentifiedVariant;
  readonly options: DeliverOptions;
}

/** What a flight brings home. */
export interface MadeVariant {
  readonly variant: StoredVariant;
  readonly from: 'store' | 'render';
  /** False when a purge overtook it. */
  readonly isCurrent: boolean;
  readonly timings: DeliveryTimings;
}

interface ReadVariant {
  readonly variant: StoredVariant;
  readonly from: 'store';
  readonly timings: DeliveryTimings;
}

/** The work of a flight: out of the store or drawn, and kept. Undefined when the original has changed. */
export async function make(parts: MakingParts, order: Order, control: FlightControl): Promise<MadeVariant | undefined> {
  const { identified } = order;
  const { identity } = identified;
  const asked = performance.now();
  const stored = await readStored(parts, identified, control.signal);
  const storeMs = performance.now() - asked;
  const made: ReadVariant | RenderedVariant | undefined =
    stored?.version === identity.stamp
      ? { variant: stored, from: 'store', timings: {} }
      : await draw(parts, { ...order, isNew: stored === undefined }, control);
  if (made === undefined) return undefined;
  // The flight is known by the original alone; a purge of one of its layers shows in the look-up.
  const isCurrent = control.isCurrent() && !isOutdated(parts.epochs, identified);
  if (isCurrent) keep(parts, identity, made);
  return { ...made, isCurrent, timings: { ...made.timings, storeMs } };
}

/** Of whatever version. */
async function readStored({ store }: MakingParts, { identity, ahead }: IdentifiedVariant, signal: AbortSignal) {
  if (store === undefined || identity.key === undefined) return undefined;
  return ahead ?? store.read(identity.key, signal);
}

/** In memory now, in the store behind the response. */
function keep({ memory, store }: MakingParts, identity: VariantIdentity, made: ReadVariant | RenderedVariant): void {
  if (made.variant.bytes !== undefined) memory.set(identity, made.variant);
  if (made.from === 'render') store?.keep(identity, made.variant);
}

/** Refusals first, since nothing is fetched for them; then a slot, and the render in it. */
async function draw(
  parts: MakingParts,
  { identified, options, isNew }: Order & { readonly isNew: boolean },
  control: FlightControl,
): Promise<RenderedVariant | undefined> {
  const { identity } = identified;
  const { renderer, admission, counts } = parts;
  await renderer.check(fingerprintsOf(identity), identity.transform, control.signal);
  const claim = { client: options.client?.(), original: identity.source };
  // One of another version is replaced: that makes no more of them.
  if (isNew && isCounted(parts, identity, options)) {
    // A refusal makes none, and is not to cost a listing.
    admission.refuseWhenFull(claim);
    await counts.admit(identity, control.signal);
  }
  const job = { identity, claim, queuedAt: performance.now() };
  const request = { ...claim, signal: control.signal, priority: options.priority ?? 'visitor' };
  for (;;) {
    try {
      return await admission.run(() => renderVariant(parts, job, control), request);
    } catch (error) {
      if (!(error instanceof HeldBack)) throw error;
    }
    // While its original is on trial it gives the slot back, and waits for the end of that without one.
    await renderer.check(fingerprintsOf(identity), identity.transform, control.signal);
  }
}

/** Anybody may ask for it, and nobody has declared it. */
export function isCounted(
  { isDeclared }: Pick<MakingParts, 'isDeclared'>,
  { source, text }: VariantIdentity,
  { isLimited }: DeliverOptions,
): boolean {
  return isLimited === true && !isDeclared(source, text);
}
