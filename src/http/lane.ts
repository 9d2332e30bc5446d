import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { PictureSent, Telemetry, TraceHeaders } from '../telemetry.ts';
import type { Standing, Variants } from '../variants/index.ts';
import { pictureSent, type Repeat } from './answer.ts';
import { maxRememberedLength, type NegotiationOptions, negotiationHeaders, questionName } from './asked.ts';
import type { Arrived, Callers } from './callers/callers.ts';
import type { VisitorOf } from './callers/visitors.ts';
import { commonHeaders, matchesEtag } from './headers.ts';
import { loggedPath } from './logged.ts';

/**
 * Answers what was answered out of memory before, and is asked again in the same words: with one look at what is remembered, and
 * without anything that takes its time. It decides nothing. Whatever it does not know, or no longer, goes the whole way.
 */
export interface Lane {
  /** True: the request is answered. */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
  /** True for a request that has nothing special, and may be answered here once its like was, unless that is noted and holds. */
  takes(request: IncomingMessage): boolean;
  /** Remembers how a request was answered that `takes` is true for. */
  note(request: IncomingMessage, repeat: Repeat): void;
}

export interface LaneParts {
  readonly images: NegotiationOptions & { readonly variants: Pick<Variants, 'recall' | 'resend'> };
  readonly callers: Pick<Callers, 'isFromTrustedProxy' | 'wasForwarded' | 'clientOf'>;
  readonly visitorOf: VisitorOf;
  readonly telemetry: Telemetry;
  /** What pictures are called in the metrics. */
  readonly route: string;
}

/** Headers ready to be written: names and values in turns, the name of the request's id last. */
type ReadyHeaders = readonly string[];

interface LaneEntry {
  readonly standing: Standing;
  readonly sent: ReadyHeaders;
  readonly unchanged: readonly { readonly etag: string; readonly headers: ReadyHeaders }[];
  /** As the log has them. */
  readonly path: string;
  readonly picture: PictureSent | undefined;
}

interface LaneState extends LaneParts {
  readonly entries: LRUCache<string, LaneEntry>;
}

const maxEntries = 4096;
/** Characters of names and headers together. */
const maxCharacters = 8 * 1024 * 1024;
/** A list of more tags is read where others wait beside it. */
const maxConditionLength = 256;

/** With one of these a request asks for more than a picture, or has a body, or may be meant for somebody in between. */
const specialHeaders = [
  ...['range', 'if-range', 'if-match', 'if-modified-since', 'if-unmodified-since'],
  ...['authorization', 'expect', 'upgrade', 'content-length', 'transfer-encoding'],
];

export function createLane(parts: LaneParts): Lane {
  const entries = new LRUCache<string, LaneEntry>({
    max: maxEntries,
    maxSize: maxCharacters,
    sizeCalculation: charactersOf,
  });
  const state: LaneState = { ...parts, entries };
  return {
    answer: (request, response) => answer(state, request, response),
    takes: (request) => isPlain(request) && !isKnown(state, request),
    note: (request, repeat) => note(state, request, repeat),
  };
}

function charactersOf({ sent, unchanged, path }: LaneEntry, name: string): number {
  const texts = [name, path, ...sent, ...unchanged.flatMap(({ headers }) => headers)];
  return texts.reduce((sum, text) => sum + text.length, 0);
}

function isPlain(request: IncomingMessage): boolean {
  const { method, httpVersion } = request;
  if ((method !== 'GET' && method !== 'HEAD') || httpVersion !== '1.1') return false;
  for (const name of specialHeaders) if (request.headers[name] !== undefined) return false;
  const condition = request.headers['if-none-match'];
  return condition === undefined || condition.length <= maxConditionLength;
}

/** What is too large to be sent again at once goes the whole way each time, and is to be noted once. */
function isKnown(state: LaneState, request: IncomingMessage): boolean {
  const entry = state.entries.get(nameOf(state, request));
  return entry !== undefined && state.images.variants.recall(entry.standing) !== undefined;
}

function note(state: LaneState, request: IncomingMessage, repeat: Repeat): void {
  const name = nameOf(state, request);
  if (name.length > maxRememberedLength) return;
  const { url = '' } = request;
  const { standing, sent, unchanged } = repeat;
  state.entries.set(name, {
    standing,
    sent: readyHeaders(sent),
    unchanged: unchanged.map(({ etag, headers }) => ({ etag, headers: readyHeaders(headers) })),
    path: loggedPath(url),
    picture: pictureSent({ tier: 'memory', headers: sent }),
  });
}

function readyHeaders(headers: Repeat['sent']): ReadyHeaders {
  return [...Object.entries({ ...commonHeaders, ...headers }).flat(), 'X-Request-Id'];
}

/** The host too: a dialect may be read at some alone, and only one that was taken before is taken here. */
function nameOf({ images, callers }: LaneState, request: IncomingMessage): string {
  const arrived = arrivalOfMessage(request);
  const question = {
    rawTarget: request.url ?? '',
    header: arrived.header,
    wasForwarded: callers.wasForwarded(arrived),
    isFromTrustedProxy: () => callers.isFromTrustedProxy(arrived),
  };
  return `${request.headers.host}\n${questionName(question, negotiationHeaders(question, images))}`;
}

function arrivalOfMessage(request: IncomingMessage): Arrived {
  return {
    peer: request.socket.remoteAddress,
    header: (name) => fieldOf(request, name),
    headerNames: () => Object.keys(request.headers),
    httpVersion: request.httpVersion,
  };
}

/** Only cookies come as a list, and nobody asks for them. */
function fieldOf(request: IncomingMessage, name: string): string | undefined {
  const field = request.headers[name];
  return typeof field === 'string' ? field : undefined;
}

function answer(state: LaneState, request: IncomingMessage, response: ServerResponse): boolean {
  const started = performance.now();
  if (!isPlain(request)) return false;
  const entry = state.entries.get(nameOf(state, request));
  const variant = entry && state.images.variants.recall(entry.standing);
  if (entry === undefined || variant === undefined) return false;
  const unchanged = unchangedFor(request, entry);
  const body =
    unchanged === undefined
      ? state.images.variants.resend(variant, {
          client: () => state.callers.clientOf(arrivalOfMessage(request)),
          onHeld: (giveBack) => void (response.destroyed ? giveBack() : response.once('close', giveBack)),
        })
      : undefined;
  if (unchanged === undefined && body === undefined) return false;
  const requestId = randomUUID();
  const isHead = request.method === 'HEAD';
  const status = unchanged === undefined ? 200 : 304;
  response.writeHead(status, [...(unchanged ?? entry.sent), requestId]);
  if (body === undefined || isHead) response.end();
  else response.end(body);
  state.telemetry.report({
    type: 'request',
    requestId,
    method: isHead ? 'HEAD' : 'GET',
    route: state.route,
    path: entry.path,
    status,
    bytes: body === undefined || isHead ? 0 : body.byteLength,
    durationMs: performance.now() - started,
    picture: unchanged === undefined ? entry.picture : notRead,
    visitor: state.visitorOf(arrivalOfMessage(request)),
    trace: state.telemetry.tracing && traceOf(request),
  });
  return true;
}

function traceOf(request: IncomingMessage): TraceHeaders {
  return { traceparent: fieldOf(request, 'traceparent'), tracestate: fieldOf(request, 'tracestate') };
}

const notRead: PictureSent = { tier: 'unchanged', format: undefined };

/** The headers of a 304, for whoever has it already. */
function unchangedFor(request: IncomingMessage, { unchanged }: LaneEntry): ReadyHeaders | undefined {
  const condition = request.headers['if-none-match'];
  if (condition === undefined) return undefined;
  return unchanged.find(({ etag }) => condition === etag || matchesEtag(condition, etag))?.headers;
}
