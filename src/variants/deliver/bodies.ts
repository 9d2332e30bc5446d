import type { Readable } from 'node:stream';
import { Failure } from '../../failure.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { VariantIdentity } from '../identify/identity.ts';
import type { StoredVariant, Variant } from '../identify/variant.ts';
import type { Sending } from '../tiers/sending.ts';
import type { StoreTier } from '../tiers/store-tier.ts';

/** The bytes of a response. */
export interface Body {
  /** A stream where there was no room for all of them; whoever gets one reads it to its end or destroys it. */
  readonly body: Uint8Array | Readable;
  /** Bytes. */
  readonly size: number;
}

export interface BodyOptions {
  readonly signal: AbortSignal;
  readonly priority?: 'visitor' | 'warming';
  /** Names whoever asks, equal for what one of them asks; asked for when something has to be made, or to be held. */
  readonly client?: () => string;
  /** Told, with what is to be called once the response was sent, when it holds bytes in memory. By default they count no longer. */
  readonly onHeld?: (giveBack: () => void) => void;
}

export interface BodiesParts {
  readonly sending: Sending;
  readonly store: StoreTier | undefined;
  readonly telemetry: Telemetry;
}

/** Clients that nobody names are one. */
const nobody = () => '';

/** From memory while there is room for it there. Undefined when there is none, and for a variant that was not read. */
export function bodyInMemory(
  sending: Sending,
  bytes: Uint8Array | undefined,
  { priority, client = nobody, onHeld }: BodyOptions,
): Body | undefined {
  if (bytes === undefined) return undefined;
  // Nobody is sent what is warmed.
  if (priority !== 'warming') {
    const giveBack = sending.hold(bytes, client);
    if (giveBack === undefined) return undefined;
    if (onHeld === undefined) giveBack();
    else onHeld(giveBack);
  }
  return { body: bytes, size: bytes.byteLength };
}

/** The bytes of a variant in memory, for an answer of which nothing is counted; undefined for one so large that it has to be. */
export function uncountedBody({ sending, telemetry }: BodiesParts, { bytes }: Variant): Uint8Array | undefined {
  if (sending.counts(bytes)) return undefined;
  telemetry.report({ type: 'tier-hit', tier: 'memory' });
  return bytes;
}

/**
 * Out of the store in pieces. Undefined when one that was not read is in the store no longer. Failures: `overloaded` when
 * nothing is stored of one for which there is no room.
 */
export async function bodyFromStore(
  { store, telemetry }: BodiesParts,
  { key, variant }: Pick<VariantIdentity, 'key'> & { readonly variant: StoredVariant },
  signal: AbortSignal,
): Promise<Body | undefined> {
  const opened = key === undefined ? undefined : await store?.open(key, variant.etag, signal);
  if (opened !== undefined || variant.bytes === undefined) return opened;
  telemetry.report({ type: 'refused', reason: 'sending-full' });
  throw new Failure('overloaded', 'Too many large pictures are being sent right now; try again in a moment.', {
    retryAfterSeconds: 5,
  });
}
