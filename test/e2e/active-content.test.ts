import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordFigure } from '../support/figures.ts';
import { type ActiveFile, activeFiles } from '../support/hostile/active.ts';
import type { HostileFile } from '../support/hostile/hostile-file.ts';
import { svgs } from '../support/hostile/svg.ts';
import { wrongKinds } from '../support/hostile/wrong-kind.ts';
import { from, quarters } from '../support/pictures.ts';
import { makeWorkingFolder, removeFolder, type ServerProcess, startServer } from '../support/server-process.ts';

interface Listener {
  readonly url: string;
  readonly server: Server;
}

async function listen(answer: RequestListener): Promise<Listener> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return { url: `http://127.0.0.1:${address.port}`, server };
}

/** What a browser did that nobody but a file can have made it do. */
interface Evidence {
  readonly scripts: readonly string[];
  readonly dialogs: readonly string[];
  readonly requests: readonly string[];
}

/** A browser window of its own, and what happened in it. */
interface Visitor {
  /** Opens what is under a URL as a page of its own. A download is no page: the browser stays where it is. */
  openAsPage(url: string): Promise<'shown' | 'downloaded'>;
  /** Opens a page of somebody else that shows what is under these URLs. */
  embed(urls: readonly string[]): Promise<void>;
  readonly evidence: () => Evidence;
  leave(): Promise<void>;
}

let browser: Browser;
let canary: Listener;
let site: Listener;
let careless: Listener;
let folder: string;
let server: ServerProcess;
let active: readonly ActiveFile[];
let canaryRequests: string[] = [];
const carelessFiles = new Map<string, { readonly contentType: string; readonly bytes: Buffer }>();

/** Every way in which a page may show what lies under a URL; it has loaded when all of them have come to an end. */
function embedding(url: string): string {
  return `<link rel="stylesheet" href="${url}"><script src="${url}"></script><script type="module" src="${url}"></script>
    <img src="${url}"><object data="${url}"></object><embed src="${url}"><iframe src="${url}"></iframe>
    <svg width="9" height="9"><image width="9" height="9" href="${url}"/><use href="${url}#a"/></svg>
    <p style="background: url(${url})">x</p>`;
}

beforeAll(async () => {
  canary = await listen((request, response) => {
    canaryRequests.push(request.url ?? '');
    response.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Content-Type': 'text/javascript' }).end();
  });
  site = await listen((request, response) => {
    const shown = new URL(request.url ?? '/', 'http://site').searchParams.getAll('show');
    const head = '<!doctype html><title>x</title>';
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(head + shown.map(embedding).join(''));
  });
  careless = await listen((request, response) => {
    const file = carelessFiles.get((request.url ?? '').slice(1));
    response.writeHead(file === undefined ? 404 : 200, { 'Content-Type': file?.contentType ?? 'text/plain' });
    response.end(file?.bytes);
  });
  active = activeFiles(canary.url);
  for (const { name, contentType, make } of active) carelessFiles.set(name, { contentType, bytes: await make() });

  folder = await makeWorkingFolder({
    ...Object.fromEntries([...carelessFiles].map(([name, { bytes }]) => [name, bytes])),
    'sound.png': await from(quarters(64, 48)).png().toBuffer(),
  });
  for (const file of corpus) await writeFile(join(folder, 'data', 'originals', corpusKey(file)), await file.make());
  server = await startServer(folder, { FOVEA_RENDERERS: '2' });

  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
});

afterAll(async () => {
  await browser?.close();
  for (const listener of [canary, site, careless]) listener?.server.close();
  await server?.end('SIGKILL');
  if (folder !== undefined) await removeFolder(folder);
});

const corpus = [...svgs, ...wrongKinds];

/** A name that promises a picture, or one that says what the file is. */
function corpusKey(file: HostileFile): string {
  const own = file.name.startsWith('svg/') ? 'svg' : 'html';
  return `${file.name.replaceAll('/', '-')}.${corpus.indexOf(file) % 2 === 0 ? 'jpg' : own}`;
}

async function newVisitor(): Promise<Visitor> {
  canaryRequests = [];
  const scripts: string[] = [];
  const dialogs: string[] = [];
  const strays: string[] = [];
  const context = await browser.newContext({ acceptDownloads: false });
  await context.exposeBinding('ran', (_, name) => scripts.push(String(name)));
  // Whoever may run a script finds this one there before; a dialog would hold the page up.
  await context.addInitScript('globalThis.alert = (text) => globalThis.ran("alert " + text);');
  context.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    // The page that showed it may have gone.
    dialog.dismiss().catch(() => undefined);
  });
  context.on('request', (request) => {
    const { origin } = new URL(request.url());
    // The canary tells of its own.
    if (![server.url, site.url, careless.url, canary.url].includes(origin)) strays.push(request.url());
  });
  const page = await context.newPage();
  return {
    async openAsPage(url) {
      try {
        await page.goto(url, { waitUntil: 'load' });
        return 'shown';
      } catch (error) {
        if (error instanceof Error && /Download is starting|ERR_ABORTED/.test(error.message)) return 'downloaded';
        throw error;
      }
    },
    async embed(urls) {
      const shown = new URLSearchParams(urls.map((url): [string, string] => ['show', url]));
      await page.goto(`${site.url}/?${shown}`, { waitUntil: 'load' });
    },
    evidence: () => ({ scripts, dialogs, requests: [...canaryRequests, ...strays] }),
    leave: () => context.close(),
  };
}

const minutes = 60_000;

it(
  'every one of the active files runs or asks for something, where a server is careless',
  async () => {
    const visitor = await newVisitor();
    for (const { name } of active) {
      await visitor.openAsPage(`${careless.url}/${name}`);
      await visitor.embed([`${careless.url}/${name}`]);
    }
    const { scripts, requests } = visitor.evidence();
    await visitor.leave();
    recordFigure(
      16,
      `for comparison, a server that says text/html and image/svg+xml: ${scripts.length} scripts and ${requests.length} requests by the same ${active.length} files`,
    );
    const told = [...scripts, ...requests];
    const harmless = active.filter(({ name }) => !told.some((text) => text.endsWith(name)));
    expect(harmless).toEqual([]);
  },
  5 * minutes,
);

const transformations = [
  'w_32',
  ...['jpg', 'png', 'webp', 'gif', 'avif', 'auto'].map((format) => `f_${format}`),
  'fl_keep_attribution',
  'fl_keep_iptc',
  'cs_copy',
  'fl_getinfo',
  'fl_attachment:x.html,w_32',
  'q_auto/f_auto',
];

it(
  'nothing of ours runs or asks for anything, however it is shown',
  async () => {
    const keys = [...active.map(({ name }) => name), ...corpus.map(corpusKey)];
    const untouched = keys.map((key) => `/${key}`);
    const asked = keys.flatMap((key) => [
      ...transformations.map((transformation) => `/${transformation}/${key}`),
      `/l_${key}/fl_layer_apply/sound.png`,
      `/d_${key}/w_32/missing.png`,
    ]);
    // What a refusal repeats must not come alive either.
    const markup = encodeURIComponent('<script>ran("refusal");alert(1)</script>');
    const reflected = [
      `/w_${markup}/sound.png`,
      `/${markup}`,
      `/t_${markup}/sound.png`,
      `/-/${markup}`,
      `/w_1/${markup}.svg`,
    ];

    const statuses = new Map<number, number>();
    const types = new Map<string, number>();
    const shown: string[] = [];
    const refused = new Set<string>();
    for (const path of [...untouched, ...asked, ...reflected]) {
      const response = await fetch(server.url + path);
      const body = Buffer.from(await response.arrayBuffer());
      const type = response.headers.get('content-type') ?? '';
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      expect([path, response.headers.get('x-content-type-options')]).toEqual([path, 'nosniff']);
      expect([path, response.headers.get('content-security-policy')]).toEqual([path, "default-src 'none'; sandbox"]);
      if (response.status === 200) types.set(type, (types.get(type) ?? 0) + 1);
      // Refusals of one file read alike: one of them is opened.
      const file = path.slice(path.lastIndexOf('/'));
      if (response.status !== 200 && refused.has(file)) continue;
      if (response.status !== 200) refused.add(file);
      // Decoded again, a variant is its pixels and nothing that was beside them.
      if (asked.includes(path) && response.status === 200)
        expect([path, body.includes('ran?.(') || body.includes('<svg')]).toEqual([path, false]);
      shown.push(path);
    }

    const visitor = await newVisitor();
    let downloads = 0;
    for (const path of shown) if ((await visitor.openAsPage(server.url + path)) === 'downloaded') downloads += 1;
    const together = 10;
    for (let at = 0; at < shown.length; at += together)
      await visitor.embed(shown.slice(at, at + together).map((path) => server.url + path));
    const found = visitor.evidence();
    await visitor.leave();
    const active200 = [...types].filter(([type]) => /svg|html|xml|script|css|pdf/.test(type));
    const given = [...statuses].map(([status, count]) => `${status}: ${count}`).join(', ');
    recordFigure(
      16,
      `${keys.length} files, ${untouched.length + asked.length + reflected.length} URLs (${given}), ${shown.length} answers opened in Chromium ${browser.version()} as a page (${downloads} were downloads), img, object, embed, iframe, script, module, style, SVG image and use: ${found.scripts.length} scripts ran, ${found.dialogs.length} dialogs, ${found.requests.length} requests; ${active200.length} active types sent`,
    );
    expect(found).toEqual({ scripts: [], dialogs: [], requests: [] });
    expect(active200).toEqual([]);
    expect(downloads).toBeGreaterThan(0);
    expect(types.size).toBeGreaterThan(4);
  },
  10 * minutes,
);
