import { stagingPrefix } from '../../grammar/index.ts';
import type { ObjectInfo, ObjectStore } from '../../storage/index.ts';
import { readManifest, stagingKeys } from '../batch/records.ts';
import { publishTimeoutMs, revertBatch, type TakeBackParts } from './take-back.ts';

export interface SweepOptions {
  /** Batches in which nothing has happened since then are swept, unless files of theirs may still arrive. */
  readonly olderThan: Date;
  /** Counts, and deletes nothing. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

export interface Swept {
  readonly batches: number;
  /** Staged objects and records that were (or, in a dry run, would be) deleted. */
  readonly objects: number;
}

export interface SweepParts extends TakeBackParts {
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** All that lies in the store under one batch's name. */
interface Remains {
  readonly batch: string;
  readonly keys: readonly string[];
  readonly lastModified: number;
}

/** Clocks of several machines, and the tail of a publishing that was given up. */
const marginMs = 60_000;

/**
 * Clears what uploads left behind: batches never committed, taken back, or broken off by a process that died. Of those
 * whatever was published is taken back first, so that nothing half-published outlives its record.
 */
export async function sweepBatches(parts: SweepParts, options: SweepOptions): Promise<Swept> {
  let batches = 0;
  let objects = 0;
  for await (const remains of remainsOf(parts.store, options.signal)) {
    if (await isLive(parts, remains, options)) continue;
    if (!options.dryRun) await clearBatch(parts, remains);
    batches += 1;
    objects += remains.keys.length;
  }
  return { batches, objects };
}

async function isLive({ store, now }: SweepParts, remains: Remains, { olderThan }: SweepOptions): Promise<boolean> {
  if (remains.lastModified >= olderThan.getTime()) return true;
  if (remains.keys.includes(stagingKeys.outcome(remains.batch))) return false;
  const manifest = await readManifest(store, remains.batch);
  // A commit may have begun in its last moment, and must not meet a sweep.
  return manifest !== undefined && now() <= manifest.expires + publishTimeoutMs + marginMs;
}

async function clearBatch(parts: SweepParts, { batch, keys }: Remains): Promise<void> {
  const { store } = parts;
  const manifest = await readManifest(store, batch);
  if (manifest !== undefined) await revertBatch(parts, manifest);
  const records = [stagingKeys.manifest(batch), stagingKeys.outcome(batch)];
  await store.delete(keys.filter((key) => !records.includes(key)));
  for (const record of records) await store.delete([record]);
}

/** The staging area, batch by batch: a listing comes in order, so one batch at a time is held. */
async function* remainsOf(store: Pick<ObjectStore, 'list'>, signal: AbortSignal | undefined): AsyncGenerator<Remains> {
  let found: ObjectInfo[] = [];
  const batchOf = ({ key }: ObjectInfo) => key.slice(stagingPrefix.length).split('/', 1)[0] ?? '';
  for await (const info of store.list(stagingPrefix, signal === undefined ? {} : { signal })) {
    const [first] = found;
    if (first !== undefined && batchOf(first) !== batchOf(info)) {
      yield remainsFrom(batchOf(first), found);
      found = [];
    }
    found.push(info);
  }
  const [first] = found;
  if (first !== undefined) yield remainsFrom(batchOf(first), found);
}

function remainsFrom(batch: string, found: readonly ObjectInfo[]): Remains {
  const lastModified = Math.max(...found.map((info) => info.lastModified.getTime()));
  return { batch, keys: found.map(({ key }) => key), lastModified };
}
