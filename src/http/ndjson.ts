import type { AppContext } from './context.ts';

/**
 * A 200 of lines of JSON as they come. No more are asked for than are read; when the client leaves, what makes them ends at its
 * next line. Whoever tells what this request has changed (`audited`) waits for the last line.
 */
export function ndjsonResponse(c: AppContext, lines: AsyncGenerator<unknown, void, undefined>): Response {
  const encoder = new TextEncoder();
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  c.set('goesOn', ended);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await lines.next();
        if (done !== true) return controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      end();
    },
    cancel: () => lines.return(undefined).then(end, end),
  });
  return new Response(body, {
    headers: { 'Content-Type': 'application/x-ndjson; charset=utf-8', 'Cache-Control': 'no-store' },
  });
}
