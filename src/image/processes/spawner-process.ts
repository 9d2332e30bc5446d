/**
 * The spawner (a fork server, in other words): a small process that starts render processes for the server. Starting one
 * copies the page tables of whoever does it, and holds it up meanwhile: 35 ms for a server that holds 400 MB. It touches no
 * picture and no secret, and ends, with all it has started, when the server is gone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { constants, getPriority, setPriority } from 'node:os';
import { leaveSignalsToServer } from '../protocol/group-signals.ts';
import { machineOf, syscallFilter } from './cage/syscall-filter.ts';
import { closeInherited } from './inherited.ts';
import { killProcess } from './kill-process.ts';
import type { Isolation, SpawnerOrder, SpawnerReport } from './spawner.ts';

/** Enough to see why a process died; more would let a hostile picture fill the log. */
const maxStderrBytes = 2_000;

/** A process that has not ended. */
interface Child {
  /** Its number, which those in a cage tell only after a while; undefined when it never came up. */
  readonly pid: Promise<number | undefined>;
  /** Tells it to begin, and by its end that nobody needs it any more. */
  readonly lifeline: Socket;
}

/** By the number that the server gave them. */
type Children = Map<number, Child>;

/** Their number comes before whatever they do: who has not told it by then has never come up. */
const numberTimeoutMs = 2_000;

/**
 * Hits, refusals and health checks take next to no time: they are not to wait for a core behind pictures. Where Linux
 * groups processes by session (sched(7), autogroup), a priority counts only within one: so nobody here has one of their
 * own.
 */
function yieldToServer(): void {
  try {
    // As far behind the server as there is room, however nice that was started. What is started here inherits it.
    setPriority(Math.min(getPriority() + constants.priority.PRIORITY_BELOW_NORMAL, constants.priority.PRIORITY_LOW));
  } catch {
    // The system has no such thing: then pictures are as important as all else.
  }
}

function report(what: SpawnerReport, handle?: Socket): void {
  // Without a listener a server that has gone would end this process before it has ended what it started.
  process.send?.(what, handle, undefined, () => undefined);
}

/** Resolves with the last bytes of a stream when it has ended. */
async function tailOf(stream: Socket, maxBytes: number): Promise<Buffer> {
  let tail = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]).subarray(-maxBytes);
  });
  stream.on('error', () => undefined);
  await once(stream, 'close');
  return tail;
}

type Start = Extract<SpawnerOrder, { type: 'start' }>;

/** A process from its start to its end, both of which are told. */
async function start(order: Start, living: Children): Promise<void> {
  const { id, isolation } = order;
  const child = spawnCaged(order);
  if (child.pid === undefined) {
    // For want of descriptors it may have no pipes either.
    const [error] = await once(child, 'error');
    return report({ type: 'ended', id, code: null, signal: null, stderr: String(error) });
  }
  const ended = once(child, 'exit');
  const { stderr, jobs, lifeline, keeper } = linesOf(child);
  const tail = tailOf(stderr, maxStderrBytes);
  const numbered = keeper === undefined ? Promise.resolve(child.pid) : keptBy(keeper);
  living.set(id, { pid: numbered, lifeline });
  const pid = await numbered;
  if (pid !== undefined) report({ type: 'started', id, pid }, jobs);
  const [exitCode, endingSignal] = await ended;
  living.delete(id);
  const [code, signal] = endOf(exitCode, endingSignal, isolation);
  report({ type: 'ended', id, code, signal, stderr: (await tail).toString('utf8') });
}

function spawnCaged({ command, words, environment, isolation }: Start): ChildProcess {
  const child = spawn(command, words, {
    env: environment,
    cwd: '/',
    // Errors, then jobs and their answers, then a line whose end tells that nobody needs this process any more.
    stdio: [
      isolation === 'none' ? 'ignore' : 'pipe',
      ...(['ignore', 'pipe', 'pipe', 'pipe'] as const),
      ...(isolation === 'namespaced' ? (['pipe'] as const) : []),
    ],
    windowsHide: true,
  });
  const machine = machineOf(process.arch);
  if (child.stdin && child.pid !== undefined && machine !== undefined) {
    child.stdin.on('error', () => undefined);
    child.stdin.end(syscallFilter(machine, isolation === 'namespaced' ? 1 : child.pid));
  }
  return child;
}

interface Lines {
  readonly stderr: Socket;
  readonly jobs: Socket;
  readonly lifeline: Socket;
  /** Only where a keeper stands between. */
  readonly keeper: Socket | undefined;
}

function linesOf(child: ChildProcess): Lines {
  const [stderr, jobs, lifeline, keeper] = child.stdio.slice(2);
  if (!(stderr instanceof Socket && jobs instanceof Socket && lifeline instanceof Socket)) {
    throw new Error('the pipes of a process are sockets');
  }
  lifeline.on('error', () => undefined);
  return { stderr, jobs, lifeline, keeper: keeper instanceof Socket ? keeper : undefined };
}

/** The number of the process that a keeper has started; undefined when it could not. */
async function keptBy(keeper: Socket): Promise<number | undefined> {
  const said = /"child-pid": *(\d+)/.exec((await tailOf(keeper, maxStderrBytes)).toString('latin1'));
  return said === null ? undefined : Number(said[1]);
}

/** A keeper says by its exit code which signal has ended what it kept, as a shell does. */
function endOf(
  code: number | null,
  signal: string | null,
  isolation: Isolation,
): readonly [code: number | null, signal: string | null] {
  if (isolation !== 'namespaced' || code === null || code <= 128) return [code, signal];
  const name = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  return name === undefined ? [code, signal] : [null, name];
}

/**
 * The kernel ends what lives in a cage when we have gone, but not what is only being put into one: without us it would wait
 * there for ever.
 */
async function endWithAll(living: Children): Promise<void> {
  setTimeout(() => process.exit(0), numberTimeoutMs);
  const pids = await Promise.all([...living.values()].map(({ pid }) => pid));
  for (const pid of pids) if (pid !== undefined) killProcess(pid);
  process.exit(0);
}

function main(): void {
  const living: Children = new Map();
  closeInherited();
  yieldToServer();
  leaveSignalsToServer();
  process.on('disconnect', () => void endWithAll(living));
  process.stdin.on('error', () => undefined);
  process.stdin.once('close', () => void endWithAll(living)).resume();
  process.on('message', (order: SpawnerOrder) => {
    if (order.type === 'start') void start(order, living);
    // The server has its end of the line; ours is closed by now, so nothing that the process writes can be lost here.
    else living.get(order.id)?.lifeline.write('.');
  });
}

main();
