import { LRUCache } from 'lru-cache';
import PQueue from 'p-queue';
import { type Failure, type FailureKind, isFailure } from '../../failure.ts';
import type { Telemetry } from '../../telemetry.ts';

/** What is made behind an answer that stood in for it: nobody waits. */
export interface Behind {
  /** Whether it is being made, or was a while ago and cannot be: then it is not waited for. */
  holds(name: string): boolean;
  /** Makes it when it is its turn; nothing happens where it is being made, or too many wait. */
  make(name: string, work: (signal: AbortSignal) => Promise<unknown>): void;
}

export interface BehindParts {
  /** So many are made at once. */
  readonly atOnce: number;
  readonly telemetry: Telemetry;
  /** Ends them all. */
  readonly closing: AbortSignal;
}

/** What waits beyond has nobody's memory: whoever asks for it again has it wait again. */
const mostWaiting = 200;

/** Pictures that came to nothing, and how long they are remembered where the failure does not say: as long as a refusal is. */
const [mostFailed, failedMs] = [2_000, 600_000];

/** What comes to the same when it is tried again at once. */
const lasting: ReadonlySet<FailureKind> = new Set(['timeout', 'corrupt', 'too_large', 'unsupported', 'invalid']);

interface BehindState extends BehindParts {
  readonly queue: PQueue;
  readonly names: Set<string>;
  readonly failed: LRUCache<string, true>;
}

export function createBehind(parts: BehindParts): Behind {
  const state: BehindState = {
    ...parts,
    queue: new PQueue({ concurrency: parts.atOnce }),
    names: new Set(),
    failed: new LRUCache({ max: mostFailed, ttl: failedMs }),
  };
  parts.closing.addEventListener('abort', () => state.queue.clear(), { once: true });
  return {
    holds: (name) => state.names.has(name) || state.failed.has(name),
    make: (name, work) => make(state, name, work),
  };
}

function make(state: BehindState, name: string, work: (signal: AbortSignal) => Promise<unknown>): void {
  const { queue, names, telemetry, closing } = state;
  if (names.has(name) || closing.aborted) return;
  if (names.size >= mostWaiting) {
    telemetry.report({ type: 'made-behind', outcome: 'left' });
    return;
  }
  names.add(name);
  void queue.add(() => made(state, name, work));
}

/** Never rejects: nobody would hear of it. */
async function made(
  { names, failed, telemetry, closing }: BehindState,
  name: string,
  work: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  try {
    await work(closing);
    telemetry.report({ type: 'made-behind', outcome: 'made' });
  } catch (error) {
    if (!isFailure(error)) telemetry.report({ type: 'bug', where: 'behind', error });
    else if (lasting.has(error.kind)) failed.set(name, true, { ttl: holdingMs(error) });
    telemetry.report({ type: 'made-behind', outcome: 'failed' });
  } finally {
    names.delete(name);
  }
}

/** What the machine had no time for may be tried again in a moment. */
function holdingMs({ retryAfterSeconds }: Failure): number {
  return retryAfterSeconds === undefined ? failedMs : Math.max(1, Math.ceil(retryAfterSeconds * 1000));
}
