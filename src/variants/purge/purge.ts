import { randomUUID } from 'node:crypto';
import type { EdgePurge } from '../../cdn/index.ts';
import { variantPrefix } from '../identify/identity.ts';
import { type PurgeRequest, readPurgeRequest } from './purge-request.ts';
import type { PurgeRun, PurgesParts } from './steps.ts';
import { purgeKeys, purgePrefix, purgeTags } from './targets.ts';

export interface PurgeOptions {
  readonly signal: AbortSignal;
  /** Whatever is purged again under the same reference is one purge to the CDN; a new one when absent. */
  readonly reference?: string;
}

/** What a purge did, or in a dry run would do. */
export interface PurgeResult {
  /** Originals it was about: those that are there, and those of which something was kept. */
  readonly originals: number;
  readonly variantsDeleted: number;
  readonly memoryEvicted: number;
  /** Each call to the CDN; empty in a dry run. */
  readonly edge: readonly EdgePurge[];
}

export interface Purges {
  /** Failures: `invalid` for a request that names nothing; the store's and the CDN's, after which it may be repeated. */
  purge(request: PurgeRequest, options: PurgeOptions): Promise<PurgeResult>;
  /**
   * Purges one original if anything may be kept of it, here or at the edge; undefined when it is new to us. One LIST:
   * cheaper than an invalidation for every upload. That it was served untouched is marked there, too.
   */
  purgeIfKnown(key: string, options: PurgeOptions): Promise<PurgeResult | undefined>;
}

export function createPurges(parts: PurgesParts): Purges {
  return {
    purge: (request, options) => purge(parts, request, options),
    purgeIfKnown: (key, options) => purgeIfKnown(parts, key, options),
  };
}

async function purge(parts: PurgesParts, request: PurgeRequest, options: PurgeOptions): Promise<PurgeResult> {
  const { keys, prefixes, tags } = readPurgeRequest(request, parts.grammar());
  const run: PurgeRun = {
    isDry: request.dryRun ?? false,
    signal: options.signal,
    reference: options.reference ?? randomUUID(),
    tally: { originals: 0, variantsDeleted: 0, memoryEvicted: 0, edge: [] },
    seen: new Set(),
    cleared: [],
  };
  await purgeKeys(parts, keys, run);
  for (const prefix of prefixes) await purgePrefix(parts, prefix, run);
  if (tags.length > 0) await purgeTags(parts, tags, run);
  const { originals, variantsDeleted, memoryEvicted } = run.tally;
  if (!run.isDry) parts.telemetry.report({ type: 'purged', originals, variantsDeleted, memoryEvicted });
  return run.tally;
}

async function purgeIfKnown(parts: PurgesParts, key: string, options: PurgeOptions): Promise<PurgeResult | undefined> {
  if (await isKnown(parts, key, options.signal)) return purge(parts, { keys: [key] }, options);
  // Its absence may be remembered, here and elsewhere.
  parts.versions.forget(key);
  await parts.log?.announce({ keys: [key] }, options.signal);
  return undefined;
}

async function isKnown({ variantsStore, memory, versions }: PurgesParts, key: string, signal: AbortSignal) {
  // Without a store of variants nobody knows what the other instances made.
  if (variantsStore === undefined || memory.count(key) > 0) return true;
  const state = versions.remembered(key);
  if (state !== undefined && state !== 'absent') return true;
  for await (const _ of variantsStore.list(variantPrefix(key), { signal })) return true;
  return false;
}
