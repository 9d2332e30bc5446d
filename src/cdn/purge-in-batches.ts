import { batchesOf } from '../batches.ts';
import type { EdgePurge } from './cdn.ts';
import { type RetryPolicy, withRetries } from './retry.ts';

export interface BatchOptions {
  /** What the provider takes in one call. */
  readonly maxTags: number;
  readonly retry: RetryPolicy;
  readonly signal: AbortSignal;
}

/** Purges any number of tags, each once, in one call after another; each call is tried again by itself. */
export async function purgeInBatches(
  tags: readonly string[],
  { maxTags, retry, signal }: BatchOptions,
  purge: (batch: readonly string[], signal: AbortSignal) => Promise<EdgePurge>,
): Promise<readonly EdgePurge[]> {
  const purges: EdgePurge[] = [];
  for (const batch of batchesOf([...new Set(tags)], maxTags)) {
    purges.push(await withRetries(retry, signal, (attempt) => purge(batch, attempt)));
  }
  return purges;
}
