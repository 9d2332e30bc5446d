import { afterAll, beforeAll, expect, it } from 'vitest';
import { percentile, recordFigure } from '../support/figures.ts';
import { startLoad, timedGet } from '../support/load.ts';
import { from, noise, quarters } from '../support/pictures.ts';
import { renderProcesses } from '../support/process-group.ts';
import { makeWorkingFolder, removeFolder, type ServerProcess, startServer } from '../support/server-process.ts';

const timeoutMs = 2_000;
const names = ['a', 'b', 'c', 'd'];

let folder: string;
let server: ServerProcess;

beforeAll(async () => {
  const picture = await from(quarters(64, 48)).png().toBuffer();
  folder = await makeWorkingFolder(Object.fromEntries(['good', ...names].map((name) => [`${name}.png`, picture])));
  server = await startServer(folder, {
    FOVEA_RENDERERS: '2',
    FOVEA_RENDER_TIMEOUT_MS: String(timeoutMs),
  });
});

afterAll(async () => {
  // One that is stopped cannot notice that its server has gone.
  for (const pid of renderers()) process.kill(pid, 'SIGKILL');
  await server.end('SIGKILL');
  await removeFolder(folder);
});

async function ask(path: string): Promise<{ readonly status: number; readonly tookMs: number }> {
  const began = performance.now();
  const response = await fetch(server.url + path);
  await response.arrayBuffer();
  return { status: response.status, tookMs: performance.now() - began };
}

function renderers(): readonly number[] {
  return renderProcesses(server.child.pid ?? 0);
}

/** The processes as they are deep inside a decoder that never comes back: only SIGKILL reaches them. */
async function hang(): Promise<readonly number[]> {
  await expect
    .poll(async () => renderers().length === 2 && (await ask('/-/ready')).status, { timeout: 20_000 })
    .toBe(200);
  const pids = renderers();
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  return pids;
}

it('four poisons at once: hits go on, the processes are killed at the deadline and replaced', async () => {
  await ask('/w_10/good.png');
  const quiet = startLoad(2, () => `${server.url}/w_10/good.png`, 10);
  await expect.poll(() => quiet.times.length, { timeout: 20_000 }).toBeGreaterThan(200);
  await quiet.stop();

  const hanging = await hang();
  const hits = startLoad(2, () => `${server.url}/w_10/good.png`, 10);
  const began = performance.now();
  const answers = names.map((name) => ask(`/w_20/${name}.png`));
  // The first two hang in the processes; the others wait, and are drawn by those that come after.
  await expect
    .poll(() => renderers().some((pid) => hanging.includes(pid)), { timeout: 15_000, interval: 10 })
    .toBe(false);
  const killedMs = performance.now() - began - timeoutMs;
  const killedAt = performance.now();
  await expect.poll(async () => (await ask('/-/ready')).status, { timeout: 15_000, interval: 20 }).toBe(200);
  const backMs = performance.now() - killedAt;
  const statuses = (await Promise.all(answers)).map(({ status }) => status).sort();
  await hits.stop();

  const [quietP99, loadP99] = [percentile(quiet.times, 99), percentile(hits.times, 99)];
  recordFigure(
    2,
    `killed ${Math.round(killedMs)} ms after the deadline, rendering again ${Math.round(backMs)} ms later; hits p99 ${loadP99.toFixed(1)} ms meanwhile, ${quietP99.toFixed(1)} ms quiet (decoders that hang are stood in for by stopped processes)`,
  );
  // Who waits is drawn by the new processes, or told to come again when these took longer than a second.
  expect([[200, 200, 504, 504].join(), [200, 503, 504, 504].join(), [503, 503, 504, 504].join()]).toContain(
    statuses.join(),
  );
  expect(hits.failures).toEqual([]);
  expect(killedMs).toBeLessThan(1_000);
  expect(backMs).toBeLessThan(5_000);
  expect(server.child.exitCode).toBeNull();
});

it('readiness tells at once that nothing can be drawn, and liveness stays', async () => {
  await hang();
  // The answer of a second ago still counts.
  const began = performance.now();
  await expect.poll(async () => (await ask('/-/ready')).status, { timeout: 15_000, interval: 20 }).toBe(503);
  const redMs = performance.now() - began;
  const { status } = await ask('/-/health');
  recordFigure(
    22,
    `readiness says no ${Math.round(redMs)} ms after both render processes hang; liveness says ${status}`,
  );
  expect(status).toBe(200);
  expect(redMs).toBeLessThan(5_000);
});

/** How many renders a server loses of a picture that takes its decoder too long, until it says so; and what it says then. */
async function poisoned() {
  const noisy = await from(noise(5_793, 5_793)).jpeg({ progressive: true, quality: 90 }).toBuffer();
  // Right in every byte, reckoned with less than twice what this server waits, and longer than that in the decoder.
  const slow = await makeWorkingFolder({ 'slow.jpg': noisy });
  const hasty = await startServer(slow, { FOVEA_RENDERERS: '2', FOVEA_RENDER_TIMEOUT_MS: '450' });
  let width = 30;
  const get = () => {
    width += 1;
    return timedGet(`${hasty.url}/w_${width}/slow.jpg`);
  };
  // Who is asked for while the original is on trial waits for the end of that.
  await expect.poll(async () => (await get()).headers['x-cld-error'], { timeout: 120_000 }).toMatch(/16 pixels/);
  const times: number[] = [];
  for (let index = 0; index < 50; index += 1) {
    const { status, headers, tookMs } = await get();
    expect([status, Number(headers['retry-after']) > 500]).toEqual([422, true]);
    times.push(tookMs);
  }
  await hasty.end('SIGTERM');
  await removeFolder(slow);
  const told = hasty.lines.flatMap((line) => {
    const [, share = ''] = /computing (\d+) % of the time/.exec(line) ?? [];
    // What is told again is counted in one line.
    return share === '' ? [] : [{ share: Number(share), count: Number(/"again":(\d+)/.exec(line)?.[1] ?? 1) }];
  });
  return { shares: told.map(({ share }) => share), tries: told.reduce((sum, { count }) => sum + count, 0), times };
}

it('a poison is tried twice and once in small, and then refused at once', async () => {
  let { shares, tries, times } = await poisoned();
  // A render that had to share its core is held against nobody, and tells nothing here: then all of it is done again.
  while (shares.some((share) => share < 85)) ({ shares, tries, times } = await poisoned());
  recordFigure(
    3,
    `a picture that takes the decoder too long: ${tries - 1} tries and one of 16 pixels, then 50 of 50 refused with 422, p99 ${percentile(times, 99).toFixed(1)} ms`,
  );
  expect(tries).toBe(3);
  expect(percentile(times, 50)).toBeLessThan(50);
});
