import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { percentile, recordFigure } from '../support/figures.ts';
import { timedGet } from '../support/load.ts';
import { from, noise } from '../support/pictures.ts';
import { makeWorkingFolder, removeFolder, startServer } from '../support/server-process.ts';
import { mountSmallDisk, type SmallDisk } from '../support/small-disk.ts';

const requests = 300;
const atOnce = 4;
/** Asked for before the disk is spoilt, and again while it is: more bytes than the memory tier has. */
const seeds = 20;

let original: Buffer;
const cleanups: (() => void | Promise<void>)[] = [];

beforeAll(async () => {
  original = await from(noise(640, 480)).jpeg().toBuffer();
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const faultLine = z.object({
  event: z.literal('tier-fault'),
  time: z.string(),
  tier: z.string(),
  operation: z.string(),
});

/** When the log warned of a store, by what failed: milliseconds. */
function warningsIn(lines: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const line of lines) {
    if (!line.includes('"tier-fault"')) continue;
    const { tier, operation, time } = faultLine.parse(JSON.parse(line));
    const kind = `${tier} ${operation}`;
    found.set(kind, [...(found.get(kind) ?? []), Date.parse(time)]);
  }
  return found;
}

/** A server whose variants and temporary files lie on small disks of their own. */
async function serverOnSmallDisks(spoilTemporary: (disk: SmallDisk) => void) {
  const folder = await makeWorkingFolder({ 'cat.jpg': original, 'dog.jpg': original });
  cleanups.push(() => removeFolder(folder));
  const [variants, temporary] = [join(folder, 'data', 'variants'), join(folder, 'tmp')];
  const disk = await mountSmallDisk(variants, 16);
  cleanups.push(disk.unmount);
  const temporaryDisk = await mountSmallDisk(temporary, 1);
  cleanups.push(temporaryDisk.unmount);
  spoilTemporary(temporaryDisk);
  const server = await startServer(folder, { TMPDIR: temporary, FOVEA_MEMORY_MB: '1', FOVEA_RENDERERS: '2' });
  cleanups.push(async () => void (await server.end('SIGKILL')));

  async function ask(path: string) {
    const { status, headers, tookMs } = await timedGet(`${server.url}${path}`);
    return { status, tookMs, from: /detail=(\w+)/.exec(String(headers['cache-status']))?.[1] };
  }
  let width = 200;
  /** Asks for what was never asked for. */
  const askNew = () => {
    width += 1;
    return ask(`/w_${width}/dog.jpg`);
  };
  const isStored = (key: string) => existsSync(join(variants, key));
  const newKey = (one: number) => `dog.jpg/.fovea/c_fill,w_${one};f_jpeg`;
  return {
    server,
    disk,
    askSeed: (index: number) => ask(`/w_${500 + index}/cat.jpg`),
    /** Resolves when every new one is stored: while a file is being written, a disk cannot be made read-only. */
    async writesDone(): Promise<void> {
      const allStored = () => Array.from({ length: width - 200 }, (_, index) => newKey(201 + index)).every(isStored);
      await expect.poll(allStored, { timeout: 30_000, interval: 10 }).toBe(true);
    },
    /** Asks for new ones until one of them has been stored: its path. */
    async storesAgain(): Promise<string> {
      const first = width + 1;
      let stored: number | undefined;
      const look = async () => {
        await askNew();
        const widths = Array.from({ length: width + 1 - first }, (_, index) => first + index);
        stored = widths.find((one) => isStored(newKey(one)));
        return stored;
      };
      await expect.poll(look, { timeout: 30_000, interval: 50 }).toBeDefined();
      return `/w_${stored}/dog.jpg`;
    },
    ask,
    askNew,
  };
}

type House = Awaited<ReturnType<typeof serverOnSmallDisks>>;

/** Some hundred requests, every third of them for what was stored when all was well. */
async function crowd({ askSeed, askNew }: House) {
  const fresh: Awaited<ReturnType<House['ask']>>[] = [];
  const old: Awaited<ReturnType<House['ask']>>[] = [];
  let asked = 0;
  async function visitor(): Promise<void> {
    while (asked < requests) {
      asked += 1;
      if (asked % 3 === 0) old.push(await askSeed((asked / 3) % seeds));
      else fresh.push(await askNew());
    }
  }
  await Promise.all(Array.from({ length: atOnce }, visitor));
  return { fresh, old };
}

describe.each([
  ['full', (disk: SmallDisk) => disk.fill(), (disk: SmallDisk) => disk.empty()],
  ['read-only', (disk: SmallDisk) => disk.setReadOnly(true), (disk: SmallDisk) => disk.setReadOnly(false)],
] as const)('a disk that is %s', (name, spoil, heal) => {
  it('costs no request, is warned of once a minute, and is used again when it can be', async () => {
    const house = await serverOnSmallDisks(spoil);
    const { server, disk, askSeed, ask } = house;
    for (let index = 0; index < seeds; index += 1) expect((await askSeed(index)).status).toBe(200);
    await house.storesAgain();
    await house.writesDone();

    spoil(disk);
    const { fresh, old } = await crowd(house);
    const answers = [...fresh, ...old];
    const failed = answers.filter(({ status }) => status !== 200);
    const stillRead = old.filter((answer) => answer.from === 'store').length;
    const p99 = percentile(
      answers.map(({ tookMs }) => tookMs),
      99,
    );

    heal(disk);
    const healedAt = performance.now();
    const path = await house.storesAgain();
    const healedMs = performance.now() - healedAt;
    // Pushes it out of memory.
    for (let index = 0; index < seeds; index += 1) await askSeed(index);
    const again = await ask(path);

    const warnings = warningsIn(server.lines);
    const gaps = [...warnings.values()].flatMap((times) =>
      times.slice(1).map((time, index) => time - (times[index] ?? Number.NaN)),
    );
    recordFigure(
      18,
      `disks of variants and of temporary files ${name}: ${failed.length} of ${answers.length} requests failed, p99 ${Math.round(p99)} ms; ${stillRead} of ${old.length} stored before were read all the same; ${[...warnings.values()].flat().length} warning in the log; stored again ${(healedMs / 1000).toFixed(1)} s after the disk was well`,
    );
    expect(answers).toHaveLength(requests);
    expect(failed).toEqual([]);
    expect(stillRead).toBe(old.length);
    expect([...warnings.keys()]).toContain('variants put');
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(60_000);
    expect(again).toMatchObject({ status: 200, from: 'store' });
    expect(server.lines.filter((line) => line.includes('"bug"'))).toEqual([]);
  });
});
