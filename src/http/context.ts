import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { Failure } from '../failure.ts';
import type { PictureSent } from '../telemetry.ts';
import type { Arrived } from './callers/callers.ts';

/** What travels with a request through our handlers. */
export type AppEnvironment = {
  Bindings: Partial<HttpBindings>;
  Variables: {
    requestId: string;
    /** For the log. */
    detail: string;
    /** What was sent of a picture, for the log. */
    picture: PictureSent | undefined;
    /** Bytes of an answer whose headers are complete; absent while ours are still to be put on it. */
    sent: number;
    /** How many things this request has changed, for the log of acts; absent while it has changed none. */
    changed: number;
    /** Of an answer that goes on behind the beginning of its response: resolves when all of it is done. */
    goesOn: Promise<void>;
  };
};

export type AppContext = Context<AppEnvironment>;

/** The request target as it came: routers and URL parsers normalise, and what they change nobody may rely on. */
export function rawTarget(c: AppContext): string {
  const incoming = c.env?.incoming?.url;
  if (incoming !== undefined) return incoming;
  const { url } = c.req.raw;
  return url.slice(url.indexOf('/', url.indexOf('//') + 2));
}

/** The path as it came: nothing in it is decoded. `/` for a target that is no path, which is refused before routing. */
export function rawPath(request: Request, options?: { readonly env?: unknown }): string {
  // The bindings are what our own listener, or a test, gave the app.
  const env = options?.env as AppEnvironment['Bindings'] | undefined;
  const target = env?.incoming?.url ?? request.url.slice(request.url.indexOf('/', request.url.indexOf('//') + 2));
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  return path.startsWith('/') ? path : '/';
}

/** The key that a path has behind a route of ours. Failure `invalid`. */
export function keyBehind(c: AppContext, route: `/-/${string}/`): string {
  try {
    return decodeURIComponent(rawPath(c.req.raw, { env: c.env }).slice(route.length));
  } catch (error) {
    throw new Failure('invalid', 'The key is not in percent-encoding of UTF-8.', { cause: error });
  }
}

/** What a request says of where it came from. */
export function arrivalOf(c: AppContext): Arrived {
  const { incoming } = c.env ?? {};
  return {
    peer: incoming?.socket.remoteAddress,
    header: (name) => c.req.header(name),
    // Node's own object: making a Headers of it costs more than all the rest.
    headerNames: () => (incoming === undefined ? c.req.raw.headers.keys() : Object.keys(incoming.headers)),
    httpVersion: incoming?.httpVersion,
  };
}

/** Aborts when the client has gone before its answer was sent. */
export function clientSignal(c: AppContext): AbortSignal {
  const outgoing = c.env?.outgoing;
  if (outgoing === undefined) return c.req.raw.signal;
  const controller = new AbortController();
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** Calls that once the answer was sent, or its client has gone; at once where nobody sees when that is. */
export function onSent(c: AppContext, work: () => void): void {
  const outgoing = c.env?.outgoing;
  if (outgoing === undefined || outgoing.destroyed) work();
  else outgoing.once('close', work);
}
