import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serverWords } from '../test/support/program.ts';

/** Clock ticks of /proc: 100 a second on every Linux there is. */
const msPerTick = 10;
const readyTimeoutMs = 10_000;

interface Times {
  readonly pid: number;
  readonly parent: number;
  /** Milliseconds, of itself and of children that have ended. */
  readonly cpuMs: number;
}

function timesOf(pid: number): Times | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { pid, parent: Number(fields[1]), cpuMs: ticks * msPerTick };
  } catch {
    return undefined; // It has ended since it was listed.
  }
}

/** CPU milliseconds that a process, its children and theirs have used so far. */
export function cpuMsOfTree(pid: number): number {
  return treeOf(pid).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
}

/** A process, its children and theirs. */
export function pidsOfTree(pid: number): readonly number[] {
  return treeOf(pid).map((times) => times.pid);
}

function treeOf(pid: number): readonly Times[] {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => timesOf(Number(name)) ?? []);
  const tree = all.filter((times) => times.pid === pid);
  for (const { pid: parent } of tree) tree.push(...all.filter((times) => times.parent === parent));
  return tree;
}

/** A program of ours in a process of its own. */
export interface RunningProcess {
  readonly pid: number;
  /** The line that it said when it was ready. */
  readonly greeting: string;
  stop(): Promise<void>;
}

/** Starts `node` with these arguments and waits for a line of its output that matches. */
export async function startProcess(
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
  ready: RegExp,
): Promise<RunningProcess> {
  const { PATH = '' } = process.env;
  const { reader, writer } = openPipe();
  const child = spawn(process.execPath, words, {
    env: { PATH, ...environment },
    stdio: ['ignore', writer, 'inherit'],
  });
  closeSync(writer);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const greeting = await waitFor(child, new Socket({ fd: reader, readable: true, writable: false }), ready);
  if (child.pid === undefined) throw new Error(`${words.join(' ')} did not start`);
  return {
    pid: child.pid,
    greeting,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** As shells and containers give one to a program; Node's own is a socket, which is written to in another way. */
function openPipe(): { readonly reader: number; readonly writer: number } {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-pipe-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const pipe = {
    reader: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK),
    writer: openSync(path, constants.O_WRONLY),
  };
  rmSync(folder, { recursive: true });
  return pipe;
}

function waitFor(child: ChildProcess, output: Socket, ready: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const give = (error: Error) => {
      child.kill('SIGKILL');
      reject(error);
    };
    const timer = setTimeout(() => give(new Error(`not ready in time; it said: ${said}`)), readyTimeoutMs);
    child.once('exit', (code) => give(new Error(`ended with ${code} before it was ready; it said: ${said}`)));
    output.on('data', (chunk: Buffer) => {
      if (ready.test(said)) return;
      said += chunk.toString();
      const line = said.split('\n').find((text) => ready.test(text));
      if (line === undefined) return;
      clearTimeout(timer);
      resolve(line);
    });
  });
}

const built = fileURLToPath(new URL('../dist', import.meta.url));

/** The settings of a server on these folders that is measured. */
export function environmentOf(originals: string, variants: string): Readonly<Record<string, string>> {
  return {
    PORT: '0',
    FOVEA_ORIGINALS: `file:${originals}`,
    FOVEA_VARIANTS: variants === 'none' ? variants : `file:${variants}`,
    FOVEA_UNSIGNED: 'any',
    FOVEA_QUEUE_MAX: '1000',
  };
}

/** Starts the built program, or another one's, on these folders; answers where it listens. */
export async function startFovea(originals: string, variants: string, dist = built) {
  const program = await startProcess(serverWords(dist), environmentOf(originals, variants), /fovea serves .* on http:/);
  const url = /http:\/\/[\d.]+:\d+/.exec(program.greeting)?.[0];
  if (url === undefined) throw new Error(`no address in: ${program.greeting}`);
  return { ...program, url };
}
