/**
 * The nursery: a small process that starts render processes for the server. Starting one copies the page tables of
 * whoever does it, and holds it up meanwhile: 35 ms for a server that holds 400 MB. It touches no picture and no secret,
 * and ends, with all it has started, when the server is gone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { constants, setPriority } from 'node:os';
import { leaveSignalsToServer } from './group-signals.ts';
import type { NurseryOrder, NurseryReport } from './nursery.ts';

/** Enough to see why a process died; more would let a hostile picture fill the log. */
const maxStderrBytes = 2_000;

/** Those that have started and not yet been told to begin. */
const unborn = new Map<number, ChildProcess>();

/**
 * Hits, refusals and health checks take next to no time: they are not to wait for a core behind pictures. Where Linux
 * groups processes by session (sched(7), autogroup), a priority counts only within one: so nobody here has one of their
 * own.
 */
function yieldToServer(): void {
  try {
    // What is started here inherits it.
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // The system has no such thing: then pictures are as important as all else.
  }
}

function report(what: NurseryReport, handle?: Socket): void {
  process.send?.(what, handle);
}

/** Resolves with the last bytes of a stream when it has ended. */
async function tailOf(stream: Socket): Promise<Buffer> {
  let tail = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]).subarray(-maxStderrBytes);
  });
  stream.on('error', () => undefined);
  await once(stream, 'close');
  return tail;
}

async function start({ id, command, words, environment }: Extract<NurseryOrder, { type: 'start' }>): Promise<void> {
  const child = spawn(command, words, {
    env: environment,
    cwd: '/',
    // Errors, then jobs and their answers, then a line whose end tells that nobody needs this process any more.
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  if (child.pid === undefined) {
    // For want of descriptors it may have no pipes either.
    const [error] = await once(child, 'error');
    return report({ type: 'ended', id, code: null, signal: null, stderr: String(error) });
  }
  const [stderr, jobs, lifeline] = child.stdio.slice(2);
  if (!(stderr instanceof Socket && jobs instanceof Socket && lifeline instanceof Socket)) {
    throw new Error('the pipes of a process are sockets');
  }
  lifeline.on('error', () => undefined);
  unborn.set(id, child);
  report({ type: 'started', id, pid: child.pid }, jobs);
  const [[code, signal], tail] = await Promise.all([once(child, 'exit'), tailOf(stderr)]);
  unborn.delete(id);
  report({ type: 'ended', id, code, signal, stderr: tail.toString('utf8') });
}

/** The server has its end of the line; ours is closed by now, so nothing that the process writes can be lost here. */
function begin(id: number): void {
  const lifeline = unborn.get(id)?.stdio[4];
  if (lifeline instanceof Socket) lifeline.write('.');
  unborn.delete(id);
}

yieldToServer();
leaveSignalsToServer();
process.on('disconnect', () => process.exit(0));
process.on('message', (order: NurseryOrder) => {
  if (order.type === 'start') void start(order);
  else begin(order.id);
});
