import { Response } from 'miniflare';

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
}

/** How often each path was asked for. */
const counts = new Map<string, number>();
const failing = new Set<string>();

function cacheControlOf(pathname: string): string {
  if (pathname.includes('no-store')) return 'no-store';
  if (/\/x-\d/.test(pathname)) return 'public, max-age=600, must-revalidate, stale-if-error=0';
  return 'public, max-age=31536000, immutable';
}

/**
 * An origin that behaves as the path says: `/…/status-404/…`, `/…/no-store/…`, or as fovea where the URL ends: `/x-1/…`. It tells what it was asked in headers and
 * in the body. `/control/fail/<path>` makes it fail there from then on.
 */
export function answerAsOrigin(request: Asked): Response {
  const { pathname, search } = new URL(request.url);
  if (pathname.startsWith('/control/fail')) {
    failing.add(pathname.slice('/control/fail'.length));
    return new Response('ok');
  }
  const token = request.headers.get('x-fovea-accept');
  const count = (counts.get(pathname) ?? 0) + 1;
  counts.set(pathname, count);
  if (failing.has(pathname)) return new Response('broken', { status: 502, headers: { 'cache-control': 'no-store' } });
  const status = Number(/status-(\d+)/.exec(pathname)?.[1] ?? 200);
  const cacheControl = cacheControlOf(pathname);
  const etag = `"${token}"`;
  const headers = {
    'cache-control': cacheControl,
    'cache-status': 'fovea; fwd=miss',
    'x-asked': `${request.method} ${pathname}${search} ${token}`,
    'x-count': String(count),
    etag,
    vary: 'Accept',
    'x-amz-meta-cache-tag': 'o:abc',
  };
  if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers });
  const body = `picture as ${token}`;
  return new Response(body, {
    status,
    headers: { ...headers, 'content-type': 'image/webp', 'content-length': String(body.length) },
  });
}
