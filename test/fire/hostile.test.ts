import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { megabytes, percentile, recordFigure } from '../support/figures.ts';
import { type Attack, attack, complaintsAbout, type Outcome } from '../support/hostile/attack.ts';
import { hostileFiles } from '../support/hostile/index.ts';
import { from, noise } from '../support/pictures.ts';
import { makeWorkingFolder, removeFolder, type ServerProcess, startServer } from '../support/server-process.ts';

const budgetBytes = 1.5 * 1024 ** 3;
const transformations = ['jpg', 'png', 'webp', 'gif', 'avif'].map((format) => `w_320,f_${format}`);

let folder: string;
let server: ServerProcess;
let result: Attack;
let quietMs: number;

async function soundMs(width: number): Promise<number> {
  const began = performance.now();
  const response = await fetch(`${server.url}/w_${width}/sound.png`);
  await response.arrayBuffer();
  expect(response.status).toBe(200);
  return performance.now() - began;
}

async function medianOfSound(widths: readonly number[]): Promise<number> {
  const times: number[] = [];
  for (const width of widths) times.push(await soundMs(width));
  return percentile(times, 50);
}

beforeAll(async () => {
  const sound = await from(noise(800, 600)).png().toBuffer();
  folder = await makeWorkingFolder({ 'sound.png': sound });
  server = await startServer(folder, { FOVEA_RENDERERS: '2' });
  quietMs = await medianOfSound([101, 102, 103, 104, 105, 106, 107]);
  result = await attack({
    server,
    folder,
    files: hostileFiles(4),
    transformations: () => transformations,
    atOnce: 4,
  });
}, 1_200_000);

afterAll(async () => {
  await server.end('SIGKILL');
  await removeFolder(folder);
});

const shareOf = (outcomes: readonly Outcome[], matches: (outcome: Outcome) => boolean) =>
  `${outcomes.filter(matches).length} of ${outcomes.length}`;

it('every file in every format is answered in time, by a picture that is one or by a refusal', async () => {
  const complaints: string[] = [];
  for (const outcome of result.outcomes) complaints.push(...(await complaintsAbout(outcome)));
  expect(complaints).toEqual([]);
  expect(server.child.exitCode).toBeNull();
  const { outcomes } = result;
  const files = new Set(outcomes.map(({ file }) => file.name)).size;
  const slowest = Math.max(...outcomes.map(({ tookMs }) => tookMs));
  const failed = outcomes.filter(({ status }) => status >= 500);
  recordFigure(
    1,
    `${outcomes.length} requests for ${files} files, 4 at a time: 0 deaths, the slowest after ${Math.round(slowest)} ms, ${failed.length} answers of 503/504, no other 5xx`,
  );
  recordFigure(15, `${shareOf(outcomes, ({ status }) => status === 200)} are 200, and all of those decode as declared`);
  const large = outcomes.filter(({ status }) => status === 413);
  let longest = 0;
  for (const { status, body } of outcomes) {
    if (status !== 200) continue;
    const { width, height } = await sharp(body).metadata();
    longest = Math.max(longest, width, height);
  }
  recordFigure(6, `${large.length} requests for too much refused; the longest side that was drawn is ${longest}`);
  expect(longest).toBeLessThanOrEqual(8_192);
});

it('the process group stays inside its memory', () => {
  recordFigure(4, `${megabytes(result.peakBytes)} MB at most, looked at 10 times a second`);
  expect(megabytes(result.peakBytes)).toBeLessThan(megabytes(budgetBytes));
});

it('what is to be refused is refused before it costs anything', () => {
  const refused = result.outcomes.filter(({ file }) => file.fate === 'refused' && !file.name.startsWith('truncated/'));
  const isBomb = ({ status }: Outcome) => status === 413;
  const timesOf = (outcomes: readonly Outcome[]) => {
    const times = outcomes.map(({ tookMs }) => tookMs);
    return [50, 99, 100].map((share) => Math.round(percentile(times, share))).join(', ');
  };
  const others = refused.filter((outcome) => !isBomb(outcome));
  recordFigure(
    5,
    `${shareOf(refused, ({ status }) => status === 413 || status === 415 || status === 422)} refused; bombs (413) after ${timesOf(refused.filter(isBomb))} ms (p50, p99, longest) beside three other requests; damaged or foreign files, some of which only a decoder can tell, after ${timesOf(others)} ms`,
  );
  expect(refused.every(({ status }) => status === 413 || status === 415 || status === 422)).toBe(true);
});

it('nothing that a file carries besides its pixels comes out', () => {
  const secrets = ['52.3731', 'secret.txt', 'what was cut away', 'alert(', '<svg', '<script'];
  const drawn = result.outcomes.filter(({ status }) => status === 200);
  const leaks = drawn.filter(({ body }) => secrets.some((secret) => body.includes(secret, 0, 'latin1')));
  recordFigure(
    31,
    `${leaks.length} of ${drawn.length} pictures hold the position, comment, page or archive that was planted in them`,
  );
  expect(leaks.map(({ file }) => file.name)).toEqual([]);
  const svgs = result.outcomes.filter(({ file }) => file.name.startsWith('svg/'));
  const sent = result.outcomes.filter(({ contentType }) => contentType.includes('svg'));
  recordFigure(
    16,
    `${shareOf(svgs, ({ status }) => status !== 200)} requests for SVGs refused, the others drawn as pixels, ${sent.length} answers of type SVG`,
  );
  expect(sent).toEqual([]);
});

it('a picture that is cut off is not drawn as if it were whole', () => {
  const cut = result.outcomes.filter(({ file }) => file.name.startsWith('truncated/') && file.fate === 'refused');
  recordFigure(
    32,
    `${shareOf(cut, ({ status }) => status === 422 || status === 415)} cut in the first three quarters refused`,
  );
  expect(cut.filter(({ status }) => status === 200)).toEqual([]);
});

it('a sound picture takes its usual time afterwards', async () => {
  const afterMs = await medianOfSound([201, 202, 203, 204, 205, 206, 207]);
  recordFigure(1, `a sound picture in ${Math.round(afterMs)} ms afterwards, ${Math.round(quietMs)} ms before`);
  expect(afterMs).toBeLessThan(Math.max(3 * quietMs, 500));
});
