import { readFileSync } from 'node:fs';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

// The same as bare-http.ts behind hono: a route, and a Response that is made for each request.

interface Ready {
  readonly headers: Readonly<Record<string, string>>;
  readonly notModifiedHeaders: Readonly<Record<string, string>>;
  readonly body: string;
  readonly etag: string;
}

const { headers, notModifiedHeaders, body, etag } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Ready;
const bytes = new Uint8Array(Buffer.from(body, 'base64'));
const app = new Hono();
app.get('/*', (c) =>
  c.req.header('if-none-match') === etag ? c.body(null, 304, notModifiedHeaders) : c.body(bytes, 200, headers),
);
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`listening on http://127.0.0.1:${port}`);
});
process.once('SIGTERM', () => process.exit(0));
