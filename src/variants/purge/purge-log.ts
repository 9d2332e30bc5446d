import PQueue from 'p-queue';
import { type ObjectInfo, type ObjectStore, readBody } from '../../storage/index.ts';
import type { Telemetry } from '../../telemetry.ts';
import { createLogWriter, type LogWriter } from './log-writer.ts';
import { everything, logLifeMs, logsFolder, markKey, merged, newIn, type PurgeNotice, parseLog } from './stored-log.ts';

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

/** A look is begun when the last one is as old as this: three HEADs in two seconds while there are requests. */
const refreshMs = 670;
/** A request waits for a look when the last one is older: with the look itself, a purge is everywhere within a second. */
const maxAgeMs = 750;
/** A look that takes longer has failed. */
const lookTimeoutMs = 1000;
const maxLogBytes = 16 * 1024 * 1024;
const concurrentReads = 4;

/** What was read of another process's log. */
interface SeenLog {
  readonly key: string;
  readonly etag: string;
  /** The number of the first notice that was not in it yet. */
  readonly next: number;
  /** What was new in it at the last look. */
  readonly fresh: readonly PurgeNotice[];
}

interface PurgeLogState extends PurgeLogOptions {
  readonly writer: LogWriter;
  seen: ReadonlyMap<string, SeenLog>;
  seenMark: string | undefined;
  /** When this process began: it looks first when it has something that a purge could be about. */
  readonly startedAt: number;
  /** When the last look that succeeded was begun. */
  lookedAt: number;
  triedAt: number;
  isFailing: boolean;
  /** The look under way. */
  looking: Promise<void> | undefined;
}

export function createPurgeLog(options: PurgeLogOptions): PurgeLog {
  const state: PurgeLogState = {
    ...options,
    startedAt: options.clock.now(),
    writer: createLogWriter(options),
    seen: new Map(),
    seenMark: undefined,
    lookedAt: Number.NEGATIVE_INFINITY,
    triedAt: Number.NEGATIVE_INFINITY,
    isFailing: false,
    looking: undefined,
  };
  return { announce: state.writer.announce, look: () => look(state) };
}

function look(state: PurgeLogState): Promise<void> | undefined {
  const now = state.clock.now();
  if (state.looking === undefined && now - state.triedAt >= refreshMs) {
    state.triedAt = now;
    state.looking = lookNow(state);
  }
  // While the store fails requests go on, and looks go on behind them.
  return state.isFailing || now - state.lookedAt < maxAgeMs ? undefined : state.looking;
}

/** Never rejects. */
async function lookNow(state: PurgeLogState): Promise<void> {
  const began = state.clock.now();
  const signal = AbortSignal.timeout(lookTimeoutMs);
  try {
    const mark = await state.store.head(markKey, { signal });
    if (mark?.etag !== state.seenMark) await catchUp(state, mark, signal);
    state.seenMark = mark?.etag;
    state.lookedAt = began;
    state.isFailing = false;
  } catch (error) {
    state.isFailing = true;
    state.telemetry.report({ type: 'tier-fault', tier: 'variants', operation: 'look for purges', error });
  } finally {
    state.looking = undefined;
  }
}

/** Reads what others have written since the last look, and forgets what it is about. */
async function catchUp(state: PurgeLogState, mark: ObjectInfo | undefined, signal: AbortSignal): Promise<void> {
  const { store, startedAt, lookedAt } = state;
  const { living, old } = await listLogs(state, mark, signal);
  const reads = new PQueue({ concurrency: concurrentReads });
  const logs = await reads.addAll(living.map((info) => () => readLog(state, info, signal)));
  const mayHaveMissed = state.clock.now() - Math.max(startedAt, lookedAt) > logLifeMs;
  const notices = mayHaveMissed ? [everything] : logs.flatMap(({ fresh }) => fresh);
  for (const notice of merged(notices)) state.forget(notice);
  state.seen = new Map(logs.map((log) => [log.key, log]));
  if (old.length > 0) await store.delete(old, { signal });
}

/** The logs of others, and the keys of those that have outlived their purpose. */
async function listLogs({ store, writer }: PurgeLogState, mark: ObjectInfo | undefined, signal: AbortSignal) {
  const [living, old]: [ObjectInfo[], string[]] = [[], []];
  for await (const info of store.list(logsFolder, { signal })) {
    if (info.key === markKey || info.key === writer.key()) continue;
    // Both times are the store's own.
    const isOld = mark !== undefined && mark.lastModified.getTime() - info.lastModified.getTime() > logLifeMs;
    if (isOld) old.push(info.key);
    else living.push(info);
  }
  return { living, old };
}

async function readLog(
  { store, seen }: PurgeLogState,
  { key, etag }: ObjectInfo,
  signal: AbortSignal,
): Promise<SeenLog> {
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
