import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ListenLimits } from './listen-limits.ts';
import { createPaces, type Paces, type ReadQueues } from './paces.ts';

/** The answers that have begun and not ended, and what the connection's state means for them. */
export interface AnswersUnderWay {
  add(response: ServerResponse): void;
  delete(response: ServerResponse): void;
  /** True when bytes of an answer may have gone out already: nothing else may be written then. */
  hasBegunOn(socket: Duplex): boolean;
  /**
   * For Node's `timeout`, which comes when nothing of an answer went out for an interval. A client that is quick takes
   * some now and then, and the count begins anew: a gap between two of these events tells. Of a slow one, for which the
   * kernel holds more than it takes in that time, the kernel is asked.
   */
  endIfStalled(socket: Socket): Promise<void>;
  /** Connections end with the answers that have not begun. */
  closeAfterwards(): void;
  stop(): void;
}

type Limits = Pick<ListenLimits, 'checkIntervalMs' | 'sendStallTimeoutMs' | 'leastBytesPerSecond' | 'maxSlowReaders'>;

/** How long nothing has gone out, and when that was seen. */
interface Stall {
  readonly at: number;
  readonly quietMs: number;
}

interface UnderWayState {
  readonly limits: Limits;
  /** By connection, of which a client may have sent several requests one behind the other. */
  readonly underWay: Map<Duplex, Set<ServerResponse>>;
  readonly stalls: WeakMap<Socket, Stall>;
  readonly paces: Paces;
}

export function createAnswersUnderWay(limits: Limits, readQueues: ReadQueues): AnswersUnderWay {
  const paces = createPaces(limits, readQueues);
  const state: UnderWayState = { limits, underWay: new Map(), stalls: new WeakMap(), paces };
  const timer = setInterval(() => watch(state), limits.checkIntervalMs).unref();
  return {
    add: (response) => add(state, response),
    delete: (response) => remove(state, response),
    hasBegunOn: (socket) => hasBegunOn(state, socket),
    endIfStalled: (socket) => endIfStalled(state, socket),
    closeAfterwards: () => closeAfterwards(state),
    stop: () => clearInterval(timer),
  };
}

function add({ underWay }: UnderWayState, response: ServerResponse): void {
  const { socket } = response.req;
  const responses = underWay.get(socket);
  if (responses === undefined) underWay.set(socket, new Set([response]));
  else responses.add(response);
}

function remove({ underWay, paces }: UnderWayState, response: ServerResponse): void {
  const { socket } = response.req;
  const responses = underWay.get(socket);
  responses?.delete(response);
  if (responses?.size === 0) underWay.delete(socket);
  paces.forget(socket);
}

/** Set once an answer is on its way: while a picture is being made nothing moves on its socket, and rightly so. */
function watch({ limits, underWay }: UnderWayState): void {
  for (const { headersSent, socket } of responsesIn(underWay)) {
    if (headersSent && socket !== null && socket.timeout !== limits.checkIntervalMs) {
      socket.setTimeout(limits.checkIntervalMs);
    }
  }
}

function hasBegunOn({ underWay }: UnderWayState, socket: Duplex): boolean {
  for (const response of underWay.get(socket) ?? [])
    if (response.socket === socket && response.headersSent) return true;
  return false;
}

async function endIfStalled(state: UnderWayState, socket: Socket): Promise<void> {
  const { limits, stalls, paces } = state;
  if (!hasBegunOn(state, socket)) return void socket.destroy();
  const now = performance.now();
  const before = stalls.get(socket);
  const goesOn = before !== undefined && now - before.at < 1.8 * limits.checkIntervalMs;
  const quietMs = (goesOn ? before.quietMs : 0) + limits.checkIntervalMs;
  stalls.set(socket, { at: now, quietMs });
  socket.setTimeout(limits.checkIntervalMs);
  if (!goesOn) await paces.begin(socket);
  else if (quietMs >= limits.sendStallTimeoutMs) await endUnlessSteady(state, socket);
}

async function endUnlessSteady(state: UnderWayState, socket: Socket): Promise<void> {
  const isSteady = await state.paces.isSteady(socket);
  // The answer may have ended meanwhile.
  if (!hasBegunOn(state, socket)) return;
  if (!isSteady) return void socket.destroy();
  state.stalls.set(socket, { at: performance.now(), quietMs: 0 });
}

function closeAfterwards({ underWay }: UnderWayState): void {
  for (const response of responsesIn(underWay)) if (!response.headersSent) response.setHeader('Connection', 'close');
}

function responsesIn(underWay: UnderWayState['underWay']): readonly ServerResponse[] {
  return [...underWay.values()].flatMap((responses) => [...responses]);
}
