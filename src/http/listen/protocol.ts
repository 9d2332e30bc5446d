import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { commonHeaders } from '../headers.ts';

/** An answer to what is no proper request: it never reaches the app, and the connection ends with it. */
export interface ProtocolRefusal {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

const badRequest = { status: 400, title: 'Bad request' };

/** By the code of Node's parser; whatever else it says is a 400. */
const refusalsByCode: Readonly<Record<string, ProtocolRefusal>> = {
  HPE_HEADER_OVERFLOW: { status: 431, title: 'Headers too large', detail: 'The headers are too large.' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, title: 'Too large', detail: 'The chunk extensions are too large.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, title: 'Request timeout', detail: 'The request took too long to arrive.' },
};

/** What is said of everything that has no words of its own. */
export const malformed: ProtocolRefusal = { ...badRequest, detail: 'The request is no valid HTTP/1.1.' };

/** An `Expect` that asks for anything but `100-continue`, which alone is known (RFC 9110 §10.1.1). */
export const unmetExpectation: ProtocolRefusal = {
  status: 417,
  title: 'Expectation failed',
  detail: 'Of expectations only 100-continue is met.',
};

/** What a request that was parsed breaks all the same: whoever is between us may have read it differently. */
export function protocolRefusal(request: IncomingMessage, maxTargetBytes: number): ProtocolRefusal | undefined {
  const target = request.url ?? '';
  if (target.length > maxTargetBytes) {
    return { status: 414, title: 'URL too long', detail: `At most ${maxTargetBytes} bytes are taken.` };
  }
  if (!target.startsWith('/') && target !== '*') {
    return { ...badRequest, detail: 'The request target must be a path that begins with "/".' };
  }
  // Who does not know of codings reads on where we see a body; Node would even keep the connection (RFC 9112 §6.1).
  if (request.httpVersion === '1.0' && request.headers['transfer-encoding'] !== undefined) {
    return { ...badRequest, detail: 'HTTP/1.0 has no transfer codings.' };
  }
  const hosts = hostCount(request.rawHeaders);
  // HTTP/1.0 has none: the health checks of load balancers are written so.
  const isMissing = hosts === 0 && request.httpVersion !== '1.0';
  if (hosts > 1 || isMissing) return { ...badRequest, detail: 'There must be one Host header.' };
  return undefined;
}

/** Node keeps the first of several and drops the others: only the raw list tells. */
function hostCount(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}

/** The refusal for what the parser, or its clock, has thrown. */
export function parserRefusal(error: Error): ProtocolRefusal {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return Object.hasOwn(refusalsByCode, code) ? (refusalsByCode[code] ?? malformed) : malformed;
}

export function refusalBody({ status, title, detail }: ProtocolRefusal): string {
  return `${JSON.stringify({ type: 'about:blank', title, status, detail })}\n`;
}

/** Its header fields: never kept by a cache, never taken for a page. */
export function refusalHeaders(body: string): Readonly<Record<string, string>> {
  return {
    'Content-Type': 'application/problem+json',
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store',
    Connection: 'close',
    ...commonHeaders,
  };
}

/** Writes a refusal where there is no request to answer, and ends the connection. */
export function writeRefusal(socket: Duplex, refusal: ProtocolRefusal): void {
  const body = refusalBody(refusal);
  const fields = Object.entries(refusalHeaders(body)).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${refusal.status} ${refusal.title}\r\n${fields.join('')}\r\n${body}`, () => socket.destroy());
}
