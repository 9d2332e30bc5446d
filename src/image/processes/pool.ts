import { cancelled, Failure } from '../../failure.ts';
import type { Claim } from '../../shares.ts';
import { createLine, type Rank, type Waiter } from './line.ts';
import { createWorker, type RenderRequest, type RenderResult, type Worker, type WorkerOptions } from './worker.ts';

export interface PoolRequest extends RenderRequest {
  /** Whose it is: by default nobody's. */
  readonly claim?: Claim | undefined;
  /** Its place among those that wait: `usual` by default. */
  readonly rank?: Rank;
  /** Nobody waits for it any more: it leaves the line. What has begun is finished. */
  readonly abandoned?: AbortSignal | undefined;
  /** A process draws it now. */
  readonly onBegun?: (() => void) | undefined;
  /** Asked when its turn has come. False: it goes on waiting. Throws the Failure with which it is refused. */
  readonly mayBegin?: () => boolean;
  /** Bytes it may take beside what its process takes idle. */
  readonly memoryBytes: number;
}

export interface PoolResult extends RenderResult {
  /** Milliseconds until a process was free. */
  readonly waitMs: number;
}

export interface PoolOptions extends WorkerOptions {
  /** Render processes kept running. */
  readonly processes: number;
  /** Requests that may wait. The caller's own admission is meant to be tighter: this only keeps it from being unbounded. */
  readonly maxWaiting: number;
  /** Resident bytes of all processes together: what would not fit beside the renders under way waits. */
  readonly maxMemoryBytes: number;
  /** Milliseconds without work after which a process that has grown is replaced: memory goes back after a burst. */
  readonly giveBackAfterMs?: number;
  /** Milliseconds that others wait for a process that loads its libraries; 5 s by default. */
  readonly startPatienceMs?: number;
}

/** Resident bytes of a process that has drawn small pictures only: Node, libvips, and the buffer it reads into. */
export const idleProcessBytes = 80 * 1024 * 1024;

/** The largest `memoryBytes` that a pool can ever take. */
export function mostRenderBytes({ processes, maxMemoryBytes }: Pick<PoolOptions, 'processes' | 'maxMemoryBytes'>) {
  return maxMemoryBytes - processes * idleProcessBytes;
}

const defaultGiveBackAfterMs = 20_000;
/** What is over this would not be there in a fresh process; below it, starting one costs more than it gives. */
const grownProcessBytes = 1.25 * idleProcessBytes;

/**
 * Runs renders in child processes, each one at a time. Clients take turns, and so do originals; half of the processes are
 * the most that one of them has while others wait.
 */
export interface Pool {
  run(request: PoolRequest): Promise<PoolResult>;
  /** To be called when one that might not begin may do so now. */
  wake(): void;
  /** What the processes encode with, once the first has started; rejects when none can be started. */
  build(): Promise<string>;
  close(): Promise<void>;
}

/** Pauses before another start when processes die while starting, doubled each time, so that a broken install idles. */
const firstBackOffMs = 100;
const longestBackOffMs = 30_000;

const defaultStartPatienceMs = 5_000;

/** Starts the processes at once, so that the first request does not pay for it. */
export function createPool(options: PoolOptions): Pool {
  const { clock, giveBackAfterMs = defaultGiveBackAfterMs, startPatienceMs = defaultStartPatienceMs } = options;
  const workers = new Set<Worker>();
  const pauses = new Set<NodeJS.Timeout>();
  const line = createLine(options.processes);
  /** The renders under way, by the process that draws them. */
  const drawing = new Map<Worker, Waiter>();
  const resting = new Map<Worker, NodeJS.Timeout>();
  let failedStarts = 0;
  /** Processes that load their libraries, and those that wait until these have. */
  let starting = 0;
  let toStart = 0;
  const mostStarting = Math.ceil(options.processes / 2);
  let closed = false;
  const build = settleable<string>();

  /** All processes together, if this one began to draw that. */
  function memoryWith(beginning: Worker, memoryBytes: number): number {
    let sum = memoryBytes;
    for (const worker of workers) {
      const kept = Math.max(idleProcessBytes, worker.residentBytes());
      sum += kept + (worker === beginning ? 0 : (drawing.get(worker)?.memoryBytes ?? 0));
    }
    return sum;
  }

  function giveBackLater(worker: Worker): void {
    clearTimeout(resting.get(worker));
    if (worker.residentBytes() <= grownProcessBytes) return;
    const timer = setTimeout(() => {
      if (worker.isIdle()) worker.recycle('after a burst');
    }, giveBackAfterMs);
    resting.set(worker, timer.unref());
  }

  function dispatch(): void {
    for (const worker of workers) {
      if (line.size() === 0) return;
      if (!worker.isIdle()) continue;
      const hasRoom = (memoryBytes: number) => memoryWith(worker, memoryBytes) <= options.maxMemoryBytes;
      const next = line.take(hasRoom, drawing.values());
      if (next.waiter !== undefined) next.waiter.start(worker);
      // What an earlier render left behind may be all that is in the way.
      else if (next.lacksRoom && worker.residentBytes() > idleProcessBytes) worker.recycle('to make room');
    }
  }

  /**
   * Loading takes a core for half a second. When several processes are lost at once they come back half at a time, so
   * that hits have the other cores.
   */
  function replace(): void {
    if (starting < mostStarting) start();
    else toStart += 1;
  }

  /** Counts a process as starting; the answer ends that, as does time: one that hangs is not to keep others away. */
  function countStart(): () => void {
    starting += 1;
    const end = () => {
      if (!pauses.delete(patience)) return;
      clearTimeout(patience);
      starting -= 1;
      if (toStart === 0) return;
      toStart -= 1;
      replace();
    };
    const patience = setTimeout(end, startPatienceMs).unref();
    pauses.add(patience);
    return end;
  }

  function start(): void {
    const onStarted = countStart();
    const worker: Worker = createWorker(options, {
      onReady(name) {
        build.resolve(name);
        onStarted();
      },
      onIdle() {
        failedStarts = 0;
        drawing.delete(worker);
        giveBackLater(worker);
        dispatch();
      },
      onGone(promising) {
        workers.delete(worker);
        drawing.delete(worker);
        clearTimeout(resting.get(worker));
        resting.delete(worker);
        if (closed) return;
        if (promising) replace();
        else startLater();
        onStarted();
        // It may have been what the others waited for.
        dispatch();
      },
    });
    workers.add(worker);
  }

  function startLater(): void {
    const pauseMs = Math.min(longestBackOffMs, firstBackOffMs * 2 ** failedStarts);
    failedStarts += 1;
    const pause = setTimeout(() => {
      pauses.delete(pause);
      replace();
    }, pauseMs);
    pauses.add(pause);
    if (workers.size > 0) return;
    const failure = new Failure('overloaded', 'No render process could be started; try again later.', {
      retryAfterSeconds: Math.ceil(pauseMs / 1000),
    });
    build.reject(failure);
    line.refuseAll(failure);
  }

  function run(request: PoolRequest): Promise<PoolResult> {
    const queuedAt = clock();
    const { claim, rank = 'usual', mayBegin = () => true, memoryBytes, signal, abandoned = signal } = request;
    return new Promise((resolve, reject) => {
      if (closed || signal.aborted || abandoned.aborted) return reject(cancelled(abandoned.reason));
      if (line.size() >= options.maxWaiting) return reject(tooManyWaiting(options.maxWaiting));
      const signals = new Set([signal, abandoned]);
      const leave = () => {
        line.remove(waiter);
        waiter.refuse(cancelled(abandoned.reason));
      };
      const stopListening = () => {
        for (const one of signals) one.removeEventListener('abort', leave);
      };
      const waiter: Waiter = {
        ...claim,
        memoryBytes,
        rank,
        mayBegin,
        start(worker) {
          stopListening();
          const waitMs = clock() - queuedAt;
          drawing.set(worker, waiter);
          request.onBegun?.();
          worker.run(request).then((result) => resolve({ ...result, waitMs }), reject);
        },
        refuse(failure) {
          stopListening();
          reject(failure);
        },
      };
      for (const one of signals) one.addEventListener('abort', leave, { once: true });
      line.add(waiter, drawing.values());
      dispatch();
    });
  }

  async function close(): Promise<void> {
    closed = true;
    build.reject(cancelled());
    for (const pause of pauses) clearTimeout(pause);
    pauses.clear();
    line.refuseAll(cancelled());
    await Promise.all([...workers].map((worker) => worker.close()));
  }

  for (let index = 0; index < options.processes; index += 1) start();
  return { run, wake: dispatch, build: () => build.promise, close };
}

function tooManyWaiting(most: number): Failure {
  return new Failure('overloaded', `At most ${most} renders may wait for a process; there are as many now.`, {
    retryAfterSeconds: 1,
  });
}

interface Settleable<Value> {
  readonly promise: Promise<Value>;
  resolve(value: Value): void;
  reject(error: Error): void;
}

/** A promise settled from outside, once; nobody has to wait for it. */
function settleable<Value>(): Settleable<Value> {
  let resolve: (value: Value) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<Value>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  promise.catch(() => undefined);
  return { promise, resolve, reject };
}
