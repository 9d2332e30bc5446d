import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';

/** What travels with a request through our handlers. */
export type Environment = {
  Bindings: Partial<HttpBindings>;
  Variables: {
    requestId: string;
    /** For the log. */
    detail: string;
    /** Bytes of an answer whose headers are complete; absent while ours are still to be put on it. */
    sent: number;
  };
};

export type AppContext = Context<Environment>;

/** The request target as it came: routers and URL parsers normalise, and what they change nobody may rely on. */
export function rawTarget(c: AppContext): string {
  const incoming = c.env?.incoming?.url;
  if (incoming !== undefined) return incoming;
  const { url } = c.req.raw;
  return url.slice(url.indexOf('/', url.indexOf('//') + 2));
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
