import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordFigure } from '../../support/figures.ts';
import { from, noise, paint } from '../../support/pictures.ts';
import { sendRaw } from '../../support/raw-http.ts';
import { makeWorkingFolder, removeFolder, type ServerProcess, startServer } from '../../support/server-process.ts';

const adminToken = 'the admin token of the tests: nobody guesses it';
const secret = 'a secret that signs what the tests ask for: long enough';

/** `any`, so that nothing but the guards is in the way. */
let open: ServerProcess;
/** `none`: nothing without a signature. */
let shut: ServerProcess;
let folder: string;
let ticket: string;
let expired: string;
let foreignBatch: string;

const asJson = { 'Content-Type': 'application/json' };
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

async function giveOut(server: ServerProcess, expiresSeconds: number): Promise<string> {
  const body = JSON.stringify({ expiresSeconds });
  const response = await fetch(`${server.url}/-/uploads/tickets`, {
    method: 'POST',
    headers: { ...asJson, ...bearer(adminToken) },
    body,
  });
  return ((await response.json()) as { ticket: string }).ticket;
}

async function beginBatch(server: ServerProcess, as: string): Promise<string> {
  const response = await fetch(`${server.url}/-/uploads/s3/multipart`, {
    method: 'POST',
    headers: { ...asJson, ...bearer(as) },
    body: JSON.stringify({ filename: 'a.jpg', type: 'image/jpeg' }),
  });
  return ((await response.json()) as { uploadId: string }).uploadId;
}

beforeAll(async () => {
  const picture = await from(noise(400, 300)).jpeg().toBuffer();
  const magenta = await from(paint(64, 64, () => [255, 0, 255]))
    .jpeg()
    .toBuffer();
  folder = await makeWorkingFolder({ 'a.jpg': picture });
  const originals = join(folder, 'data', 'originals');
  await mkdir(join(originals, 'members'));
  await mkdir(join(originals, '.git'));
  await mkdir(join(originals, 'staff', '.private'), { recursive: true });
  await writeFile(join(originals, 'members', 'secret.jpg'), magenta);
  await writeFile(join(originals, 'staff', '.private', 'secret.jpg'), magenta);
  for (const name of ['.env', '.git/HEAD', 'notes.html', 'report.pdf', 'members/list.csv'])
    await writeFile(join(originals, name), 'what nobody is to read');
  await writeFile(
    join(folder, 'fovea.json'),
    JSON.stringify({ protected: { authenticated: ['members/'] }, presets: { card: 'w_300,h_200' } }),
  );
  const environment = { FOVEA_ADMIN_TOKEN: adminToken, FOVEA_SIGNING_SECRETS: secret, FOVEA_RENDERERS: '1' };
  open = await startServer(folder, { ...environment, FOVEA_UNSIGNED: 'any' });
  shut = await startServer(folder, { ...environment, FOVEA_UNSIGNED: 'none' });
  ticket = await giveOut(open, 600);
  expired = await giveOut(open, 1);
  foreignBatch = await beginBatch(open, await giveOut(open, 600));
});

afterAll(async () => {
  await Promise.all([open.end('SIGKILL'), shut.end('SIGKILL')]);
  await removeFolder(folder);
});

/** What SECURITY.md says of our routes, which a test holds to the source. */
function routesOf(page: string) {
  return [...page.matchAll(/^\| ([A-Z, ]+) `(\/-\/[^`]+)` \| (.+?) \| (.+?) \|$/gm)].flatMap(
    ([, methods = '', path = '', who = '']) => methods.split(', ').map((method) => ({ method, path, who })),
  );
}

/** What tus asks of each request before anything else. */
const asTus = {
  'Tus-Resumable': '1.0.0',
  'Upload-Offset': '0',
  'X-HTTP-Method-Override': 'PATCH',
  'Content-Type': 'application/offset+octet-stream',
};

it('no route of ours does for anybody what its guard does not let them do', async () => {
  const routes = routesOf(readFileSync(fileURLToPath(new URL('../../../SECURITY.md', import.meta.url)), 'utf8'));
  const callers = { nobody: '', 'a guess': 'guessed', 'an old ticket': expired, 'a ticket': ticket };
  const tries = async () =>
    (await fetch(`${open.url}/-/uploads/s3/params?filename=a.jpg&type=image/jpeg`, { headers: bearer(expired) }))
      .status;
  await expect.poll(tries).toBe(401);
  const through: string[] = [];
  let asked = 0;
  // Where the URL of a picture decides, the routes of pictures do.
  const guarded = routes.filter(({ who }) => who !== 'anybody' && !who.startsWith('whom the URL permits'));
  for (const { method, path, who } of guarded) {
    for (const [name, token] of Object.entries(callers)) {
      // A ticket is good for what belongs to it: here everything belongs to another.
      if (name === 'a ticket' && who.includes('ticket') && !/:(uploadId|batch)/.test(path)) continue;
      const at = path
        .replace(':ticket', token === '' ? 'x' : token)
        .replace(/:(uploadId|batch)/, foreignBatch)
        .replace(':part', '1')
        .replace(/:\w+(\{.*\})?/g, 'x');
      const { status } = await fetch(open.url + at, {
        method,
        redirect: 'manual',
        headers: { ...(path.includes('/tus/') ? asTus : asJson), ...(token === '' ? {} : bearer(token)) },
        ...(method === 'GET' ? {} : { body: '{"parts":[]}' }),
      });
      asked += 1;
      if (status !== 401 && status !== 404) through.push(`${name}: ${method} ${path} is ${status}`);
    }
  }
  recordFigure(
    39,
    `${asked} requests to ${routes.length} routes with no, a guessed, an old or another's credential: ${through.length} neither 401 nor 404`,
  );
  expect(asked).toBeGreaterThan(80);
  expect(through).toEqual([]);
});

/** Ways to say the protected picture, by itself, as a part of another, or in the stead of one. */
const ways = [
  ...['members/secret.jpg', 'members/secret', 'members/secret.jpg.webp', 'members/secret.png', 'v1/members/secret.jpg'],
  ...[
    'members%2fsecret.jpg',
    '%6dembers/secret.jpg',
    'members/%73ecret.jpg',
    '/members/secret.jpg',
    'Members/secret.jpg',
  ],
  ...[
    './members/secret.jpg',
    'a/../members/secret.jpg',
    'members/./secret.jpg',
    'members/secret.jpg?x',
    'members//secret.jpg',
  ],
  ...[
    'w_32/members/secret.jpg',
    't_card/members/secret.jpg',
    'w_32/v9/members/secret.jpg',
    'fl_getinfo/members/secret.jpg',
  ],
  ...['image/upload/members/secret.jpg', 'image/upload/w_32/v1/members/secret.jpg', 'image/private/members/secret.jpg'],
  ...['image/authenticated/members/secret.jpg', 'image/fetch/members/secret.jpg', 'raw/upload/members/secret.jpg'],
  ...[
    'l_members:secret/fl_layer_apply/a.jpg',
    'w_32/u_members:secret.jpg/fl_layer_apply/a.jpg',
    'd_members:secret.jpg/none.jpg',
  ],
  ...[
    'l_members:secret/none.jpg',
    'if_w_gt_1/l_members:secret/fl_layer_apply/if_end/a.jpg',
    's--aaaaaaaa--/members/secret.jpg',
  ],
  ...[
    '-/uploads/files/x/members/secret.jpg',
    '-/uploads/filepond?load=members/secret.jpg',
    '-/uploads/filepond?restore=members/secret.jpg',
  ],
  ...[
    'staff/.private/secret.jpg',
    'w_32/staff/.private/secret.jpg',
    '.env',
    '.git/HEAD',
    '%2eenv',
    'notes.html',
    'report.pdf',
  ],
  ...['w_32/.env', 'members/list.csv', '.fovea-staging/x/members/secret.jpg', 'members/secret.jpg/.fovea/w_32.jpg'],
  ...['.fovea-meta/members/secret.jpg', '.fovea-purges/x', 'members/', 'members', '../originals/members/secret.jpg'],
];

it('what is protected, or no picture, comes out by no spelling, with a ticket neither', async () => {
  const out: string[] = [];
  let asked = 0;
  for (const server of [open, shut]) {
    for (const way of ways) {
      for (const headers of ['', `Authorization: Bearer ${ticket}\r\n`]) {
        // As it is written, which no client of ours would let through.
        const request = `GET /${way} HTTP/1.1\r\nHost: ${new URL(server.url).host}\r\n${headers}Connection: close\r\n\r\n`;
        const { status = 0, text } = await sendRaw(server.url, request);
        asked += 1;
        const isOut = status < 400 || text.includes('what nobody is to read');
        if (isOut) out.push(`${way} is ${status}`);
      }
    }
  }
  // Where it can be seen when it is: the neighbour of what is protected.
  expect((await fetch(`${open.url}/w_32/a.jpg`)).status).toBe(200);
  recordFigure(
    39,
    `${asked} requests in ${ways.length} spellings for what is protected, hidden or no picture: ${out.length} answered`,
  );
  expect(out).toEqual([]);
});

it('a page elsewhere cannot point its own name at a server on loopback, and what is told stays out of the log', async () => {
  const paths = ['/-/metrics', '/-/uploads', '/-/purge', '/-/uploads/tickets', '/-/%6detrics'];
  for (const path of paths) {
    const request = `GET ${path} HTTP/1.1\r\nHost: rebound.example\r\nAuthorization: Bearer ${adminToken}\r\nConnection: close\r\n\r\n`;
    expect([path, (await sendRaw(open.url, request)).status]).toEqual([path, 421]);
  }
  for (const path of [`/-/uploads/tickets/${ticket}/s3/params`, `/-/%75ploads/tickets/${ticket}/s3/params`]) {
    await fetch(open.url + path);
  }
  const log = open.lines.join('\n');
  const told = [adminToken, secret, ticket, expired].filter((one) => log.includes(one));
  recordFigure(39, `${told.length} of 4 tokens, tickets and secrets in ${open.lines.length} lines of log`);
  expect(told).toEqual([]);
});

it('a purge reaches nothing beside the variants, and only what an original can be called', async () => {
  const beside = join(folder, 'data', 'beside', '.fovea');
  await mkdir(beside, { recursive: true });
  await writeFile(join(beside, 'w_32.jpg'), 'not ours');
  const purge = async (body: unknown) =>
    (await fetch(`${open.url}/-/purge`, { method: 'POST', headers: bearer(adminToken), body: JSON.stringify(body) }))
      .status;
  for (const key of ['a\0.jpg', 'a\n.jpg']) expect([key, await purge({ keys: [key] })]).toEqual([key, 400]);
  for (const key of ['../beside', '../', '/..', '..', '../originals/a.jpg', '/']) {
    expect(await purge({ keys: [key] })).toBeLessThan(500);
    expect(await purge({ prefixes: [key] })).toBeLessThan(500);
  }
  expect(await readFile(join(beside, 'w_32.jpg'), 'utf8')).toBe('not ours');
  expect((await fetch(`${open.url}/a.jpg`)).status).toBe(200);
});

it('without a signature, or with a made-up one, nothing is shown where everything needs one', async () => {
  const paths = ['/w_32/a.jpg', '/a.jpg', '/t_card/a.jpg', '/s--AAAAAAAA--/w_32/a.jpg', '/image/upload/w_32/a.jpg'];
  for (const path of paths) expect([path, (await fetch(shut.url + path)).status]).toEqual([path, 401]);
});
