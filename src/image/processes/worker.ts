import { cancelled, Failure } from '../../failure.ts';
import type { Telemetry } from '../../telemetry.ts';
import type { RenderJob } from '../protocol/job.ts';
import type { Cage } from './cage/cage.ts';
import { type CpuTime, createCpuTime, residentBytesOf } from './cpu-time.ts';
import { type Answered, type ProcessOptions, startRenderProcess } from './render-process-handle.ts';
import { endedByItself, type ProcessEnd } from './spawner.ts';
import { watchRender } from './watch-render.ts';

/** How a render ended its process. */
export type Loss =
  /** Killed. `cpuShare`: how much of the time its process computed, 1 for always; undefined where nobody can tell. */
  | { readonly how: 'deadline'; readonly timeoutMs: number; readonly cpuShare: number | undefined }
  /** Whatever the process died of; `signal` null: it ended with an exit code. */
  | { readonly how: 'crash'; readonly signal: string | null };

/** One render: the job, its bytes in the order the job names them, and who stops it. */
export interface RenderRequest {
  readonly job: RenderJob;
  readonly payloads: readonly Uint8Array[];
  readonly signal: AbortSignal;
  /** Told when the render ended its process, before anybody else is; the answer is what it rejects with. */
  readonly onLost: (loss: Loss) => Failure;
}

export interface RenderResult extends Answered {
  /** Milliseconds from handing the job over to having the answer. */
  readonly renderMs: number;
}

export interface WorkerOptions extends ProcessOptions {
  readonly cage: Cage;
  /** Arguments for `node`. */
  readonly nodeArguments: readonly string[];
  /** Milliseconds one render may take. */
  readonly timeoutMs: number;
  /** A process is replaced after so many renders: whatever a decoder leaks does not add up. */
  readonly maxRendersPerProcess: number;
  /** A process is replaced when a render leaves it with more resident memory than this. */
  readonly maxProcessRssBytes: number;
  readonly telemetry: Telemetry;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  /** Tells what a process has computed; by default the kernel is asked. */
  readonly cpuTimeOf?: (pid: number) => CpuTime;
}

export interface WorkerHooks {
  /** It has started; `build` names the versions it encodes with. Comes once, before the first `onIdle`. */
  onReady(build: string): void;
  /** It can take a render. */
  onIdle(): void;
  /** It takes no more renders. `promising`: another one may be started at once, since this one could draw, or had another cage. Comes once. */
  onGone(promising: boolean): void;
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

/** A process that has not come up by then will not. */
const startTimeoutMs = 30_000;

interface Running {
  readonly request: RenderRequest;
  readonly startedAt: number;
  /** A look at its process's time; undefined while it may still be a quick one. */
  looked?: { readonly at: number; readonly cpuMs: number | undefined };
  resolve(result: RenderResult): void;
  reject(error: Error): void;
  /** Takes back timers and listeners. */
  release(): void;
}

type KillReason = 'killed-deadline' | 'killed-cancelled' | 'closed';

/** Starts a render process and keeps it until it is lost, used up or closed. */
export function createWorker(options: WorkerOptions, hooks: WorkerHooks): Worker {
  const { telemetry, clock, cpuTimeOf = createCpuTime } = options;
  let state: 'starting' | 'idle' | 'busy' | 'gone' = 'starting';
  let started = false;
  let isCageBlamed = false;
  let renders = 0;
  let residentBytes = 0;
  let running: Running | undefined;
  let cpuTime: CpuTime = () => undefined;
  let killReason: KillReason | undefined;
  let announceEnd: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    announceEnd = resolve;
  });
  const launch = options.cage.launch(options.nodeArguments);
  const renderProcess = startRenderProcess(options, launch, { onAnswer, onEnd });
  const startTimer = setTimeout(() => renderProcess.kill(), startTimeoutMs);

  function becomeIdle(): void {
    state = 'idle';
    renderProcess.holdOpen(false);
    hooks.onIdle();
  }

  function becomeGone(): void {
    if (state === 'gone') return;
    state = 'gone';
    hooks.onGone(started || isCageBlamed);
  }

  function onAnswer({ answer, payload }: Answered): void {
    if (state === 'starting' && answer.outcome === 'ready') {
      clearTimeout(startTimer);
      started = true;
      launch.worked();
      const pid = renderProcess.pid();
      if (pid !== undefined) cpuTime = cpuTimeOf(pid);
      telemetry.report({ type: 'render-process', event: 'started', pid });
      hooks.onReady(answer.build);
      becomeIdle();
      return;
    }
    const finished = running;
    if (finished === undefined || killReason !== undefined) return;
    running = undefined;
    finished.release();
    renders += 1;
    const pid = renderProcess.pid();
    residentBytes = (pid === undefined ? undefined : residentBytesOf(pid)) ?? answer.rssBytes;
    finished.resolve({ answer, payload, renderMs: clock() - finished.startedAt });
    const excess = usedUp();
    if (excess === undefined) becomeIdle();
    else recycle(excess);
  }

  function usedUp(): string | undefined {
    if (renders >= options.maxRendersPerProcess) return `after ${renders} renders`;
    if (residentBytes > options.maxProcessRssBytes) return `at ${residentBytes} resident bytes`;
    return undefined;
  }

  function recycle(detail: string): void {
    telemetry.report({ type: 'render-process', event: 'recycled', pid: renderProcess.pid(), detail });
    renderProcess.retire();
    becomeGone();
  }

  function kill(reason: KillReason, detail?: string): void {
    if (killReason !== undefined) return;
    killReason = reason;
    const pid = renderProcess.pid();
    if (reason !== 'closed') {
      telemetry.report({ type: 'render-process', event: reason, pid, ...(detail !== undefined && { detail }) });
    }
    renderProcess.kill();
  }

  /** Of the time since it was looked at. */
  function cpuShareOf({ looked }: Running): number | undefined {
    const now = cpuTime();
    if (looked?.cpuMs === undefined || now === undefined) return undefined;
    return (now - looked.cpuMs) / (clock() - looked.at);
  }

  function onDeadline(): void {
    if (running === undefined) return;
    const { timeoutMs } = options;
    const cpuShare = cpuShareOf(running);
    // Before anybody hears of it, so that whoever tries again at once is known already.
    running.reject(running.request.onLost({ how: 'deadline', timeoutMs, cpuShare }));
    kill(
      'killed-deadline',
      cpuShare === undefined ? undefined : `computing ${Math.round(cpuShare * 100)} % of the time`,
    );
  }

  function onEnd(end: ProcessEnd): void {
    clearTimeout(startTimer);
    if (state !== 'gone' && killReason === undefined) {
      telemetry.report({ type: 'render-process', event: 'died', pid: renderProcess.pid(), detail: describeEnd(end) });
      isCageBlamed = !started && endedByItself(end) && launch.failed();
    }
    const lost = running;
    running = undefined;
    if (lost !== undefined) {
      lost.release();
      lost.reject(lossOf(lost, end));
    }
    becomeGone();
    announceEnd();
  }

  /** For a render that was killed this comes too late to be heard. */
  function lossOf({ request }: Running, end: ProcessEnd): Failure {
    if (killReason === 'closed') return cancelled();
    if (killReason !== undefined || !endedByItself(end)) return interrupted();
    return request.onLost({ how: 'crash', signal: end.signal });
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
        const release = watchRender(request.signal, options.timeoutMs, {
          onSlow() {
            if (running !== undefined) running.looked = { at: clock(), cpuMs: cpuTime() };
          },
          onDeadline,
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

/** What a render is answered whose process ended through no fault of it. */
export function interrupted(): Failure {
  return new Failure('overloaded', 'The process that was making the picture ended before it was done.', {
    retryAfterSeconds: 1,
  });
}

function describeEnd({ code, signal, stderr }: ProcessEnd): string {
  const how = signal === null ? `exit code ${code}` : signal;
  return stderr === '' ? how : `${how}: ${stderr}`;
}
