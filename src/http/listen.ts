import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { Failure } from '../failure.ts';
import { createTurns } from '../turns.ts';
import { createConnectionShares, type NamePeer } from './connections.ts';
import { defaultListenLimits, type ListenLimits } from './listen-limits.ts';
import {
  malformed,
  type ProtocolRefusal,
  parserRefusal,
  protocolRefusal,
  refusalBody,
  refusalHeaders,
  unmetExpectation,
  writeRefusal,
} from './protocol.ts';

export interface Listening {
  readonly url: string;
  /** From now on every answer says `Connection: close`; connections are still taken. */
  drain(): void;
  /** Takes no more connections, answers what is under way with `Connection: close`, and resolves when all is answered. */
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly port: number;
  readonly host: string;
  /** By default every peer may have any number of connections. */
  readonly namePeer?: NamePeer;
  /** What differs from `defaultListenLimits`. */
  readonly limits?: Partial<ListenLimits>;
}

async function bind(server: Server, port: number, host: string, backlog: number): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Failure('invalid', `Cannot listen on ${host}:${port}: ${error.message}`, { cause: error })),
    );
    server.listen(port, host, backlog, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a TCP address');
  return address;
}

function refuse(response: ServerResponse, refusal: ProtocolRefusal): void {
  const body = refusalBody(refusal);
  response.writeHead(refusal.status, refusal.title, refusalHeaders(body)).end(body);
}

/** For what no URL can be made of: a Host that is none. */
function refusalResponse(refusal: ProtocolRefusal): Response {
  const body = refusalBody(refusal);
  return new Response(body, { status: refusal.status, headers: { ...refusalHeaders(body) } });
}

/** How long nothing has gone out, and when that was seen. */
interface Stall {
  readonly at: number;
  readonly quietMs: number;
}

/** The answers that have begun and not ended, and what the connection's state means for them. */
function createAnswersUnderWay(limits: ListenLimits) {
  const underWay = new Set<ServerResponse>();
  // Set once an answer is on its way: while a picture is being made nothing moves on its socket, and rightly so.
  const timer = setInterval(() => {
    for (const { headersSent, socket } of underWay) {
      if (headersSent && socket !== null && socket.timeout !== limits.checkIntervalMs) {
        socket.setTimeout(limits.checkIntervalMs);
      }
    }
  }, limits.checkIntervalMs).unref();
  const stalls = new WeakMap<Socket, Stall>();
  const hasBegunOn = (socket: Duplex) => [...underWay].some((one) => one.socket === socket && one.headersSent);
  return {
    add: (response: ServerResponse) => void underWay.add(response),
    delete: (response: ServerResponse) => void underWay.delete(response),
    /** True when bytes of an answer may have gone out already: nothing else may be written then. */
    hasBegunOn,
    /**
     * For Node's `timeout`, which comes when nothing of an answer went out for an interval. A client that is slow and
     * steady takes some now and then, and the count begins anew: a gap between two of these events tells.
     */
    onQuiet(socket: Socket) {
      if (!hasBegunOn(socket)) return void socket.destroy();
      const now = performance.now();
      const before = stalls.get(socket);
      const goesOn = before !== undefined && now - before.at < 1.8 * limits.checkIntervalMs;
      const quietMs = (goesOn ? before.quietMs : 0) + limits.checkIntervalMs;
      if (quietMs >= limits.sendStallTimeoutMs) return void socket.destroy();
      stalls.set(socket, { at: now, quietMs });
      socket.setTimeout(limits.checkIntervalMs);
    },
    closeAfterwards() {
      for (const response of underWay) if (!response.headersSent) response.setHeader('Connection', 'close');
    },
    stop: () => clearInterval(timer),
  };
}

function createBoundedServer(limits: ListenLimits): Server {
  const server = createServer({
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionsCheckingInterval: limits.checkIntervalMs,
    maxHeaderSize: limits.maxHeaderBytes,
    // Node's own answer to a missing Host has none of our headers.
    requireHostHeader: false,
  });
  server.maxConnections = limits.maxConnections;
  return server;
}

/** Once it is answered nobody reads what still comes of a request: whoever sends it slowly would hold its connection. */
function closeUnlessComplete(request: IncomingMessage, afterMs: number): void {
  if (request.complete) return;
  setTimeout(() => {
    if (!request.complete) request.socket.destroy();
  }, afterMs).unref();
}

/** Serves an app's `fetch` over HTTP/1.1 with every wait bounded. Failure `invalid` when the address cannot be had. */
export async function listen(
  fetch: Parameters<typeof getRequestListener>[0],
  { port, host, limits: given, namePeer = () => undefined }: ListenOptions,
): Promise<Listening> {
  const limits = { ...defaultListenLimits, ...given };
  let closing = false;
  const answers = createAnswersUnderWay(limits);
  // Its own Request and Response stand in for the global ones: answers then need no stream, a third of a hit's CPU time.
  const answer = getRequestListener(fetch, {
    // For HTTP/1.0, which may name no host; nothing of ours looks at it.
    hostname: 'localhost',
    errorHandler: () => refusalResponse(malformed),
  });
  const server = createBoundedServer(limits);
  const inTurn = createTurns();
  const refused = new WeakSet<Duplex>();
  const mayStay = createConnectionShares(limits, namePeer);
  server.on('connection', (socket: Socket) => {
    if (!mayStay(socket)) refused.add(socket);
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    // What follows a request that can be read in two ways may have been a part of it.
    if (refused.has(request.socket)) return;
    if (closing) response.setHeader('Connection', 'close');
    answers.add(response);
    response.once('finish', () => closeUnlessComplete(request, limits.sendStallTimeoutMs));
    response.once('close', () => {
      answers.delete(response);
      if (closing && !server.listening) server.closeIdleConnections();
    });
    const refusal = protocolRefusal(request, limits.maxTargetBytes);
    if (refusal !== undefined) {
      refused.add(request.socket);
      refuse(response, refusal);
    } else inTurn(() => void answer(request, response));
  });
  // Node's own answer has none of our headers.
  server.on('checkExpectation', (request, response) => {
    refused.add(request.socket);
    refuse(response, unmetExpectation);
  });
  server.on('timeout', answers.onQuiet);
  server.on('clientError', (error, socket) => {
    if (!socket.writable || answers.hasBegunOn(socket)) socket.destroy();
    else writeRefusal(socket, parserRefusal(error));
  });
  const address = await bind(server, port, host, limits.maxWaitingConnections);
  const shownHost = address.family === 'IPv6' ? `[${address.address}]` : address.address;

  function drain(): void {
    closing = true;
    answers.closeAfterwards();
  }

  return {
    url: `http://${shownHost}:${address.port}`,
    drain,
    close: () =>
      new Promise((resolve) => {
        drain();
        const deadline = setTimeout(() => server.closeAllConnections(), limits.drainTimeoutMs);
        server.close(() => {
          clearTimeout(deadline);
          answers.stop();
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
