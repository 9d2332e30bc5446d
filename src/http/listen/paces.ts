import type { Socket } from 'node:net';
import type { ListenLimits } from './listen-limits.ts';
import type { SendQueues } from './send-queues.ts';

/** Undefined where the system does not tell. */
export type ReadQueues = () => Promise<SendQueues | undefined>;

/**
 * How fast clients take what the kernel holds for them. It takes megabytes of an answer at once, and for as long as they last
 * a client at 10 kB/s looks to us like one that reads nothing.
 */
export interface Paces {
  /** From now on what this client takes counts. */
  begin(socket: Socket): Promise<void>;
  /** Whether that was enough since then, or since it was last asked. False too where too many are slow, or nobody can tell. */
  isSteady(socket: Socket): Promise<boolean>;
  forget(socket: Socket): void;
}

type Limits = Pick<ListenLimits, 'checkIntervalMs' | 'leastBytesPerSecond' | 'maxSlowReaders'>;

/** What the kernel held, and when. */
interface Held {
  readonly bytes: number;
  readonly at: number;
}

interface PacesState {
  readonly limits: Limits;
  readonly readQueues: ReadQueues;
  readonly held: Map<Socket, Held>;
  last: { readonly at: number; readonly queues: Promise<SendQueues | undefined> } | undefined;
}

export function createPaces(limits: Limits, readQueues: ReadQueues): Paces {
  const state: PacesState = { limits, readQueues, held: new Map(), last: undefined };
  return {
    begin: async (socket) => note(state, socket, await look(state, socket)),
    isSteady: (socket) => isSteady(state, socket),
    forget: (socket) => void state.held.delete(socket),
  };
}

async function isSteady(state: PacesState, socket: Socket): Promise<boolean> {
  const before = state.held.get(socket);
  const now = await look(state, socket);
  if (before === undefined || now === undefined) return false;
  const took = before.bytes - now.bytes;
  const seconds = (now.at - before.at) / 1000;
  if (took <= 0 || took < state.limits.leastBytesPerSecond * seconds) return false;
  note(state, socket, now);
  return true;
}

function note({ limits, held }: PacesState, socket: Socket, now: Held | undefined): void {
  if (now === undefined || socket.destroyed) return;
  if (held.has(socket) || held.size < limits.maxSlowReaders) held.set(socket, now);
}

/** One reading serves all who ask within an interval: the table has a line for each connection of the machine. */
async function look(state: PacesState, socket: Socket): Promise<Held | undefined> {
  const now = performance.now();
  if (state.last === undefined || now - state.last.at >= state.limits.checkIntervalMs / 2) {
    state.last = { at: now, queues: state.readQueues() };
  }
  const { at, queues } = state.last;
  const bytes = (await queues)?.bytesOf(socket);
  return bytes === undefined ? undefined : { bytes, at };
}
