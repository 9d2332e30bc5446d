export { type App, type AppOptions, createApp } from './app.ts';
export { createServes } from './asked.ts';
export { type AccessPolicy, isOriginalOpen } from './authorise.ts';
export type { LoopbackHosts } from './callers/hosts.ts';
export { createTrustedProxies } from './callers/trusted-proxies.ts';
export { createExplain, type Explanation } from './explain.ts';
export { createLambdaHandler } from './lambda.ts';
export type { NamePeer } from './listen/connections.ts';
export { type Listening, type ListenOptions, listen } from './listen/listen.ts';
