import { write, writeSync } from 'node:fs';

/** A descriptor that lines are written to, one text behind the other. */
export interface LogFile {
  /** Begun at once, or when what is under way is written. Never throws: a log that nobody reads takes no server down. */
  write(text: string): void;
  /** Writes all that waits and this, at once: what is only begun when a process ends may be lost with it. */
  flush(last: string): void;
  /** Resolves when nothing waits, or when whoever reads has taken nothing for seconds. */
  settled(): Promise<void>;
}

/** Bytes that wait for whoever reads the log; what would be more is dropped, and counted. */
const mostWaiting = 4 * 1024 * 1024;
/** What a pipe takes whole (PIPE_BUF): lines that are written at the same time stand one behind the other. */
const mostWritten = 4_096;
/** Until a full pipe is tried again. */
const retryMs = 50;
/** So long a reader that takes nothing is waited for when a process ends. */
const lastMs = 2_000;
/** For what is under way when a process ends: another thread writes it, which nobody is told of by then, and may wait for a core. */
const pauseMs = 200;

interface LogFileState {
  readonly descriptor: number;
  waiting: Buffer[];
  waitingBytes: number;
  dropped: number;
  isWriting: boolean;
  readonly waiters: (() => void)[];
}

export function openLogFile(descriptor: number): LogFile {
  const state: LogFileState = { descriptor, waiting: [], waitingBytes: 0, dropped: 0, isWriting: false, waiters: [] };
  return { write: (text) => add(state, text), flush: (last) => writeAll(state, last), settled: () => settled(state) };
}

function add(state: LogFileState, text: string): void {
  const bytes = Buffer.from(text);
  if (state.waitingBytes + bytes.byteLength > mostWaiting) {
    state.dropped += 1;
    return;
  }
  queue(state, bytes);
  if (!state.isWriting) writeNext(state);
}

function queue(state: LogFileState, bytes: Buffer): void {
  for (let at = 0; at < bytes.byteLength; at += mostWritten) state.waiting.push(bytes.subarray(at, at + mostWritten));
  state.waitingBytes += bytes.byteLength;
}

function writeNext(state: LogFileState): void {
  const next = take(state);
  state.isWriting = next !== undefined;
  if (next === undefined) {
    for (const resolve of state.waiters.splice(0)) resolve();
    return;
  }
  write(state.descriptor, next, (error, count) => {
    if (error === null) putBack(state, next.subarray(count));
    else if (isFull(error)) {
      putBack(state, next);
      // It keeps the process: whoever runs out of work has written all of it.
      setTimeout(writeNext, retryMs, state);
      return;
    }
    // Whatever else is wrong is wrong with the next, too, or has passed: nothing is kept for it.
    writeNext(state);
  });
}

function take(state: LogFileState): Buffer | undefined {
  const next = state.waiting.shift();
  if (next !== undefined) state.waitingBytes -= next.byteLength;
  else if (state.dropped > 0) {
    const lost = Buffer.from(
      `{"level":40,"time":"${new Date().toISOString()}","event":"log-dropped","count":${state.dropped}}\n`,
    );
    state.dropped = 0;
    return lost;
  }
  return next;
}

function putBack(state: LogFileState, rest: Buffer): void {
  if (rest.byteLength === 0) return;
  state.waiting.unshift(rest);
  state.waitingBytes += rest.byteLength;
}

async function settled(state: LogFileState): Promise<void> {
  if (!state.isWriting) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, lastMs).unref();
    state.waiters.push(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function writeAll(state: LogFileState, last: string): void {
  queue(state, Buffer.from(last));
  // What is under way comes first where somebody reads the log.
  if (state.isWriting) sleepSync(pauseMs);
  const ends = performance.now() + lastMs;
  for (let next = take(state); next !== undefined; next = take(state)) {
    try {
      putBack(state, next.subarray(writeSync(state.descriptor, next)));
    } catch (error) {
      if (!isFull(error) || performance.now() > ends) return;
      putBack(state, next);
      sleepSync(retryMs);
    }
  }
}

function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}
