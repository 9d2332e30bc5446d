import { destination, type Logger, pino, stdTimeFunctions } from 'pino';
import type { TelemetryEvent } from '../telemetry.ts';
import { createLineBuffer, type LineBuffer } from './line-buffer.ts';
import { requestLine } from './request-line.ts';

export interface LogOptions {
  /** File descriptor of the log: JSON lines. */
  readonly logTo: number | { write(line: string): void };
  readonly level: 'info' | 'warn' | 'silent';
}

/** One line a request, one for what went wrong, and none for what metrics tell better. */
export interface Log {
  write(event: TelemetryEvent): void;
  /** Writes out what is buffered. */
  flush(): void;
}

interface LogState {
  readonly log: Logger;
  /** Takes a line about a request; undefined when none is told. */
  readonly writeLine: ((line: string) => void) | undefined;
  /** By tier and operation: when the last fault was logged, and how many have come since. */
  readonly faults: Map<string, { readonly loggedAt: number; suppressed: number }>;
}

/** Faults of one kind are logged once a minute, with how many there were: an outage must not fill the disk. */
const faultLogIntervalMs = 60_000;

export function createLog({ logTo, level }: LogOptions): Log {
  if (typeof logTo !== 'number') {
    const state = stateOf(level, logTo, (line) => logTo.write(line));
    return { write: (event) => logEvent(state, event), flush: () => undefined };
  }
  const file = destination({ fd: logTo, sync: false, maxWrite: mostWritten });
  const lines = createLineBuffer((text) => file.write(text));
  process.prependListener('exit', () => writeLast(lines, file));
  const state = stateOf(level, inOrder(lines, file), lines.add);
  return {
    write: (event) => logEvent(state, event),
    flush: () => writeLast(lines, file),
  };
}

/** Bytes that a pipe takes whole (PIPE_BUF): lines that are written at the same time stand one behind the other. */
const mostWritten = 4_096;
/** For what is under way when a process ends: it is written by another thread, of which nobody can be told by then. */
const pauseMs = 20;

/** At once: what is only begun to be written when a process ends may be lost with it. */
function writeLast(lines: LineBuffer, file: ReturnType<typeof destination>): void {
  const last = lines.take();
  // What is under way comes first where somebody reads the log.
  if (last !== '') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
  file.write(last);
  file.flushSync();
}

type Sink = Exclude<LogOptions['logTo'], number>;

function stateOf(level: LogOptions['level'], sink: Sink, writeLine: (line: string) => void): LogState {
  const log = pino({ level, base: null, timestamp: stdTimeFunctions.isoTime }, sink);
  return { log, writeLine: log.isLevelEnabled('info') ? writeLine : undefined, faults: new Map() };
}

/** What does not wait comes behind what does. */
function inOrder(lines: LineBuffer, sink: Sink): Sink {
  return {
    write(line) {
      lines.empty();
      sink.write(line);
    },
  };
}

function logEvent(state: LogState, event: TelemetryEvent): void {
  const { log } = state;
  switch (event.type) {
    case 'request':
      state.writeLine?.(requestLine(event, Date.now()));
      break;
    case 'purged':
    case 'audit':
      log.info({ event: event.type, ...event, type: undefined });
      break;
    case 'tier-fault':
      logFault(state, event);
      break;
    case 'bug':
      log.error({ event: 'bug', requestId: event.requestId, where: event.where, err: event.error }, 'bug');
      break;
    case 'lifecycle':
      log.info(event.message);
      break;
    case 'reload':
      if (event.outcome === 'done') log.info(event.message);
      else log.error(event.message);
      break;
    case 'warning':
      log.warn(event.message);
      break;
    case 'poison':
      log.warn({ event: 'poison' }, 'an original ends whatever renders it');
      break;
    case 'message':
      if (event.outcome !== 'done') log.warn({ event: `message-${event.outcome}`, err: event.error });
      break;
    case 'render-process':
      if (event.event === 'started' || event.event === 'recycled') break;
      log.warn({ ...event, event: `render-process-${event.event}`, type: undefined });
      break;
  }
}

function logFault({ log, faults }: LogState, event: TelemetryEvent & { type: 'tier-fault' }): void {
  const { tier, operation, error, type } = event;
  const name = `${tier} ${operation}`;
  const last = faults.get(name);
  const now = performance.now();
  if (last !== undefined && now - last.loggedAt < faultLogIntervalMs) {
    last.suppressed += 1;
    return;
  }
  faults.set(name, { loggedAt: now, suppressed: 0 });
  log.warn({ event: type, tier, operation, err: error, suppressed: last?.suppressed ?? 0 }, 'store fault');
}
