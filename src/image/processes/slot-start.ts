import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../../failure.ts';
import { type CpuTime, createCpuTime } from './cpu-time.ts';
import { type RenderProcess, startRenderProcess } from './render-process-handle.ts';
import type { Slot, SlotParts } from './slot.ts';
import { endedByItself, type ProcessEnd } from './spawner.ts';

/** A process that has not come up by then will not. */
const startTimeoutMs = 30_000;

/** A process that can draw. */
export interface RunningProcess {
  readonly slot: Slot;
  readonly child: RenderProcess;
  readonly pid: number;
  readonly cpuTime: CpuTime;
  renders: number;
}

/** Starts a process in the slot, in another cage where it may have been the cage. Undefined when none came up. */
export async function startIn(slot: Slot, parts: SlotParts): Promise<RunningProcess | undefined> {
  const { cage, nodeArguments } = parts.options;
  while (!parts.closing.aborted) {
    const launch = cage.launch(nodeArguments);
    const child = startRenderProcess(parts.options, launch);
    slot.child = child;
    const ready = await readyOf(child);
    if (ready !== undefined) {
      launch.worked();
      return { slot, child, renders: 0, ...welcome(ready, parts) };
    }
    const end = await noteEnd(child, parts);
    if (parts.closing.aborted || !endedByItself(end) || !launch.failed()) break;
  }
  slot.child = undefined;
  return undefined;
}

interface Ready {
  readonly pid: number;
  /** What it encodes with. */
  readonly build: string;
}

/** What it says once it has loaded its libraries; undefined when it ended before. */
async function readyOf(child: RenderProcess): Promise<Ready | undefined> {
  const timer = setTimeout(() => child.kill(), startTimeoutMs);
  let answer = (await child.nextAnswer())?.answer;
  // Whatever else it writes is no answer to anything.
  while (answer !== undefined && answer.outcome !== 'ready') answer = (await child.nextAnswer())?.answer;
  clearTimeout(timer);
  const pid = child.pid();
  return answer === undefined || pid === undefined ? undefined : { pid, build: answer.build };
}

function welcome({ pid, build }: Ready, parts: SlotParts): Pick<RunningProcess, 'pid' | 'cpuTime'> {
  const { telemetry, cpuTimeOf = createCpuTime } = parts.options;
  const cpuTime = cpuTimeOf(pid);
  telemetry.report({ type: 'render-process', event: 'started', pid });
  parts.build.resolve(build);
  return { pid, cpuTime };
}

/** Waits for the end of a process that nobody has ended, and reports it. */
export async function noteEnd(child: RenderProcess, { options, closing }: SlotParts): Promise<ProcessEnd> {
  const end = await child.ended;
  if (!closing.aborted) {
    options.telemetry.report({ type: 'render-process', event: 'died', pid: child.pid(), detail: describeEnd(end) });
  }
  return end;
}

function describeEnd({ code, signal, stderr }: ProcessEnd): string {
  const how = signal === null ? `exit code ${code}` : signal;
  return stderr === '' ? how : `${how}: ${stderr}`;
}

/** Waits before another start. While there is no process at all nobody is to wait for one. */
export async function backOff({ slots, line, starts, build, closing }: SlotParts): Promise<void> {
  if (closing.aborted) return;
  const pauseMs = starts.failed();
  if (slots.every(({ child }) => child === undefined)) {
    const failure = new Failure('overloaded', 'No render process could be started; try again later.', {
      retryAfterSeconds: Math.ceil(pauseMs / 1000),
    });
    build.reject(failure);
    line.refuseAll(failure);
  }
  // It only rejects when the pool closes.
  await pause(pauseMs, undefined, { signal: closing }).catch(() => undefined);
}
