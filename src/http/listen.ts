import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Failure } from '../failure.ts';

/** A client has so long to send its headers; slowloris lives on more. */
const headersTimeoutMs = 10_000;
const requestTimeoutMs = 60_000;
/** Longer than CloudFront's and nginx's own idle time of 60 s: the proxy closes first, so no request meets a closed door. */
const keepAliveTimeoutMs = 65_000;
const maxHeaderBytes = 16 * 1024;
/** Sockets held at once: each costs some tens of kilobytes. */
const maxConnections = 10_000;
/** Requests under way get so long at shutdown, a render at its deadline included. */
const drainTimeoutMs = 25_000;

export interface Listening {
  readonly url: string;
  /** Takes no more connections, answers what is under way with `Connection: close`, and resolves when all is answered. */
  close(): Promise<void>;
}

async function bind(server: Server, port: number, host: string): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Failure('invalid', `Cannot listen on ${host}:${port}: ${error.message}`, { cause: error })),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a TCP address');
  return address;
}

/** Serves an app's `fetch` over HTTP/1.1 with every wait bounded. Failure `invalid` when the address cannot be had. */
export async function listen(
  fetch: Parameters<typeof getRequestListener>[0],
  { port, host }: { readonly port: number; readonly host: string },
): Promise<Listening> {
  let closing = false;
  const underWay = new Set<ServerResponse>();
  // Its own Request and Response stand in for the global ones: answers then need no stream, a third of a hit's CPU time.
  const answer = getRequestListener(fetch);
  const server = createServer(
    {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: keepAliveTimeoutMs,
      maxHeaderSize: maxHeaderBytes,
    },
    (request, response) => {
      if (closing) response.setHeader('Connection', 'close');
      underWay.add(response);
      response.once('close', () => {
        underWay.delete(response);
        if (closing) server.closeIdleConnections();
      });
      void answer(request, response);
    },
  );
  server.maxConnections = maxConnections;
  const address = await bind(server, port, host);
  const shownHost = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${shownHost}:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        closing = true;
        for (const response of underWay) if (!response.headersSent) response.setHeader('Connection', 'close');
        const deadline = setTimeout(() => server.closeAllConnections(), drainTimeoutMs);
        server.close(() => {
          clearTimeout(deadline);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
