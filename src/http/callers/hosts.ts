import { type Answer, toResponse } from '../answer.ts';

/** Which host names a listener on a loopback address is asked by, judged by the Host header as it came. */
export interface LoopbackHosts {
  /** Names that stand for this machine itself, to every program on it. */
  readonly isLoopback: (host: string) => boolean;
  /** These, and where the configuration says that clients reach us. */
  readonly isOurs: (host: string) => boolean;
}

/** A request's headers, as far as they tell whether it came by way of somebody else. */
export interface ForwardingHeaders {
  readonly header: (name: string) => string | undefined;
  /** Of all headers that came, in lower case. */
  readonly headerNames: () => Iterable<string>;
  /** `1.0`, `1.1`; undefined where no listener of ours was asked. */
  readonly httpVersion: string | undefined;
}

/**
 * What browsers, `curl` and `fetch` write of themselves: what they are and accept, their hints and conditions. Proxies and
 * CDNs are many, and each has its own names (`x-real-ip`, `cf-ray`, `x-amz-cf-id`, `traceparent`), so whatever is not here
 * counts as a word of somebody in between.
 */
const ownHeader = new RegExp(
  `^(?:${[
    ...['host', 'connection', 'keep-alive', 'upgrade', 'http2-settings', 'te', 'expect', 'user-agent', 'from', 'date'],
    ...['accept', 'accept-(?:encoding|language|charset|datetime)', 'if-[a-z-]+', 'range', 'cache-control', 'pragma'],
    ...['referer', 'origin', 'cookie', 'authorization', 'dnt', 'priority', 'purpose', 'sec-[a-z-]+'],
    ...['upgrade-insecure-requests', 'save-data', 'dpr', 'width', 'viewport-width', 'device-memory', 'downlink'],
    ...['ect', 'rtt', 'content-(?:type|length|encoding|language)', 'transfer-encoding'],
  ].join('|')})$`,
);

/**
 * The sign by which a request does not come straight from a program on this machine: it has a header that such programs do
 * not write, or it was meant for another host. A listener on a loopback address hears from the outside in no other way. An
 * nginx that was told nothing but `proxy_pass` says nothing of itself, but asks in HTTP/1.0, which hardly anybody else does;
 * one that was told `proxy_http_version 1.1` and no header more cannot be told from a program here.
 */
export function signOfForwarding(
  { header, headerNames, httpVersion }: ForwardingHeaders,
  hosts: LoopbackHosts,
): string | undefined {
  if (httpVersion === '1.0') return 'HTTP/1.0';
  const host = header('host');
  if (host !== undefined && !hosts.isLoopback(host)) return 'another host';
  for (const name of headerNames()) if (!ownHeader.test(name)) return `the header ${name.slice(0, 50)}`;
  return undefined;
}

/**
 * True for a host by which a request may come that a page elsewhere may have been made to send: its own name was pointed at this
 * machine once its script was loaded (DNS rebinding), so that to the browser we are its own server.
 */
export function isMisdirected(host: string | undefined, hosts: LoopbackHosts): boolean {
  return host !== undefined && !hosts.isOurs(host);
}

/** 421 (RFC 9110 §15.5.20). */
export function misdirectedResponse(requestId: string): Response {
  const detail =
    'This host name is none of this server’s: expected a loopback address, localhost, or the host of publicUrl in the configuration.';
  const body = { type: 'about:blank', title: 'Misdirected request', status: 421, detail, requestId };
  const headers = { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' };
  const answer: Answer = { status: 421, headers, body: `${JSON.stringify(body)}\n` };
  return toResponse(answer);
}
