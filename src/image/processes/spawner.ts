import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { z } from 'zod';
import { killProcess } from '../protocol/group-signals.ts';

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

/** What becomes of a process. `onEnd` comes once, last, however it ended; `onStarted` may never come. */
export interface ProcessLife {
  onStarted(pid: number, jobs: Socket): void;
  onEnd(end: ProcessEnd): void;
}

export interface Command extends Omit<Extract<SpawnerOrder, { type: 'start' }>, 'type' | 'id'> {}

/** Starts processes without holding up this one. */
export interface Spawner {
  /** The answer says whether waiting for news of that process keeps this one's event loop alive. */
  start(command: Command, life: ProcessLife): { holdOpen(hold: boolean): void };
  /** Ends it, and with it whatever it has started and is still there. */
  close(): void;
}

/** False when it says nothing of what the process was doing. */
export function endedByItself({ code, signal }: ProcessEnd): boolean {
  return code !== null || signal !== null;
}

const lost: ProcessEnd = { code: null, signal: null, stderr: 'the process that starts others has ended' };

/** `nodeArguments` start `spawner-process`. It is started with the first process, and anew should it end. */
export function createSpawner(nodeArguments: readonly string[]): Spawner {
  const lives = new Map<number, ProcessLife>();
  const held = new Set<number>();
  let child: ChildProcess | undefined;
  let last = 0;

  function hold(): void {
    if (held.size > 0) {
      child?.ref();
      child?.channel?.ref();
    } else {
      child?.unref();
      child?.channel?.unref();
    }
  }

  function end(id: number, how: ProcessEnd): void {
    const life = lives.get(id);
    lives.delete(id);
    held.delete(id);
    hold();
    life?.onEnd(how);
  }

  function open(): ChildProcess {
    const opened = spawn(process.execPath, [...nodeArguments], {
      env: {},
      cwd: '/',
      // A line that only ends: news of our end by way of messages can be lost with those that are under way.
      stdio: ['pipe', 'ignore', 'ignore', 'ipc'],
      windowsHide: true,
    });
    if (opened.stdin instanceof Socket) opened.stdin.unref().on('error', () => undefined);
    const onGone = () => {
      if (child !== opened) return;
      child = undefined;
      for (const id of [...lives.keys()]) end(id, lost);
    };
    opened.on('message', (message, handle) => {
      const report = reportSchema.parse(message);
      if (report.type === 'ended') end(report.id, report);
      else if (handle instanceof Socket) {
        tell(opened, { type: 'begin', id: report.id });
        lives.get(report.id)?.onStarted(report.pid, handle);
        // Its line was lost on the way, for want of descriptors: without one it is of no use.
      } else killProcess(report.pid);
    });
    opened.once('error', onGone);
    opened.once('exit', onGone);
    return opened;
  }

  function tell(to: ChildProcess, order: SpawnerOrder): void {
    // It may have ended: then 'exit' tells.
    to.send(order, () => undefined);
  }

  return {
    start(command, life) {
      last += 1;
      const id = last;
      lives.set(id, life);
      held.add(id);
      child ??= open();
      hold();
      tell(child, { type: 'start', id, ...command });
      return {
        holdOpen(isHeld) {
          if (!lives.has(id)) return;
          if (isHeld) held.add(id);
          else held.delete(id);
          hold();
        },
      };
    },
    close() {
      if (child?.connected) child.disconnect();
    },
  };
}
