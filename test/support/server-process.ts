import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { builtProgram, serverWords } from './program.ts';

/** A working folder with originals in it, as a user has one. */
export async function makeWorkingFolder(originals: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-'));
  await mkdir(join(folder, 'data', 'originals'), { recursive: true });
  for (const [name, bytes] of Object.entries(originals))
    await writeFile(join(folder, 'data', 'originals', name), bytes);
  return folder;
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

export interface ServerProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Every line it wrote so far. */
  readonly lines: readonly string[];
  /** Sends a signal and waits for the end: its exit code, or the signal that ended it. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | string | null>;
}

export interface StartOptions {
  /** Words before its own, by way of which it starts. */
  readonly before?: readonly string[];
  /** The folder of another build of it. */
  readonly program?: string;
}

/** Starts the built server and waits until it says where it serves. */
export async function startServer(
  folder: string,
  environment: Readonly<Record<string, string>> = {},
  { before = [], program = builtProgram() }: StartOptions = {},
): Promise<ServerProcess> {
  const [command = '', ...words] = [...before, process.execPath, ...serverWords(program)];
  const child = spawn(command, words, {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      FOVEA_UNSIGNED: 'any',
      FOVEA_DRAIN_SECONDS: '0',
      NODE_NO_WARNINGS: '1',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const lines: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    let served = '';
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        served ||= /fovea serves .* on (http:\/\/[^\s,"]+)/.exec(line)?.[1] ?? '';
        // The last line of its welcome.
        if (line.includes('/-/health')) resolve(served);
      });
    }
    child.once('exit', () => reject(new Error(`The server ended before it served:\n${lines.join('\n')}`)));
  });
  return {
    url,
    child,
    lines,
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode;
      child.kill(signal);
      const [code, by] = (await ended) as [number | null, string | null];
      return code ?? by;
    },
  };
}
