import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import { forwarded, forwardedFor } from './forwarded-headers.ts';

/** What a request says of where it came from. */
export interface Arrival {
  /** The other end of its connection; undefined where there is none that we see (a function, a socket that is gone). */
  readonly peer: string | undefined;
  readonly header: (name: string) => string | undefined;
}

/**
 * The proxies that the operator named. What they say of a request's way here, and of its client, is believed; what anybody
 * else says is not.
 */
export interface TrustedProxies {
  /** True when the request came from one: what it says of its client (`x-fovea-accept`, forwarded addresses) is believed then. */
  sent(arrival: Arrival): boolean;
  /**
   * Names whoever asks: the peer, or, where that is a trusted proxy, the last address of the way here that is not (the
   * rightmost of X-Forwarded-For or Forwarded; what is left of it the client may have written). Of the two headers the one
   * counts that this proxy has never left out. An IPv6 address stands for its /64, of which everybody has a whole one.
   */
  clientOf(arrival: Arrival): string;
  /** Names a peer likewise; undefined for those that speak for many: trusted proxies, and programs on this machine. */
  peerName(address: string): string | undefined;
}

interface Host {
  /** As clients are told apart. */
  readonly name: string;
  readonly isTrusted: boolean;
  readonly isLoopback: boolean;
}

/** No way here is longer; a header may hold thousands of addresses. */
const mostHops = 20;

/** Addresses whose reading is remembered: proxies are few, and asked about with every request. */
const mostRemembered = 1_000;

const nobody = 'unknown';

/** Which of the two headers that tell of a way a proxy has left out on some request: what it hands on of that one is a client's. */
interface LeftOut {
  forwardedFor: boolean;
  forwarded: boolean;
}

/** Stands for whoever may call us as a function: there is no connection that would tell, and the platform lets nobody else. */
const functionCaller = 'lambda';

/** What a peer's headers say of the way here. */
interface Way {
  readonly byList: readonly string[];
  readonly byElements: readonly string[];
}

interface ProxiesState {
  readonly trustsCaller: boolean;
  readonly ranges: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];
  readonly hosts: LRUCache<string, Host>;
  readonly leftOutBy: LRUCache<string, LeftOut>;
}

/** `networks`: addresses and CIDR ranges, IPv4 or IPv6, and `lambda`, as `config` has checked them. */
export function createTrustedProxies(networks: readonly string[]): TrustedProxies {
  const named = networks.filter((network) => network !== functionCaller);
  const state: ProxiesState = {
    trustsCaller: networks.includes(functionCaller),
    ranges: named.map((network) => ipaddr.parseCIDR(asRange(network))),
    hosts: new LRUCache({ max: mostRemembered }),
    leftOutBy: new LRUCache({ max: mostRemembered }),
  };
  return {
    sent: ({ peer }) => wasSentByOne(state, peer),
    peerName: (address) => peerName(hostOf(state, address)),
    clientOf: (arrival) => clientOf(state, arrival),
  };
}

function wasSentByOne(state: ProxiesState, peer: string | undefined): boolean {
  if (peer === undefined) return state.trustsCaller;
  return state.ranges.length > 0 && hostOf(state, peer)?.isTrusted === true;
}

function peerName(host: Host | undefined): string | undefined {
  return host === undefined || host.isTrusted || host.isLoopback ? undefined : host.name;
}

function clientOf(state: ProxiesState, { peer, header }: Arrival): string {
  const host = peer === undefined ? undefined : hostOf(state, peer);
  if (peer === undefined || host === undefined) return nobody;
  if (!host.isTrusted) return host.name;
  const way = { byList: forwardedFor(header('x-forwarded-for')), byElements: forwarded(header('forwarded')) };
  return clientBehind(state, { ...host, address: peer }, way);
}

function hostOf({ hosts, ranges }: ProxiesState, address: string): Host | undefined {
  const known = hosts.get(address);
  if (known !== undefined) return known;
  const parsed = parseAddress(address);
  if (parsed === undefined) return undefined;
  const isTrusted = ranges.some(([range, bits]) => range.kind() === parsed.kind() && parsed.match(range, bits));
  const host = { name: clientNameOf(parsed), isTrusted, isLoopback: parsed.range() === 'loopback' };
  hosts.set(address, host);
  return host;
}

/**
 * A proxy writes one of the two and may hand on the other as it came, so that a client could have a second name. What
 * comes without the other was written by the proxy; a client can add headers, and take none of the proxy's away.
 */
function clientBehind(
  state: ProxiesState,
  proxy: Host & { readonly address: string },
  { byList, byElements }: Way,
): string {
  const leftOut = state.leftOutBy.get(proxy.address) ?? { forwardedFor: false, forwarded: false };
  const [hasList, hasElements] = [byList.length > 0, byElements.length > 0];
  if (hasList !== hasElements) {
    leftOut[hasList ? 'forwarded' : 'forwardedFor'] = true;
    state.leftOutBy.set(proxy.address, leftOut);
    return followed(state, proxy, hasList ? byList : byElements);
  }
  const [listed, named] = [followed(state, proxy, byList), followed(state, proxy, byElements)];
  if (!leftOut.forwardedFor) return listed;
  // Several proxies of different kinds have this address: nothing tells who wrote what.
  return leftOut.forwarded && listed !== named ? proxy.name : named;
}

/** From the proxy that is nearest to us to the client, as far as the word of each is taken. */
function followed(state: ProxiesState, peer: Host, way: readonly string[]): string {
  let last = peer;
  for (const hop of way.slice(-mostHops).reverse()) {
    // "unknown", or a name that hides it: nobody is known beyond the proxy that wrote it.
    const host = hostOf(state, hop);
    if (host === undefined) return last.name;
    last = host;
    if (!host.isTrusted) break;
  }
  return last.name;
}

function asRange(network: string): string {
  if (network.includes('/')) return network;
  return `${network}/${network.includes(':') ? 128 : 32}`;
}

/** An IPv4 address that came as an IPv6 one is IPv4. */
function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const isAddress = ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
  return isAddress ? ipaddr.process(text) : undefined;
}

function clientNameOf(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  if (address instanceof ipaddr.IPv4) return address.toString();
  return `${address.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}
