import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export interface ProviderRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface ProviderAnswer {
  readonly status: number;
  readonly reason?: string;
  readonly body?: string;
  /** The connection is cut instead of answered. */
  readonly cut?: boolean;
  /** Nobody ever answers. */
  readonly silent?: boolean;
}

/** A provider's API on loopback: keeps what it was asked, answers what the test says. Gone when the test is. */
export async function startProvider(answer: (request: ProviderRequest, index: number) => ProviderAnswer) {
  const requests: ProviderRequest[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const body = await text(incoming);
    const { method = '', url: path = '', headers } = incoming;
    requests.push({ method, path, headers, body });
    const {
      status,
      reason,
      body: answered = '',
      cut,
      silent,
    } = answer({ method, path, headers, body }, requests.length);
    if (cut) incoming.socket.destroy();
    else if (!silent) outgoing.writeHead(status, reason ?? '', { 'Content-Type': 'text/xml' }).end(answered);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a TCP address');
  return { url: `http://127.0.0.1:${address.port}`, requests };
}
