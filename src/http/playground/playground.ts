import { mediaTypeOf } from '../../formats.ts';
import { version } from '../../version.ts';
import type { AppContext } from '../context.ts';
import { commonHeaders, matchesEtag } from '../headers.ts';
import { playgroundFile } from './files.ts';

/** Scripts and styles of ours alone; `blob:` is what the page has fetched itself, to know its bytes before it shows them. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const pages = { playground: pageOf('playground', 'app'), demo: pageOf('demo', 'demo') } as const;

/** Names no original, and is the same for everybody: what it shows it asks for by the routes that others ask, too. */
function pageOf(name: string, files: 'app' | 'demo'): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>fovea ${name}</title>
<link rel="icon" type="${mediaTypeOf('png')}" href="/favicon.ico">
<link rel="stylesheet" href="/-/playground/${files}.css">
<script type="module" src="/-/playground/${files}.js"></script>
</head>
<body data-version="${version}"><noscript>This page needs scripts. What a URL means is told without: /-/explain?url=…</noscript></body>
</html>
`;
}

/** `GET /-/playground`: a page to compose URLs on. */
export function answerPlayground(c: AppContext): Response {
  return sentPage(c, pages.playground);
}

/** `GET /-/demo`: originals as a site would show them, and what came over the line for it. */
export function answerDemo(c: AppContext): Response {
  return sentPage(c, pages.demo);
}

function sentPage(c: AppContext, page: string): Response {
  return sent(c, page, {
    'Content-Type': 'text/html; charset=utf-8',
    'Cache-Control': 'public, max-age=60',
    'Content-Security-Policy': policy,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Robots-Tag': 'noindex',
  });
}

/** `GET /-/playground/<file>`: the program and the style of either, and the options of URLs. */
export function answerPlaygroundFile(c: AppContext): Response {
  const { type, text, etag } = playgroundFile(c.req.param('file') ?? '');
  const headers = { 'Cache-Control': 'no-cache', ETag: etag };
  if (matchesEtag(c.req.header('if-none-match') ?? '', etag)) return new Response(null, { status: 304, headers });
  return sent(c, text, { ...headers, 'Content-Type': type });
}

/** With a policy of its own, which the one of all other answers would take the place of. */
function sent(c: AppContext, body: string, headers: Readonly<Record<string, string>>): Response {
  const bytes = Buffer.byteLength(body);
  c.set('sent', bytes);
  return new Response(body, {
    headers: {
      ...commonHeaders,
      ...headers,
      'Content-Length': String(bytes),
      'X-Request-Id': c.get('requestId'),
    },
  });
}
