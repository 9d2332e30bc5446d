import { setImmediate as nextTurn } from 'node:timers/promises';
import { cancelled } from '../../failure.ts';
import { keptFile } from '../protocol/job.ts';
import { residentBytesOf } from './cpu-time.ts';
import type { Assignment, Line, QueuedRender } from './line.ts';
import { interrupted } from './loss.ts';
import { grownProcessBytes } from './memory-fit.ts';
import type { PoolRequest } from './pool-request.ts';
import type { Answered } from './render-process-handle.ts';
import type { Slot, SlotParts } from './slot.ts';
import { backOff, noteEnd, type RunningProcess, startIn } from './slot-start.ts';
import { endedByItself, type ProcessEnd } from './spawner.ts';
import { watchRender } from './watch-render.ts';

const defaultGiveBackAfterMs = 20_000;

/** Keeps a process in the slot until the pool closes: starts one, lets it draw while it is good for that, starts the next. */
export async function keepSlot(slot: Slot, parts: SlotParts): Promise<void> {
  // The first ones take a core from nobody: there have been no requests yet.
  for (let when: 'at once' | 'in turn' = 'at once'; !parts.closing.aborted; when = 'in turn') {
    const running = await parts.starts.run(() => startIn(slot, parts), when);
    if (running === undefined) await backOff(parts);
    else await serve(running, parts);
    slot.child = undefined;
    parts.line.vacate(slot);
  }
}

/** The life of one process, render by render, until it has ended or is let go. */
async function serve(running: RunningProcess, parts: SlotParts): Promise<void> {
  void leaveWhenEnded(running, parts);
  for (;;) {
    const next = await nextAssignment(running, parts);
    if (next.does === 'recycle') return letGo(running, next.detail, parts);
    if (next.does === 'leave') return void (await noteEnd(running.child, parts));
    const answered = await draw(next.render, running, parts);
    if (answered === undefined) return;
    const excess = wear(running, answered, parts);
    if (excess !== undefined) return letGo(running, excess, parts);
  }
}

/** A slot that asks for work while its process ends is to ask no more. */
async function leaveWhenEnded({ slot, child }: RunningProcess, { line }: SlotParts): Promise<void> {
  await child.ended;
  if (slot.child === child) line.assign(slot, { does: 'leave' });
}

/** Waits for a render; a process that has grown is let go when none comes for long. */
async function nextAssignment({ slot, child }: RunningProcess, parts: SlotParts): Promise<Assignment> {
  const { line, starts, options } = parts;
  if (child.hasEnded()) return { does: 'leave' };
  starts.succeeded();
  child.holdOpen(false);
  const { giveBackAfterMs = defaultGiveBackAfterMs } = options;
  const isGrown = slot.residentBytes > grownProcessBytes;
  const rest = isGrown ? setTimeout(giveBack, giveBackAfterMs, slot, line).unref() : undefined;
  const next = await line.take(slot);
  clearTimeout(rest);
  return next;
}

function giveBack(slot: Slot, line: Line): void {
  line.assign(slot, { does: 'recycle', detail: 'after a burst' });
}

/** Has the process draw, and tells whoever asked for it what came of it. Undefined when that was the end of the process. */
async function draw(
  { request, outcome, queuedAt }: QueuedRender,
  running: RunningProcess,
  parts: SlotParts,
): Promise<Answered | undefined> {
  const { child, cpuTime } = running;
  const { clock, timeoutMs } = parts.options;
  const startedAt = clock();
  request.onBegun?.();
  child.holdOpen(true);
  const answer = child.nextAnswer();
  send(request, running);
  const watched = await watchRender(answer, request.signal, { timeoutMs, cpuTime, clock });
  switch (watched.what) {
    case 'answered': {
      const [waitMs, renderMs] = [startedAt - queuedAt, clock() - startedAt];
      outcome.resolve({ how: 'answered', ...watched.answered, waitMs, renderMs });
      return watched.answered;
    }
    case 'deadline':
      outcome.resolve({ how: 'deadline', timeoutMs, cpuShare: watched.cpuShare });
      return killAndWait(running, { event: 'killed-deadline', ...inWords(watched.cpuShare) }, parts);
    case 'stopped':
      outcome.reject(cancelled(request.signal.reason));
      return killAndWait(running, { event: 'killed-cancelled' }, parts);
    case 'ended':
      settle(outcome, await noteEnd(child, parts), parts);
      // Whoever asked for it counts the loss before anything else of its original is begun.
      await nextTurn();
      return undefined;
  }
}

/** Of a render whose process has ended. */
function settle(outcome: QueuedRender['outcome'], end: ProcessEnd, { closing }: SlotParts): void {
  if (closing.aborted) outcome.reject(cancelled());
  else if (endedByItself(end)) outcome.resolve({ how: 'crash', signal: end.signal });
  else outcome.reject(interrupted());
}

/** Without the original where that is what the process got last. */
function send({ job, payloads }: PoolRequest, { slot, child }: RunningProcess): void {
  const name = keptFile(job);
  const hasOriginal = name !== undefined && name === slot.file;
  slot.file = name;
  child.send({ ...job, hasOriginal }, hasOriginal ? payloads.slice(1) : payloads);
}

interface Kill {
  readonly event: 'killed-deadline' | 'killed-cancelled';
  readonly detail?: string;
}

async function killAndWait({ child, pid }: RunningProcess, why: Kill, { options }: SlotParts): Promise<undefined> {
  options.telemetry.report({ type: 'render-process', pid, ...why });
  child.kill();
  await child.ended;
}

function inWords(cpuShare: number | undefined): Pick<Kill, 'detail'> {
  return cpuShare === undefined ? {} : { detail: `computing ${Math.round(cpuShare * 100)} % of the time` };
}

/** Counts a render. Returns why its process is not good for another one, if so. */
function wear(running: RunningProcess, { answer }: Answered, { options }: SlotParts): string | undefined {
  const { slot } = running;
  running.renders += 1;
  slot.residentBytes = residentBytesOf(running.pid) ?? answer.rssBytes;
  if (answer.outcome !== 'ready') slot.holds = answer.holds;
  if (running.renders >= options.maxRendersPerProcess) return `after ${running.renders} renders`;
  if (slot.residentBytes > options.maxProcessRssBytes) return `at ${slot.residentBytes} resident bytes`;
  return undefined;
}

/** Lets the process end by itself, while the next one starts. */
function letGo({ child, pid }: RunningProcess, detail: string, { options }: SlotParts): void {
  options.telemetry.report({ type: 'render-process', event: 'recycled', pid, detail });
  child.retire();
}
