import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { Failure } from '../../failure.ts';
import { createTurnAllowance, createTurns } from '../../turns.ts';
import { type AnswersUnderWay, createAnswersUnderWay } from './answers-under-way.ts';
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
import { readSendQueues } from './send-queues.ts';

export interface Listening {
  readonly url: string;
  /** From now on every answer says `Connection: close`; connections are still taken. */
  drain(): void;
  /** Takes no more connections, answers what is under way with `Connection: close`, and resolves when all is answered. */
  close(): Promise<void>;
}

/** Who answers. */
export interface Served {
  readonly fetch: Parameters<typeof getRequestListener>[0];
  /** Asked first, where there is one. True: the request is answered; nothing has to be waited for. */
  readonly answerAtOnce?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export interface ListenOptions {
  readonly port: number;
  readonly host: string;
  /** By default every peer may have any number of connections. */
  readonly namePeer?: NamePeer;
  /** What differs from `defaultListenLimits`. */
  readonly limits?: Partial<ListenLimits>;
}

async function bind(
  server: Server,
  { port, host, backlog }: Pick<ListenOptions, 'port' | 'host'> & { readonly backlog: number },
): Promise<AddressInfo> {
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

/** For what no URL can be made of: a Host that is none. */
function refusalResponse(refusal: ProtocolRefusal): Response {
  const body = refusalBody(refusal);
  return new Response(body, { status: refusal.status, headers: { ...refusalHeaders(body) } });
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

/** A server, and what it knows of its connections. */
interface Listener {
  readonly server: Server;
  readonly limits: ListenLimits;
  readonly answers: AnswersUnderWay;
  /** Connections of which nothing more is taken. */
  readonly refused: WeakSet<Duplex>;
  readonly answerAtOnce: Served['answerAtOnce'];
  /** False when enough was answered at once in this turn of the event loop. */
  readonly mayAnswerAtOnce: () => boolean;
  isDraining: boolean;
}

/** Answered at once in one turn of the event loop: a millisecond or two of it, however many requests one packet holds. */
const atOncePerTurn = 64;

/** Serves an app over HTTP/1.1 with every wait bounded. Failure `invalid` when the address cannot be had. */
export async function listen(
  { fetch, answerAtOnce }: Served,
  { port, host, limits: given, namePeer = () => undefined }: ListenOptions,
): Promise<Listening> {
  const limits = { ...defaultListenLimits, ...given };
  const server = createBoundedServer(limits);
  const answers = createAnswersUnderWay(limits, readSendQueues);
  const listener: Listener = {
    ...{ server, limits, answers, answerAtOnce, isDraining: false },
    refused: new WeakSet(),
    mayAnswerAtOnce: createTurnAllowance(atOncePerTurn),
  };
  // Its own Request and Response stand in for the global ones: answers then need no stream, a third of a hit's CPU time.
  const answer = getRequestListener(fetch, {
    // For HTTP/1.0, which may name no host; nothing of ours looks at it.
    hostname: 'localhost',
    errorHandler: () => refusalResponse(malformed),
  });
  const inTurn = createTurns();
  const mayStay = createConnectionShares(limits, namePeer);
  server.on('connection', (socket: Socket) => {
    if (!mayStay(socket)) listener.refused.add(socket);
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (!takesRequest(listener, request, response) || answersAtOnce(listener, request, response)) return;
    follow(listener, request, response);
    inTurn(() => {
      // It may only have been one too many.
      if (!answersAtOnce(listener, request, response)) void answer(request, response);
    });
  });
  server.on('checkExpectation', (_request, response) => refuseRequest(listener, response, unmetExpectation));
  server.on('timeout', (socket: Socket) => void answers.endIfStalled(socket));
  server.on('clientError', (error, socket) => {
    if (!socket.writable || answers.hasBegunOn(socket)) socket.destroy();
    else writeRefusal(socket, parserRefusal(error));
  });
  const address = await bind(server, { port, host, backlog: limits.maxWaitingConnections });
  const shownHost = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${shownHost}:${address.port}`,
    drain: () => drainListener(listener),
    close: () => closeListener(listener),
  };
}

/** False for what is refused here, or left without an answer, and goes no further. */
function takesRequest(listener: Listener, request: IncomingMessage, response: ServerResponse): boolean {
  // What follows a request that can be read in two ways may have been a part of it.
  if (listener.refused.has(request.socket)) return false;
  const refusal = protocolRefusal(request, listener.limits.maxTargetBytes);
  if (refusal === undefined) return true;
  follow(listener, request, response);
  refuseRequest(listener, response, refusal);
  return false;
}

function answersAtOnce(listener: Listener, request: IncomingMessage, response: ServerResponse): boolean {
  const { answerAtOnce, mayAnswerAtOnce, isDraining } = listener;
  if (answerAtOnce === undefined || isDraining || !mayAnswerAtOnce() || !answerAtOnce(request, response)) return false;
  // What the kernel has taken whole needs nobody to watch over it.
  const isSent = response.socket !== null && response.socket.writableLength === 0;
  if (!isSent) follow(listener, request, response);
  return true;
}

/** Watches over a request until it is answered and has come whole. */
function follow(listener: Listener, request: IncomingMessage, response: ServerResponse): void {
  const { server, limits, answers } = listener;
  if (listener.isDraining) response.setHeader('Connection', 'close');
  answers.add(response);
  response.once('finish', () => closeUnlessComplete(request, limits.sendStallTimeoutMs));
  response.once('close', () => {
    answers.delete(response);
    if (listener.isDraining && !server.listening) server.closeIdleConnections();
  });
}

/** The last answer on its connection: Node's own would have none of our headers. */
function refuseRequest({ refused }: Listener, response: ServerResponse, refusal: ProtocolRefusal): void {
  refused.add(response.req.socket);
  const body = refusalBody(refusal);
  response.writeHead(refusal.status, refusal.title, refusalHeaders(body)).end(body);
}

function drainListener(listener: Listener): void {
  listener.isDraining = true;
  listener.answers.closeAfterwards();
}

async function closeListener(listener: Listener): Promise<void> {
  const { server, limits, answers } = listener;
  drainListener(listener);
  const deadline = setTimeout(() => server.closeAllConnections(), limits.drainTimeoutMs);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(deadline);
  answers.stop();
}
