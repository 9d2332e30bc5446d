import type { Readable } from 'node:stream';
import { Failure } from '../../failure.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { VariantIdentity } from '../identify/identity.ts';
import type { UnreadVariant, Variant } from '../identify/variant.ts';
import type { Sending } from '../tiers/sending.ts';
import type { StoreTier } from '../tiers/store-tier.ts';

/** The bytes of an answer. */
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
  /** Told, with what is to be called once the answer was sent, when it holds bytes in memory. By default they count no longer. */
  readonly onHeld?: (giveBack: () => void) => void;
}

/**
 * From memory while there is room for it there, else out of the store in pieces. Undefined when one that was not read is in
 * the store no longer. Failures: `overloaded` when there is no room and nothing is stored.
 */
export type BodyOf = (
  variant: Variant | UnreadVariant,
  identity: Pick<VariantIdentity, 'key'>,
  options: BodyOptions,
) => Promise<Body | undefined>;

export interface BodiesParts {
  readonly sending: Sending;
  readonly store: StoreTier | undefined;
  readonly telemetry: Telemetry;
}

/** Nobody is sent what is warmed. */
const holdNothing: Sending['hold'] = () => () => undefined;

export function createBodyOf({ sending, store, telemetry }: BodiesParts): BodyOf {
  return async ({ bytes, etag }, { key }, { signal, priority, client, onHeld }) => {
    const hold = priority === 'warming' ? holdNothing : sending.hold;
    const giveBack = bytes && hold(bytes, () => client?.() ?? '');
    if (bytes !== undefined && giveBack !== undefined) {
      if (onHeld === undefined) giveBack();
      else onHeld(giveBack);
      return { body: bytes, size: bytes.byteLength };
    }
    const opened = key === undefined ? undefined : await store?.open(key, etag, signal);
    if (opened !== undefined || bytes === undefined) return opened;
    telemetry.report({ type: 'refused', reason: 'sending-full' });
    throw new Failure('overloaded', 'Too many large pictures are being sent right now; try again in a moment.', {
      retryAfterSeconds: 5,
    });
  };
}
