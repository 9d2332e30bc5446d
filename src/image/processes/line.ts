import { cancelled, Failure } from '../../failure.ts';
import { type Claim, createShares, type Shares } from '../../shares.ts';
import { keptPixels, type RenderJob } from '../protocol/job.ts';
import { createDeferred, type Deferred } from './deferred.ts';
import { bytesWith, type Holder, idleProcessBytes } from './memory-fit.ts';
import type { PoolOutcome, PoolRequest, Rank } from './pool-request.ts';

/** A render that waits for room is overtaken by so many smaller ones and no more; so is one that lets all others pass. */
const mostOvertakings = 16;

/** An original is decoded in another process too when what waits of it takes as long as so many decodes of it. */
const decodesWorthAnother = 2;

/** A render in the line, and later with a process. */
export interface QueuedRender extends Claim {
  readonly request: PoolRequest;
  readonly memoryBytes: number;
  /** By the clock. */
  readonly queuedAt: number;
  readonly outcome: Deferred<PoolOutcome>;
  rank: Rank;
  overtakings: number;
  /** Takes it out of the line when nobody waits for it any more. */
  readonly leave: () => void;
}

/** What a slot is to do: draw, let its process go, or see that it has ended or the line is closed. */
export type Assignment =
  | { readonly does: 'draw'; readonly render: QueuedRender }
  | { readonly does: 'recycle'; readonly detail: string }
  | { readonly does: 'leave' };

/** A slot as the line sees it. */
export interface Seat extends Holder {
  residentBytes: number;
  /** Names of the originals whose pixels its process keeps. */
  holds: readonly string[];
  /** Name of the original whose file its process keeps: the last that it was sent. */
  file: string | undefined;
  drawing: QueuedRender | undefined;
  /** While it asks for work. */
  asking: Deferred<Assignment> | undefined;
}

/**
 * Renders that wait for a process, and the processes that wait for a render. Clients take turns, and so do originals;
 * half of the processes are the most that one of them has while others wait.
 */
export interface Line {
  /** Waits for a process and what it makes of it. Failures: `overloaded`; `cancelled` by its signals and when the line closes. */
  join(request: PoolRequest): Promise<PoolOutcome>;
  /** What that slot is to do next; it has done what it was given before. */
  take(seat: Seat): Promise<Assignment>;
  /** Tells a slot that still asks to do something else. */
  assign(seat: Seat, assignment: Assignment): void;
  /** The process of that slot is gone, with all that it held. */
  vacate(seat: Seat): void;
  /** True while something is drawn, and something began or ended no longer ago than so many milliseconds. */
  isAdvancing(withinMs: number): boolean;
  /** Looks again who may begin. */
  wake(): void;
  refuseAll(failure: Failure): void;
  /** From now on nobody may join, and no slot has anything to do. */
  close(): void;
}

export interface LineOptions {
  /** In the order in which they are given work. */
  readonly seats: readonly Seat[];
  /** Requests that may wait. The caller's own admission is meant to be tighter: this only keeps it from being unbounded. */
  readonly maxWaiting: number;
  /** Resident bytes of all processes together: what would not fit beside the renders under way waits. */
  readonly maxMemoryBytes: number;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
}

interface LineState extends LineOptions {
  readonly waiting: Shares<QueuedRender>;
  isClosed: boolean;
  /** When a slot was last given a render, or was done with one, by the clock. */
  advancedAt: number;
}

export function createLine(options: LineOptions): Line {
  const state: LineState = { ...options, waiting: createShares(options.seats.length), isClosed: false, advancedAt: 0 };
  return {
    join: (request) => join(state, request),
    take: (seat) => take(state, seat),
    assign,
    isAdvancing: (withinMs) => underWay(state).length > 0 && state.clock() - state.advancedAt <= withinMs,
    vacate(seat) {
      state.advancedAt = state.clock();
      clear(seat);
      match(state);
    },
    wake: () => match(state),
    refuseAll: (failure) => refuseAll(state, failure),
    close: () => close(state),
  };
}

async function join(state: LineState, request: PoolRequest): Promise<PoolOutcome> {
  const { claim, memoryBytes, rank = 'usual', signal, abandoned = signal } = request;
  if (state.isClosed || signal.aborted || abandoned.aborted) throw cancelled(abandoned.reason);
  if (state.waiting.size >= state.maxWaiting) throw tooManyWaiting(state.maxWaiting);
  const outcome = createDeferred<PoolOutcome>();
  const render: QueuedRender = {
    ...claim,
    request,
    memoryBytes,
    queuedAt: state.clock(),
    outcome,
    rank,
    overtakings: 0,
    leave: () => refuse(state, render, cancelled(abandoned.reason)),
  };
  for (const one of [signal, abandoned]) one.addEventListener('abort', render.leave, { once: true });
  state.waiting.add(render, underWay(state));
  match(state);
  return outcome.promise;
}

function take(state: LineState, seat: Seat): Promise<Assignment> {
  seat.drawing = undefined;
  state.advancedAt = state.clock();
  if (state.isClosed) return Promise.resolve({ does: 'leave' });
  seat.asking = createDeferred();
  const { promise } = seat.asking;
  match(state);
  return promise;
}

function assign(seat: Seat, assignment: Assignment): void {
  const { asking } = seat;
  if (asking === undefined) return;
  seat.asking = undefined;
  if (assignment.does === 'draw') seat.drawing = assignment.render;
  // A fresh process takes the place of the one that goes.
  if (assignment.does === 'recycle') clear(seat);
  asking.resolve(assignment);
}

function clear(seat: Seat): void {
  seat.residentBytes = 0;
  seat.holds = [];
  seat.file = undefined;
  seat.drawing = undefined;
}

/** Gives work to the slots that ask for it, as far as there is any. */
function match(state: LineState): void {
  for (const seat of state.seats) {
    // What another slot is better for goes there, and this one looks again.
    while (seat.asking !== undefined && state.waiting.size > 0) {
      const assignment = assignmentFor(state, seat);
      if (assignment === undefined) break;
      assign(assignment.does === 'draw' ? bestSeat(state, seat, assignment.render) : seat, assignment);
    }
  }
}

/** Of the slots that ask, the one whose process keeps most of the original: who is next is decided already, not where. */
function bestSeat({ seats, maxMemoryBytes }: LineState, seat: Seat, { request, memoryBytes }: QueuedRender): Seat {
  const { job } = request;
  if (job.keeps === undefined) return seat;
  const asking = seats.filter(
    (one) => one.asking !== undefined && bytesWith(seats, one, memoryBytes) <= maxMemoryBytes,
  );
  const most = Math.max(...asking.map((one) => keptOf(job, one)));
  return most > keptOf(job, seat) ? (asking.find((one) => keptOf(job, one) === most) ?? seat) : seat;
}

/** Pixels spare more than the file, and are of use where a picture is drawn from them. */
function keptOf(job: RenderJob, { holds, file }: Seat): 0 | 1 | 2 {
  const pixels = keptPixels(job);
  if (pixels !== undefined && holds.includes(pixels)) return 2;
  return file !== undefined && file === job.keeps?.name ? 1 : 0;
}

/**
 * While another process decodes its original a picture waits for that one, which then has the pixels; unless what waits of it
 * takes so long that two are to draw it, each with a decode of its own.
 */
function awaitsPixels({ seats, waiting }: LineState, seat: Seat, { request, rank }: QueuedRender): boolean {
  const { job, work } = request;
  const pixels = keptPixels(job);
  if (work === undefined || rank !== 'usual' || pixels === undefined || seat.holds.includes(pixels)) return false;
  const isOfIt = (one: QueuedRender) => keptPixels(one.request.job) === pixels;
  if (!seats.some(({ drawing }) => drawing !== undefined && isOfIt(drawing))) return false;
  let waitingMs = 0;
  for (const one of waiting) if (isOfIt(one)) waitingMs += one.request.work?.restMs ?? 0;
  return waitingMs < decodesWorthAnother * work.decodingMs;
}

/** The first render that may begin and for which there is room. Whoever waits for room has to go before the rest in the end. */
function assignmentFor(state: LineState, seat: Seat): Assignment | undefined {
  let roomless: QueuedRender | undefined;
  for (const render of inOrder(state)) {
    if (awaitsPixels(state, seat, render) || !mayBegin(state, render)) continue;
    if (bytesWith(state.seats, seat, render.memoryBytes) <= state.maxMemoryBytes) {
      if (roomless !== undefined) roomless.overtakings += 1;
      takeOut(state, render);
      state.advancedAt = state.clock();
      return { does: 'draw', render };
    }
    roomless ??= render;
    if (roomless.overtakings >= mostOvertakings) break;
  }
  // What an earlier render left behind may be all that is in the way.
  const isInTheWay = roomless !== undefined && seat.residentBytes > idleProcessBytes;
  return isInTheWay ? { does: 'recycle', detail: 'to make room' } : undefined;
}

const ranks: readonly Rank[] = ['first', 'usual', 'last'];

function inOrder(state: LineState): readonly QueuedRender[] {
  const order = state.waiting.inOrder(underWay(state));
  return ranks.flatMap((rank) => order.filter((render) => render.rank === rank));
}

/** Whose renders have a process now. */
function underWay({ seats }: LineState): readonly Claim[] {
  return seats.flatMap(({ drawing }) => drawing ?? []);
}

function mayBegin(state: LineState, render: QueuedRender): boolean {
  try {
    return render.request.mayBegin?.() ?? true;
  } catch (error) {
    refuse(state, render, error instanceof Error ? error : new Error('A render was refused.', { cause: error }));
    return false;
  }
}

function takeOut(state: LineState, render: QueuedRender): void {
  stopListening(render);
  state.waiting.begin(render);
  // Those that let everybody pass have done so once more.
  for (const one of state.waiting) {
    if (one.rank !== 'last') continue;
    one.overtakings += 1;
    if (one.overtakings >= mostOvertakings) one.rank = 'first';
  }
}

function refuse(state: LineState, render: QueuedRender, reason: Error): void {
  stopListening(render);
  state.waiting.remove(render);
  render.outcome.reject(reason);
}

function stopListening({ request: { signal, abandoned }, leave }: QueuedRender): void {
  for (const one of [signal, abandoned]) one?.removeEventListener('abort', leave);
}

function refuseAll(state: LineState, failure: Failure): void {
  for (const render of [...state.waiting]) refuse(state, render, failure);
}

function close(state: LineState): void {
  state.isClosed = true;
  refuseAll(state, cancelled());
  for (const seat of state.seats) assign(seat, { does: 'leave' });
}

function tooManyWaiting(most: number): Failure {
  return new Failure('overloaded', `At most ${most} renders may wait for a process; there are as many now.`, {
    retryAfterSeconds: 1,
  });
}
