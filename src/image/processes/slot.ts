import type { Telemetry } from '../../telemetry.ts';
import type { Cage } from './cage/cage.ts';
import type { CpuTime } from './cpu-time.ts';
import type { Deferred } from './deferred.ts';
import type { Line, Seat } from './line.ts';
import type { ProcessOptions, RenderProcess } from './render-process-handle.ts';
import type { Starts } from './starts.ts';

export interface SlotOptions extends ProcessOptions {
  readonly cage: Cage;
  /** Arguments for `node`. */
  readonly nodeArguments: readonly string[];
  /** Milliseconds one render may take. */
  readonly timeoutMs: number;
  /** A process is replaced after so many renders: whatever a decoder leaks does not add up. */
  readonly maxRendersPerProcess: number;
  /** A process is replaced when a render leaves it with more resident memory than this. */
  readonly maxProcessRssBytes: number;
  /** Milliseconds without work after which a process that has grown is replaced: memory goes back after a burst. */
  readonly giveBackAfterMs?: number;
  readonly telemetry: Telemetry;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  /** Tells what a process has computed; by default the kernel is asked. */
  readonly cpuTimeOf?: (pid: number) => CpuTime;
}

/** A place for one render process; when it has gone another one follows. */
export interface Slot extends Seat {
  /** Undefined while there is none, not even one that starts. */
  child: RenderProcess | undefined;
}

export function createSlot(): Slot {
  return { child: undefined, residentBytes: 0, holds: [], file: undefined, drawing: undefined, asking: undefined };
}

/** What the slots of a pool share. */
export interface SlotParts {
  readonly options: SlotOptions;
  readonly slots: readonly Slot[];
  readonly line: Line;
  readonly starts: Starts;
  /** What the processes encode with; settled by the first that starts, or when none can be started. */
  readonly build: Deferred<string>;
  readonly closing: AbortSignal;
}
