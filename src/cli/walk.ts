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

/**
 * Does something for each of many, several at a time. One that fails is told and does not stop the others, unless one
 * after the other fails for what lies outside of them. Whoever is stopped is told where to go on.
 */
export async function walk<Item>(
  { items, keyOf, concurrency, isToldByWork = false }: Walk<Item>,
  { output, signal }: Pick<Context, 'output' | 'signal'>,
  work: (item: Item) => Promise<void>,
): Promise<WalkResult> {
  const queue = new PQueue({ concurrency });
  const underWay: { readonly key: string; isDone: boolean }[] = [];
  const tally = { done: 0, failed: 0, transient: 0, firstFailure: undefined as Failure | undefined };
  let resumeAfter: string | undefined;
  let fatal: unknown;

  async function workOn(item: Item, place: { readonly key: string; isDone: boolean }): Promise<void> {
    try {
      await work(item);
      tally.done += 1;
      tally.transient = 0;
    } catch (error) {
      if (!isFailure(error) || signal.aborted) {
        fatal ??= error;
        return;
      }
      tally.failed += 1;
      tally.firstFailure ??= error;
      tally.transient = isFailure(error, 'upstream', 'timeout', 'overloaded') ? tally.transient + 1 : 0;
      if (!isToldByWork) await tell(place.key, error, output);
      if (tally.transient >= maxTransientFailures) fatal ??= error;
    }
    place.isDone = true;
    while (underWay[0]?.isDone) resumeAfter = underWay.shift()?.key;
  }

  try {
    for await (const item of items) {
      if (fatal !== undefined || signal.aborted) break;
      const place = { key: keyOf(item), isDone: false };
      underWay.push(place);
      void queue.add(() => workOn(item, place));
      await (underWay.length > maxAhead ? queue.onIdle() : queue.onSizeLessThan(1));
    }
  } catch (error) {
    fatal ??= error;
  }
  await queue.onIdle();
  if (signal.aborted) fatal = cancelled(fatal);
  if (fatal === undefined) return tally;
  if (resumeAfter !== undefined) {
    await output.record({ resumeAfter });
    output.note(`Stopped after ${tally.done}. To go on: --start-after ${JSON.stringify(resumeAfter)}`);
  }
  throw fatal;
}

/** Says which one failed, and why. */
export async function tell(key: string, { kind, message }: Failure, output: Context['output']): Promise<void> {
  output.note(`${key}: ${message}`);
  await output.record({ key, error: { kind, message } });
}

/** Ends a command of which a part failed, with the first failure's exit code. */
export function throwIfFailed({ failed, firstFailure }: WalkResult): void {
  if (firstFailure === undefined) return;
  throw new Failure(firstFailure.kind, `${failed} failed, the first of them so: ${firstFailure.message}`);
}
