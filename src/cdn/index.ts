export type { Cdn, EdgePurge } from './cdn.ts';
export { openCdn } from './open.ts';
export type { RetryPolicy } from './retry.ts';
