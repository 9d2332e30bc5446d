import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { withDeadline } from '../../deadline.ts';
import { Failure, isFailure } from '../../failure.ts';
import { mediaTypes } from '../../formats.ts';
import { isFetchHost } from '../../grammar/index.ts';
import { allowedAddresses, pinned, type Resolve } from '../public-address.ts';

export interface RemoteParts {
  /** Hosts that pictures may come from; redirects, too, lead nowhere else. */
  readonly hosts: () => readonly string[];
  /** A longer body is refused as `too_large`. */
  readonly maxBytes: number;
  /** Milliseconds for one response with its body, redirects included. */
  readonly timeoutMs: number;
  readonly resolve: Resolve;
  readonly isAllowedAddress: (address: string) => boolean;
}

/** What is asked for; its signal ends the exchange. */
interface RemoteRequest {
  readonly method: 'GET' | 'HEAD';
  readonly url: URL;
  readonly signal: AbortSignal;
}

const maxRedirects = 3;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What servers say to HEAD that take GET only. */
const noHead: ReadonlySet<number> = new Set([403, 405, 501]);

const headers = {
  Accept: mediaTypes.join(','),
  // Compressed bytes would be another entity with another tag.
  'Accept-Encoding': 'identity',
  'User-Agent': 'fovea',
};

/** Runs one exchange with a host under the time limit, with every fault told as a Failure. */
export async function exchange<T>(
  { timeoutMs }: RemoteParts,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await withDeadline({ ms: timeoutMs, signal, reason: tooLong }, (deadline) => work(deadline.signal));
  } catch (error) {
    if (isFailure(error)) throw error;
    throw new Failure('upstream', 'The host of the picture could not be reached.', { cause: error });
  }
}

/** The head of a response; of a host that takes GET only, with a body that is to be destroyed unread. */
export async function askHead(parts: RemoteParts, url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const response = await ask(parts, { method: 'HEAD', url, signal });
  return noHead.has(response.statusCode ?? 0) ? ask(parts, { method: 'GET', url, signal }) : response;
}

/** The first response that is no redirect. */
export async function ask(parts: RemoteParts, { method, url, signal }: RemoteRequest): Promise<IncomingMessage> {
  const { hosts, resolve, isAllowedAddress } = parts;
  let current = url;
  for (let hops = 0; ; hops += 1) {
    if (!isFetchHost(current, hosts())) throw new Failure('upstream', 'The host of the picture redirects elsewhere.');
    const addresses = await allowedAddresses(current.hostname, resolve, isAllowedAddress);
    const response = await send({ method, url: current, signal }, pinned(addresses));
    const { location } = response.headers;
    if (!redirects.has(response.statusCode ?? 0) || location === undefined) return response;
    response.destroy();
    if (hops === maxRedirects || !URL.canParse(location, current.href)) {
      throw new Failure('upstream', 'The host of the picture redirects too often, or to no URL.');
    }
    current = new URL(location, current);
  }
}

function send({ method, url, signal }: RemoteRequest, lookup: ReturnType<typeof pinned>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const client = url.protocol === 'https:' ? https : http;
    // No agent: a connection kept open would outlive the check of its address.
    const request = client.request(url, { method, headers, lookup, signal, agent: false }, resolve);
    request.once('error', reject);
    request.end();
  });
}

function tooLong(): Failure {
  return new Failure('timeout', 'The answer took too long.');
}
