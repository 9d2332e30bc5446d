import { isFailure } from '../failure.ts';
import type { ResolvedTransform } from '../grammar/index.ts';
import type { Telemetry } from '../telemetry.ts';
import { type EdgePurges, isReservedKey, type Postpone, type PurgeOptions, type Variants } from '../variants/index.ts';
import { failureOutcomes, Unreadable } from './failures.ts';
import type { Job } from './jobs.ts';
import { type ObjectEvent, readMessage } from './messages.ts';
import type { EventOrder } from './order.ts';

/** What the queue tells of a message, apart from how it came. */
export interface Message {
  readonly id: string;
  readonly body: string;
}

/** Where originals lie that events tell of, and what their keys begin with here. */
export interface EventPlace {
  readonly bucket: string;
  readonly prefix: string;
  readonly keys: string;
}

export interface MessageWork {
  readonly variants: Pick<Variants, 'purge' | 'purgeIfKnown' | 'warm'>;
  readonly edge: Pick<EdgePurges, 'repeat'>;
  readonly postpone: Postpone;
  readonly order: EventOrder;
  /** Where originals lie; events of other buckets and prefixes are not ours. Undefined: every key is an original. */
  readonly originals: readonly EventPlace[] | undefined;
  /** What a new original is made into at once. */
  readonly toWarm: (key: string) => readonly ResolvedTransform[];
  readonly telemetry: Telemetry;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What one message comes to: a job, or for each original that it names what happened to it. */
type MessageTask =
  | { readonly type: 'job'; readonly job: Job; readonly reference: string }
  | { readonly type: 'event'; readonly key: string; readonly event: ObjectEvent; readonly reference: string };

/** A message counts as early by more than the queue's own clock may be off. */
const earlyMs = 1000;

/**
 * Does what one message asks for, at least once and in any order: the end is the same. `done` says that the message may
 * be deleted; `retry` that it must come again. Never throws, so that one message of a batch does not fail the others.
 */
export async function handleMessage(
  work: MessageWork,
  message: Message,
  signal: AbortSignal,
): Promise<'done' | 'retry'> {
  const tasks = readTasks(work, message);
  if (tasks === undefined) return 'retry';
  let isDone = true;
  // All of them, even when one fails: the message comes again as a whole, and what is done is then soon done.
  for (const task of tasks) isDone = (await attempt(work, task, signal)) && isDone;
  if (isDone) work.telemetry.report({ type: 'message', outcome: 'done' });
  return isDone ? 'done' : 'retry';
}

/** Undefined, and reported, for what cannot be read: a redrive policy takes it out in the end. */
function readTasks(work: MessageWork, message: Message): readonly MessageTask[] | undefined {
  try {
    return tasksOf(work, message);
  } catch (error) {
    if (!(error instanceof Unreadable)) work.telemetry.report({ type: 'bug', where: 'queue', error });
    work.telemetry.report({ type: 'message', outcome: 'unreadable', error });
    return undefined;
  }
}

function tasksOf({ originals }: MessageWork, { id, body }: Message): readonly MessageTask[] {
  const message = readMessage(body);
  if (message.type === 'job') return [{ type: 'job', job: message.job, reference: id }];
  return message.events.flatMap((event) =>
    event.keys.flatMap((rawKey) => {
      return originalsOf(event.bucket, rawKey, originals).map((key) => {
        const reference = `${event.kind} ${key} ${event.sequencer ?? id}`;
        return { type: 'event', key, event, reference } as const;
      });
    }),
  );
}

/** The keys of the original under the prefixes of its stores; none for what is no original of ours. */
function originalsOf(bucket: string, key: string, places: MessageWork['originals']): readonly string[] {
  const named =
    places === undefined
      ? [key]
      : places
          .filter((place) => bucket === place.bucket && key.startsWith(place.prefix))
          .map((place) => place.keys + key.slice(place.prefix.length));
  return [...new Set(named)].filter((one) => one !== '' && !one.endsWith('/') && !isReservedKey(one));
}

/** True when the task is done or not worth another try. */
async function attempt(work: MessageWork, task: MessageTask, signal: AbortSignal): Promise<boolean> {
  const { telemetry } = work;
  const options = { signal, reference: task.reference };
  try {
    await (task.type === 'job' ? doJob(work, task.job, options) : followEvent(work, task, options));
    return true;
  } catch (error) {
    const isDropped = isFailure(error) && failureOutcomes[error.kind] === 'drop';
    if (!isFailure(error)) telemetry.report({ type: 'bug', where: 'queue', error });
    telemetry.report({ type: 'message', outcome: isDropped ? 'dropped' : 'retried', error });
    return isDropped;
  }
}

async function doJob({ variants, edge, postpone, now }: MessageWork, job: Job, options: PurgeOptions): Promise<void> {
  if (job.fovea === 'purge') {
    const { keys = [], prefixes = [], tags = [], urls = [] } = job;
    await variants.purge({ keys, prefixes, tags, urls }, options);
  } else if (job.dueAt > now() + earlyMs) await postpone(job, options.signal);
  else await edge.repeat(job, options.signal);
}

async function followEvent(
  { variants, order, toWarm }: MessageWork,
  { key, event }: Extract<MessageTask, { readonly type: 'event' }>,
  options: PurgeOptions,
): Promise<void> {
  await order.inTurn(key, event.sequencer, async () => {
    if (event.kind === 'removed') return void (await variants.purge({ keys: [key] }, options));
    await variants.purgeIfKnown(key, options);
    await variants.warm(key, toWarm(key), options);
  });
}
