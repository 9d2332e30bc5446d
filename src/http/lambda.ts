import { type Context, Hono } from 'hono';
import { streamHandle } from 'hono/aws-lambda';
import type { createApp } from './app.ts';

/** The same bytes; the end comes once `settled` has. */
function endingAfter(body: ReadableStream<Uint8Array>, settled: () => Promise<void>): ReadableStream<Uint8Array> {
  return body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>({ flush: settled }));
}

/**
 * The app as a function behind a function URL that streams. Lambda freezes the process when an invocation ends, and with
 * it every write behind the response: so an invocation ends only when `settled` resolves. The visitor has all the bytes
 * by then, and their number beforehand.
 */
export function createLambdaHandler(app: Pick<ReturnType<typeof createApp>, 'fetch'>, settled: () => Promise<void>) {
  const outer = new Hono();
  outer.all('*', async (c: Context) => {
    const response = await app.fetch(c.req.raw, {});
    if (response.body !== null) return new Response(endingAfter(response.body, settled), response);
    await settled();
    return response;
  });
  return streamHandle(outer);
}
