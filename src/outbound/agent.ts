import https, { type AgentOptions } from 'node:https';
import type { OutboundProxy } from './proxy.ts';

/** The agent for https requests. Those of plain http go straight: what is not encrypted is within a network of ours. */
export async function createHttpsAgent(proxy: OutboundProxy | undefined, options: AgentOptions): Promise<https.Agent> {
  if (proxy === undefined) return new https.Agent(options);
  // Only here, so that nobody else loads what asks proxies.
  const { ProxiedAgent } = await import('./proxied-agent.ts');
  return new ProxiedAgent(proxy, options);
}
