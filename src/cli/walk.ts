import PQueue from 'p-queue';
import { cancelled, Failure, isFailure } from '../failure.ts';
import type { Context } from './command.ts';

/** So many failures in a row that may pass are no accident any more: whatever they depend on is down. */
const maxTransientFailures = 10;

/** Keys begun beyond one that takes long: only those before it count when the walk is resumed. */
const maxAhead = 1000;

export interface Walk<Item> {
  readonly items: AsyncIterable<Item>;
  /** What the walk can be resumed after. */
  readonly keyOf: (item: Item) => string;
  readonly concurrency: number;
  /** True when the work itself says what failed; the walk says so otherwise. */
  readonly isToldByWork?: boolean;
}

export interface WalkResult {
  readonly done: number;
  readonly failed: number;
  /** Of the first item that failed. */
  readonly firstFailure: Failure | undefined;
}

/** An item that was begun. */
interface Begun {
  readonly key: string;
  isDone: boolean;
}

interface WalkState {
  readonly tally: { done: number; failed: number; firstFailure: Failure | undefined };
  /** Failures in a row that may pass. */
  transient: number;
  /** In the order in which they were begun, from the first one that is not done. */
  readonly underWay: Begun[];
  /** All up to here are done. */
  resumeAfter: string | undefined;
  /** Why the walk ends early. */
  fatal: unknown;
}

/**
 * Does something for each of many, several at a time. One that fails is told and does not stop the others, unless one
 * after the other fails for what lies outside of them. Whoever is stopped is told where to go on.
 */
export async function walk<Item>(
  way: Walk<Item>,
  context: Pick<Context, 'output' | 'signal'>,
  work: (item: Item) => Promise<void>,
): Promise<WalkResult> {
  const { output, signal } = context;
  const tally = { done: 0, failed: 0, firstFailure: undefined };
  const state: WalkState = { tally, transient: 0, underWay: [], resumeAfter: undefined, fatal: undefined };
  const queue = new PQueue({ concurrency: way.concurrency });
  try {
    for await (const item of way.items) {
      if (state.fatal !== undefined || signal.aborted) break;
      const begun = { key: way.keyOf(item), isDone: false };
      state.underWay.push(begun);
      void queue.add(async () => {
        try {
          await work(item);
          noteSuccess(state, begun);
        } catch (error) {
          await noteFailure(state, begun, { error, output, signal, isTold: way.isToldByWork === true });
        }
      });
      await (state.underWay.length > maxAhead ? queue.onIdle() : queue.onSizeLessThan(1));
    }
  } catch (error) {
    state.fatal ??= error;
  }
  await queue.onIdle();
  if (signal.aborted) state.fatal = cancelled(state.fatal);
  if (state.fatal === undefined) return state.tally;
  await tellWhereToGoOn(state, output);
  throw state.fatal;
}

function noteSuccess(state: WalkState, begun: Begun): void {
  state.tally.done += 1;
  state.transient = 0;
  closeBegun(state, begun);
}

interface FailedItem extends Pick<Context, 'output' | 'signal'> {
  readonly error: unknown;
  readonly isTold: boolean;
}

async function noteFailure(state: WalkState, begun: Begun, { error, output, signal, isTold }: FailedItem) {
  if (!isFailure(error) || signal.aborted) {
    state.fatal ??= error;
    return;
  }
  state.tally.failed += 1;
  state.tally.firstFailure ??= error;
  state.transient = isFailure(error, 'upstream', 'timeout', 'overloaded') ? state.transient + 1 : 0;
  if (!isTold) await tellFailure(begun.key, error, output);
  if (state.transient >= maxTransientFailures) state.fatal ??= error;
  closeBegun(state, begun);
}

function closeBegun(state: WalkState, begun: Begun): void {
  begun.isDone = true;
  while (state.underWay[0]?.isDone) state.resumeAfter = state.underWay.shift()?.key;
}

async function tellWhereToGoOn({ tally, resumeAfter }: WalkState, output: Context['output']): Promise<void> {
  if (resumeAfter === undefined) return;
  await output.record({ resumeAfter });
  output.note(`Stopped after ${tally.done}. To go on: --start-after ${JSON.stringify(resumeAfter)}`);
}

/** Says which one failed, and why. */
export async function tellFailure(key: string, { kind, message }: Failure, output: Context['output']): Promise<void> {
  output.note(`${key}: ${message}`);
  await output.record({ key, error: { kind, message } });
}

/** Ends a command of which a part failed, with the first failure's exit code. */
export function throwIfFailed({ failed, firstFailure }: WalkResult): void {
  if (firstFailure === undefined) return;
  throw new Failure(firstFailure.kind, `${failed} failed, the first of them so: ${firstFailure.message}`);
}
