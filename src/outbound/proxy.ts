import { BlockList, isIP } from 'node:net';

/** What lies between this machine and others, as HTTPS_PROXY and NO_PROXY say it. */
export interface OutboundProxy {
  /** It is asked by CONNECT, may be https itself, and may have a name and a password. */
  readonly url: string;
  /** Hosts that are reached without it: names with all below them, addresses and ranges, each with a port or without; `*` for all. */
  readonly except: readonly string[];
}

/** Whether a request leads through the proxy, which then resolves the name of its host. */
export function isProxied(proxy: OutboundProxy | undefined, { protocol, hostname, port }: URL): boolean {
  if (proxy === undefined || protocol !== 'https:') return false;
  return !isExcept(proxy, hostname.replace(/^\[|\]$/g, ''), port === '' ? 443 : Number(port));
}

/** Whether a host is reached without the proxy. */
export function isExcept({ except }: OutboundProxy, host: string, port: number): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (name === 'localhost' || name.endsWith('.localhost') || (isIP(name) !== 0 && isIn('127.0.0.0/8', name)))
    return true;
  if (name === '::1') return true;
  return except.some((entry) => matches(entry.toLowerCase(), name, port));
}

function matches(entry: string, name: string, port: number): boolean {
  if (entry === '*') return true;
  // An IPv6 address has colons of its own, and a port only behind brackets.
  const [, bracketed, plain = '', wantedPort] = /^(?:\[([^\]]+)\]|([^:]+|.*:.*:.*?))(?::(\d+))?$/.exec(entry) ?? [];
  if (wantedPort !== undefined && Number(wantedPort) !== port) return false;
  const wanted = bracketed ?? plain;
  if (isIP(name) !== 0) return wanted.includes('/') ? isIn(wanted, name) : wanted === name;
  const domain = wanted.replace(/^\*?\./, '');
  return domain !== '' && (name === domain || name.endsWith(`.${domain}`));
}

/** Whether an address is in a range as 10.0.0.0/8; no range of slips. */
function isIn(range: string, address: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  const family = isIP(network);
  if (family === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}
