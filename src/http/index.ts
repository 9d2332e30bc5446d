export { createApp } from './app.ts';
export { createServes } from './asked.ts';
export { type AccessPolicy, isOriginalOpen } from './authorise.ts';
export type { NamePeer } from './connections.ts';
export type { LoopbackHosts } from './hosts.ts';
export { createLambdaHandler } from './lambda.ts';
export { type Listening, type ListenOptions, listen } from './listen.ts';
export { createTrustedProxies } from './trusted-proxies.ts';
