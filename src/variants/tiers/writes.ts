import PQueue from 'p-queue';
import { withDeadline } from '../../deadline.ts';
import { Failure } from '../../failure.ts';
import type { ObjectStore } from '../../storage/index.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { KeptIdentity } from '../identify/identity.ts';
import type { Variant } from '../identify/variant.ts';
import { type Breaker, createBreaker, reportFault } from './breaker.ts';
import { metadataOf } from './stored-facts.ts';

const writeTimeoutMs = 30_000;

/** Writes under way; more only wait for the same disk or connection pool. */
const concurrentWrites = 4;

/** Bytes of variants waiting to be written. Past it a write is dropped: the variant is rendered again some day. */
const maxPendingBytes = 128 * 1024 * 1024;

export interface WritesParts {
  readonly store: Pick<ObjectStore, 'put'>;
  readonly telemetry: Telemetry;
  readonly cacheControl: string;
  /** By which rules variants of an original are drawn. */
  readonly rendering: (source: string) => string;
}

/** Writes behind the responses. */
export interface Writes {
  /** One that fails, or for which there is no room, is an event; false for the latter. */
  keep(identity: KeptIdentity, variant: Variant): boolean;
  /** At once: gives up those of these keys that have not begun. What have begun can be awaited; undefined: none. */
  abandon(matches: (key: string) => boolean): Promise<void> | undefined;
  /** Resolves when the one of this key is done; undefined: there is none. */
  done(key: string): Promise<void> | undefined;
  /** True while one of these keys waits or is under way. */
  some(matches: (key: string) => boolean): boolean;
  /** Resolves when every one begun so far is done. */
  settled(): Promise<void>;
  pendingBytes(): number;
}

/** A write is given up only before it begins: one under way may already have happened. */
interface WriteProgress {
  step: 'waiting' | 'begun' | 'abandoned';
}

interface Write {
  readonly key: string;
  readonly identity: KeptIdentity;
  readonly variant: Variant;
  readonly progress: WriteProgress;
}

interface WritesState extends WritesParts {
  readonly breaker: Breaker;
  readonly queue: PQueue;
  readonly pending: Map<string, { readonly progress: WriteProgress; readonly done: Promise<void> }>;
  pendingBytes: number;
}

export function createWrites(parts: WritesParts): Writes {
  const queue = new PQueue({ concurrency: concurrentWrites });
  const state: WritesState = { ...parts, breaker: createBreaker(), queue, pending: new Map(), pendingBytes: 0 };
  return {
    keep: (identity, variant) => keep(state, identity, variant),
    abandon: (matches) => abandon(state, matches),
    done: (key) => state.pending.get(key)?.done,
    some: (matches) => [...state.pending.keys()].some(matches),
    settled: () => allDone(state.pending.values()),
    pendingBytes: () => state.pendingBytes,
  };
}

function keep(state: WritesState, identity: KeptIdentity, variant: Variant): boolean {
  const { key } = identity;
  if (key === undefined || state.pending.has(key)) return true;
  if (state.pendingBytes + variant.bytes.byteLength > maxPendingBytes) {
    const failure = new Failure('overloaded', 'Too many bytes wait to be written to the variants store.');
    reportFault(state.telemetry, 'put', failure);
    return false;
  }
  state.pendingBytes += variant.bytes.byteLength;
  const progress: WriteProgress = { step: 'waiting' };
  state.pending.set(key, { progress, done: finish(state, { key, identity, variant, progress }) });
  return true;
}

async function finish(state: WritesState, write: Write): Promise<void> {
  try {
    await state.queue.add(() => begin(state, write));
  } catch (error) {
    reportFault(state.telemetry, 'put', error);
  } finally {
    state.pendingBytes -= write.variant.bytes.byteLength;
    if (state.pending.get(write.key)?.progress === write.progress) state.pending.delete(write.key);
  }
}

async function begin(state: WritesState, { key, identity, variant, progress }: Write): Promise<void> {
  if (progress.step === 'abandoned') return;
  progress.step = 'begun';
  const { store, cacheControl } = state;
  const { bytes, contentType } = variant;
  const metadata = metadataOf(identity, variant, state.rendering(identity.source));
  const started = performance.now();
  await state.breaker.execute(() =>
    withDeadline({ ms: writeTimeoutMs }, ({ signal }) =>
      store.put(key, bytes, { contentType, cacheControl, metadata, signal }),
    ),
  );
  state.telemetry.report({ type: 'stored', bytes: bytes.byteLength, durationMs: performance.now() - started });
}

function abandon({ pending }: WritesState, matches: (key: string) => boolean): Promise<void> | undefined {
  const affected = [...pending].filter(([key]) => matches(key));
  const begun = affected.filter(([, { progress }]) => progress.step === 'begun').map(([, write]) => write);
  for (const [key, { progress }] of affected) {
    if (progress.step === 'begun') continue;
    progress.step = 'abandoned';
    pending.delete(key);
  }
  return begun.length === 0 ? undefined : allDone(begun);
}

async function allDone(writes: Iterable<{ readonly done: Promise<void> }>): Promise<void> {
  await Promise.all([...writes].map(({ done }) => done));
}
