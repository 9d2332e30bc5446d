import type { CpuTime } from './cpu-time.ts';
import { createDeferred } from './deferred.ts';
import type { Answered } from './render-process-handle.ts';

/**
 * A render that is to stop is left to finish for this long before its process is killed: a new process costs about as much.
 * Visitors who leave stop none (src/README.md says why): the service that closes does, and whoever draws for itself.
 */
const stopGraceMs = 500;

/** Of the deadline, when a render is no quick one any more. */
const slowShare = 0.1;

/** What came first while a process drew. */
export type Watched =
  | { readonly what: 'answered'; readonly answered: Answered }
  /** The process. */
  | { readonly what: 'ended' }
  /** `cpuShare`: how much of the time its process computed; undefined where nobody can tell. */
  | { readonly what: 'deadline'; readonly cpuShare: number | undefined }
  /** It was told to stop a while ago. */
  | { readonly what: 'stopped' };

export interface WatchOptions {
  readonly timeoutMs: number;
  readonly cpuTime: CpuTime;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
}

interface CpuLook {
  readonly at: number;
  readonly cpuMs: number | undefined;
}

/** Waits for the answer to a render, for its deadline, and for the signal that stops it. */
export async function watchRender(
  answer: Promise<Answered | undefined>,
  signal: AbortSignal,
  { timeoutMs, cpuTime, clock }: WatchOptions,
): Promise<Watched> {
  const first = createDeferred<Watched>();
  let early: CpuLook | undefined;
  let grace: NodeJS.Timeout | undefined;
  // It may come to the deadline. To ask the kernel for every quick render, too, would cost more.
  const slow = setTimeout(() => {
    early = { at: clock(), cpuMs: cpuTime() };
  }, timeoutMs * slowShare);
  const deadline = setTimeout(() => {
    first.resolve({ what: 'deadline', cpuShare: cpuShareBetween(early, { at: clock(), cpuMs: cpuTime() }) });
  }, timeoutMs);
  const stopSoon = () => {
    grace = setTimeout(() => first.resolve({ what: 'stopped' }), stopGraceMs);
  };
  if (signal.aborted) stopSoon();
  else signal.addEventListener('abort', stopSoon, { once: true });
  void answer.then((answered) => first.resolve(answered ? { what: 'answered', answered } : { what: 'ended' }));
  const watched = await first.promise;
  for (const timer of [slow, deadline, grace]) clearTimeout(timer);
  signal.removeEventListener('abort', stopSoon);
  return watched;
}

function cpuShareBetween(early: CpuLook | undefined, late: CpuLook): number | undefined {
  if (early?.cpuMs === undefined || late.cpuMs === undefined) return undefined;
  return (late.cpuMs - early.cpuMs) / (late.at - early.at);
}
