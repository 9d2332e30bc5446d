import type http from 'node:http';
import https, { type AgentOptions } from 'node:https';
import { Agent, type AgentConnectOpts } from 'agent-base';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { isExcept, type OutboundProxy } from './proxy.ts';

/** Leads each request through the proxy or past it; both ways keep connections open under the options' bounds. */
export class ProxiedAgent extends Agent {
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
