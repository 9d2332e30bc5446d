/** Lines that are written together. */
export interface LineBuffer {
  /** Written within milliseconds. */
  add(line: string): void;
  /** Hands on what there is, now. */
  empty(): void;
  /** The same, to whoever asks. */
  take(): string;
}

/** Lines that wait at most so long; what a killed process loses is younger. */
const maxAgeMs = 10;
/**
 * And so many characters of them, where one line is not longer: a pipe takes up to 4,096 bytes whole or not at all (PIPE_BUF,
 * POSIX write), so what is written when a process ends stands beside what is under way, and not within a line of it.
 */
const maxLength = 4_000;

interface LineBufferState {
  readonly write: (lines: string) => void;
  lines: string;
  timer: NodeJS.Timeout | undefined;
}

/** A write for each of a thousand lines a second takes longer than all that they tell of. */
export function createLineBuffer(write: (lines: string) => void): LineBuffer {
  const state: LineBufferState = { write, lines: '', timer: undefined };
  return { add: (line) => add(state, line), empty: () => empty(state), take: () => take(state) };
}

function add(state: LineBufferState, line: string): void {
  if (state.lines.length + line.length > maxLength) empty(state);
  state.lines += line;
  // It keeps the process: whoever runs out of work has written all of it.
  state.timer ??= setTimeout(empty, maxAgeMs, state);
}

function empty(state: LineBufferState): void {
  const lines = take(state);
  if (lines !== '') state.write(lines);
}

function take(state: LineBufferState): string {
  clearTimeout(state.timer);
  state.timer = undefined;
  const { lines } = state;
  state.lines = '';
  return lines;
}
