import { constants, fstatSync, openSync, write, writeSync } from 'node:fs';

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
  /** A write to it never waits for whoever reads. */
  readonly neverWaits: boolean;
  waiting: Buffer[];
  waitingBytes: number;
  dropped: number;
  isWriting: boolean;
  readonly waiters: (() => void)[];
}

export function openLogFile(descriptor: number): LogFile {
  const own = reopenPipe(descriptor);
  const state: LogFileState = {
    descriptor: own ?? descriptor,
    neverWaits: own !== undefined,
    waiting: [],
    waitingBytes: 0,
    dropped: 0,
    isWriting: false,
    waiters: [],
  };
  return { write: (text) => add(state, text), flush: (last) => writeAll(state, last), settled: () => settled(state) };
}

/**
 * A pipe, opened once more, so that writes to it never wait, whatever others who have it want of it: then they need no other
 * thread, which takes as long as ten of them. Undefined for what is none, and where it may not be opened (Linux alone has
 * names for what is open, and a pipe may be another user's).
 */
function reopenPipe(descriptor: number): number | undefined {
  try {
    if (!fstatSync(descriptor).isFIFO()) return undefined;
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
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
  if (state.neverWaits && !writeNow(state)) {
    tryAgain(state);
    return;
  }
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
      tryAgain(state);
      return;
    }
    // Whatever else is wrong is wrong with the next, too, or has passed: nothing is kept for it.
    writeNext(state);
  });
}

/** It keeps the process: whoever runs out of work has written all of it. */
function tryAgain(state: LogFileState): void {
  state.isWriting = true;
  setTimeout(writeNext, retryMs, state);
}

/** Writes what waits, piece by piece; false when the pipe is full before that. */
function writeNow(state: LogFileState): boolean {
  for (let next = take(state); next !== undefined; next = take(state)) {
    try {
      putBack(state, next.subarray(writeSync(state.descriptor, next)));
    } catch (error) {
      if (!isFull(error)) continue;
      putBack(state, next);
      return false;
    }
  }
  return true;
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
  if (state.isWriting && !state.neverWaits) sleepSync(pauseMs);
  const ends = performance.now() + lastMs;
  while (!writeNow(state) && performance.now() < ends) sleepSync(retryMs);
}

function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}
