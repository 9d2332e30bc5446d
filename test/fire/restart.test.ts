import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, it } from 'vitest';
import { percentile, recordFigure } from '../support/figures.ts';
import { freePort, startProxy } from '../support/haproxy.ts';
import { startLoad } from '../support/load.ts';
import { from, noise } from '../support/pictures.ts';
import { makeWorkingFolder, removeFolder, startServer } from '../support/server-process.ts';

const drains = 20;
const kills = 50;

let original: Buffer;

beforeAll(async () => {
  original = await from(noise(640, 480)).jpeg().toBuffer();
});

async function readyAt(url: string): Promise<boolean> {
  return fetch(`${url}/-/ready`).then(
    ({ status }) => status === 200,
    () => false,
  );
}

it('behind HAProxy no request fails while servers come and go', async () => {
  const folder = await makeWorkingFolder({ 'photo.jpg': original });
  const ports = [await freePort(), await freePort()];
  const startAt = (port: number) =>
    startServer(folder, { PORT: String(port), FOVEA_DRAIN_SECONDS: '2', FOVEA_RENDERERS: '1' });
  const servers = await Promise.all(ports.map(startAt));
  const proxy = await startProxy(folder, ports);
  // Hits and misses, some fifty a second.
  const load = startLoad(5, (index) => `${proxy.url}/w_${index % 3 === 0 ? 100 + index : 50}/photo.jpg`, 80);
  const exits: (number | string | null)[] = [];
  for (let drain = 0; drain < drains; drain += 1) {
    const place = drain % ports.length;
    const [server, port] = [servers[place], ports[place]];
    if (server === undefined || port === undefined) throw new Error('There are as many servers as ports.');
    exits.push(await server.end('SIGTERM'));
    servers[place] = await startAt(port);
    // Two of its own checks later the proxy knows.
    await expect.poll(() => readyAt(server.url), { timeout: 10_000 }).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await load.stop();
  await proxy.end();
  await Promise.all(servers.map((server) => server.end('SIGKILL')));
  await removeFolder(folder);
  recordFigure(
    19,
    `${load.failures.length} of ${load.times.length} requests failed during ${drains} SIGTERMs behind HAProxy`,
  );
  expect(load.times.length).toBeGreaterThan(drains * 20);
  expect(load.failures).toEqual([]);
  expect(new Set(exits)).toEqual(new Set([0]));
});

async function variantsIn(folder: string): Promise<readonly Buffer[]> {
  const variants = join(folder, 'data', 'variants');
  const entries = await readdir(variants, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes('/.fovea-tmp/') && !file.includes('/.fovea-meta/'));
  return Promise.all(files.map((file) => readFile(file)));
}

it('killed under load it leaves no variant that does not decode, and is back soon', async () => {
  const folder = await makeWorkingFolder({ 'photo.jpg': original });
  const backMs: number[] = [];
  let width = 100;
  for (let kill = 0; kill < kills; kill += 1) {
    const began = performance.now();
    const server = await startServer(folder);
    backMs.push(performance.now() - began);
    const load = startLoad(4, () => {
      width += 1;
      return `${server.url}/w_${width}/photo.jpg`;
    });
    // Writes, and the renders of others, are under way by then.
    await expect.poll(() => load.times.length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(3 + (kill % 7));
    expect(await server.end('SIGKILL')).toBe('SIGKILL');
    await load.stop();
  }
  const variants = await variantsIn(folder);
  let broken = 0;
  for (const bytes of variants) {
    await sharp(bytes, { failOn: 'truncated' })
      .raw()
      .toBuffer()
      .catch(() => {
        broken += 1;
      });
  }
  recordFigure(
    19,
    `${broken} of ${variants.length} stored variants broken after ${kills} SIGKILLs under load; serving again within ${Math.round(percentile(backMs, 50))} ms (median)`,
  );
  expect(variants.length).toBeGreaterThan(kills);
  expect(broken).toBe(0);
  await removeFolder(folder);
});
