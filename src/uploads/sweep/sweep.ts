import { stagingPrefix } from '../../grammar/index.ts';
import type { ObjectInfo, ObjectStore } from '../../storage/index.ts';
import type { Batches } from '../batch/records.ts';
import { places } from '../batch/records.ts';
import { type Publisher, publishTimeoutMs } from '../commit/publish.ts';

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

export interface SweeperParts {
  readonly store: Pick<ObjectStore, 'list' | 'delete'>;
  readonly batches: Batches;
  readonly publisher: Publisher;
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

/** One DeleteObjects takes so many. */
const deletesAtOnce = 1000;

/**
 * Clears what uploads left behind: batches never committed, taken back, or broken off by a process that died. Of those
 * whatever was published is taken back first, so that nothing half-published outlives its record.
 */
export function createSweeper({ store, batches, publisher, now }: SweeperParts) {
  async function isLive(remains: Remains, { olderThan }: SweepOptions): Promise<boolean> {
    if (remains.lastModified >= olderThan.getTime()) return true;
    if (remains.keys.includes(places.outcome(remains.batch))) return false;
    const manifest = await batches.manifest(remains.batch);
    // A commit may have begun in its last moment, and must not meet a sweep.
    return manifest !== undefined && now() <= manifest.expires + publishTimeoutMs + marginMs;
  }

  async function clear({ batch, keys }: Remains): Promise<void> {
    const manifest = await batches.manifest(batch);
    if (manifest !== undefined) await publisher.revert(manifest);
    const records = [places.manifest(batch), places.outcome(batch)];
    const others = keys.filter((key) => !records.includes(key));
    for (let start = 0; start < others.length; start += deletesAtOnce) {
      await store.delete(others.slice(start, start + deletesAtOnce));
    }
    for (const record of records) await store.delete([record]);
  }

  async function sweep(options: SweepOptions): Promise<Swept> {
    let swept = 0;
    let objects = 0;
    for await (const remains of remainsOf(store, options.signal)) {
      if (await isLive(remains, options)) continue;
      if (!options.dryRun) await clear(remains);
      swept += 1;
      objects += remains.keys.length;
    }
    return { batches: swept, objects };
  }

  return { sweep };
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
