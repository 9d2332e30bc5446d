import { type Copy, createCopies } from './copies.ts';
import { passageOf, rawPathOf } from './paths.ts';
import { type AcceptToken, headersOf, reduceAccept } from './reduce.ts';

interface Environment {
  /** Where fovea itself listens, such as `https://origin.example.com`. */
  readonly ORIGIN: string;
  readonly COPIES?: R2Bucket;
}

/** A render may take ten seconds, after some in the queue. */
const originTimeoutMs = 20_000;
/** A copy shown while the origin is away is asked about again soon. */
const staleCacheControl = 'public, max-age=10';
/** Held for the visitor, since a cache would take Vary for its own business; the key has what varies already. */
const heldVary = 'x-fovea-vary';

function problem(status: number, title: string, detail: string): Response {
  const body = JSON.stringify({ type: 'about:blank', title, status, detail });
  return new Response(`${body}\n`, {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'public, max-age=60',
      'x-content-type-options': 'nosniff',
    },
  });
}

/** True when an answer says that it may be kept by a shared cache; what says nothing is not kept. */
function isKeepable({ status, headers }: Response): boolean {
  const cacheControl = headers.get('cache-control') ?? '';
  const isForMe = !/no-store|no-cache|private/i.test(cacheControl) && /(s-maxage|max-age)=[1-9]/i.test(cacheControl);
  return isForMe && status < 500 && status !== 206 && status !== 304;
}

/** True when it may be shown past its time while the origin is away: a URL that ends says that it may not. */
function mayBeStale({ headers }: Response): boolean {
  return !/must-revalidate|proxy-revalidate|stale-if-error=0/i.test(headers.get('cache-control') ?? '');
}

/** What is put into the cache: with the tags that a purge names. */
function forCache(response: Response): Response {
  const kept = new Response(response.body, response);
  const tags = kept.headers.get('x-amz-meta-cache-tag');
  if (tags !== null) kept.headers.set('cache-tag', tags);
  const vary = kept.headers.get('vary');
  if (vary !== null) kept.headers.set(heldVary, vary);
  for (const name of ['vary', 'x-amz-meta-cache-tag', 'set-cookie']) kept.headers.delete(name);
  return kept;
}

/** What a visitor gets: tags stay inside, and Cache-Status says what the edge did (RFC 9211). */
function forVisitor(response: Response, status: string): Response {
  const answer = new Response(response.body, response);
  const vary = answer.headers.get(heldVary);
  if (vary !== null) answer.headers.set('vary', vary);
  for (const name of [heldVary, 'cache-tag', 'x-amz-meta-cache-tag', 'cf-cache-status']) answer.headers.delete(name);
  answer.headers.append('cache-status', `cloudflare-worker; ${status}`);
  return answer;
}

function fromCopy(copy: Copy, headers: Headers): Response {
  const merged = new Headers(copy.headers);
  for (const [name, value] of headers) merged.set(name, value);
  merged.set('etag', copy.etag);
  return new Response(copy.body, { status: 200, headers: merged });
}

/** The origin's answer; undefined when it cannot be reached in time. */
async function ask(url: string, method: string, headers: HeadersInit): Promise<Response | undefined> {
  try {
    return await fetch(url, { method, headers, redirect: 'manual', signal: AbortSignal.timeout(originTimeoutMs) });
  } catch {
    return undefined;
  }
}

interface Wanted {
  readonly path: string;
  readonly token: AcceptToken;
}

/** Asks the origin for a picture, offering what R2 has of it. */
async function fetchPicture(
  { path, token }: Wanted,
  environment: Environment,
  context: ExecutionContext,
): Promise<{ readonly response: Response; readonly status: string }> {
  const copies = createCopies(environment.COPIES);
  const copy = await copies.find(path, token);
  const answer = await ask(`${environment.ORIGIN}${path}`, 'GET', {
    ...headersOf(token),
    ...(copy === undefined ? {} : { 'if-none-match': copy.etag }),
  });
  if (copy !== undefined && answer?.status === 304) {
    return { response: fromCopy(copy, answer.headers), status: 'fwd=uri-miss; detail=validated' };
  }
  if (copy !== undefined && (answer === undefined || answer.status >= 500)) {
    await answer?.body?.cancel();
    return {
      response: fromCopy(copy, new Headers({ 'cache-control': staleCacheControl })),
      status: 'hit; detail=stale',
    };
  }
  await copy?.body.cancel();
  if (answer === undefined) {
    const failure = problem(504, 'Too slow', 'The origin cannot be reached.');
    failure.headers.set('cache-control', 'no-store');
    return { response: failure, status: 'fwd=uri-miss' };
  }
  if (answer.status === 200 && isKeepable(answer) && mayBeStale(answer))
    context.waitUntil(copies.keep(path, token, answer.clone()));
  return { response: answer, status: `fwd=uri-miss${isKeepable(answer) ? '; stored' : ''}` };
}

/** The cache's key for what is wanted, with the visitor's conditions: the cache answers 304 and ranges by itself. */
function keyFor({ path, token }: Wanted, request: Request): Request {
  const { origin } = new URL(request.url);
  const headers = new Headers();
  for (const name of ['if-none-match', 'if-modified-since', 'range']) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return new Request(`${origin}${path}?accept=${token}`, { headers });
}

async function answerPicture(request: Request, environment: Environment, context: ExecutionContext): Promise<Response> {
  const wanted: Wanted = { path: rawPathOf(request.url), token: reduceAccept(request.headers) };
  const cache = caches.default;
  const key = keyFor(wanted, request);
  const hit = await cache.match(key);
  if (hit !== undefined) return forVisitor(hit, 'hit');
  const { response, status } = await fetchPicture(wanted, environment, context);
  if (isKeepable(response)) {
    // Awaited before the answer ends: a second visitor a moment later finds it.
    const unconditional = new Request(key.url);
    context.waitUntil(cache.put(unconditional, forCache(response.clone())));
  }
  const etag = response.headers.get('etag');
  const isSame = etag !== null && request.headers.get('if-none-match') === etag;
  if (isSame && response.status === 200) {
    await response.body?.cancel();
    return forVisitor(new Response(null, { status: 304, headers: response.headers }), status);
  }
  return forVisitor(response, status);
}

function withoutBody(response: Response): Response {
  return new Response(null, response);
}

// biome-ignore lint/style/noDefaultExport: it is what the runtime looks for.
export default {
  async fetch(request, environment, context) {
    const passage = passageOf(rawPathOf(request.url));
    if (passage === 'closed') return problem(404, 'Not found', 'There is nothing under this path.');
    if (passage === 'malformed') {
      return problem(400, 'Bad request', 'The path must be percent-encoded UTF-8 without dot segments.');
    }
    if (passage === 'upload' || request.method === 'OPTIONS') {
      const target = `${environment.ORIGIN}${request.url.slice(new URL(request.url).origin.length)}`;
      return fetch(new Request(target, request), { redirect: 'manual' });
    }
    if (request.method === 'HEAD') return withoutBody(await answerPicture(request, environment, context));
    if (request.method === 'GET') return answerPicture(request, environment, context);
    const refusal = problem(405, 'Method not allowed', 'Allowed here: GET, HEAD, OPTIONS.');
    refusal.headers.set('allow', 'GET, HEAD, OPTIONS');
    return refusal;
  },
} satisfies ExportedHandler<Environment>;
