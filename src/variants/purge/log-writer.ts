import { randomUUID } from 'node:crypto';
import PQueue from 'p-queue';
import type { ObjectStore } from '../../storage/index.ts';
import { everything, logLifeMs, logsFolder, markKey, type PurgeNotice } from './stored-log.ts';

/** The log of this process. Who announces while it is being written shares the next writing. */
export interface LogWriter {
  /** Where it lies now. */
  key(): string;
  announce(notice: PurgeNotice, signal: AbortSignal): Promise<void>;
}

export interface LogWriterParts {
  readonly store: Pick<ObjectStore, 'put'>;
  /** Monotonic milliseconds. */
  readonly clock: { now(): number };
}

/** A process that has announced nothing for so long begins a new log: the deleting of old ones never meets a writing. */
const pauseMs = logLifeMs / 2;
/** Names a log holds; older ones leave it, and whoever has not read them forgets everything. 2 MB at the very worst. */
const maxNames = 2000;

/** A log that this process writes. */
interface OwnLog {
  readonly key: string;
  first: number;
  notices: readonly PurgeNotice[];
  /** The number of the first notice that is not known to be in the store. */
  written: number;
}

interface WriterState extends LogWriterParts {
  log: OwnLog;
  announcedAt: number;
  /** One at a time. */
  readonly writes: PQueue;
}

export function createLogWriter(parts: LogWriterParts): LogWriter {
  const writes = new PQueue({ concurrency: 1 });
  const state: WriterState = { ...parts, log: beginLog(), announcedAt: parts.clock.now(), writes };
  return {
    key: () => state.log.key,
    announce: (notice, signal) => append(state, notice, signal),
  };
}

function beginLog(): OwnLog {
  return { key: logsFolder + randomUUID(), first: 0, notices: [], written: 0 };
}

async function append(state: WriterState, notice: PurgeNotice, signal: AbortSignal): Promise<void> {
  const now = state.clock.now();
  if (now - state.announcedAt > pauseMs) state.log = beginLog();
  state.announcedAt = now;
  const { log, store, writes } = state;
  const next = add(notice, log);
  await writes.add(async () => {
    if (log.written < next) await write(store, log, signal);
  });
}

/** Returns the number that the next notice will have. */
function add(notice: PurgeNotice, log: OwnLog): number {
  log.notices = [...log.notices, notice];
  let names = log.notices.reduce((sum, one) => sum + namesIn(one), 0);
  while (names > maxNames && log.notices.length > 1) {
    names -= namesIn(log.notices[0] ?? everything);
    log.notices = log.notices.slice(1);
    log.first += 1;
  }
  return log.first + log.notices.length;
}

function namesIn(notice: PurgeNotice): number {
  return 'keys' in notice ? notice.keys.length : 1;
}

async function write(store: LogWriterParts['store'], log: OwnLog, signal: AbortSignal): Promise<void> {
  const { key, first, notices } = log;
  const next = first + notices.length;
  const json = { contentType: 'application/json', signal };
  await store.put(key, Buffer.from(JSON.stringify({ first, notices })), json);
  // After the log, so that whoever sees the mark finds the log as it is now.
  await store.put(markKey, Buffer.from(JSON.stringify({ log: key, next })), json);
  log.written = next;
}
