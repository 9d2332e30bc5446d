import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import { Failure, isFailure } from '../failure.ts';
import type { Telemetry } from '../telemetry.ts';
import { purgeMethodRoute } from './admin.ts';
import { toResponse } from './answer.ts';
import type { ImagesOptions } from './asked.ts';
import { type AppContext, arrivalOf, clientSignal, type Environment, onSent, rawPath, rawTarget } from './context.ts';
import { failureResponse, methodNotAllowed } from './failures.ts';
import { commonHeaders } from './headers.ts';
import {
  type ForwardingHeaders,
  isMisdirected,
  type LoopbackHosts,
  misdirectedResponse,
  signOfForwarding,
} from './hosts.ts';
import { createImageAnswers } from './images.ts';
import { loggedPath, withoutSecrets } from './logged.ts';
import { addRoutes } from './route.ts';
import { ourRoutes } from './routes.ts';
import { createTrustedProxies } from './trusted-proxies.ts';
import { isUploadPath, setUploadHeaders, type UploadRoutesOptions } from './uploads.ts';

export interface AppOptions {
  readonly images: ImagesOptions;
  /** Addresses and CIDR ranges of proxies that are believed when they say who asks. */
  readonly trustedProxies: readonly string[];
  /** Of a listener on a loopback address; undefined for one that others reach. */
  readonly loopback: LoopbackHosts | undefined;
  /** Undefined: there is no admin API. */
  readonly adminToken: string | undefined;
  /** Undefined: originals do not come in over HTTP. */
  readonly uploads: UploadRoutesOptions | undefined;
  /** Resolves when pictures can be made and the store answers; rejects with the reason. */
  readonly ready: (signal: AbortSignal) => Promise<void>;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly telemetry: Telemetry;
}

/** For metrics: one of a few names, whatever is asked. */
function routeName(path: string): string {
  if (!path.startsWith('/-/')) return 'image';
  const known = ['health', 'ready', 'metrics', 'purge', 'images', 'uploads'];
  const name = path.slice(3).split('/')[0] ?? '';
  return known.includes(name) ? name : 'other';
}

const hasDotSegment = /(^|\/)\.{1,2}(\/|$)/;

/**
 * The whole HTTP surface.
 *
 * @example
 * const app = createApp(options);
 * const server = await listen(app.fetch, { port: 3000, host: '127.0.0.1' });
 * await server.close();
 */
export function createApp(options: AppOptions): Hono<Environment> {
  const { telemetry, adminToken, metrics } = options;
  const admin = { variants: options.images.variants, metrics };
  // Routed by what came, undecoded: one path has one spelling, for routes, headers and the log alike.
  const app = new Hono<Environment>({ getPath: rawPath });
  const answerImage = createImageAnswers(options.images);
  const proxies = createTrustedProxies(options.trustedProxies);
  const { unsigned, unsignedForwarded } = options.images.policy;
  const isJudged = unsigned !== unsignedForwarded;
  let hasDisbelieved = false;
  let hasToldForwarding = false;

  /** Held to another policy than programs on this machine. */
  function wasForwarded(c: AppContext): boolean {
    if (options.loopback === undefined || !isJudged) return false;
    const sign = signOfForwarding(forwardingHeaders(c), options.loopback);
    if (sign === undefined) return false;
    if (!hasToldForwarding) {
      const message = `A request came by way of somebody else (${sign}) and is held to ${unsignedForwarded}, as all such are: FOVEA_UNSIGNED is not set, and says what they may ask.`;
      telemetry.report({ type: 'warning', message });
    }
    hasToldForwarding = true;
    return true;
  }

  function isFromTrustedProxy(c: AppContext): boolean {
    const arrival = arrivalOf(c);
    if (proxies.sent(arrival)) return true;
    // Told once: where it is an edge of the operator's own, its visitors get other formats than they could have.
    if (!hasDisbelieved) {
      const message = `x-fovea-accept came from ${arrival.peer ?? 'the caller of the function'}, which FOVEA_TRUSTED_PROXIES does not name: it is passed over.`;
      telemetry.report({ type: 'warning', message });
    }
    hasDisbelieved = true;
    return false;
  }

  app.use('*', async (c, next) => {
    const started = performance.now();
    const requestId = randomUUID();
    c.set('requestId', requestId);
    const target = rawTarget(c);
    const path = target.split('?')[0] ?? '';
    if (!target.startsWith('/') || hasDotSegment.test(path)) {
      c.res = failureResponse(
        new Failure('invalid', 'The path must be absolute and have no . or .. segments.'),
        requestId,
      );
    } else await next();
    const sent = c.get('sent');
    if (sent === undefined) {
      for (const [name, value] of Object.entries(commonHeaders)) c.res.headers.set(name, value);
      c.res.headers.set('X-Request-Id', requestId);
      if (isUploadPath(path)) setUploadHeaders(c.res.headers, c.req.header('origin'), options.uploads?.origins ?? []);
    }
    const detail: string | undefined = c.get('detail');
    const bytes = sent ?? Number(c.res.headers.get('Content-Length') ?? 0);
    telemetry.report({
      type: 'request',
      requestId,
      method: c.req.method,
      route: routeName(path),
      path: loggedPath(target),
      status: c.res.status,
      bytes: c.req.method === 'HEAD' ? 0 : bytes,
      durationMs: performance.now() - started,
      ...(detail === undefined ? {} : { detail: withoutSecrets(detail) }),
    });
  });

  function failed(c: AppContext, error: unknown): Response {
    const requestId = c.get('requestId');
    noteError(c, error);
    return failureResponse(error, requestId);
  }

  function noteError(c: AppContext, error: unknown): void {
    if (isFailure(error))
      c.set('detail', error.cause === undefined ? error.message : `${error.message} (${error.cause})`);
    else telemetry.report({ type: 'bug', requestId: c.get('requestId'), where: 'http', error });
  }

  app.onError((error, c) => failed(c, error));

  const { loopback } = options;
  if (loopback !== undefined) {
    app.use('/-/*', async (c, next) => {
      if (!isMisdirected(rawPath(c.req.raw, { env: c.env }), c.req.header('host'), loopback)) return next();
      return misdirectedResponse(c.get('requestId'));
    });
  }

  async function answerReady(c: AppContext): Promise<Response> {
    try {
      await options.ready(clientSignal(c));
      return c.text('ready\n', 200, { 'Cache-Control': 'no-store' });
    } catch (error) {
      noteError(c, error);
      return failureResponse(
        new Failure('overloaded', 'Not ready: a test render or the store failed.'),
        c.get('requestId'),
      );
    }
  }

  const clientOf = (c: AppContext) => proxies.clientOf(arrivalOf(c));
  const locks = { adminToken, uploads: options.uploads?.uploads, telemetry, clientOf };
  addRoutes(app, ourRoutes({ admin, uploads: options.uploads, answerReady }), locks);

  app.all('/-/*', (c) => failed(c, new Failure('not_found', 'There is nothing of ours under this path.')));

  addRoutes(app, [purgeMethodRoute(admin)], locks);
  app.on('OPTIONS', '*', () => preflight());

  app.all('*', async (c) => {
    const { method } = c.req;
    if (method !== 'GET' && method !== 'HEAD') return methodNotAllowed('GET, HEAD, OPTIONS');
    const requestId = c.get('requestId');
    const answer = await answerImage(
      {
        rawTarget: rawTarget(c),
        header: (name) => c.req.header(name),
        isFromTrustedProxy: () => isFromTrustedProxy(c),
        wasForwarded: wasForwarded(c),
        signal: clientSignal(c),
        client: () => clientOf(c),
        onHeld: (giveBack) => onSent(c, giveBack),
        headersOnly: method === 'HEAD',
        requestId,
      },
      (error) => noteError(c, error),
    );
    c.set('sent', Number(answer.headers['Content-Length'] ?? 0));
    return toResponse(answer, { ...commonHeaders, 'X-Request-Id': requestId });
  });

  return app;
}

function forwardingHeaders(c: AppContext): ForwardingHeaders {
  const { incoming } = c.env ?? {};
  return {
    header: (name) => c.req.header(name),
    // Node's own object: making a Headers of it costs more than all the rest.
    httpVersion: incoming?.httpVersion,
    headerNames: () => (incoming === undefined ? c.req.raw.headers.keys() : Object.keys(incoming.headers)),
  };
}

/** Any site may show our pictures and read them into a canvas. */
function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
      'Access-Control-Allow-Headers': '*',
      'Access-Control-Max-Age': '86400',
      'Cache-Control': 'public, max-age=86400',
    },
  });
}
