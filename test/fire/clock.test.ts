import { afterAll, beforeAll, expect, it } from 'vitest';
import { sign } from '../../src/signing.ts';
import { createFalseClock, type FalseClock } from '../support/false-clock.ts';
import { recordFigure } from '../support/figures.ts';
import { type TimedAnswer, timedGet } from '../support/load.ts';
import { from, noise } from '../support/pictures.ts';
import { type S3FaultServer, startS3FaultServer } from '../support/s3-fault-server.ts';
import { makeWorkingFolder, removeFolder, type ServerProcess, startServer } from '../support/server-process.ts';

const secret = 'a-secret-for-the-clock-of-32-bytes-and-more';
const ttlSeconds = 3;
/** Ten minutes ahead; from there, which is the largest jump, ten minutes behind; and right again. */
const clocks = [600, -600, 0];

let folder: string;
let s3: S3FaultServer;
let clock: FalseClock;
let server: ServerProcess;
let pictures: readonly [Buffer, Buffer];

beforeAll(async () => {
  folder = await makeWorkingFolder({});
  clock = createFalseClock(folder);
  s3 = await startS3FaultServer();
  pictures = [await from(noise(320, 240)).jpeg().toBuffer(), await from(noise(240, 320)).jpeg().toBuffer()];
  seed('steady', pictures[0]);
  server = await startServer(folder, {
    FOVEA_ORIGINALS: `s3://${s3.bucket}/originals`,
    FOVEA_VARIANTS: `s3://${s3.bucket}/variants`,
    FOVEA_S3_ENDPOINT: s3.endpoint,
    AWS_ACCESS_KEY_ID: 'stub',
    AWS_SECRET_ACCESS_KEY: 'stub',
    FOVEA_SIGNING_SECRETS: secret,
    FOVEA_ORIGINAL_TTL: String(ttlSeconds),
    FOVEA_RENDERERS: '1',
    ...clock.environment,
  });
});

afterAll(async () => {
  await server.end('SIGKILL');
  await s3.close();
  await removeFolder(folder);
});

/** As S3 would have it: dated by the right clock. */
function seed(name: string, bytes: Buffer): void {
  const headers = {
    etag: `"${bytes.length}-${performance.now()}"`,
    'last-modified': new Date().toUTCString(),
    'content-type': 'image/jpeg',
  };
  s3.seed(`originals/${name}.jpg`, { bytes, headers });
}

const ask = (path: string) => timedGet(server.url + path);
const seconds = (field: string | undefined) => Date.parse(field ?? '') / 1000;

/** Sets the server's clock, and waits until its answers are dated by it: Node writes their date once a second. */
async function setClock(aheadSeconds: number): Promise<void> {
  clock.set(aheadSeconds);
  const ahead = async () => seconds((await ask('/-/health')).headers.date) - Date.now() / 1000;
  await expect.poll(async () => Math.abs((await ahead()) - aheadSeconds), { timeout: 5_000 }).toBeLessThan(3);
}

it('a signed URL ends a minute after its end by the server’s clock, and no answer may be kept past that end', async () => {
  const taken: number[] = [];
  const refused: number[] = [];
  for (const ahead of [0, ...clocks]) {
    await setClock(ahead);
    const signed = async (leftSeconds: number) => {
      const end = Math.floor(Date.now() / 1000) + ahead + leftSeconds;
      const text = `x-${end}/w_64/steady.jpg`;
      const answer = await ask(`/s--${sign(text, secret, 'sha256-long')}--/${text}`);
      const maxAge = Number(/max-age=(-?\d+)/.exec(answer.headers['cache-control'] ?? '')?.[1]);
      return { status: answer.status, maxAge, latest: Math.max(0, leftSeconds) };
    };
    for (const left of [300, 5, -50]) {
      const { status, maxAge, latest } = await signed(left);
      expect([status, maxAge <= latest, maxAge >= 0]).toEqual([200, true, true]);
      taken.push(left);
    }
    expect((await signed(-62)).status).toBe(410);
    refused.push(-62);
  }
  recordFigure(
    12,
    `by a clock that is right, then 10 minutes ahead, behind and right: ${taken.length} URLs taken until 50 s past their end, ${refused.length} refused 62 s past it; the leeway is 60 s, and no age is below 0 or beyond the end`,
  );
});

interface Seen extends TimedAnswer {
  /** Milliseconds after the jump. */
  readonly atMs: number;
}

/** Lets the clock jump, changes one original and creates another at that moment, and keeps asking for three TTLs. */
async function jump(index: number, aheadSeconds: number) {
  const [older, newer] = index % 2 === 0 ? pictures : [pictures[1], pictures[0]];
  const late = `late-${index}`;
  seed('changing', older);
  await expect.poll(async () => (await ask('/w_64/changing.jpg')).status, { timeout: 8_000 }).toBe(200);
  const { etag } = (await ask('/w_64/changing.jpg')).headers;
  expect((await ask(`/w_64/${late}.jpg`)).status).toBe(404);
  clock.set(aheadSeconds);
  const jumpedAt = performance.now();
  const before = s3.requests.length;
  seed('changing', newer);
  seed(late, older);
  const sinceMs = () => performance.now() - jumpedAt;
  const follow = async (name: string): Promise<readonly Seen[]> => {
    const seen: Seen[] = [];
    while (sinceMs() < 3 * ttlSeconds * 1000) {
      seen.push({ ...(await ask(`/w_64/${name}.jpg`)), atMs: sinceMs() });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return seen;
  };
  const [steady, changing, created] = await Promise.all([follow('steady'), follow('changing'), follow(late)]);
  const heads = s3.requests.slice(before).filter(({ method, key }) => method === 'HEAD' && key.endsWith('/steady.jpg'));
  return {
    answers: [...steady, ...changing, ...created.filter(({ status }) => status !== 404)],
    // Until it is seen, and never again the old state.
    staleMs: [
      ...changing.filter(({ headers }) => headers.etag === etag),
      ...created.filter(({ status }) => status === 404),
    ].map(({ atMs }) => atMs),
    lookupsPerTtl: (heads.length * ttlSeconds * 1000) / sinceMs(),
  };
}

it('a clock that jumps ten minutes makes no look-up earlier or later, and no date lie in the future', async () => {
  await setClock(0);
  const jumps: Awaited<ReturnType<typeof jump>>[] = [];
  for (const [index, aheadSeconds] of clocks.entries()) jumps.push(await jump(index, aheadSeconds));
  const answers = jumps.flatMap((one) => one.answers);
  const failed = answers.filter(({ status }) => status !== 200).map(({ status }) => status);
  const early = answers
    // Node renews the date of answers once a second: until then it is that of the clock before.
    .filter(({ atMs }) => atMs > 1_500)
    .map(({ headers }) => seconds(headers.date) - seconds(headers['last-modified']))
    .filter((age) => !(age >= 0));
  const staleMs = Math.max(...jumps.flatMap((one) => one.staleMs));
  const rates = jumps.map(({ lookupsPerTtl }) => lookupsPerTtl);
  recordFigure(
    11,
    `the clock jumps 10 minutes ahead, 20 back and 10 ahead: ${failed.length} of ${answers.length} requests failed, what was overwritten or created at that moment was seen within ${(staleMs / 1000).toFixed(1)} s (TTL ${ttlSeconds} s), ${rates.map((rate) => rate.toFixed(1)).join(', ')} look-ups a TTL, ${early.length} dates in the future`,
  );
  expect(failed).toEqual([]);
  expect(staleMs).toBeGreaterThan(0);
  expect(staleMs).toBeLessThan((ttlSeconds + 2) * 1000);
  for (const rate of rates) {
    // Nine seconds hold three look-ups, and a fourth at their edge; the SDK's second try of one counts, too.
    expect(rate).toBeGreaterThan(0.5);
    expect(rate).toBeLessThan(2);
  }
  expect(early).toEqual([]);
});
