import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';

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

/** `networks`: addresses and CIDR ranges, IPv4 or IPv6, and `lambda`, as `config` has checked them. */
export function createTrustedProxies(networks: readonly string[]): TrustedProxies {
  const trustsCaller = networks.includes(functionCaller);
  const ranges = networks
    .filter((network) => network !== functionCaller)
    .map((network) => ipaddr.parseCIDR(asRange(network)));
  const hosts = new LRUCache<string, Host>({ max: mostRemembered });
  const leftOutBy = new LRUCache<string, LeftOut>({ max: mostRemembered });

  function hostOf(address: string): Host | undefined {
    const known = hosts.get(address);
    if (known !== undefined) return known;
    const parsed = parseAddress(address);
    if (parsed === undefined) return undefined;
    const isTrusted = ranges.some(([range, bits]) => range.kind() === parsed.kind() && parsed.match(range, bits));
    const host = { name: nameOf(parsed), isTrusted, isLoopback: parsed.range() === 'loopback' };
    hosts.set(address, host);
    return host;
  }

  /** From the proxy that is nearest to us to the client, as far as the word of each is taken. */
  function followed(peer: Host, way: readonly string[]): string {
    let last = peer;
    for (const hop of way.slice(-mostHops).reverse()) {
      // "unknown", or a name that hides it: nobody is known beyond the proxy that wrote it.
      const host = hostOf(hop);
      if (host === undefined) return last.name;
      last = host;
      if (!host.isTrusted) break;
    }
    return last.name;
  }

  /**
   * A proxy writes one of the two and may hand on the other as it came, so that a client could have a second name. What
   * comes without the other was written by the proxy; a client can add headers, and take none of the proxy's away.
   */
  function clientBehind(peer: string, proxy: Host, byList: readonly string[], byElements: readonly string[]): string {
    const leftOut = leftOutBy.get(peer) ?? { forwardedFor: false, forwarded: false };
    const [hasList, hasElements] = [byList.length > 0, byElements.length > 0];
    if (hasList !== hasElements) {
      leftOut[hasList ? 'forwarded' : 'forwardedFor'] = true;
      leftOutBy.set(peer, leftOut);
      return followed(proxy, hasList ? byList : byElements);
    }
    const [listed, named] = [followed(proxy, byList), followed(proxy, byElements)];
    if (!leftOut.forwardedFor) return listed;
    // Several proxies of different kinds have this address: nothing tells who wrote what.
    return leftOut.forwarded && listed !== named ? proxy.name : named;
  }

  return {
    sent: ({ peer }) => (peer === undefined ? trustsCaller : ranges.length > 0 && hostOf(peer)?.isTrusted === true),
    peerName(address) {
      const host = hostOf(address);
      return host === undefined || host.isTrusted || host.isLoopback ? undefined : host.name;
    },
    clientOf({ peer, header }) {
      const host = peer === undefined ? undefined : hostOf(peer);
      if (host === undefined) return nobody;
      if (!host.isTrusted) return host.name;
      return clientBehind(peer ?? '', host, forwardedFor(header('x-forwarded-for')), forwarded(header('forwarded')));
    },
  };
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

function nameOf(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  if (address instanceof ipaddr.IPv4) return address.toString();
  return `${address.parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`;
}

/** An empty header says as much as none. */
const isSaid = (field: string | undefined): field is string => field !== undefined && field.trim() !== '';

/** The addresses of X-Forwarded-For, the client's first; some proxies write a port behind them. */
function forwardedFor(field: string | undefined): readonly string[] {
  return isSaid(field) ? field.split(',').map((hop) => withoutPort(hop.trim())) : [];
}

/** Those of Forwarded (RFC 7239 §5.2); an element without `for` hides whom its proxy heard from. */
function forwarded(field: string | undefined): readonly string[] {
  if (!isSaid(field)) return [];
  return elementsOf(field).map((element) => {
    const [, quoted, token = ''] = /(?:^|;)\s*for\s*=\s*(?:"([^"]*)"|([^;\s"]*))/i.exec(element) ?? [];
    return withoutPort(quoted ?? token);
  });
}

/** Parted at commas, but for those within quotes. */
function elementsOf(field: string): readonly string[] {
  const elements: string[] = [];
  let begin = 0;
  let isQuoted = false;
  for (let at = 0; at <= field.length; at += 1) {
    if (field[at] === '"') isQuoted = !isQuoted;
    if (at < field.length && (isQuoted || field[at] !== ',')) continue;
    elements.push(field.slice(begin, at).trim());
    begin = at + 1;
  }
  return elements;
}

/** `192.0.2.1:80` and `[2001:db8::1]:80` without the port, and an IPv6 address without the brackets. */
function withoutPort(hop: string): string {
  const [, bracketed] = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(hop) ?? [];
  if (bracketed !== undefined) return bracketed;
  return /^[^:]*:\d{1,5}$/.test(hop) ? hop.slice(0, hop.indexOf(':')) : hop;
}
