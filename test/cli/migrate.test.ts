import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { createLogReader } from '../../src/cli/migrate/requests.ts';
import { Failure } from '../../src/failure.ts';
import { likenessOf } from '../../src/image/index.ts';
import { createCommandLine } from '../support/command-line.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { from, quarters } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer } = startRenderer();
afterAll(() => renderer.close());

interface Checked {
  readonly requests: number;
  readonly urls: number;
  readonly share: number;
  readonly outcomes: Readonly<Record<string, { readonly requests: number; readonly urls: number }>>;
  readonly dialects: Readonly<Record<string, { readonly requests: number }>>;
  readonly reasons: readonly {
    readonly outcome: string;
    readonly reason: string;
    readonly requests: number;
    readonly urls: number;
  }[];
  readonly skipped: Readonly<Record<string, number>>;
  readonly compared?: Readonly<Record<string, number>>;
}

async function configured(file: object): Promise<Readonly<Record<string, string>>> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-migrate-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'fovea.json'), JSON.stringify(file));
  return { FOVEA_CONFIG: join(folder, 'fovea.json') };
}

async function check(stdin: string, words: readonly string[] = [], environment: Readonly<Record<string, string>> = {}) {
  const { fovea } = createCommandLine({ environment });
  const run = await fovea(['migrate', '--check', '-', '--json', ...words], { stdin });
  expect([run.code, run.stderr]).toEqual([0, '']);
  return run.json.at(-1) as Checked;
}

const asked = (target: string, status: number | string = 200, method = 'GET') =>
  `1.2.3.4 - - [30/Nov/2026:10:00:00 +0000] "${method} ${target} HTTP/1.1" ${status} 1234 "-" "Mozilla/5.0 (X11)"`;

describe('a line of a log', () => {
  test.each([
    ['common', '1.2.3.4 - bob [x] "GET /a%20b.jpg?w=1 HTTP/1.1" 200 12', ['/a%20b.jpg?w=1', 'GET', 200]],
    [
      'combined, escaped',
      '- - - [x] "HEAD /a\\x20\\"b.jpg HTTP/2.0" 304 - "https://x/" "curl"',
      ['/a%20"b.jpg', 'HEAD', 304],
    ],
    ['of JSON', '{"request":{"method":"GET","uri":"/w_1/a.jpg"},"status":206}', ['/w_1/a.jpg', 'GET', 206]],
    [
      'of a balancer',
      '{"httpRequest":{"requestUrl":"https://a.example/b.jpg?x","status":200}}',
      ['/b.jpg?x', 'GET', 200],
    ],
    ['of nginx in JSON', '{"request":"GET /a.jpg HTTP/1.1","status":"404"}', ['/a.jpg', 'GET', 404]],
    [
      'of a list of URLs',
      'https://img.example/w_1/https://x.example/a.jpg',
      ['/w_1/https://x.example/a.jpg', 'GET', undefined],
    ],
    ['of a list of paths', '/w_1/a.jpg', ['/w_1/a.jpg', 'GET', undefined]],
  ])('%s', (_name, line, [target, method, status]) => {
    expect(createLogReader()(line)).toMatchObject({ target, method, status });
  });

  test('of CloudFront goes by the names of its columns', () => {
    const read = createLogReader();
    expect(read('#Version: 1.0')).toBe('remark');
    expect(read('#Fields: date time cs-method cs(Host) cs-uri-stem sc-status cs-uri-query')).toBe('remark');
    const line = '2026-11-30\t10:00:00\tGET\td1.cloudfront.net\t/a%2520b.jpg\t200\tw=400';
    expect(read(line)).toEqual({ target: '/a%2520b.jpg?w=400', method: 'GET', status: 200, host: 'd1.cloudfront.net' });
    expect(read('2026-11-30\t10:00:01\tGET\td1.cloudfront.net\t/b.jpg\t200\t-')?.valueOf()).toMatchObject({
      target: '/b.jpg',
    });
  });

  test.each(['', 'hello', '{"a":1}', '{broken', 'ftp://x/a.jpg'])('that is no request: %j', (line) => {
    expect(createLogReader()(line)).toBeUndefined();
  });
});

describe('fovea migrate --check', () => {
  test('says what share is answered, and what is refused by parameter', async () => {
    const log = [
      asked('/w_400/a.jpg'),
      asked('/w_400/a.jpg'),
      asked('/image/upload/c_fill,w_300/b.jpg', 304),
      asked('/image/upload/e_background_removal/c.jpg'),
      asked('/image/upload/e_background_removal/d.jpg'),
      asked('/gone.jpg', 404),
      asked('/a.jpg', 200, 'POST'),
      'not a line',
    ];
    const { requests, urls, share, outcomes, reasons, skipped } = await check(log.join('\n'), [], {
      FOVEA_UNSIGNED: 'any',
    });
    expect({ requests, urls, share, skipped }).toEqual({
      ...{ requests: 5, urls: 4, share: 0.6 },
      skipped: { unread: 1, unanswered: 2, others: 0 },
    });
    expect(outcomes).toMatchObject({ answered: { requests: 3, urls: 2 }, refused: { requests: 2, urls: 2 } });
    expect(reasons).toMatchObject([{ outcome: 'refused', parameter: 'e_background_removal', requests: 2, urls: 2 }]);
    expect(reasons[0]?.reason).toMatch(/background_removal/);
  });

  test('goes by the policy in force, and by the dialects that are read', async () => {
    const log = ['/w_401/a.jpg', '/w_400/a.jpg', '/a.jpg?w=400&fit=crop', '/e_oil_paint/a.jpg'].join('\n');
    const held = await check(log, [], { FOVEA_UNSIGNED: 'ladder' });
    expect(held.outcomes).toMatchObject({ answered: { urls: 1 }, differs: { urls: 1 }, refused: { urls: 2 } });
    expect(held.reasons.find(({ outcome }) => outcome === 'differs')?.reason).toMatch(/query means nothing here/);
    const none = await check('/w_400/a.jpg', [], {
      ...{ FOVEA_UNSIGNED: 'none', FOVEA_SIGNING_SECRETS: 'a secret of thirty-two bytes or more' },
    });
    expect(none.outcomes['unauthorised']).toEqual({ requests: 1, urls: 1 });
    const read = await configured({ dialects: ['query'], ladder: { widths: [400, 800], snap: true } });
    const snapped = await check('/a.jpg?w=400&fit=crop\n/a.jpg?w=500\n', [], { ...read, FOVEA_UNSIGNED: 'ladder' });
    expect(snapped.outcomes).toMatchObject({ answered: { urls: 1 }, differs: { urls: 1 } });
    expect(snapped.reasons[0]?.reason).toMatch(/another size/);
    expect(snapped.dialects).toEqual({ query: { requests: 2, urls: 2 } });
  });

  test('looks whether originals are there, where it is asked to', async () => {
    const originals = createMemoryStore();
    await originals.put('a.jpg', Buffer.from('x'));
    const { fovea } = createCommandLine({ originals, environment: { FOVEA_UNSIGNED: 'any' } });
    const words = ['migrate', '--check', '-', '--json', '--look-up', '--only', '/w_'];
    const { json } = await fovea(words, { stdin: '/w_1/a.jpg\n/w_1/b.jpg\n/robots.txt\n' });
    const { outcomes, skipped } = json[0] as Checked;
    expect(outcomes).toMatchObject({ answered: { urls: 1 }, missing: { urls: 1 } });
    expect(skipped['others']).toBe(1);
  });

  test('reads a log of any length in bounded memory, line by line', async () => {
    async function* lines() {
      for (let at = 0; at < 2000; at += 1) yield `${asked(`/w_${(at % 7) + 1}/a.jpg`)}\n`;
    }
    const { fovea } = createCommandLine({ environment: { FOVEA_UNSIGNED: 'any' } });
    const { json } = await fovea(['migrate', '--check', '-', '--json'], { stdin: lines() });
    expect(json[0]).toMatchObject({ requests: 2000, urls: 7, share: 1 });
  });

  test('ends as its store fails, while a log that is still being written has no more lines yet', async () => {
    const unheard: unknown[] = [];
    const hear = (reason: unknown) => unheard.push(reason);
    process.on('unhandledRejection', hear);
    onTestFinished(() => void process.off('unhandledRejection', hear));
    const originals = { ...createMemoryStore(), head: () => Promise.reject(new Failure('upstream', 'It is down.')) };
    async function* lines() {
      yield '/w_1/a.jpg\n';
      for (let turns = 0; turns < 100; turns += 1) await new Promise((done) => setImmediate(done));
      yield '/w_2/a.jpg\n';
    }
    const { fovea } = createCommandLine({ originals, environment: { FOVEA_UNSIGNED: 'any' } });
    const { code, stderr } = await fovea(['migrate', '--check', '-', '--look-up'], { stdin: lines() });
    expect([code, unheard]).toEqual([6, []]);
    expect(stderr).toMatch(/It is down/);
  });

  test('says it in lines for people, and refuses what is no log', async () => {
    const { fovea } = createCommandLine({ environment: { FOVEA_UNSIGNED: 'any' } });
    const { stdout } = await fovea(['migrate', '--check', '-'], { stdin: '/w_1/a.jpg\n/w_x/b.jpg\n' });
    expect(stdout).toContain('2 request(s) for 2 URL(s)');
    expect(stdout).toContain('50.0 %  answered: 1 request(s), 1 URL(s)');
    expect((await fovea(['migrate'])).code).toBe(2);
    expect((await fovea(['migrate', '--check', '/nowhere/x.log'])).code).toBe(4);
  });
});

test('two pictures are as alike as their small versions', async () => {
  const hashOf = async (bytes: Uint8Array) =>
    renderer.thumbHash(bytes, { signal: AbortSignal.timeout(20_000), fingerprint: `${bytes.byteLength}` });
  const whole = await from(quarters(120, 80)).png().toBuffer();
  const turned = await sharp(whole).flip().png().toBuffer();
  const small = await sharp(whole).resize(60).jpeg().toBuffer();
  expect(likenessOf(await hashOf(whole), await hashOf(small))).toBeGreaterThan(0.97);
  expect(likenessOf(await hashOf(whole), await hashOf(turned))).toBeLessThan(0.8);
});

test('fovea migrate --against compares sizes and likeness of what both answer', async () => {
  const original = await from(quarters(120, 80)).png().toBuffer();
  const answers: Readonly<Record<string, Buffer>> = {
    '/old/w_60/a.png': await sharp(original).resize(60).png().toBuffer(),
    '/old/w_30/a.png': await sharp(original).resize(33).flip().png().toBuffer(),
  };
  const server = createServer((request, response) => {
    const bytes = answers[request.url ?? ''];
    if (bytes === undefined) response.writeHead(404).end();
    else response.end(bytes);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const originals = createMemoryStore();
  await originals.put('a.png', original);
  const { fovea } = createCommandLine({ originals, renderer, environment: { FOVEA_UNSIGNED: 'any' } });
  const against = `http://127.0.0.1:${(server.address() as AddressInfo).port}/old/`;
  const stdin = '/w_60/a.png\n/w_30/a.png\n/w_20/a.png\n/w_x/a.png\n';
  const { code, json } = await fovea(['migrate', '--check', '-', '--against', against, '--json'], { stdin });
  expect(code).toBe(0);
  expect((json.at(-1) as Checked).compared).toMatchObject({
    urls: 3,
    pictures: 2,
    sameSize: 1,
    alike: 1,
    onlyHere: 1,
    onlyOld: 0,
  });
  expect(json).toContainEqual(
    expect.objectContaining({ url: '/w_30/a.png', isSameSize: false, old: expect.objectContaining({ width: 33 }) }),
  );
});
