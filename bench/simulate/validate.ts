import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serverWords } from '../../test/support/program.ts';
import { createCache } from './caches.ts';
import { type Asked, createTrace } from './trace.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const memoryMegabytes = 1;
const traffic = { originals: 250, exponent: 0.9, churn: 0 };
const requests = 4000;
const seed = 7;
/** Small pictures, so that many can be made in a minute: the shares stay, the widths are a fifth. */
const shrink = 5;

export interface Validation {
  readonly requests: number;
  readonly memoryMegabytes: number;
  /** Shares of answers that came from memory. */
  readonly measured: number;
  readonly simulated: number;
  readonly distinct: number;
}

function pathOf({ original, width, format }: Asked): string {
  return `/w_${Math.round(width / shrink)},f_${format === 'jpeg' ? 'jpg' : format}/${original}.jpg`;
}

async function startServer(folder: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, serverWords(join(root, 'dist')), {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      FOVEA_ORIGINALS: `file:${folder}/originals`,
      FOVEA_VARIANTS: `file:${folder}/variants`,
      FOVEA_UNSIGNED: 'any',
      FOVEA_MEMORY_MB: String(memoryMegabytes),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      const found = /serves \S+ on (http:\/\/[^\s,]+)/.exec(chunk.toString())?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', () => reject(new Error('the server ended: is there a dist/server.js?')));
  });
  return {
    url,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGINT');
      }),
  };
}

/** Asks one row of requests of a real server, and of the simulation with the sizes that the server's answers had. */
export async function validate(): Promise<Validation> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-simulate-'));
  await mkdir(join(folder, 'originals'));
  const photograph = join(root, 'data/originals/seeding.jpg');
  for (let index = 0; index < traffic.originals; index += 1) {
    await copyFile(photograph, join(folder, 'originals', `${index}.jpg`));
  }
  const server = await startServer(folder);
  try {
    const trace = createTrace(traffic, seed);
    const asked = Array.from({ length: requests }, () => trace.next().value);
    const sizes = new Map<string, number>();
    let hits = 0;
    let next = 0;
    async function visitor(): Promise<void> {
      for (let one = asked[next]; one !== undefined; one = asked[next]) {
        next += 1;
        const response = await fetch(`${server.url}${pathOf(one)}`);
        const bytes = await response.arrayBuffer();
        if (response.status !== 200) throw new Error(`${pathOf(one)} answered ${response.status}`);
        sizes.set(`${one.width} ${one.format}`, bytes.byteLength);
        if (response.headers.get('cache-status')?.includes('hit; detail=memory') === true) hits += 1;
      }
    }
    await Promise.all([visitor(), visitor()]);
    const cache = createCache(
      memoryMegabytes * 1024 * 1024,
      ({ width, format }) => sizes.get(`${width} ${format}`) ?? 0,
    );
    const simulatedHits = asked.filter((one) => cache.ask(one)).length;
    const distinct = new Set(asked.map(pathOf)).size;
    return { requests, memoryMegabytes, measured: hits / requests, simulated: simulatedHits / requests, distinct };
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
