import { cancelled, Failure } from '../failure.ts';
import type { Telemetry } from '../telemetry.ts';
import type { RenderAnswer, RenderJob } from './job.ts';
import { endedByItself, type ProcessEnd } from './nursery.ts';
import { type Answered, type ProcessOptions, startRenderProcess } from './render-process-handle.ts';

/** One render: the job, its bytes in the order the job names them, and who stops it. */
export interface RenderRequest {
  readonly job: RenderJob;
  readonly payloads: readonly Uint8Array[];
  readonly signal: AbortSignal;
  /** Told when the render ended its process, at the deadline or by a crash. */
  readonly onLost: () => void;
}

export interface RenderResult extends Answered {
  /** Milliseconds from handing the job over to having the answer. */
  readonly renderMs: number;
}

export interface WorkerOptions extends ProcessOptions {
  /** Milliseconds one render may take. */
  readonly timeoutMs: number;
  /** A process is replaced after so many renders: whatever a decoder leaks does not add up. */
  readonly maxRendersPerProcess: number;
  /** A process is replaced when a render leaves it with more resident memory than this. */
  readonly maxProcessRssBytes: number;
  readonly telemetry: Telemetry;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
}

export interface WorkerHooks {
  /** It has started; `build` names the versions it encodes with. Comes once, before the first `onIdle`. */
  onReady(build: string): void;
  /** It can take a render. */
  onIdle(): void;
  /** It takes no more renders; `started` tells whether it ever could. Comes once. */
  onGone(started: boolean): void;
}

/** One render process and what it is doing. */
export interface Worker {
  isIdle(): boolean;
  /** What the process took after its last render; 0 before the first. */
  residentBytes(): number;
  /** Lets the process go after what it is doing. Only while idle. */
  recycle(detail: string): void;
  /** Only while idle. */
  run(request: RenderRequest): Promise<RenderResult>;
  /** Ends the process; resolves when it is gone. A render under way rejects with `cancelled`. */
  close(): Promise<void>;
}

/**
 * A render nobody waits for any more is left to finish for this long before its process is killed: a new process costs
 * about as much, so killing sooner would let clients that hang up burn more than clients that stay.
 */
const abandonedGraceMs = 500;

/** A process that has not come up by then will not. */
const startTimeoutMs = 30_000;

interface Running {
  readonly request: RenderRequest;
  readonly startedAt: number;
  resolve(result: RenderResult): void;
  reject(error: Error): void;
  /** Takes back timers and listeners. */
  release(): void;
}

type KillReason = 'killed-deadline' | 'killed-cancelled' | 'closed';

/** Starts a render process and keeps it until it is lost, used up or closed. */
export function createWorker(options: WorkerOptions, hooks: WorkerHooks): Worker {
  const { telemetry, clock } = options;
  let state: 'starting' | 'idle' | 'busy' | 'gone' = 'starting';
  let started = false;
  let renders = 0;
  let residentBytes = 0;
  let running: Running | undefined;
  let killReason: KillReason | undefined;
  let announceEnd: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    announceEnd = resolve;
  });
  const renderProcess = startRenderProcess(options, { onAnswer, onEnd });
  const startTimer = setTimeout(() => renderProcess.kill(), startTimeoutMs);

  function becomeIdle(): void {
    state = 'idle';
    renderProcess.holdOpen(false);
    hooks.onIdle();
  }

  function becomeGone(): void {
    if (state === 'gone') return;
    state = 'gone';
    hooks.onGone(started);
  }

  function onAnswer({ answer, payload }: Answered): void {
    if (state === 'starting' && answer.outcome === 'ready') {
      clearTimeout(startTimer);
      started = true;
      telemetry.report({ type: 'render-process', event: 'started', pid: renderProcess.pid() });
      hooks.onReady(answer.build);
      becomeIdle();
      return;
    }
    const finished = running;
    if (finished === undefined || killReason !== undefined) return;
    running = undefined;
    finished.release();
    renders += 1;
    residentBytes = answer.rssBytes;
    finished.resolve({ answer, payload, renderMs: clock() - finished.startedAt });
    const excess = usedUp(answer);
    if (excess === undefined) becomeIdle();
    else recycle(excess);
  }

  function usedUp(answer: RenderAnswer): string | undefined {
    if (renders >= options.maxRendersPerProcess) return `after ${renders} renders`;
    if (answer.rssBytes > options.maxProcessRssBytes) return `at ${answer.rssBytes} resident bytes`;
    return undefined;
  }

  function recycle(detail: string): void {
    telemetry.report({ type: 'render-process', event: 'recycled', pid: renderProcess.pid(), detail });
    renderProcess.retire();
    becomeGone();
  }

  function kill(reason: KillReason): void {
    if (killReason !== undefined) return;
    killReason = reason;
    if (reason !== 'closed') telemetry.report({ type: 'render-process', event: reason, pid: renderProcess.pid() });
    renderProcess.kill();
  }

  function onEnd(end: ProcessEnd): void {
    clearTimeout(startTimer);
    if (state !== 'gone' && killReason === undefined) {
      telemetry.report({ type: 'render-process', event: 'died', pid: renderProcess.pid(), detail: describeEnd(end) });
    }
    const lost = running;
    running = undefined;
    if (lost !== undefined) {
      lost.release();
      if (killReason === undefined && endedByItself(end)) lost.request.onLost();
      lost.reject(killReason === 'closed' ? cancelled() : crashed());
    }
    becomeGone();
    announceEnd();
  }

  return {
    isIdle: () => state === 'idle',
    residentBytes: () => residentBytes,
    recycle,
    run(request) {
      if (state !== 'idle') throw new Error(`A render process takes a render only while idle, not while ${state}.`);
      state = 'busy';
      renderProcess.holdOpen(true);
      return new Promise((resolve, reject) => {
        const release = watch(request.signal, options.timeoutMs, {
          onDeadline() {
            // Before anybody hears of it, so that whoever tries again at once is known already.
            request.onLost();
            reject(new Failure('timeout', `The picture was not finished within ${options.timeoutMs} ms.`));
            kill('killed-deadline');
          },
          onAbandoned: () => reject(cancelled(request.signal.reason)),
          onGraceOver: () => kill('killed-cancelled'),
        });
        running = { request, startedAt: clock(), resolve, reject, release };
        renderProcess.send(request.job, request.payloads);
      });
    },
    close() {
      // An idle process does not keep ours alive; its end is awaited all the same.
      renderProcess.holdOpen(true);
      kill('closed');
      return ended;
    },
  };
}

interface WatchEvents {
  onDeadline(): void;
  onAbandoned(): void;
  onGraceOver(): void;
}

/** Counts a render's time and listens whether anybody still wants it; returns what stops both. */
function watch(signal: AbortSignal, timeoutMs: number, events: WatchEvents): () => void {
  let grace: NodeJS.Timeout | undefined;
  const deadline = setTimeout(events.onDeadline, timeoutMs);
  const onAbort = () => {
    grace = setTimeout(events.onGraceOver, abandonedGraceMs);
    events.onAbandoned();
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return () => {
    clearTimeout(deadline);
    clearTimeout(grace);
    signal.removeEventListener('abort', onAbort);
  };
}

/** Once may be the machine's fault (memory ran out); the second time the original is known as poison. */
function crashed(): Failure {
  return new Failure('overloaded', 'The process that was making the picture ended before it was done.', {
    retryAfterSeconds: 1,
  });
}

function describeEnd({ code, signal, stderr }: ProcessEnd): string {
  const how = signal === null ? `exit code ${code}` : signal;
  return stderr === '' ? how : `${how}: ${stderr}`;
}
