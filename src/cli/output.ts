import { once } from 'node:events';
import { SingleBar } from 'cli-progress';
import type { OutputStream, Terminal } from './terminal.ts';

/** What a long command shows of itself, where somebody looks on. */
export interface Progress {
  advance(count?: number): void;
  stop(): void;
}

/** The two voices of a command: answers on stdout, everything else on stderr. */
export interface Output {
  /** An answer: the record as one line of JSON, or the text. Waits while its reader is behind. */
  print(record: unknown, text: string): Promise<void>;
  /** The record where JSON is asked for, nothing for people: a line for each of many. */
  record(record: unknown): Promise<void>;
  /** A remark. */
  note(text: string): void;
  /** A bar on a terminal, nothing elsewhere. `total` undefined: nobody knows. */
  progress(label: string, total: number | undefined): Progress;
}

export interface OutputOptions extends Pick<Terminal, 'stdout' | 'stderr' | 'signal'> {
  readonly json: boolean;
}

/** Makes the voices of one command. */
export function createOutput({ stdout, stderr, signal, json }: OutputOptions): Output {
  // A bar and lines of JSON on one screen would tear each other apart.
  const showsProgress = stderr.isTTY === true && !(json && stdout.isTTY === true);
  let bar: SingleBar | undefined;

  const print = (text: string) => write(stdout, `${text}\n`, signal);
  return {
    print: (record, text) => print(json ? JSON.stringify(record) : plain(text)),
    record: async (record) => {
      if (json) await print(JSON.stringify(record));
    },
    note(text) {
      // The bar draws itself anew below the line.
      stderr.write(`${bar === undefined ? '' : '\r\u001b[K'}${plain(text)}\n`);
    },
    progress(label, total) {
      if (!showsProgress) return { advance: () => undefined, stop: () => undefined };
      const counted = '{value}/{total} | {eta_formatted} left';
      const own = new SingleBar({
        format: total === undefined ? `${label}: {value}, {duration_formatted}` : `${label} {bar} ${counted}`,
        stream: stderr,
        clearOnComplete: true,
        hideCursor: true,
      });
      own.start(total ?? Number.MAX_SAFE_INTEGER, 0);
      bar = own;
      return {
        advance: (count = 1) => own.increment(count),
        stop() {
          own.stop();
          bar = undefined;
        },
      };
    },
  };
}

async function write(stream: OutputStream, text: string, signal: AbortSignal): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain', { signal });
}

/** A key is a stranger's text: what would steer a terminal is not repeated to it. */
function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, '?');
}
