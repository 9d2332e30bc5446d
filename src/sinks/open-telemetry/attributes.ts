import type { TelemetryEvent } from '../../telemetry.ts';
import type { Attributes } from './packages.ts';

type RequestEvent = Extract<TelemetryEvent, { readonly type: 'request' }>;

/** Methods that are called by their names (RFC 9110 and PATCH); a label has bounds. */
const knownMethods: ReadonlySet<string> = new Set('GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH'.split(' '));

/** What figures of a request are told apart by, under the names of the semantic conventions for HTTP (1.23 and later). */
export function requestLabels(event: RequestEvent): Attributes {
  const { method, route, status } = event;
  return {
    'http.request.method': knownMethods.has(method) ? method : '_OTHER',
    'http.response.status_code': status,
    'http.route': route,
    ...named('error.type', errorTypeOf(event)),
  };
}

/** Those and what is of one request only. */
export function requestAttributes(event: RequestEvent): Attributes {
  const { path, bytes, requestId, visitor, picture, detail } = event;
  return {
    ...requestLabels(event),
    'url.path': path,
    'http.response.body.size': bytes,
    'fovea.request.id': requestId,
    ...named('client.address', visitor?.client),
    ...named('user_agent.original', visitor?.userAgent),
    ...named('http.request.header.referer', visitor?.referer),
    ...named('fovea.picture.tier', picture?.tier),
    ...named('fovea.picture.format', picture?.format),
    ...named('fovea.detail', detail),
  };
}

/** A server's fault; what a client did wrong is none. */
export function errorTypeOf({ status }: RequestEvent): string | undefined {
  return status >= 500 ? String(status) : undefined;
}

function named(name: string, value: string | undefined): Attributes {
  return value === undefined ? {} : { [name]: value };
}
