import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { z } from 'zod';
import { createDeferred, type Deferred } from './deferred.ts';
import { killProcess } from './kill-process.ts';

/**
 * How a process is held. `filtered`: it reads a filter of system calls from its standard input. `namespaced`: this too, and
 * what we start is a keeper, which says on descriptor 5 which process it has started (bubblewrap, --info-fd) and ends
 * like that one.
 */
export type Isolation = 'none' | 'filtered' | 'namespaced';

/** What the spawner is asked. */
export type SpawnerOrder =
  | {
      readonly type: 'start';
      readonly id: number;
      readonly command: string;
      readonly words: readonly string[];
      readonly isolation: Isolation;
      readonly environment: Readonly<Record<string, string>>;
    }
  /** The line to the process has arrived here: it may begin. */
  | { readonly type: 'begin'; readonly id: number };

const reportSchema = z.discriminatedUnion('type', [
  /** Comes with the line on which the process takes jobs and answers. */
  z.object({ type: z.literal('started'), id: z.number(), pid: z.number() }),
  z.object({
    type: z.literal('ended'),
    id: z.number(),
    code: z.number().nullable(),
    signal: z.string().nullable(),
    stderr: z.string(),
  }),
]);

/** What it tells. */
export type SpawnerReport = z.infer<typeof reportSchema>;

/** How a process ended; neither code nor signal when it did not end by itself but with the spawner. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** The last bytes it wrote to standard error. */
  readonly stderr: string;
}

/** False when it says nothing of what the process was doing. */
export function endedByItself({ code, signal }: ProcessEnd): boolean {
  return code !== null || signal !== null;
}

const lost: ProcessEnd = { code: null, signal: null, stderr: 'the process that starts others has ended' };

export interface ProcessCommand extends Omit<Extract<SpawnerOrder, { type: 'start' }>, 'type' | 'id'> {}

/** A process that has started, and our end of its line. */
export interface Started {
  readonly pid: number;
  readonly jobs: Socket;
}

/** A process that was asked for. */
export interface Spawned {
  /** Undefined when it ended before it had started. */
  readonly started: Promise<Started | undefined>;
  /** Resolves last, however it ended. */
  readonly ended: Promise<ProcessEnd>;
  /** Whether waiting for news of it keeps this process's event loop alive: so it does until it is told otherwise. */
  holdOpen(hold: boolean): void;
}

/** Starts processes without holding up this one. */
export interface Spawner {
  start(command: ProcessCommand): Spawned;
  /** Ends it, and with it whatever it has started and is still there. */
  close(): void;
}

interface SpawnerState {
  readonly nodeArguments: readonly string[];
  /** Undefined when it has ended. */
  child: ChildProcess | undefined;
  /** Those of which news are to come. */
  readonly awaited: Map<number, Awaited>;
  /** Those of them that keep the event loop alive. */
  readonly held: Set<number>;
  lastId: number;
}

interface Awaited {
  readonly started: Deferred<Started | undefined>;
  readonly ended: Deferred<ProcessEnd>;
}

/** `nodeArguments` start `spawner-process`: at once, so that it is there when the first process is, and anew should it end. */
export function createSpawner(nodeArguments: readonly string[]): Spawner {
  const state: SpawnerState = { nodeArguments, child: undefined, awaited: new Map(), held: new Set(), lastId: 0 };
  state.child = open(state);
  keepOpen(state);
  return {
    start: (command) => start(state, command),
    close() {
      if (state.child?.connected) state.child.disconnect();
    },
  };
}

function start(state: SpawnerState, command: ProcessCommand): Spawned {
  state.lastId += 1;
  const id = state.lastId;
  const [started, ended] = [createDeferred<Started | undefined>(), createDeferred<ProcessEnd>()];
  state.awaited.set(id, { started, ended });
  state.child ??= open(state);
  tell(state.child, { type: 'start', id, ...command });
  holdOpen(state, id, true);
  return { started: started.promise, ended: ended.promise, holdOpen: (hold) => holdOpen(state, id, hold) };
}

/** Starts the spawner itself. */
function open(state: SpawnerState): ChildProcess {
  const child = spawn(process.execPath, [...state.nodeArguments], {
    env: {},
    cwd: '/',
    // A line that only ends: news of our end by way of messages can be lost with those that are under way.
    stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
    windowsHide: true,
  });
  if (child.stdin instanceof Socket) child.stdin.unref().on('error', () => undefined);
  child.on('message', (message, handle) => hear(state, { child, report: reportSchema.parse(message), handle }));
  child.once('error', () => loseAll(state, child));
  child.once('exit', () => loseAll(state, child));
  return child;
}

function tell(child: ChildProcess, order: SpawnerOrder): void {
  // It may have ended: then 'exit' tells.
  child.send(order, () => undefined);
}

interface News {
  readonly child: ChildProcess;
  readonly report: SpawnerReport;
  readonly handle: unknown;
}

function hear(state: SpawnerState, { child, report, handle }: News): void {
  if (report.type === 'ended') end(state, report.id, report);
  else if (handle instanceof Socket) {
    tell(child, { type: 'begin', id: report.id });
    state.awaited.get(report.id)?.started.resolve({ pid: report.pid, jobs: handle });
    // Its line was lost on the way, for want of descriptors: without one it is of no use.
  } else killProcess(report.pid);
}

function end(state: SpawnerState, id: number, how: ProcessEnd): void {
  const one = state.awaited.get(id);
  holdOpen(state, id, false);
  state.awaited.delete(id);
  one?.started.resolve(undefined);
  one?.ended.resolve(how);
}

/** What it has started ends with it. */
function loseAll(state: SpawnerState, child: ChildProcess): void {
  if (state.child !== child) return;
  state.child = undefined;
  for (const id of [...state.awaited.keys()]) end(state, id, lost);
}

function holdOpen(state: SpawnerState, id: number, hold: boolean): void {
  if (hold && state.awaited.has(id)) state.held.add(id);
  else state.held.delete(id);
  keepOpen(state);
}

function keepOpen({ child, held }: SpawnerState): void {
  if (held.size > 0) {
    child?.ref();
    child?.channel?.ref();
  } else {
    child?.unref();
    child?.channel?.unref();
  }
}
