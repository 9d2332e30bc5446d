import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Cdn, EdgePurge } from '../../cdn/index.ts';
import { withDeadline } from '../../deadline.ts';
import { cancelled, Failure } from '../../failure.ts';
import type { Telemetry } from '../../telemetry.ts';

/** A purge of the edge that is due later. */
export interface LaterEdgePurge {
  readonly tags: readonly string[];
  /** Of the purge it repeats: however often it is delivered, it is one purge to the provider. */
  readonly reference: string;
  /** Milliseconds since 1970. */
  readonly dueAt: number;
}

/** Keeps a purge until it is due, beyond the life of this process. */
export type Postpone = (purge: LaterEdgePurge, signal: AbortSignal) => Promise<void>;

export interface EdgePurgesOptions {
  readonly cdn: Cdn;
  /** Milliseconds that an answer sent just before a purge may take to arrive at the edge: the purge waits so long. */
  readonly settleMs: number;
  /** Milliseconds after which nobody can answer with what was purged any more. */
  readonly repeatAfterMs: number;
  /** Undefined: this process remembers by itself. */
  readonly postpone: Postpone | undefined;
  readonly telemetry: Telemetry;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Purges of the edge: at once, and once more when every instance must have noticed. What another one still answered in
 * between would otherwise stay at the edge for a year.
 */
export interface EdgePurges {
  purge(tags: readonly string[], reference: string, signal: AbortSignal): Promise<readonly EdgePurge[]>;
  /** Does a postponed purge whose time has come. */
  repeat(purge: LaterEdgePurge, signal: AbortSignal): Promise<void>;
  /** Does at once what this process still has to repeat: too early is better than never. */
  flush(): Promise<void>;
}

/** Tags that one process remembers for their second purge: some 20 MB. */
const maxRememberedTags = 200_000;

/** What is left at shutdown, or under way by then, gets so long: with a provider that is gone the process ends all the same. */
const flushTimeoutMs = 15_000;

export function createEdgePurges(options: EdgePurgesOptions): EdgePurges {
  const { cdn, settleMs, repeatAfterMs, postpone, telemetry, now } = options;
  const waiting = new Map<LaterEdgePurge, NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  const ending = new AbortController();
  // However many are under way: Node takes more than ten for a leak.
  setMaxListeners(0, ending.signal);
  let rememberedTags = 0;

  async function repeat({ tags, reference }: LaterEdgePurge, signal: AbortSignal): Promise<void> {
    await cdn.purgeTags(tags, { callerReference: `${reference} again`, signal });
  }

  function begin(later: LaterEdgePurge): void {
    clearTimeout(waiting.get(later));
    waiting.delete(later);
    rememberedTags -= later.tags.length;
    const limit = { ms: repeatAfterMs + flushTimeoutMs, signal: ending.signal };
    const done = withDeadline(limit, ({ signal }) => repeat(later, signal))
      .catch((error: unknown) => telemetry.report({ type: 'tier-fault', tier: 'edge', operation: 'purge', error }))
      .finally(() => running.delete(done));
    running.add(done);
  }

  function remember(later: LaterEdgePurge): void {
    if (rememberedTags + later.tags.length > maxRememberedTags) {
      throw new Failure('overloaded', 'Too many purges wait for their second round: purge in smaller parts.', {
        retryAfterSeconds: Math.ceil(repeatAfterMs / 1000),
      });
    }
    rememberedTags += later.tags.length;
    waiting.set(later, setTimeout(() => begin(later), repeatAfterMs).unref());
  }

  async function schedule(later: LaterEdgePurge, signal: AbortSignal): Promise<void> {
    if (postpone === undefined) return remember(later);
    try {
      await postpone(later, signal);
    } catch (error) {
      telemetry.report({ type: 'tier-fault', tier: 'queue', operation: 'send', error });
      remember(later);
    }
  }

  async function settled(signal: AbortSignal): Promise<void> {
    try {
      await wait(settleMs, undefined, { signal });
    } catch (error) {
      throw cancelled(error);
    }
  }

  return {
    async purge(tags, reference, signal) {
      if (!cdn.isPresent || tags.length === 0) return [];
      // First, so that a provider that fails now is asked again then, whatever becomes of this call.
      await schedule({ tags, reference, dueAt: now() + repeatAfterMs }, signal);
      await settled(signal);
      return cdn.purgeTags(tags, { callerReference: reference, signal });
    },
    repeat,
    async flush() {
      for (const later of [...waiting.keys()]) begin(later);
      const timer = setTimeout(
        () => ending.abort(new Failure('timeout', 'The CDN took too long to purge, and the process ends.')),
        flushTimeoutMs,
      );
      await Promise.all(running);
      clearTimeout(timer);
    },
  };
}
