import { randomUUID } from 'node:crypto';
import type { Next } from 'hono';
import { Failure } from '../failure.ts';
import type { Telemetry } from '../telemetry.ts';
import { toResponse } from './answer.ts';
import type { VisitorOf } from './callers/visitors.ts';
import { type AppContext, arrivalOf, rawTarget } from './context.ts';
import { pictureFailureAnswer } from './failures.ts';
import { commonHeaders } from './headers.ts';
import { loggedPath, withoutSecrets } from './logged.ts';
import { areaOf } from './routes.ts';
import { setUploadHeaders } from './uploads/cors.ts';
import { setTusHeaders } from './uploads/tus.ts';

export interface ObserveParts {
  readonly telemetry: Telemetry;
  /** Origins whose pages may read what the routes of uploads answer. */
  readonly uploadOrigins: readonly string[];
  /** For the log. */
  readonly visitorOf: VisitorOf;
}

const hasDotSegment = /(^|\/)\.{1,2}(\/|$)/;

/** Round everything: what is followed, where somebody follows it. */
export async function observe(c: AppContext, next: Next, parts: ObserveParts): Promise<void> {
  const { tracing } = parts.telemetry;
  if (tracing === undefined) return observed(c, next, parts);
  const trace = { traceparent: c.req.header('traceparent'), tracestate: c.req.header('tracestate') };
  return tracing.request(trace, () => observed(c, next, parts));
}

/** Names the request, refuses a target that is no path, puts on what every answer has, and reports. */
async function observed(
  c: AppContext,
  next: Next,
  { telemetry, uploadOrigins, visitorOf }: ObserveParts,
): Promise<void> {
  const started = performance.now();
  const requestId = randomUUID();
  c.set('requestId', requestId);
  const target = rawTarget(c);
  const path = target.split('?')[0] ?? '';
  const area = areaOf(path);
  if (!target.startsWith('/') || hasDotSegment.test(path)) {
    const failure = new Failure('invalid', 'The path must be absolute and have no . or .. segments.');
    const header = (name: string) => c.req.header(name);
    const question = { rawTarget: target, header, isFromTrustedProxy: () => false, requestId };
    c.res = toResponse(pictureFailureAnswer(failure, question));
  } else await next();
  const sent = c.get('sent');
  if (sent === undefined) {
    await measure(c);
    for (const [name, value] of Object.entries(commonHeaders)) c.res.headers.set(name, value);
    c.res.headers.set('X-Request-Id', requestId);
    if (area.cors === 'configured') setUploadHeaders(c.res.headers, c.req.header('origin'), uploadOrigins);
    setTusHeaders(c.res.headers, path);
  }
  const detail: string | undefined = c.get('detail');
  const bytes = sent ?? Number(c.res.headers.get('Content-Length') ?? 0);
  telemetry.report({
    type: 'request',
    requestId,
    method: c.req.method,
    route: area.label,
    path: loggedPath(target),
    status: c.res.status,
    bytes: c.req.method === 'HEAD' ? 0 : bytes,
    durationMs: performance.now() - started,
    picture: c.get('picture'),
    visitor: visitorOf(arrivalOf(c)),
    ...(detail === undefined ? {} : { detail: withoutSecrets(detail) }),
  });
}

/** What is no picture is a short text, whichever route has written it: its length is told, and counted. But not of what goes on. */
async function measure(c: AppContext): Promise<void> {
  const { res } = c;
  if (res.body === null || c.get('goesOn') !== undefined || res.headers.has('Content-Length')) return;
  const bytes = await res.arrayBuffer();
  c.res = new Response(bytes, { status: res.status, headers: res.headers });
  c.res.headers.set('Content-Length', String(bytes.byteLength));
}
