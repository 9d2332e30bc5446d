export { createHttpsAgent } from './agent.ts';
export { isProxied, type OutboundProxy } from './proxy.ts';
export { type OutboundRequest, sendOutbound } from './send.ts';
