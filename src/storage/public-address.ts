import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Failure } from '../failure.ts';

/** Every address that a name has. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** Ranges that are called unicast, and still are nobody's public address. */
const reservedRanges = ['::/96', '::ffff:0:0:0/96', '100::/64', '2001::/23', '3fff::/20', '5f00::/16', 'fec0::/10'].map(
  (range) => ipaddr.IPv6.parseCIDR(range),
);

/**
 * Addresses within public ranges that a cloud answers on inside each machine: Azure's wire server, which hands out
 * settings and certificates (learn.microsoft.com, "What is IP address 168.63.129.16?"). The metadata addresses of other
 * clouds are link-local, shared, reserved or unique local ones, and so of no public range.
 */
const cloudAddresses: ReadonlySet<string> = new Set(['168.63.129.16']);

/**
 * True for an address anybody on the internet could have: not private, loopback, link-local, shared (CGNAT), multicast
 * or reserved, none that a cloud answers on inside a machine, and no IPv6 form that carries an IPv4 address or tunnels to
 * one (mapped, 6to4, Teredo, NAT64).
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  if (parsed instanceof ipaddr.IPv4) return !cloudAddresses.has(parsed.toString());
  return !reservedRanges.some((range) => parsed.match(range));
}

export const resolveAll: Resolve = (hostname) => lookup(hostname, { all: true });

/** The addresses of a host, each of them checked: one that is not allowed condemns the name. Failures: `invalid`. */
export async function allowedAddresses(
  hostname: string,
  resolve: Resolve,
  isAllowed: (address: string) => boolean,
): Promise<readonly LookupAddress[]> {
  const literal = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(literal);
  const addresses = family === 0 ? await resolve(hostname) : [{ address: literal, family }];
  if (addresses.length > 0 && addresses.every(({ address }) => isAllowed(address))) return addresses;
  throw notPublic();
}

function notPublic(): Failure {
  return new Failure('invalid', 'The host to fetch from has no public address, or one that is not public.');
}

/** The same for a host that a proxy looks up: an address is an address, and a name is the proxy's. Failures: `invalid`. */
export function checkLiteral(hostname: string, isAllowed: (address: string) => boolean): void {
  const literal = hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) !== 0 && !isAllowed(literal)) throw notPublic();
}

/** A socket's look-up that connects to these addresses and asks no name server again: what was checked is what is used. */
export function pinned(addresses: readonly LookupAddress[]): LookupFunction {
  return (_hostname, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family ?? 4);
  };
}
