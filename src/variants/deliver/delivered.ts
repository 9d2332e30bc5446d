import type { VariantFacts } from '../identify/variant.ts';
import type { Body, BodyOptions } from './bodies.ts';

/** Milliseconds a request spent where; absent where it did not go. */
export interface DeliveryTimings {
  readonly storeMs?: number;
  readonly queueMs?: number;
  readonly fetchMs?: number;
  readonly renderMs?: number;
}

export interface Delivered extends VariantFacts, Body {
  /** Keys of every original it shows: its own and those of its layers. */
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
