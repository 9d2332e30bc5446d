import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { megabytes, percentile, recordFigure } from '../support/figures.ts';
import { startLoad, timedGet } from '../support/load.ts';
import { from, noise } from '../support/pictures.ts';
import { residentBytes } from '../support/process-group.ts';
import { open } from '../support/raw-http.ts';
import { type S3FaultServer, startS3FaultServer } from '../support/s3-fault-server.ts';
import { makeWorkingFolder, removeFolder, type ServerProcess, startServer } from '../support/server-process.ts';
import type { Visits } from '../support/visitors.ts';

const token = 'a-token-for-the-load';
const credentials = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLEOFLOAD', AWS_SECRET_ACCESS_KEY: 'a-secret-for-the-load' };

let folder: string;
let s3: S3FaultServer;
let server: ServerProcess;
const answers: string[] = [];
const loopDelaysMs: number[] = [];

beforeAll(async () => {
  folder = await makeWorkingFolder({});
  s3 = await startS3FaultServer();
  const bytes = await from(noise(800, 600)).jpeg().toBuffer();
  const headers = { etag: '"one"', 'last-modified': new Date(0).toUTCString(), 'content-type': 'image/jpeg' };
  for (const key of ['cat', 'dog', 'broken']) s3.seed(`originals/${key}.jpg`, { bytes, headers });
  server = await startServer(folder, {
    FOVEA_ORIGINALS: `s3://${s3.bucket}/originals`,
    FOVEA_VARIANTS: `s3://${s3.bucket}/variants`,
    FOVEA_S3_ENDPOINT: s3.endpoint,
    FOVEA_ADMIN_TOKEN: token,
    FOVEA_RENDERERS: '2',
    ...credentials,
  });
  // What starting took is no part of the first test.
  await loopDelayMs();
});

/** The p99 since it was last asked for. */
async function loopDelayMs(): Promise<number> {
  const response = await fetch(`${server.url}/-/metrics`, { headers: { authorization: `Bearer ${token}` } });
  const seconds = /^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(await response.text())?.[1];
  return Number(seconds) * 1000;
}

afterEach(async () => void loopDelaysMs.push(await loopDelayMs()));

afterAll(async () => {
  await server.end('SIGKILL');
  await s3.close();
  await removeFolder(folder);
});

async function ask(path: string, headers: Readonly<Record<string, string>> = {}) {
  const began = performance.now();
  const response = await fetch(server.url + path, { headers });
  const body = await response.text();
  answers.push(JSON.stringify([...response.headers]), response.status === 200 ? '' : body);
  return { status: response.status, headers: response.headers, body, tookMs: performance.now() - began };
}

/** Lets visitors loose on a server; see test/support/visitors.ts. */
async function visits({ url, child }: ServerProcess): Promise<Visits> {
  const program = fileURLToPath(new URL('../support/visitors.ts', import.meta.url));
  const words = ['--import', 'tsx', program, url, String(child.pid)];
  const { stdout } = await promisify(execFile)(process.execPath, words, { maxBuffer: 64 * 1024 ** 2 });
  return JSON.parse(stdout);
}

function seen(method: string, part: string): number {
  return s3.requests.filter((request) => request.method === method && request.key.startsWith(part)).length;
}

it('five hundred at once on a cold picture cost one of everything', async () => {
  const crowd = await Promise.all(Array.from({ length: 500 }, () => ask('/w_128/cat.jpg')));
  await expect.poll(() => seen('PUT', 'variants/cat.jpg')).toBe(1);
  const counts = [seen('HEAD', 'originals/cat.jpg'), seen('GET', 'originals/cat.jpg'), seen('PUT', 'variants/cat.jpg')];
  const etags = new Set(crowd.map(({ headers }) => headers.get('etag')));
  const good = crowd.filter(({ status }) => status === 200).length;
  recordFigure(
    7,
    `${good} of 500 answered 200 with ${etags.size} ETag; S3 saw HEAD, GET and PUT ${counts.join('/')} times`,
  );
  expect([good, etags.size, ...counts]).toEqual([500, 1, 1, 1, 1]);
});

it('a 304 is cheap and reads nothing', async () => {
  const { headers } = await ask('/w_128/cat.jpg');
  const before = s3.requests.length;
  async function thousand(): Promise<readonly number[]> {
    const times: number[] = [];
    for (let index = 0; index < 1_000; index += 1) {
      const { status, tookMs } = await timedGet(`${server.url}/w_128/cat.jpg`, {
        'if-none-match': headers.get('etag') ?? '',
      });
      expect(status).toBe(304);
      times.push(tookMs);
    }
    return times;
  }
  // Both programs are compiled by then, as they are in a server that has run for a minute.
  for (let round = 0; round < 3; round += 1) await thousand();
  const rounds: (readonly number[])[] = [];
  for (let round = 0; round < 5; round += 1) rounds.push(await thousand());
  const since = s3.requests.slice(before);
  // Looks for what other processes have purged, two a second however many ask.
  const looks = since.filter(({ key }) => key.startsWith('variants/.fovea-purges/')).length;
  const calls = since.length - looks;
  const p99s = rounds.map((times) => percentile(times, 99));
  recordFigure(
    23,
    `5 × 1000 of 304: p50 ${percentile(rounds.flat(), 50).toFixed(1)} ms, p99 ${p99s.map((ms) => ms.toFixed(1)).join(', ')} ms, ${calls} calls to S3 but for ${looks} looks for purges of other processes`,
  );
  // The version of the original may run out meanwhile: one HEAD a minute.
  expect(calls).toBeLessThanOrEqual(1);
});

it('at five times what it can do it goes on doing that, refuses the rest at once, and serves hits', async () => {
  // On folders: a store in this very process would be part of what is measured.
  const dog = await from(noise(800, 600)).jpeg().toBuffer();
  const own = await makeWorkingFolder(
    Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`dog-${index}.jpg`, dog])),
  );
  const busy = await startServer(own, { FOVEA_RENDERERS: '2' });
  const { peak, floods, hits } = await visits(busy);
  await busy.end('SIGKILL');
  await removeFolder(own);
  // The visitors take their share of the cores: what the server makes of its own is what tells about it.
  const rates = (runs: Visits['floods']) => {
    const pictures = runs.flatMap(({ timed }) => timed).filter(({ status }) => status === 200).length;
    const per = (ms: (one: (typeof runs)[number]) => number) =>
      (pictures * 1000) / runs.reduce((sum, one) => sum + ms(one), 0);
    return { perSecond: per(({ wallMs }) => wallMs), perCpuSecond: per(({ cpuMs }) => cpuMs) };
  };
  const [peakRate, floodRate] = [rates([peak]), rates(floods)];
  const refusals = floods.map(({ timed }) => timed.flatMap(({ status, tookMs }) => (status === 503 ? [tookMs] : [])));
  const p99s = refusals.map((times) => Math.round(percentile(times, 99)));
  recordFigure(
    8,
    `${refusals.flat().length} refused in 3 floods, p50 ${Math.round(percentile(refusals.flat(), 50))} ms, p99 ${p99s.join(', ')} ms; ${floodRate.perSecond.toFixed(0)} pictures a second of ${peakRate.perSecond.toFixed(0)} at the peak, ${floodRate.perCpuSecond.toFixed(0)} of ${peakRate.perCpuSecond.toFixed(0)} for each second of the server’s CPU; hits p99 ${Math.round(percentile(hits.times, 99))} ms (300 visitors on the same cores as the server)`,
  );
  const statuses = floods.flatMap(({ timed }) => timed.map(({ status }) => status));
  expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
  expect(Math.min(...refusals.map(({ length }) => length))).toBeGreaterThan(0);
  expect(hits.failures).toEqual([]);
  // The goals; one flood of the three may meet with what else goes on on the machine.
  expect(percentile(p99s, 50)).toBeLessThanOrEqual(50);
  expect(percentile(hits.times, 99)).toBeLessThanOrEqual(50);
  // The goal is 0.9 of the peak, of which a short run is no exact measure either.
  expect(floodRate.perCpuSecond).toBeGreaterThan(0.75 * peakRate.perCpuSecond);
});

it('a thousand slow clients are closed in time, and keep nobody from anything', async () => {
  const began = performance.now();
  const sockets = await Promise.all(Array.from({ length: 1_000 }, () => open(server.url)));
  const takenMs = performance.now() - began;
  let closed = 0;
  let lastMs = 0;
  for (const socket of sockets) {
    socket.resume();
    socket.once('close', () => {
      closed += 1;
      lastMs = performance.now() - began;
    });
    socket.write('GET /w_128/cat.jpg HTTP/1.1\r\nHost: fovea.test\r\n');
  }
  const drip = setInterval(() => {
    for (const socket of sockets) if (!socket.destroyed) socket.write('X-Slow: 1\r\n');
  }, 1_000);
  const hits = startLoad(2, () => `${server.url}/w_128/cat.jpg`, 20);
  await expect.poll(() => closed, { timeout: 30_000, interval: 50 }).toBe(1_000);
  clearInterval(drip);
  await hits.stop();
  recordFigure(
    21,
    `1000 connections at once taken within ${Math.round(takenMs)} ms; ${closed} of 1000 closed, the last after ${(lastMs / 1000).toFixed(1)} s; hits meanwhile: ${hits.failures.length} failed, p99 ${Math.round(percentile(hits.times, 99))} ms`,
  );
  expect(hits.failures).toEqual([]);
  // A connection that the kernel has no room for is asked for again a second later.
  expect(takenMs).toBeLessThan(1_000);
  expect(lastMs).toBeLessThan(15_000);
});

it('memory goes back after a burst', async () => {
  const own = await makeWorkingFolder({ 'dog.jpg': await from(noise(800, 600)).jpeg().toBuffer() });
  // A small memory tier: what it keeps is meant to stay, and is no part of this.
  const calm = await startServer(own, { FOVEA_RENDERERS: '2', FOVEA_MEMORY_MB: '8' });
  const pid = calm.child.pid ?? 0;
  let width = 100;
  const run = async (visitors: number, ms: number, from: number) => {
    width = from;
    const load = startLoad(visitors, () => {
      width += 1;
      return `${calm.url}/c_scale,w_${width}/dog.jpg`;
    });
    await new Promise((resolve) => setTimeout(resolve, ms));
    await load.stop();
    return load.times.length;
  };
  await run(2, 3_000, 100);
  const idle = residentBytes(pid);
  const pictures = await run(16, 8_000, 2_000);
  const after = residentBytes(pid);
  await expect
    .poll(() => residentBytes(pid) / idle, { timeout: 60_000, interval: 1_000 })
    .toBeLessThan(1.3)
    .catch(() => undefined);
  const settled = residentBytes(pid);
  await calm.end('SIGKILL');
  await removeFolder(own);
  recordFigure(
    20,
    `after a burst of ${pictures} large pictures ${megabytes(after)} MB, within a minute ${megabytes(settled)} MB, before it ${megabytes(idle)} MB: ${(settled / idle).toFixed(2)} ×`,
  );
  expect(settled / idle).toBeLessThan(1.3);
});

it('faults of the store tell nobody where it is, and the log holds no secret', async () => {
  s3.failBy(({ key }) =>
    key.startsWith('originals/broken') ? { kind: 'error', status: 500, code: 'InternalError' } : undefined,
  );
  const { status } = await ask('/w_128/broken.jpg');
  expect(status).toBe(502);
  await ask('/w_abc/cat.jpg');
  await ask('/-/metrics');
  await ask('/s--abcdefgh--/w_128/cat.jpg');
  s3.failBy();
  const inside = [s3.bucket, new URL(s3.endpoint).host, 'node_modules', '    at ', folder];
  const secrets = [token, ...Object.values(credentials), 's--abcdefgh--'];
  const told = [...inside, ...secrets].filter((text) => answers.some((answer) => answer.includes(text)));
  const logged = secrets.filter((text) => server.lines.some((line) => line.includes(text)));
  recordFigure(
    36,
    `${told.length} of ${inside.length + secrets.length} names and secrets in ${answers.length / 2} answers, ${logged.length} of ${secrets.length} secrets in ${server.lines.length} lines of log`,
  );
  expect([told, logged]).toEqual([[], []]);
});

it('the event loop stays free throughout', () => {
  const worst = Math.max(...loopDelaysMs);
  recordFigure(
    35,
    `delay of the loop, p99 of each run above: ${loopDelaysMs.map((ms) => Math.round(ms)).join(', ')} ms`,
  );
  expect(worst).toBeLessThan(1_000);
});
