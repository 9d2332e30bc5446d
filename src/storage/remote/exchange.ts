import type { IncomingMessage } from 'node:http';
import { withDeadline } from '../../deadline.ts';
import { Failure, isFailure } from '../../failure.ts';
import { mediaTypeOf, mediaTypes } from '../../formats.ts';
import { isFetchHost } from '../../grammar/index.ts';
import { isProxied, type OutboundProxy, sendOutbound } from '../../outbound/index.ts';
import { allowedAddresses, checkLiteral, pinned, type Resolve } from '../public-address.ts';

export interface RemoteParts {
  /** Hosts that pictures may come from; redirects, too, lead nowhere else. */
  readonly hosts: () => readonly string[];
  /** A longer body is refused as `too_large`. */
  readonly maxBytes: number;
  /** Milliseconds for one response with its body, redirects included. */
  readonly timeoutMs: number;
  readonly resolve: Resolve;
  readonly isAllowedAddress: (address: string) => boolean;
  /**
   * What lies between this machine and the hosts. It resolves their names, so it is the proxy that has to refuse addresses
   * within: of those it reaches, only what is written as an address is seen here.
   */
  readonly proxy?: OutboundProxy | undefined;
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

/** What other hosts make for whoever asks for it is not to be what needs a decoder that may not be here, or is slow. */
const unasked: ReadonlySet<string> = new Set([mediaTypeOf('heic'), mediaTypeOf('jxl')]);

const headers = {
  Accept: mediaTypes.filter((type) => !unasked.has(type)).join(','),
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
  const { hosts } = parts;
  let current = url;
  for (let hops = 0; ; hops += 1) {
    if (!isFetchHost(current, hosts())) throw new Failure('upstream', 'The host of the picture redirects elsewhere.');
    const response = await send(parts, { method, url: current, signal });
    const { location } = response.headers;
    if (!redirects.has(response.statusCode ?? 0) || location === undefined) return response;
    response.destroy();
    if (hops === maxRedirects || !URL.canParse(location, current.href)) {
      throw new Failure('upstream', 'The host of the picture redirects too often, or to no URL.');
    }
    current = new URL(location, current);
  }
}

async function send(parts: RemoteParts, { method, url, signal }: RemoteRequest): Promise<IncomingMessage> {
  const { proxy, resolve, isAllowedAddress } = parts;
  if (isProxied(proxy, url)) {
    checkLiteral(url.hostname, isAllowedAddress);
    return sendOutbound(url, { method, headers, signal, proxy });
  }
  const addresses = await allowedAddresses(url.hostname, resolve, isAllowedAddress);
  // A connection kept open would outlive the check of its address.
  return sendOutbound(url, { method, headers, signal, proxy: undefined, lookup: pinned(addresses) });
}

function tooLong(): Failure {
  return new Failure('timeout', 'The answer took too long.');
}
