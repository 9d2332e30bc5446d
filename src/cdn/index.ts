export type { Cdn, EdgePurge, PurgeTagsOptions } from './cdn.ts';
export { type OpenCdnOptions, openCdn } from './open.ts';
export type { RetryPolicy } from './retry.ts';
