import { isFailure } from '../failure.ts';
import type { ResolvedTransform } from '../grammar/index.ts';
import type { Telemetry } from '../telemetry.ts';
import { type EdgePurges, isReservedKey, type Postpone, type Variants } from '../variants/index.ts';
import { failureOutcomes, Unreadable } from './failures.ts';
import type { Job } from './jobs.ts';
import { type ObjectEvent, readMessage } from './messages.ts';
import type { EventOrder } from './order.ts';

/** What the queue tells of a message, apart from how it came. */
export interface Message {
  readonly id: string;
  readonly body: string;
}

export interface MessageHandlerParts {
  readonly variants: Pick<Variants, 'purge' | 'purgeIfKnown' | 'warm'>;
  readonly edge: Pick<EdgePurges, 'repeat'>;
  readonly postpone: Postpone;
  readonly order: EventOrder;
  /** Where the originals lie; events of other buckets and prefixes are not ours. Undefined: every key is an original. */
  readonly originals: { readonly bucket: string; readonly prefix: string } | undefined;
  /** What a new original is made into at once. */
  readonly toWarm: (key: string) => readonly ResolvedTransform[];
  readonly telemetry: Telemetry;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * Does what one message asks for, at least once and in any order: the end is the same. `done` says that the message may
 * be deleted; `retry` that it must come again. Never throws, so that one message of a batch does not fail the others.
 */
export type MessageHandler = (message: Message, signal: AbortSignal) => Promise<'done' | 'retry'>;

/** A message counts as early by more than the queue's own clock may be off. */
const earlyMs = 1000;

export function createMessageHandler(parts: MessageHandlerParts): MessageHandler {
  const { variants, telemetry, order } = parts;

  async function applyEvent(key: string, event: ObjectEvent, options: { signal: AbortSignal; reference: string }) {
    await order.inTurn(key, event.sequencer, async () => {
      if (event.kind === 'removed') return void (await variants.purge({ keys: [key] }, options));
      await variants.purgeIfKnown(key, options);
      await variants.warm(key, parts.toWarm(key), options);
    });
  }

  async function applyJob(job: Job, signal: AbortSignal, reference: string): Promise<void> {
    if (job.fovea === 'purge') {
      const { keys = [], prefixes = [], tags = [], urls = [] } = job;
      await variants.purge({ keys, prefixes, tags, urls }, { signal, reference });
    } else if (job.dueAt > parts.now() + earlyMs) await parts.postpone(job, signal);
    else await parts.edge.repeat(job, signal);
  }

  /** The original's key under the store's prefix; undefined for what is none of our originals. */
  function originalOf(bucket: string, key: string): string | undefined {
    const { originals } = parts;
    if (originals !== undefined && (bucket !== originals.bucket || !key.startsWith(originals.prefix))) return undefined;
    const original = key.slice(originals?.prefix.length ?? 0);
    return original === '' || original.endsWith('/') || isReservedKey(original) ? undefined : original;
  }

  function tasksOf({ id, body }: Message, signal: AbortSignal): readonly (() => Promise<void>)[] {
    const message = readMessage(body);
    if (message.type === 'job') return [() => applyJob(message.job, signal, id)];
    return message.events.flatMap((event) =>
      event.keys.flatMap((rawKey) => {
        const key = originalOf(event.bucket, rawKey);
        if (key === undefined) return [];
        const reference = `${event.kind} ${key} ${event.sequencer ?? id}`;
        return [() => applyEvent(key, event, { signal, reference })];
      }),
    );
  }

  /** True when the work is done or not worth another try. */
  async function attempt(task: () => Promise<void>): Promise<boolean> {
    try {
      await task();
      return true;
    } catch (error) {
      const isDropped = isFailure(error) && failureOutcomes[error.kind] === 'drop';
      if (!isFailure(error)) telemetry.report({ type: 'bug', where: 'queue', error });
      telemetry.report({ type: 'message', outcome: isDropped ? 'dropped' : 'retried', error });
      return isDropped;
    }
  }

  return async function handle(message, signal) {
    let tasks: readonly (() => Promise<void>)[];
    try {
      tasks = tasksOf(message, signal);
    } catch (error) {
      if (!(error instanceof Unreadable)) telemetry.report({ type: 'bug', where: 'queue', error });
      telemetry.report({ type: 'message', outcome: 'unreadable', error });
      return 'retry';
    }
    let isDone = true;
    // All of them, even when one fails: the message comes again as a whole, and what is done is then soon done.
    for (const task of tasks) isDone = (await attempt(task)) && isDone;
    if (isDone) telemetry.report({ type: 'message', outcome: 'done' });
    return isDone ? 'done' : 'retry';
  };
}
