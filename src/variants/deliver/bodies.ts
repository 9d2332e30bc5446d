import type { Readable } from 'node:stream';
import type { ByteRange } from '../../byte-range.ts';
import { Failure } from '../../failure.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { VariantIdentity } from '../identify/identity.ts';
import type { StoredVariant, Variant } from '../identify/variant.ts';
import type { Sending } from '../tiers/sending.ts';
import type { StoreTier } from '../tiers/store-tier.ts';
import { type AskedPart, partOf, type SentPart } from './part.ts';

/** The bytes of a response. */
export interface Body {
  /** Which of them `body` has. */
  readonly part: SentPart;
  /** A stream where there was no room for all of them; whoever gets one reads it to its end or destroys it. */
  readonly body: Uint8Array | Readable;
  /** Bytes of the whole. */
  readonly size: number;
}

export interface BodyOptions {
  readonly signal: AbortSignal;
  /** By default the whole is sent. */
  readonly part?: AskedPart | undefined;
  readonly priority?: 'visitor' | 'warming';
  /** Names whoever asks, equal for what one of them asks; asked for when something has to be made, or to be held. */
  readonly client?: () => string;
  /** Told, with what is to be called once the response was sent, when it holds bytes in memory. By default they count no longer. */
  readonly onHeld?: (giveBack: () => void) => void;
}

/** Of whoever is sent again what is in memory. */
export type Resending = Required<Pick<BodyOptions, 'client' | 'onHeld'>>;

export interface BodiesParts {
  readonly sending: Sending;
  readonly store: StoreTier | undefined;
  readonly telemetry: Telemetry;
}

/** Clients that nobody names are one. */
const nobody = () => '';

/** A variant at hand, and where it is stored. */
interface BodyCall extends Pick<VariantIdentity, 'key'> {
  readonly variant: StoredVariant;
}

/** One that is not read, or of which not all is sent. */
interface PartCall extends BodyCall {
  readonly part: ByteRange | 'whole';
}

/**
 * What is sent of a variant. Undefined when one that was not read is in the store no longer. Failures: `overloaded` when
 * there is no room for it, and nothing is stored.
 */
export async function bodyOf(parts: BodiesParts, call: BodyCall, options: BodyOptions): Promise<Body | undefined> {
  const { etag, bytes } = call.variant;
  const size = call.variant.bytes === undefined ? call.variant.size : call.variant.bytes.byteLength;
  const part = partOf(options.part, { etag, size });
  if (part === 'none') return { body: new Uint8Array(), size, part };
  return (
    bodyInMemory(parts.sending, { bytes, part }, options) ?? bodyFromStore(parts, { ...call, part }, options.signal)
  );
}

/** From memory while there is room for it there. Undefined when there is none, and for a variant that was not read. */
function bodyInMemory(
  sending: Sending,
  { bytes, part }: Pick<PartCall, 'part'> & Pick<StoredVariant, 'bytes'>,
  { priority, client = nobody, onHeld }: BodyOptions,
): Body | undefined {
  if (bytes === undefined) return undefined;
  // A part holds all of it. Nobody is sent what is warmed.
  if (priority !== 'warming') {
    const giveBack = sending.hold(bytes, client);
    if (giveBack === undefined) return undefined;
    if (onHeld === undefined) giveBack();
    else onHeld(giveBack);
  }
  const body = part === 'whole' ? bytes : bytes.subarray(part.start, part.end);
  return { body, size: bytes.byteLength, part };
}

/** The kernel copies what it takes of a body: dozens larger than that at once would hold up the one thread. */
const mostResentBytes = 256 * 1024;

/** The bytes of a variant in memory, to be sent now; undefined when there is no room for them, or they take their turn. */
export function bodyToResend(
  { sending, telemetry }: BodiesParts,
  { bytes }: Variant,
  { client, onHeld }: Resending,
): Uint8Array | undefined {
  if (bytes.byteLength > mostResentBytes) return undefined;
  if (sending.counts(bytes)) {
    const giveBack = sending.hold(bytes, client);
    if (giveBack === undefined) return undefined;
    onHeld(giveBack);
  }
  telemetry.report({ type: 'tier-hit', tier: 'memory' });
  return bytes;
}

/** Out of the store in pieces. */
async function bodyFromStore(
  { store, telemetry }: BodiesParts,
  { key, variant, part }: PartCall,
  signal: AbortSignal,
): Promise<Body | undefined> {
  const wanted = { etag: variant.etag, range: part === 'whole' ? undefined : part };
  const opened = key === undefined ? undefined : await store?.open(key, wanted, signal);
  if (opened !== undefined) return { ...opened, part };
  if (variant.bytes === undefined) return undefined;
  telemetry.report({ type: 'refused', reason: 'sending-full' });
  throw new Failure('overloaded', 'Too many large pictures are being sent right now; try again in a moment.', {
    retryAfterSeconds: 5,
  });
}
