import { withDeadline } from '../../deadline.ts';
import type { FlightControl } from '../../flights.ts';
import type { IsDeclared } from '../../grammar/index.ts';
import { HeldBack, TakesLong } from '../../image/index.ts';
import type { Epochs } from '../identify/epochs.ts';
import { type IdentifiedVariant, isOutdated } from '../identify/identified.ts';
import type { VariantIdentity } from '../identify/identity.ts';
import { type Found, type FoundLease, isLease, type StoredVariant } from '../identify/variant.ts';
import type { Lease, Leases } from '../tiers/leases.ts';
import type { MemoryTier } from '../tiers/memory-tier.ts';
import type { StoreTier } from '../tiers/store-tier.ts';
import type { Admission } from './admission.ts';
import type { DeliverOptions, DeliveryTimings } from './delivered.ts';
import { fingerprintsOf } from './fingerprints.ts';
import { type RenderedVariant, type RenderingParts, renderVariant } from './render.ts';
import type { VariantCounts } from './variant-counts.ts';

export interface MakingParts extends RenderingParts {
  readonly memory: MemoryTier;
  readonly store: StoreTier | undefined;
  /** Undefined where no other process makes variants into the same store, or it cannot tell who was first. */
  readonly leases: Leases | undefined;
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
  /** False when a purge overtook it, or it was drawn without what it is to go by. */
  readonly isCurrent: boolean;
  readonly timings: DeliveryTimings;
}

interface ReadVariant {
  readonly variant: StoredVariant;
  readonly from: 'store';
  readonly timings: DeliveryTimings;
}

/** How often the right to make a variant is asked for that others took and gave back. */
const mostTakes = 3;

/** The work of a flight: out of the store or drawn, and kept. Undefined when the original has changed. */
export async function make(parts: MakingParts, order: Order, control: FlightControl): Promise<MadeVariant | undefined> {
  const { identified } = order;
  const { identity } = identified;
  const lease = identity.key === undefined ? undefined : parts.leases?.of(identity.key);
  let isStored = false;
  try {
    const made = await readOrDraw(parts, { ...order, lease }, control);
    if (made === undefined) return undefined;
    // The flight is known by the original alone; a purge of one of its layers shows in the look-up.
    const isSure = made.from === 'store' || made.isSure;
    const isCurrent = isSure && control.isCurrent() && !isOutdated(parts.epochs, identified);
    isStored = isCurrent && keep(parts, identity, made);
    return { ...made, isCurrent };
  } finally {
    if (!isStored) lease?.release();
  }
}

/** What is in the store, or will be as soon as another process has drawn it; or drawn here. */
async function readOrDraw(
  parts: MakingParts,
  order: Order & { readonly lease: Lease | undefined },
  control: FlightControl,
): Promise<ReadVariant | RenderedVariant | undefined> {
  const { identified, lease } = order;
  const asked = performance.now();
  let found = await readStored(parts, identified, control.signal);
  for (let takes = 1; ; takes += 1) {
    if (lease !== undefined && isLease(found)) found = await waitForOthers(parts, { ...order, lease, found }, control);
    const storeMs = performance.now() - asked;
    const stored = isLease(found) ? undefined : found;
    if (stored?.version === identified.identity.stamp) {
      return { variant: stored, from: 'store', timings: { storeMs } };
    }
    // What lies there, of whatever kind, cannot be created: it is drawn as where there is one process.
    const mayTake = found === undefined ? takes <= mostTakes : lease?.isOurs(found) === true;
    const isNew = stored === undefined;
    const drawn = await draw(parts, { ...order, isNew, lease: mayTake ? lease : undefined }, control);
    if (drawn !== 'leased') return drawn && { ...drawn, timings: { ...drawn.timings, storeMs } };
    found = await readStored(parts, { ...identified, ahead: undefined }, control.signal);
    // Taken, and not by anybody whose variant could be read here.
    if (found === undefined) takes = mostTakes;
  }
}

interface Waiting extends Order {
  readonly lease: Lease;
  readonly found: FoundLease;
}

function waitForOthers(parts: MakingParts, waiting: Waiting, { signal }: FlightControl): Promise<Found> {
  const { identified, lease, found, options } = waiting;
  const again = { ...identified, ahead: undefined };
  const ended = (within: AbortSignal) => lease.ended(found, (reading) => readStored(parts, again, reading), within);
  const { patienceMs: ms } = options;
  if (ms === undefined) return ended(signal);
  return withDeadline({ ms, signal, reason: () => new TakesLong() }, (deadline) => ended(deadline.signal));
}

/** Of whatever version. */
async function readStored({ store }: MakingParts, { identity, ahead }: IdentifiedVariant, signal: AbortSignal) {
  if (store === undefined || identity.key === undefined) return undefined;
  return ahead ?? store.read(identity.key, signal);
}

/** In memory now, in the store behind the response; false when there is no room for that. */
function keep({ memory, store }: MakingParts, identity: VariantIdentity, made: ReadVariant | RenderedVariant): boolean {
  if (made.variant.bytes !== undefined) memory.set(identity, made.variant);
  return made.from === 'store' || store?.keep(identity, made.variant) === true;
}

/** Refusals first, since nothing is fetched for them; then a slot, and the render in it, unless another process has the lease. */
async function draw(
  parts: MakingParts,
  { identified, options, isNew, lease }: Order & { readonly isNew: boolean; readonly lease: Lease | undefined },
  control: FlightControl,
): Promise<RenderedVariant | 'leased' | undefined> {
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
  const job = { identity, claim, lease, queuedAt: performance.now(), patienceMs: options.patienceMs };
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
