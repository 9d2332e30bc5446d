import { PassThrough, Readable } from 'node:stream';
import type { Cdn } from '../../src/cdn/index.ts';
import { type Operations, type Programs, run } from '../../src/cli/index.ts';
import { readConfig } from '../../src/config/index.ts';
import type { Renderer } from '../../src/image/index.ts';
import { openOperations } from '../../src/service/index.ts';
import type { ObjectStore, UploadPresigner } from '../../src/storage/index.ts';
import { createFakeRenderer } from './fake-renderer.ts';
import { createMemoryStore } from './memory-store.ts';
import { createRecordingTelemetry } from './test-service.ts';

export interface CommandLineParts {
  readonly originals?: ObjectStore;
  readonly variants?: ObjectStore | undefined;
  /** Pixel-free when absent. */
  readonly renderer?: Renderer;
  readonly cdn?: Cdn;
  readonly presigner?: UploadPresigner;
  readonly remote?: Operations['remote'];
  readonly environment?: Readonly<Record<string, string>>;
  readonly programs?: Partial<Programs>;
}

export interface CommandRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What stdout says, line by line, read as JSON. */
  readonly json: readonly unknown[];
}

export interface RunOptions {
  readonly stdin?: string | AsyncIterable<string>;
  readonly signal?: AbortSignal;
  /** stderr is a terminal that somebody looks at. */
  readonly isTerminal?: boolean;
}

/** Runs commands in this process, on stores that outlive each of them. */
export interface CommandLine {
  readonly originals: ObjectStore;
  readonly variants: ObjectStore | undefined;
  fovea(words: readonly string[], options?: RunOptions): Promise<CommandRun>;
}

export function createCommandLine(parts: CommandLineParts = {}): CommandLine {
  const originals = parts.originals ?? createMemoryStore();
  const variants = 'variants' in parts ? parts.variants : createMemoryStore();
  const { renderer = createFakeRenderer(), cdn, presigner, remote, environment = {} } = parts;
  const foundations = {
    stores: { originals, variants },
    renderer,
    ...(cdn === undefined ? {} : { cdn }),
    ...(presigner === undefined ? {} : { presigner }),
    ...(remote === undefined ? {} : { remote }),
  };
  const programs: Programs = {
    open: async () =>
      openOperations(readConfig({ FOVEA_RENDERERS: '1', ...environment }), createRecordingTelemetry(), foundations),
    serve: async () => undefined,
    work: async () => undefined,
    ...parts.programs,
  };
  return {
    originals,
    variants,
    async fovea(words, { stdin = '', signal = new AbortController().signal, isTerminal = false } = {}) {
      const [out, err] = [collect(), collect()];
      const stderr = isTerminal ? Object.assign(err.stream, { isTTY: true, columns: 80 }) : err.stream;
      const input = typeof stdin === 'string' ? Readable.from([stdin]) : stdin;
      const code = await run(words, { stdin: input, stdout: out.stream, stderr, signal }, programs);
      const stdout = out.text();
      return {
        code,
        stdout,
        stderr: err.text(),
        get json(): readonly unknown[] {
          const lines = stdout.split('\n').filter((line) => line !== '');
          return lines.map((line): unknown => JSON.parse(line));
        },
      };
    },
  };
}

function collect() {
  const stream = new PassThrough();
  const chunks: Uint8Array[] = [];
  stream.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}

/** Originals by key; what they say is their bytes. */
export async function putAll(store: ObjectStore, keys: readonly string[]): Promise<void> {
  for (const key of keys) await store.put(key, Buffer.from(`the original ${key}`));
}
