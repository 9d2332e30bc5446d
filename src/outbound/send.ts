import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { createHttpsAgent } from './agent.ts';
import { isProxied, type OutboundProxy } from './proxy.ts';

export interface OutboundRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | undefined;
  readonly proxy: OutboundProxy | undefined;
  readonly signal: AbortSignal;
  /** Where names lead, for a request that goes straight; as the system says when absent. */
  readonly lookup?: LookupFunction;
}

/**
 * One request over a connection of its own; resolves to the head of whatever is answered, redirects too.
 *
 * @example
 * const proxy = { url: 'http://proxy.internal:3128', except: ['.internal'] };
 * const answer = await sendOutbound(new URL('https://api.example/'), { method: 'GET', headers: {}, proxy, signal });
 * answer.resume();
 */
export async function sendOutbound(url: URL, { proxy, body, ...options }: OutboundRequest): Promise<IncomingMessage> {
  const isSecure = url.protocol === 'https:';
  const agent = isSecure && isProxied(proxy, url) ? await createHttpsAgent(proxy, {}) : false;
  return new Promise((resolve, reject) => {
    const request = (isSecure ? https : http).request(url, { ...options, agent }, resolve);
    request.once('error', reject);
    request.end(body);
  });
}
