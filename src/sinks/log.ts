import { type Logger, pino, stdTimeFunctions } from 'pino';
import type { TelemetryEvent } from '../telemetry.ts';
import { createLineBuffer } from './line-buffer.ts';
import { openLogFile } from './log-file.ts';
import type { Records } from './open-telemetry/records.ts';
import { harmless } from './plain.ts';
import { prettyLine } from './pretty.ts';
import { type Counted, createRepeats, type Repeats } from './repeats.ts';
import { type RequestEvent, requestLine } from './request-line.ts';
import { type Told, toldOf } from './told.ts';

export interface LogOptions {
  /** File descriptor of the log, or what takes its lines. */
  readonly logTo: number | { write(line: string): void };
  readonly level: 'info' | 'warn' | 'error' | 'silent';
  /** A line of JSON each, as by default, or words for whoever looks on. */
  readonly format?: 'json' | 'pretty';
  /** Requests for health and readiness: those that tell of a change, as by default, or all of them. */
  readonly health?: 'changes' | 'all';
  /** False: no line says who asked (address, referring page, program). */
  readonly tellsVisitors?: boolean;
}

/** One line a request, one for what went wrong, and none for what metrics tell better. */
export interface Log {
  write(event: TelemetryEvent): void;
  /** Resolves when what is buffered is written. What has been counted is told at its time, or when the process ends. */
  flush(): Promise<void>;
}

interface LogState {
  readonly log: Logger;
  /** Undefined: nobody else is told. */
  readonly records: Records | undefined;
  /** Takes a line about a request; undefined when none is told. */
  readonly writeLine: ((line: string) => void) | undefined;
  readonly repeats: Repeats;
  readonly tellsVisitors: boolean;
  readonly tellsHealth: boolean;
  /** By route of health and readiness: what was answered last. */
  readonly lastStatus: Map<string, number>;
}

export function createLog(options: LogOptions, records?: Records): Log {
  const { logTo, format = 'json' } = options;
  const dress = format === 'pretty' ? prettyLine : (line: string) => line;
  if (typeof logTo !== 'number') {
    const write = (line: string) => logTo.write(dress(line));
    const state = stateOf(options, { write: (line) => write(harmless(line)), writeLine: write, records });
    return { write: (event) => logEvent(state, event), flush: async () => undefined };
  }
  const file = openLogFile(logTo);
  const lines = createLineBuffer(file.write);
  const state = stateOf(options, {
    records,
    writeLine: (line) => lines.add(dress(line)),
    // What does not wait comes behind what does.
    write(line) {
      lines.empty();
      file.write(dress(harmless(line)));
    },
  });
  process.prependListener('exit', () => {
    state.repeats.flush();
    file.flush(lines.take());
  });
  return {
    write: (event) => logEvent(state, event),
    flush() {
      lines.empty();
      return file.settled();
    },
  };
}

interface Ways extends Pick<LogState, 'records'> {
  readonly write: (line: string) => void;
  readonly writeLine: (line: string) => void;
}

function stateOf({ level, health, tellsVisitors = true }: LogOptions, { write, writeLine, records }: Ways): LogState {
  const log = pino({ level, base: null, timestamp: stdTimeFunctions.isoTime }, { write });
  return {
    log,
    records,
    writeLine: log.isLevelEnabled('info') ? writeLine : undefined,
    repeats: createRepeats(),
    tellsVisitors,
    tellsHealth: health === 'all',
    lastStatus: new Map(),
  };
}

function logEvent(state: LogState, event: TelemetryEvent): void {
  if (event.type === 'request') {
    if (state.writeLine !== undefined) logRequest(state, state.writeLine, event);
    return;
  }
  const told = toldOf(event);
  if (told === undefined || !state.log.isLevelEnabled(told.level)) return;
  const { cause } = told;
  if (cause === undefined || state.repeats.isFirst(cause, (counted) => tell(state, told, counted))) tell(state, told);
}

function tell({ log, records }: LogState, told: Told, counted?: Counted): void {
  const { level, fields, message } = told;
  const again = counted && { again: counted.count, inSeconds: counted.seconds };
  log[level]({ ...fields, ...again }, message);
  records?.told(told, again ?? {});
}

function logRequest(state: LogState, writeLine: (line: string) => void, event: RequestEvent): void {
  if (isNoise(state, event)) return;
  const { tellsVisitors, records } = state;
  writeLine(requestLine(event, { nowMs: Date.now(), tellsVisitors }));
  records?.request(event, tellsVisitors);
}

/** What asks whether we are well asks every few seconds, and is answered as the time before: a line an hour tells how often. */
function isNoise(state: LogState, { route, status }: RequestEvent): boolean {
  if ((route !== 'health' && route !== 'ready') || state.tellsHealth) return false;
  const before = state.lastStatus.get(route) ?? 200;
  state.lastStatus.set(route, status);
  if (before !== status) return false;
  state.repeats.count(`${route} ${status}`, ({ count, seconds }) => {
    state.log.info({ event: 'health-checks', route, status, again: count, inSeconds: seconds });
  });
  return true;
}
