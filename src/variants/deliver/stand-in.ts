import { Readable } from 'node:stream';
import type { ResolvedTransform } from '../../grammar/index.ts';
import { TakesLong } from '../../image/index.ts';
import type { IdentifiedVariant } from '../identify/identified.ts';
import { identify } from '../identify/identify.ts';
import type { Behind } from './behind.ts';
import { type DeliveryParts, deliver } from './deliver.ts';
import type { Delivered, DeliverOptions } from './delivered.ts';

export interface StandInParts extends DeliveryParts {
  readonly behind: Behind;
  /** Milliseconds of computing that an AVIF may be reckoned to take to be waited for; undefined: each is. */
  readonly patienceMs: number | undefined;
}

/**
 * As `deliver`; but where an AVIF that the server chose takes long, a WebP comes at once in its stead, and the AVIF is made
 * behind it: once, in its turn, and as anything else is, so that other processes are heeded and told.
 */
export async function deliverSoon(
  parts: StandInParts,
  identified: IdentifiedVariant,
  options: DeliverOptions,
): Promise<Delivered> {
  const { behind, patienceMs, memory } = parts;
  const { identity } = identified;
  const isWaitedFor = options.mayStandIn !== true || patienceMs === undefined || !isReplaceable(identity.transform);
  if (isWaitedFor || memory.get(identity) !== undefined) return deliver(parts, identified, options);
  if (behind.holds(identity.memoryKey)) return standIn(parts, identified, options);
  try {
    return await deliver(parts, identified, { ...options, patienceMs });
  } catch (error) {
    if (!(error instanceof TakesLong)) throw error;
  }
  behind.make(identity.memoryKey, (signal) => makeBehind(parts, identified, { ...options, signal }));
  return standIn(parts, identified, options);
}

/** AVIF was not asked for by name, and a picture is sent. */
function isReplaceable({ format, flags }: ResolvedTransform): boolean {
  return format === 'auto-avif' && !flags.includes('getinfo') && !flags.includes('describe');
}

/** What a client gets that takes WebP and no AVIF. */
async function standIn(
  parts: DeliveryParts,
  { identity }: IdentifiedVariant,
  options: DeliverOptions,
): Promise<Delivered> {
  const { signal, client } = options;
  const candidate = { key: identity.source, transform: { ...identity.transform, format: 'auto-webp' as const } };
  const found = await identify(parts, [candidate], { signal, client, readAhead: true });
  // A candidate with a transform is identified as a variant.
  if (found.kind !== 'variant') throw new Error('a variant was identified as an original');
  return { ...(await deliver(parts, found, options)), standsIn: true };
}

/** Behind all visitors, whose slots and turns it does not take. */
async function makeBehind(
  parts: DeliveryParts,
  identified: IdentifiedVariant,
  { signal, isLimited }: Pick<DeliverOptions, 'signal' | 'isLimited'>,
): Promise<void> {
  const { body } = await deliver(
    parts,
    { ...identified, ahead: undefined },
    { signal, priority: 'warming', ...(isLimited === undefined ? {} : { isLimited }) },
  );
  if (body instanceof Readable) body.destroy();
}
