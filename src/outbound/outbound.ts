import http, { type IncomingMessage } from 'node:http';
import https, { type AgentOptions } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { Agent, type AgentConnectOpts } from 'agent-base';
import { HttpsProxyAgent } from 'https-proxy-agent';

/** What lies between this machine and others, as HTTPS_PROXY and NO_PROXY say it. */
export interface OutboundProxy {
  /** It is asked by CONNECT, may be https itself, and may have a name and a password. */
  readonly url: string;
  /** Hosts that are reached without it: names with all below them, addresses and ranges, each with a port or without; `*` for all. */
  readonly except: readonly string[];
}

/**
 * The agent for https requests. Those of plain http go straight: what is not encrypted is within a network of ours. One
 * of many sockets is kept open under the options' bounds, whether it leads through the proxy or not.
 */
export function createHttpsAgent(proxy: OutboundProxy | undefined, options: AgentOptions): https.Agent {
  if (proxy === undefined) return new https.Agent(options);
  // A wrapper without sockets of its own: in the types an agent of https is no more than one of http.
  return new ProxiedAgent(proxy, options) as unknown as https.Agent;
}

/** Whether a request leads through the proxy, which then resolves the name of its host. */
export function isProxied(proxy: OutboundProxy | undefined, { protocol, hostname, port }: URL): boolean {
  if (proxy === undefined || protocol !== 'https:') return false;
  return !isExcept(proxy, hostname.replace(/^\[|\]$/g, ''), port === '' ? 443 : Number(port));
}

class ProxiedAgent extends Agent {
  readonly #proxy: OutboundProxy;
  readonly #through: HttpsProxyAgent<string>;
  readonly #straight: https.Agent;

  constructor(proxy: OutboundProxy, options: AgentOptions) {
    // What Node asks it for to know whether a request leaves its connection open.
    super({ keepAlive: options.keepAlive === true });
    this.#proxy = proxy;
    this.#through = new HttpsProxyAgent(proxy.url, options);
    this.#straight = new https.Agent(options);
  }

  override connect(_request: http.ClientRequest, { host, port }: AgentConnectOpts): http.Agent {
    return isExcept(this.#proxy, host ?? '', Number(port ?? 443)) ? this.#straight : this.#through;
  }

  override destroy(): void {
    this.#through.destroy();
    this.#straight.destroy();
    super.destroy();
  }
}

function isExcept({ except }: OutboundProxy, host: string, port: number): boolean {
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

export interface OutboundRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | undefined;
  readonly proxy: OutboundProxy | undefined;
  readonly signal: AbortSignal;
  /** Where names lead, for a request that goes straight; as the system says when absent. */
  readonly lookup?: LookupFunction;
}

/** One request over a connection of its own; resolves to the head of whatever is answered, redirects too. */
export function sendOutbound(url: URL, { proxy, body, ...options }: OutboundRequest): Promise<IncomingMessage> {
  const isSecure = url.protocol === 'https:';
  const agent = isSecure && isProxied(proxy, url) ? createHttpsAgent(proxy, {}) : false;
  return new Promise((resolve, reject) => {
    const request = (isSecure ? https : http).request(url, { ...options, agent }, resolve);
    request.once('error', reject);
    request.end(body);
  });
}
