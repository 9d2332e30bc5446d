import { withDeadline } from '../../deadline.ts';
import { Failure } from '../../failure.ts';
import type { Flights, Landed } from '../../flights.ts';
import { TakesLong } from '../../image/index.ts';
import { type IdentifiedVariant, isOutdated } from '../identify/identified.ts';
import { type IdentificationParts, identify } from '../identify/identify.ts';
import type { StoredVariant } from '../identify/variant.ts';
import { QueueFull } from './admission.ts';
import { type BodiesParts, bodyOf } from './bodies.ts';
import type { Delivered, DeliverOptions } from './delivered.ts';
import { isCounted, type MadeVariant, type MakingParts, make } from './make.ts';

export interface DeliveryParts extends IdentificationParts, MakingParts, BodiesParts {
  readonly store: MakingParts['store'];
  readonly flights: Flights<MadeVariant | undefined>;
  /** Milliseconds after which a request is told to come again: in a queue, its wait has no other end. */
  readonly maxAnswerMs: number;
}

/** A variant at hand, and how it came. */
interface Obtained extends Pick<Delivered, 'from' | 'collapsed' | 'isCurrent' | 'timings'> {
  readonly variant: StoredVariant;
}

/** How often a request looks its original up anew before it gives up: only an original that keeps changing needs more. */
const maxLookups = 5;

/** How many leaders of a flight somebody sees refused before it is refused too: a crowd is not to try one by one for ever. */
const mostLeaders = 5;

/** From an identity to bytes: memory, then one flight through the store tier and the renderer for all who ask. */
export async function deliver(
  parts: DeliveryParts,
  identified: IdentifiedVariant,
  options: DeliverOptions,
): Promise<Delivered> {
  let current = identified;
  for (let lookups = 1; ; lookups += 1) {
    const delivered = await deliverOnce(parts, current, options);
    if (delivered !== undefined) return delivered;
    if (lookups >= maxLookups) throw new Failure('upstream', 'The original keeps changing while it is being read.');
    current = await identifyAgain(parts, current, options);
  }
}

/** Undefined when what was found is out of date: the identity has to be found anew. */
async function deliverOnce(
  parts: DeliveryParts,
  identified: IdentifiedVariant,
  options: DeliverOptions,
): Promise<Delivered | undefined> {
  // Found before a purge began: the purge has just made us forget what this identity stands on.
  if (isOutdated(parts.epochs, identified)) return undefined;
  const { identity } = identified;
  const kept = parts.memory.get(identity);
  const obtained = kept === undefined ? await obtain(parts, identified, options) : fromMemory(kept);
  if (obtained === undefined) return undefined;
  const { variant, from, collapsed, isCurrent, timings } = obtained;
  parts.telemetry.report({ type: 'tier-hit', tier: collapsed ? 'collapsed' : from });
  const body = await bodyOf(parts, { key: identity.key, variant }, options);
  // It was in the store a moment ago.
  if (body === undefined) return undefined;
  const { sources } = identity;
  return { ...variant, ...body, sources, from, collapsed, isCurrent, timings };
}

function fromMemory(variant: StoredVariant): Obtained {
  return { variant, from: 'memory', collapsed: false, isCurrent: true, timings: {} };
}

/** One flight for all who ask, each of whom waits for it as long as a request may. Undefined when the original has changed. */
async function obtain(
  parts: DeliveryParts,
  identified: IdentifiedVariant,
  options: DeliverOptions,
): Promise<Obtained | undefined> {
  const { signal, priority } = options;
  // Warming has all the time there is.
  const landed = await (priority === 'warming'
    ? join(parts, identified, options)
    : withDeadline({ ms: parts.maxAnswerMs, signal, reason: notInTime }, (deadline) =>
        join(parts, identified, { ...options, signal: deadline.signal }),
      ));
  const { value, led } = landed;
  return value && { ...value, collapsed: !led };
}

/** What was made meanwhile is kept for when the visitor comes again, and what nobody had begun is dropped. */
function notInTime(): Failure {
  const message = 'The picture was not ready in time; ask again in a moment.';
  return new Failure('overloaded', message, { retryAfterSeconds: 2 });
}

/**
 * A flight waits in its leader's name. Where that is refused for what else the leader waits for, others who joined it
 * go on in their own: or whoever fills the queue could have any picture refused to everybody by asking for it first.
 */
async function join(
  parts: DeliveryParts,
  identified: IdentifiedVariant,
  options: DeliverOptions,
): Promise<Landed<MadeVariant | undefined>> {
  const { identity } = identified;
  // Whoever may ask for any number does not share the refusal of one who may not.
  const flight = isCounted(parts, identity, options) ? `${identity.memoryKey}\0limited` : identity.memoryKey;
  for (let leaders = 1; ; leaders += 1) {
    let leads = false;
    try {
      return await parts.flights.join(flight, options.signal, (control) => {
        leads = true;
        return make(parts, { identified, options }, control);
      });
    } catch (error) {
      if (leads) throw error;
      const isOthers = error instanceof QueueFull && error.client !== options.client?.();
      const isOthersHaste = error instanceof TakesLong && options.patienceMs === undefined;
      if (!(isOthers || isOthersHaste) || leaders >= mostLeaders) throw error;
    }
  }
}

async function identifyAgain(
  parts: DeliveryParts,
  { identity }: IdentifiedVariant,
  { signal, client }: DeliverOptions,
): Promise<IdentifiedVariant> {
  const candidate = { key: identity.source, transform: identity.transform };
  const again = await identify(parts, [candidate], { signal, client, readAhead: false });
  // A candidate with a transform is identified as a variant.
  if (again.kind !== 'variant') throw new Error('a variant was identified as an original');
  return again;
}
