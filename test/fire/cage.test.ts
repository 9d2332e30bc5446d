import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { RendererOptions } from '../../src/image/index.ts';
import { lastRung, type RungName } from '../../src/image/processes/cage/rungs.ts';
import { recordFigure } from '../support/figures.ts';
import { from, quarters } from '../support/pictures.ts';
import { builtProgram, serverWords } from '../support/program.ts';
import { builtArguments, startRenderer, type TestRenderer } from '../support/renderer.ts';

const traitor = fileURLToPath(new URL('../support/hostile/traitor.pl', import.meta.url));
const leakyParent = fileURLToPath(new URL('../support/hostile/leaky-parent.mjs', import.meta.url));
const perl = '/usr/bin/perl';
/** Of setrlimit and shmget (asm/unistd_64.h, asm-generic/unistd.h). */
const calls = process.arch === 'x64' ? ['160', '29'] : ['164', '194'];

let folder: string;
let picture: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-cage-'));
  await mkdir(join(folder, 'originals'));
  picture = await from(quarters(8, 8)).png().toBuffer();
  await writeFile(join(folder, 'originals', 'a.png'), picture);
  await writeFile(join(folder, 'left-open'), 'what a parent works on');
});
afterAll(() => rm(folder, { recursive: true }));

/** A real listener: whatever reaches it has left its cage. */
async function listen(): Promise<{ readonly port: number; readonly visits: () => number }> {
  let visits = 0;
  const server = createServer((socket) => {
    visits += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a listener has a port');
  return { port: address.port, visits: () => visits };
}

function removeTraces(): void {
  const original = join(folder, 'originals', 'a.png');
  const places = ['/tmp', '/var/tmp', '/dev/shm', '/', folder].map((place) => join(place, 'fovea-traitor'));
  for (const path of [...places, `${original}.planted`]) rmSync(path, { force: true });
  spawnSync('ipcrm', ['-M', String(0x666f7665)], { stdio: 'ignore' });
}

/** What a traitor in the place of the render process came through with, in two renders by two processes. */
async function betrayedIn(name: RungName, port: number): Promise<{ readonly cage: string; readonly came: string[] }> {
  removeTraces();
  const built = builtArguments();
  const pool: TestRenderer = startRenderer({
    maxRendersPerProcess: 1,
    cage: { allowed: [name], program: perl },
    processArguments: {
      ...built,
      spawner: [leakyParent, join(folder, 'left-open'), folder, ...built.spawner],
      readable: [traitor],
      renderProcess: [traitor, ...calls, String(port), String(process.pid), join(folder, 'originals', 'a.png'), folder],
    },
  });
  onTestFinished(() => pool.renderer.close());
  const lists: string[] = [];
  for (const width of [1, 2]) lists.push((await pool.draw(picture, `w_${width}`)).bytes.toString());
  removeTraces();
  const tries = lists.join('').trim().split('\n');
  expect(new Set(tries.map((one) => one.slice(2))).size).toBe(12);
  const came = new Set(tries.filter((one) => one.startsWith('1 ')).map((one) => one.slice(2)));
  return { cage: await pool.renderer.cage(), came: [...came].sort() };
}

/** The most that may come through, best cage first. */
const rungs: readonly (readonly [RungName, number])[] = [
  ['bubblewrap', 0],
  ['landlock', 0],
  ['filter', 3],
  ['privileges', 11],
  ['limits', 11],
];

it.runIf(process.platform === 'linux').each(rungs)(
  'of twelve things that a traitor in the place of the decoder tries, held by %s, at most %i come through',
  async (name, most) => {
    const { port, visits } = await listen();
    const { cage, came } = await betrayedIn(name, port);
    // A container may not allow it.
    const isHere = name === 'limits' || cage !== lastRung.description;
    const names = came.length === 0 ? '' : ` (${came.join(', ')})`;
    recordFigure(38, `${isHere ? cage : `${name}, which is not to be had here`}: ${came.length} of 12${names}`);
    expect(came.length).toBeLessThanOrEqual(isHere ? most : 11);
    expect(visits() > 0).toBe(came.includes('connected to loopback'));
  },
);

it.runIf(process.platform === 'linux')(
  'the best cage that this machine allows is taken, and filters at least',
  async () => {
    const cageOf = async (options: Partial<RendererOptions>) => {
      const { renderer } = startRenderer(options);
      onTestFinished(() => renderer.close());
      return renderer.cage();
    };
    const each: string[] = [];
    for (const [name] of rungs) each.push(await cageOf({ cage: { allowed: [name] } }));
    const taken = await cageOf({});
    expect(taken).toBe(each.find((cage) => cage !== lastRung.description));
    expect(taken).toContain('filter of system calls');
  },
);

/** Whatever runs with a word in its command line. */
function runningWith(word: string): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(word) ? [Number(name)] : [];
    } catch {
      return []; // It has ended since it was listed.
    }
  });
}

it.runIf(process.platform === 'linux')(
  'a server that is killed while its processes start leaves none behind',
  async () => {
    for (let round = 0; round < 12; round += 1) {
      const child = spawn(process.execPath, serverWords(builtProgram()), {
        cwd: folder,
        env: { PORT: '0', FOVEA_RENDERERS: '2', FOVEA_UNSIGNED: 'any' },
        stdio: 'ignore',
      });
      const ended = once(child, 'exit');
      // The first sign of one, in whatever state it is.
      while (runningWith(join(builtProgram(), 'render-process')).length === 0) await setImmediate();
      for (let turn = 0; turn < round; turn += 1) await setImmediate();
      child.kill('SIGKILL');
      await ended;
      await expect.poll(() => runningWith(builtProgram()), { timeout: 10_000 }).toEqual([]);
    }
  },
);

it.runIf(process.platform === 'linux')('a cage costs a start next to nothing, and a render nothing', async () => {
  const houses = rungs.map(([name]) => startRenderer({ maxRendersPerProcess: 1, cage: { allowed: [name] } }));
  onTestFinished(async () => void (await Promise.all(houses.map(({ renderer }) => renderer.close()))));
  const taken = new Map<string, { startMs: number; renderMs: number }>();
  for (let round = 1; round <= 15; round += 1) {
    // One after the other: whatever else the machine does meanwhile is shared out, and the least is told.
    for (const { seen, draw, renderer } of houses) {
      await seen('started', round);
      const { timings } = await draw(picture, `w_${round}`);
      const began = performance.now();
      await seen('started', round + 1);
      const startMs = performance.now() - began;
      const cage = await renderer.cage();
      const least = taken.get(cage) ?? { startMs, renderMs: timings.renderMs };
      taken.set(cage, {
        startMs: Math.min(least.startMs, startMs),
        renderMs: Math.min(least.renderMs, timings.renderMs),
      });
    }
  }
  const told = [...taken].map(
    ([cage, { startMs, renderMs }]) => `${cage}: ${startMs.toFixed(0)} and ${renderMs.toFixed(1)} ms`,
  );
  recordFigure(38, `a start, and the first render of a process, the quickest of 15: ${told.join('; ')}`);
  const bare = taken.get(lastRung.description)?.startMs ?? 0;
  for (const { startMs } of taken.values()) expect(startMs).toBeLessThan(bare + 60);
});
