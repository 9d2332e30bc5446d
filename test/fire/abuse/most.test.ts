import { readdir, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { megabytes, recordFigure } from '../../support/figures.ts';
import { timedGet } from '../../support/load.ts';
import { from, noise, paint } from '../../support/pictures.ts';
import { residentBytes, watchMemory } from '../../support/process-group.ts';
import { makeWorkingFolder, removeFolder, type ServerProcess, startServer } from '../../support/server-process.ts';

const adminToken = 'the admin token of the tests: nobody guesses it';
const budgetBytes = 1.5 * 1024 ** 3;
const presets = Object.fromEntries(
  ['a', 'b', 'c', 'd', 'e'].map((name, index) => [name, `c_scale,w_${20 + index},h_${30 + index}`]),
);

let folder: string;
/** What strangers meet off loopback, and what they may meet where an operator says so. */
let ladder: ServerProcess;
let any: ServerProcess;

beforeAll(async () => {
  const small = await from(noise(64, 48)).jpeg().toBuffer();
  const large = await from(paint(5_000, 4_000, (x, y) => [x % 256, y % 256, 90]))
    .jpeg()
    .toBuffer();
  folder = await makeWorkingFolder({
    'page.jpg': small,
    'chains.jpg': small,
    ...Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`large-${index}.jpg`, large])),
  });
  await writeFile(join(folder, 'fovea.json'), JSON.stringify({ presets }));
  const environment = { FOVEA_RENDERERS: '2', FOVEA_ADMIN_TOKEN: adminToken };
  ladder = await startServer(folder, { ...environment, FOVEA_UNSIGNED: 'ladder' });
  any = await startServer(folder, { ...environment, FOVEA_UNSIGNED: 'any' });
}, 120_000);

afterAll(async () => {
  await Promise.all([ladder.end('SIGKILL'), any.end('SIGKILL')]);
  await removeFolder(folder);
});

/** So many at once, in any order; what each was answered. */
async function statusesOf(urls: readonly string[], atOnce = 4): Promise<number[]> {
  const left = urls.entries();
  const statuses: number[] = [];
  const visitor = async () => {
    for (const [index, url] of left) statuses[index] = (await timedGet(url)).status;
  };
  await Promise.all(Array.from({ length: atOnce }, visitor));
  return statuses;
}

function counted(statuses: readonly number[]): string {
  const counts = new Map<number, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${status}: ${count}`).join(', ');
}

async function filesBelow(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

it('text that is spaced far, layers of ten originals and layers scaled up stay within the memory of a server', async () => {
  const tenLayers = range(10)
    .map((index) => `l_large-${index}/c_scale,w_4000,h_4000/fl_layer_apply`)
    .join('/');
  const texts = [
    (index: number) => `${200 + index}_letter_spacing_600:wide`,
    (index: number) => `${100 + index}_line_spacing_500:${Array(6).fill('far').join('%250A')}`,
    (index: number) => `${900 + index}:www`,
  ];
  const attacks = [
    ...texts.flatMap((text) =>
      range(6).map((index) => `c_scale,w_2500,h_2000/l_text:DejaVu%20Sans_${text(index)}/fl_layer_apply/page.jpg`),
    ),
    ...range(6).map((index) => `w_${1_000 + index}/${tenLayers}/page.jpg`),
    ...range(6).map((index) => `w_${100 + index}/l_page/c_scale,w_8000,h_8000/fl_layer_apply/page.jpg`),
    ...range(6).map((index) => `c_scale,w_${6_000 + index},h_6000,f_png/large-${index}.jpg`),
  ];
  const watch = watchMemory(any.child.pid ?? 0);
  const statuses = await statusesOf(attacks.map((path) => `${any.url}/${path}`));
  watch.stop();
  recordFigure(
    40,
    `${attacks.length} URLs of far text, many and large layers (${counted(statuses)}): the server and its processes take ${megabytes(watch.peakBytes())} MB at most`,
  );
  expect(statuses.filter((status) => ![200, 400, 413, 422, 503, 504].includes(status))).toEqual([]);
  expect(watch.peakBytes()).toBeLessThan(budgetBytes);
});

it('junk uses up what junk may, and the pictures of the page are made all the same', async () => {
  const junk = range(900).map((index) => `${ladder.url}/w_320,h_${50 + index},q_auto/page.jpg`);
  const answered = await statusesOf(junk);
  const made = answered.filter((status) => status === 200).length;
  const own = [
    ...Object.keys(presets).map((name) => `t_${name}`),
    ...[320, 640].flatMap((width) =>
      ['c_limit', 'c_scale', 'c_fill'].map((crop) => `${crop},w_${width},f_auto,q_auto`),
    ),
  ];
  const page = await statusesOf(own.map((part) => `${ladder.url}/${part}/page.jpg`));
  recordFigure(
    40,
    `${junk.length} made-up sizes of one original: ${counted(answered)}; its ${own.length} declared ones then: ${counted(page)}`,
  );
  // Between two listings it may be passed by a tenth.
  expect(made).toBeLessThanOrEqual(550);
  expect(made).toBeGreaterThan(0);
  expect(page).toEqual(own.map(() => 200));
});

it('chains of presets are counted like everything else', async () => {
  const names = Object.keys(presets);
  const chains = range(5 ** 5).map((index) =>
    range(5)
      .map((place) => `t_${names[Math.floor(index / 5 ** place) % 5]}`)
      .join('/'),
  );
  const answered = await statusesOf(chains.slice(0, 1_500).map((chain) => `${any.url}/${chain}/chains.jpg`));
  const stored = (await filesBelow(join(folder, 'data', 'variants', 'chains.jpg'))).length;
  recordFigure(40, `1500 chains of five presets: ${counted(answered)}; ${stored} stored`);
  expect(answered.filter((status) => status === 200).length).toBeLessThanOrEqual(550);
  expect(stored).toBeLessThanOrEqual(550);
});

it('names that are not there take no more memory than is set aside for names', async () => {
  await statusesOf(
    range(500).map((index) => `${any.url}/w_20/warm-${index}.jpg`),
    8,
  );
  const pid = any.child.pid ?? 0;
  const before = residentBytes(pid);
  const folderName = 'long-'.repeat(40);
  const statuses = await statusesOf(
    range(20_000).map((index) => `${any.url}/w_20/${folderName}/${index}.jpg`),
    8,
  );
  const grownBytes = residentBytes(pid) - before;
  recordFigure(
    40,
    `${statuses.length} long names that are not there (${counted(statuses)}): ${megabytes(grownBytes)} MB more`,
  );
  expect(megabytes(grownBytes)).toBeLessThan(300);
});

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

async function ticketFor(totals: Readonly<Record<string, number>>): Promise<string> {
  const response = await fetch(`${any.url}/-/uploads/tickets`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...bearer(adminToken) },
    body: JSON.stringify({ expiresSeconds: 600, ...totals }),
  });
  return ((await response.json()) as { ticket: string }).ticket;
}

it('a ticket begins and stages what it has, however it divides it', async () => {
  const few = await ticketFor({ batches: 4 });
  const begun: number[] = [];
  for (const _ of range(100)) {
    const body = JSON.stringify({ filename: 'a.jpg', type: 'image/jpeg' });
    const headers = { 'Content-Type': 'application/json', ...bearer(few) };
    begun.push((await fetch(`${any.url}/-/uploads/s3/multipart`, { method: 'POST', headers, body })).status);
  }
  const small = bearer(await ticketFor({ bytes: 5 * 1024 ** 2 }));
  const declared = { 'Upload-Length': String(2 * 1024 ** 2), 'Upload-Name': 'a.jpg' };
  const chunk = new Uint8Array(1024 ** 2);
  const statuses: number[] = [];
  for (const _ of range(12)) {
    const headers = { ...small, ...declared };
    const opened = await fetch(`${any.url}/-/uploads/filepond`, { method: 'POST', headers });
    const id = encodeURIComponent(await opened.text());
    // Again and again, and more than it said; never the second half, with which it would be looked at and thrown away.
    const sent = [0, 0, 2, 3, 0, 2].map(async (index) => {
      const headers = {
        ...small,
        ...declared,
        'Content-Type': 'application/offset+octet-stream',
        'Upload-Offset': String(index * chunk.length),
      };
      const patch = fetch(`${any.url}/-/uploads/filepond?patch=${id}`, { method: 'PATCH', headers, body: chunk });
      return patch.then(
        ({ status }) => status,
        // Refused and closed before all of it was sent.
        () => 0,
      );
    });
    statuses.push(opened.status, ...(await Promise.all(sent)));
  }
  let bytes = 0;
  for (const path of await filesBelow(join(folder, 'data', 'originals', '.fovea-staging')))
    bytes += (await stat(path)).size;
  const taken = begun.filter((status) => status === 200).length;
  recordFigure(
    40,
    `a ticket of 4 batches begins ${taken} of 100; one of 5 MB has ${megabytes(bytes)} MB staged after ${statuses.length} requests that would bring 72 (${counted(statuses)})`,
  );
  expect(taken).toBe(4);
  expect(bytes).toBeGreaterThan(1024 ** 2);
  expect(megabytes(bytes)).toBeLessThanOrEqual(5);
});

it('uploads under way are let in a few at a time', async () => {
  const ticket = await ticketFor({ bytes: 10 ** 10, files: 1_000, batches: 1_000 });
  const boundary = 'x'.repeat(30);
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), Buffer.alloc(6 * 1024 ** 2)]);
  const pid = any.child.pid ?? 0;
  const before = residentBytes(pid);
  const watch = watchMemory(pid);
  // Each sends six megabytes of a form, and never its end: those that are let in are there until the others are refused.
  const under = new Set<() => void>();
  let refused = 0;
  const uploads = range(150).map(
    () =>
      new Promise<number>((resolve) => {
        const upload = request(`${any.url}/-/images`, {
          method: 'POST',
          agent: false,
          headers: {
            ...bearer(ticket),
            'Content-Type': `multipart/form-data; boundary=${boundary}`,
            'Content-Length': 8 * 1024 ** 2,
          },
        });
        const leave = () => {
          resolve(0);
          upload.destroy();
        };
        under.add(leave);
        upload.on('response', (response) => {
          resolve(response.statusCode ?? 0);
          leave();
          refused += 1;
          if (refused >= 130) for (const each of under) each();
        });
        upload.on('error', leave);
        upload.write(body);
      }),
  );
  const statuses = await Promise.all(uploads);
  watch.stop();
  const grown = watch.peakBytes() - before;
  recordFigure(
    40,
    `150 uploads at once that never end (${counted(statuses)}; 0: let in, or closed): ${megabytes(grown)} MB more at most`,
  );
  expect(statuses.filter((status) => status === 503).length).toBeGreaterThan(75);
  expect(megabytes(grown)).toBeLessThan(350);
});
