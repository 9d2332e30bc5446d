import { LRUCache } from 'lru-cache';
import PQueue from 'p-queue';
import { withDeadline } from '../../deadline.ts';
import { isFailure } from '../../failure.ts';
import type { ObjectStore } from '../../storage/index.ts';
import type { Telemetry } from '../../telemetry.ts';
import { servedMarkKey } from '../identify/identity.ts';

/** Originals that are remembered as marked: some 10 MB. What is forgotten is marked again, which costs a put. */
const maxRemembered = 50_000;
/** So long a mark is believed to be there: a lifecycle rule may take it away as it takes variants. */
const rememberedMs = 24 * 3_600_000;
/** Marks that wait to be written; past it the next answer tries. */
const maxWaiting = 1000;
const concurrentPuts = 2;
const putTimeoutMs = 5000;
/** So long nothing is marked after a put has failed: each answer would try. */
const pauseMs = 10_000;

export interface ServedMarksParts {
  /** Undefined where nobody needs marks: there is no such store, or no CDN that keeps copies. */
  readonly store: Pick<ObjectStore, 'put'> | undefined;
  readonly telemetry: Telemetry;
  /** Milliseconds, monotonic. */
  readonly clock: { now(): number };
}

/**
 * Marks in the store of variants, beside what was made of an original, that say: it was served as it is. Of variants the
 * store tells that a CDN may have copies; of an original that was only ever served untouched it would tell nothing.
 */
export interface ServedMarks {
  /** Behind the answer, once a day for each original; a put that fails is an event. */
  note(source: string): void;
  /** After a purge, which has taken the mark away. */
  forget(source: string): void;
  forgetMatching(includes: (source: string) => boolean): void;
  /** Resolves when every mark noted so far is written. */
  settled(): Promise<void>;
}

interface MarksState extends ServedMarksParts {
  readonly marked: LRUCache<string, true>;
  readonly queue: PQueue;
  pausedUntil: number;
}

export function createServedMarks(parts: ServedMarksParts): ServedMarks {
  const state: MarksState = {
    ...parts,
    marked: new LRUCache<string, true>({ maxSize: maxRemembered, sizeCalculation: () => 1, ttl: rememberedMs }),
    queue: new PQueue({ concurrency: concurrentPuts }),
    pausedUntil: Number.NEGATIVE_INFINITY,
  };
  return {
    note: (source) => note(state, source),
    forget: (source) => void state.marked.delete(source),
    forgetMatching(includes) {
      for (const source of [...state.marked.keys()]) if (includes(source)) state.marked.delete(source);
    },
    settled: () => state.queue.onIdle(),
  };
}

function note(state: MarksState, source: string): void {
  const { store, marked, queue, clock } = state;
  if (store === undefined || marked.has(source) || queue.size >= maxWaiting || clock.now() < state.pausedUntil) return;
  const key = servedMarkKey(source);
  if (key === undefined) return;
  marked.set(source, true);
  void queue.add(() => mark(state, { store, source, key }));
}

/** Never rejects. */
async function mark(
  state: MarksState,
  { store, source, key }: { readonly store: Pick<ObjectStore, 'put'>; readonly source: string; readonly key: string },
): Promise<void> {
  try {
    await withDeadline({ ms: putTimeoutMs }, ({ signal }) => store.put(key, new Uint8Array(), { signal }));
  } catch (error) {
    state.marked.delete(source);
    state.pausedUntil = state.clock.now() + pauseMs;
    if (isFailure(error, 'cancelled')) return;
    state.telemetry.report({ type: 'tier-fault', tier: 'variants', operation: 'put', error });
  }
}
