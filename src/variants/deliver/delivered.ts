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
  /** Another picture takes long, and this one is sent until it is there. */
  readonly standsIn?: boolean;
}

export interface DeliverOptions extends BodyOptions {
  /** Anybody could have asked: what nobody declared counts against what the original may have of that. */
  readonly isLimited?: boolean;
  /** Where a picture takes long, another format of it will do until it is there. */
  readonly mayStandIn?: boolean;
  /** Milliseconds of computing that an AVIF may be reckoned to take; past it: `TakesLong`. By default it is waited for. */
  readonly patienceMs?: number;
}
