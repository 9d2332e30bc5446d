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

interface EdgeState extends EdgePurgesOptions {
  /** Purges that this process has to repeat, each with the timer of its second round. */
  readonly waiting: Map<LaterEdgePurge, NodeJS.Timeout>;
  rememberedTags: number;
  /** Second rounds under way. */
  readonly running: Set<Promise<void>>;
  /** Aborts when the process ends. */
  readonly ending: AbortController;
}

export function createEdgePurges(options: EdgePurgesOptions): EdgePurges {
  const ending = new AbortController();
  // However many are under way: Node takes more than ten for a leak.
  setMaxListeners(0, ending.signal);
  const state: EdgeState = { ...options, waiting: new Map(), rememberedTags: 0, running: new Set(), ending };
  return {
    purge: (tags, reference, signal) => purgeTwice(state, { tags, reference }, signal),
    repeat: (later, signal) => repeat(state, later, signal),
    flush: () => flush(state),
  };
}

async function purgeTwice(
  state: EdgeState,
  { tags, reference }: Omit<LaterEdgePurge, 'dueAt'>,
  signal: AbortSignal,
): Promise<readonly EdgePurge[]> {
  const { cdn, repeatAfterMs, settleMs } = state;
  if (!cdn.isPresent || tags.length === 0) return [];
  // First, so that a provider that fails now is asked again then, whatever becomes of this call.
  await schedule(state, { tags, reference, dueAt: state.now() + repeatAfterMs }, signal);
  await settle(settleMs, signal);
  return cdn.purgeTags(tags, { callerReference: reference, signal });
}

/** By the queue, which outlives this process; by a timer where there is none or it fails. */
async function schedule(state: EdgeState, later: LaterEdgePurge, signal: AbortSignal): Promise<void> {
  if (state.postpone === undefined) return remember(state, later);
  try {
    await state.postpone(later, signal);
  } catch (error) {
    state.telemetry.report({ type: 'tier-fault', tier: 'queue', operation: 'send', error });
    remember(state, later);
  }
}

function remember(state: EdgeState, later: LaterEdgePurge): void {
  const { repeatAfterMs } = state;
  if (state.rememberedTags + later.tags.length > maxRememberedTags) {
    throw new Failure('overloaded', 'Too many purges wait for their second round: purge in smaller parts.', {
      retryAfterSeconds: Math.ceil(repeatAfterMs / 1000),
    });
  }
  state.rememberedTags += later.tags.length;
  state.waiting.set(later, setTimeout(() => beginRemembered(state, later), repeatAfterMs).unref());
}

async function settle(settleMs: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(settleMs, undefined, { signal });
  } catch (error) {
    throw cancelled(error);
  }
}

function beginRemembered(state: EdgeState, later: LaterEdgePurge): void {
  const { waiting, running, ending, telemetry } = state;
  clearTimeout(waiting.get(later));
  waiting.delete(later);
  state.rememberedTags -= later.tags.length;
  const deadline = { ms: state.repeatAfterMs + flushTimeoutMs, signal: ending.signal };
  const done = withDeadline(deadline, ({ signal }) => repeat(state, later, signal))
    .catch((error: unknown) => telemetry.report({ type: 'tier-fault', tier: 'edge', operation: 'purge', error }))
    .finally(() => running.delete(done));
  running.add(done);
}

async function repeat({ cdn }: EdgeState, { tags, reference }: LaterEdgePurge, signal: AbortSignal): Promise<void> {
  await cdn.purgeTags(tags, { callerReference: `${reference} again`, signal });
}

async function flush(state: EdgeState): Promise<void> {
  for (const later of [...state.waiting.keys()]) beginRemembered(state, later);
  const timer = setTimeout(
    () => state.ending.abort(new Failure('timeout', 'The CDN took too long to purge, and the process ends.')),
    flushTimeoutMs,
  );
  await Promise.all(state.running);
  clearTimeout(timer);
}
