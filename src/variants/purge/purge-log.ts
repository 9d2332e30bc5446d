import { randomUUID } from 'node:crypto';
import PQueue from 'p-queue';
import { z } from 'zod';
import { type ObjectInfo, type ObjectStore, readBody } from '../../storage/index.ts';
import type { Telemetry } from '../../telemetry.ts';

/** What a purge was about: originals by key, or all whose keys begin so. */
export type PurgeNotice = { readonly keys: readonly string[] } | { readonly prefix: string };

/**
 * Purges as the processes that share a store of variants tell each other of them. Each process writes a log of its own,
 * so that none can overwrite another's, and then a mark that all share. Whoever finds another mark than last time reads
 * the logs that have changed. Nobody waits in the background: a process looks when it is asked for something, so one
 * that is idle, or frozen between two calls, costs nothing and is right again with its first request.
 */
export interface PurgeLog {
  /** Resolves when every process that looks from now on will know. Failures: the store's; then it may be repeated. */
  announce(notice: PurgeNotice, signal: AbortSignal): Promise<void>;
  /**
   * To be asked before anything remembered is believed. Undefined: the last look was a moment ago. Otherwise it resolves
   * when what others have purged is forgotten here too; never rejects, since a store that fails costs no request.
   */
  look(): Promise<void> | undefined;
}

export interface PurgeLogOptions {
  readonly store: Pick<ObjectStore, 'head' | 'get' | 'put' | 'list' | 'delete'>;
  /** Forgets what this process holds. */
  readonly forget: (notice: PurgeNotice) => void;
  readonly telemetry: Telemetry;
  /** Monotonic milliseconds. */
  readonly clock: { now(): number };
}

/** No variant's and no original's key begins so. */
const folder = '.fovea-purges/';
const markKey = `${folder}mark`;

/** A look is begun when the last one is as old as this: two HEADs a second while there are requests. */
const refreshMs = 500;
/** A request waits for a look when the last one is older: with the look itself, a purge is everywhere within a second. */
const maxAgeMs = 750;
/** A look that takes longer has failed. */
const lookTimeoutMs = 1000;
/** A log nobody has written to for so long is deleted: whoever has not looked since forgets everything instead. */
const logLifeMs = 600_000;
/** A process that has announced nothing for so long begins a new log: the deleting of old ones never meets a writing. */
const pauseMs = logLifeMs / 2;
/** Names a log holds; older ones leave it, and whoever has not read them forgets everything. 2 MB at the very worst. */
const maxNames = 2000;
const maxLogBytes = 16 * 1024 * 1024;
const concurrentReads = 4;

const everything: PurgeNotice = { prefix: '' };

const logSchema = z.object({
  /** The number of the first notice in it: those before have left it. */
  first: z.number(),
  notices: z.array(z.union([z.object({ keys: z.array(z.string()) }), z.object({ prefix: z.string() })])),
});
type Log = z.infer<typeof logSchema>;

/** What was read of another process's log. */
interface Seen {
  readonly key: string;
  readonly etag: string;
  /** The number of the first notice that was not in it yet. */
  readonly next: number;
  /** What was new in it at the last look. */
  readonly fresh: readonly PurgeNotice[];
}

function namesIn(notice: PurgeNotice): number {
  return 'keys' in notice ? notice.keys.length : 1;
}

function parseLog(text: string): Log | undefined {
  try {
    return logSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** The notices of a log that are new to us; what cannot be known any more may have been about everything. */
function newIn({ first, notices }: Log, next: number): readonly PurgeNotice[] {
  return first > next ? [everything] : notices.slice(next - first);
}

/** All keys in one: forgetting costs a walk of what is under way, however many they are. */
function merged(notices: readonly PurgeNotice[]): readonly PurgeNotice[] {
  const keys = notices.flatMap((notice) => ('keys' in notice ? notice.keys : []));
  const others = notices.filter((notice) => !('keys' in notice));
  return keys.length === 0 ? others : [{ keys }, ...others];
}

export function createPurgeLog({ store, forget, telemetry, clock }: PurgeLogOptions): PurgeLog {
  const writer = createWriter(store, clock);
  let seen: ReadonlyMap<string, Seen> = new Map();
  let seenMark: string | undefined;
  /** When the last look that succeeded was begun. */
  let lookedAt = Number.NEGATIVE_INFINITY;
  let triedAt = Number.NEGATIVE_INFINITY;
  let isFailing = false;
  let looking: Promise<void> | undefined;

  async function readLog({ key, etag }: ObjectInfo, signal: AbortSignal): Promise<Seen> {
    const known = seen.get(key);
    if (known?.etag === etag) return { ...known, fresh: [] };
    const object = await store.get(key, { signal });
    // Deleted since it was listed: too old to matter.
    if (object === undefined) return { key, etag, next: 0, fresh: [] };
    const log = parseLog((await readBody(object, { maxBytes: maxLogBytes, signal })).toString('utf8'));
    const now = { key, etag: object.info.etag };
    if (log === undefined) return { ...now, next: 0, fresh: [everything] };
    return { ...now, next: log.first + log.notices.length, fresh: newIn(log, known?.next ?? log.first) };
  }

  /** Reads what others have written since the last look, and forgets what it is about. */
  async function catchUp(mark: ObjectInfo | undefined, signal: AbortSignal): Promise<void> {
    const [living, old]: [ObjectInfo[], string[]] = [[], []];
    for await (const info of store.list(folder, { signal })) {
      if (info.key === markKey || info.key === writer.key()) continue;
      // Both times are the store's own.
      const isOld = mark !== undefined && mark.lastModified.getTime() - info.lastModified.getTime() > logLifeMs;
      if (isOld) old.push(info.key);
      else living.push(info);
    }
    const reads = new PQueue({ concurrency: concurrentReads });
    const logs = await Promise.all(living.map((info) => reads.add(() => readLog(info, signal))));
    const mayHaveMissed = lookedAt > Number.NEGATIVE_INFINITY && clock.now() - lookedAt > logLifeMs;
    const notices = mayHaveMissed ? [everything] : logs.flatMap(({ fresh }) => fresh);
    for (const notice of merged(notices)) forget(notice);
    seen = new Map(logs.map((log) => [log.key, log]));
    if (old.length > 0) await store.delete(old, { signal });
  }

  async function lookNow(): Promise<void> {
    const began = clock.now();
    const signal = AbortSignal.timeout(lookTimeoutMs);
    try {
      const mark = await store.head(markKey, { signal });
      if (mark?.etag !== seenMark) await catchUp(mark, signal);
      seenMark = mark?.etag;
      lookedAt = began;
      isFailing = false;
    } catch (error) {
      isFailing = true;
      telemetry.report({ type: 'tier-fault', tier: 'variants', operation: 'look for purges', error });
    } finally {
      looking = undefined;
    }
  }

  return {
    announce: writer.announce,
    look() {
      const now = clock.now();
      if (looking === undefined && now - triedAt >= refreshMs) {
        triedAt = now;
        looking = lookNow();
      }
      // While the store fails requests go on, and looks go on behind them.
      return isFailing || now - lookedAt < maxAgeMs ? undefined : looking;
    },
  };
}

/** A log that this process writes. */
interface OwnLog {
  readonly key: string;
  first: number;
  notices: readonly PurgeNotice[];
  /** The number of the first notice that is not known to be in the store. */
  written: number;
}

/** The log of this process. Who announces while it is being written shares the next writing. */
function createWriter(store: PurgeLogOptions['store'], clock: PurgeLogOptions['clock']) {
  const writes = new PQueue({ concurrency: 1 });
  const begin = (): OwnLog => ({ key: folder + randomUUID(), first: 0, notices: [], written: 0 });
  let log = begin();
  let announcedAt = clock.now();

  /** Answers the number that the next notice will have. */
  function add(notice: PurgeNotice, to: OwnLog): number {
    to.notices = [...to.notices, notice];
    let names = to.notices.reduce((sum, one) => sum + namesIn(one), 0);
    while (names > maxNames && to.notices.length > 1) {
      names -= namesIn(to.notices[0] ?? everything);
      to.notices = to.notices.slice(1);
      to.first += 1;
    }
    return to.first + to.notices.length;
  }

  async function write(own: OwnLog, signal: AbortSignal): Promise<void> {
    const next = own.first + own.notices.length;
    const json = { contentType: 'application/json', signal };
    await store.put(own.key, Buffer.from(JSON.stringify({ first: own.first, notices: own.notices })), json);
    // After the log, so that whoever sees the mark finds the log as it is now.
    await store.put(markKey, Buffer.from(JSON.stringify({ log: own.key, next })), json);
    own.written = next;
  }

  return {
    key: () => log.key,
    async announce(notice: PurgeNotice, signal: AbortSignal): Promise<void> {
      if (clock.now() - announcedAt > pauseMs) log = begin();
      announcedAt = clock.now();
      const own = log;
      const next = add(notice, own);
      await writes.add(async () => {
        if (own.written < next) await write(own, signal);
      });
    },
  };
}
