import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainSite, viteSite } from '../frameworks/recipes.ts';
import { look } from '../frameworks/site.ts';
import { from, quarters } from '../support/pictures.ts';
import { makeWorkingFolder, removeFolder, type ServerProcess, startServer } from '../support/server-process.ts';

let browser: Browser;
let site: Server;
let siteUrl: string;
let folder: string;
let server: ServerProcess;

beforeAll(async () => {
  folder = await makeWorkingFolder({
    'sound.png': await from(quarters(64, 48)).png().toBuffer(),
    'seeding.jpg': await readFile(new URL('../../data/originals/seeding.jpg', import.meta.url)),
  });
  server = await startServer(folder, { FOVEA_RENDERERS: '1', FOVEA_RENDER_TIMEOUT_MS: '60000' });
  site = createServer((_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html>'));
  await once(site.listen(0, '127.0.0.1'), 'listening');
  const address = site.address();
  siteUrl = `http://localhost:${typeof address === 'object' ? address?.port : ''}/`;
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
});

afterAll(async () => {
  await browser?.close();
  site?.close();
  await server?.end('SIGKILL');
  if (folder !== undefined) await removeFolder(folder);
});

interface Shown {
  readonly event: string;
  readonly width: number;
}

/** What an `<img>` of a page on another site comes to. */
async function show(page: Page, url: string): Promise<Shown> {
  return page.evaluate(
    `new Promise((resolve) => {
      const image = new Image();
      image.onload = image.onerror = ({ type }) => resolve({ event: type, width: image.naturalWidth });
      image.src = ${JSON.stringify(url)};
    })`,
  );
}

describe('a picture of another site in Chromium', () => {
  it.each([
    ['/w_32/sound.png', 200, { event: 'load', width: 32 }],
    ['/w_32/none.png', 404, { event: 'error', width: 0 }],
    ['/w_0/sound.png', 400, { event: 'error', width: 0 }],
    ['/fl_draw_errors,w_32/none.png', 404, { event: 'load', width: 640 }],
    ['/fl_draw_errors/w_0/sound.png', 400, { event: 'load', width: 640 }],
  ])('%s is answered with %i, which the page sees', async (path, status, shown) => {
    const page = await browser.newPage();
    const blocked: string[] = [];
    const answers: number[] = [];
    page.on('requestfailed', (request) => blocked.push(request.failure()?.errorText ?? ''));
    page.on('response', (response) => {
      if (response.url().startsWith(server.url)) answers.push(response.status());
    });
    await page.goto(siteUrl);
    expect(await show(page, `${server.url}${path}`)).toEqual(shown);
    expect([answers, blocked]).toEqual([[status], []]);
    await page.close();
  });
});

describe('the page at / in Chromium', () => {
  it.each([
    [360, 'light'],
    [768, 'dark'],
    [1440, 'light'],
  ] as const)(
    'at %i pixels, %s, is whole: nothing blocked, nothing wider than it, nobody else asked',
    async (width, colorScheme) => {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      const complaints: string[] = [];
      const hosts = new Set<string>();
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('requestfailed', (request) => complaints.push(request.url()));
      page.on('request', (request) => hosts.add(new URL(request.url()).origin));
      await page.goto(`${server.url}/`, { waitUntil: 'networkidle' });
      const seen = await page.evaluate(
        `({
        pictures: [...document.images].map((image) => image.complete && image.naturalWidth > 0),
        overflow: document.documentElement.scrollWidth > innerWidth,
        low: [...document.querySelectorAll('a, button, input')].filter((one) => one.getBoundingClientRect().height < 32).length,
      })`,
      );
      expect(seen).toEqual({ pictures: [true, true, true], overflow: false, low: 0 });
      expect([complaints, [...hosts]]).toEqual([[], [server.url]]);
      await page.close();
    },
  );
});

describe('a page that has its pictures by @fovea/url', () => {
  it.each([
    ['plain', plainSite],
    ['vite', viteSite],
  ])('shows them: the recipe for %s', async (name, makeSite) => {
    const { pictures, faults } = await look(browser, await makeSite(join(folder, name), server.url));
    expect(faults).toEqual([]);
    const url = expect.stringMatching(/q_auto[^/]*\/seeding\.jpg$/);
    expect(pictures).toEqual([{ url, width: expect.any(Number), alt: 'Dandelions in the evening sun' }]);
    expect(pictures[0]?.width).toBeGreaterThanOrEqual(640);
  });
});
