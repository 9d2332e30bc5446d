import type { Socket } from 'node:net';
import { type ProtocolRefusal, writeRefusal } from './protocol.ts';

/** Names the client at the other end of a connection; undefined for one that speaks for many, which may have any number. */
export type NamePeer = (address: string) => string | undefined;

export interface ConnectionLimits {
  /** Sockets held at once. */
  readonly maxConnections: number;
  /** Of one client, once half of all are held. */
  readonly maxConnectionsEach: number;
}

const tooMany: ProtocolRefusal = {
  status: 503,
  title: 'Overloaded',
  detail: 'There are too many connections from this address; use those that are open.',
};

/** How many connections there are, and how many each client has. */
interface HeldConnections {
  total: number;
  readonly byClient: Map<string, number>;
}

/** Counts a server's connections by client. False: this one has been answered with 503 and ends. */
export function createConnectionShares(limits: ConnectionLimits, namePeer: NamePeer): (socket: Socket) => boolean {
  const held: HeldConnections = { total: 0, byClient: new Map() };
  return (socket) => {
    const client = socket.remoteAddress === undefined ? undefined : namePeer(socket.remoteAddress);
    const own = client === undefined ? 0 : (held.byClient.get(client) ?? 0);
    const isOver = own >= limits.maxConnectionsEach && held.total >= limits.maxConnections / 2;
    countConnection(held, client, 1);
    socket.once('close', () => countConnection(held, client, -1));
    if (isOver) writeRefusal(socket, tooMany);
    return !isOver;
  };
}

function countConnection(held: HeldConnections, client: string | undefined, by: 1 | -1): void {
  held.total += by;
  if (client === undefined) return;
  const own = (held.byClient.get(client) ?? 0) + by;
  if (own === 0) held.byClient.delete(client);
  else held.byClient.set(client, own);
}
