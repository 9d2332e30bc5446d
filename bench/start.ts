import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { serverWords } from '../test/support/program.ts';
import { spread, table } from './machine.ts';
import { cpuMsOfTree, environmentOf, pidsOfTree } from './processes.ts';

/*
 * From starting the built program to a readiness that says yes, and what it holds then: the proportional share of
 * memory (Pss) of the server, the process that starts others, and two renderers with what keeps them.
 */
const repeats = 7;
const timeoutMs = 30_000;
const dist = fileURLToPath(new URL('../dist', import.meta.url));
const originals = fileURLToPath(new URL('../data/originals', import.meta.url));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a TCP address');
  return address.port;
}

async function untilReady(url: string): Promise<void> {
  const began = performance.now();
  while (performance.now() - began < timeoutMs) {
    const isReady = await fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`not ready within ${timeoutMs} ms`);
}

function pssMegabytes(pid: number): number {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0; // It has ended, or is another user's.
  }
}

async function startOnce() {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { PATH = '' } = process.env;
  const env = { PATH, ...environmentOf(originals, 'none'), PORT: String(port), FOVEA_RENDERERS: '2' };
  const began = performance.now();
  const child = spawn(process.execPath, serverWords(dist), { env, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    await untilReady(url);
    const readyMs = performance.now() - began;
    const pid = child.pid ?? 0;
    const cpuMs = cpuMsOfTree(pid);
    const tree = pidsOfTree(pid);
    return { readyMs, cpuMs, processes: tree.length, pss: tree.reduce((sum, one) => sum + pssMegabytes(one), 0) };
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

/** The table of starts. */
export async function measureStarts(): Promise<string> {
  // Whatever it reads is in the kernel's memory then.
  await startOnce();
  const taken: Awaited<ReturnType<typeof startOnce>>[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) taken.push(await startOnce());
  const row = [
    spread(taken.map(({ readyMs }) => readyMs)),
    spread(taken.map(({ cpuMs }) => cpuMs)),
    spread(taken.map(({ pss }) => pss)),
    spread(taken.map(({ processes }) => processes)),
  ];
  return table([
    ['until it is ready, ms', 'CPU of all processes, ms', 'Pss of all processes then, MB', 'processes'],
    row,
  ]);
}
