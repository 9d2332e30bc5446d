import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

// What an answer costs when nothing has to be found out: node:http with a body and headers that are ready.
// Usage: bare-http.ts FILE; the file holds { headers, body (base64), etag }.

interface Ready {
  readonly headers: Readonly<Record<string, string>>;
  readonly notModifiedHeaders: Readonly<Record<string, string>>;
  readonly body: string;
  readonly etag: string;
}

const { headers, notModifiedHeaders, body, etag } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Ready;
const bytes = Buffer.from(body, 'base64');

const server = createServer((request, response) => {
  if (request.headers['if-none-match'] === etag) response.writeHead(304, notModifiedHeaders).end();
  else response.writeHead(200, headers).end(bytes);
});
server.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.once('SIGTERM', () => process.exit(0));
