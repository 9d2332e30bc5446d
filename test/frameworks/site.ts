import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import type { Browser } from 'playwright-core';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
};

/** Serves a folder as any host of files does; its address, and what ends it. */
async function serve(folder: string): Promise<{ readonly url: string; close(): void }> {
  const server = createServer(async ({ url = '/' }, response) => {
    const path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
    const file = path.endsWith('/') ? `${path}index.html` : path;
    const body = await readFile(join(folder, file)).catch(() => undefined);
    if (body === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'application/octet-stream' }).end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}

/** One picture of a page, as a browser shows it. */
export interface ShownPicture {
  readonly url: string;
  readonly width: number;
  readonly alt: string;
}

/** What a browser shows of a built site: its pictures, once each is there or has failed, and what it complained about. */
export async function look(
  browser: Browser,
  folder: string,
): Promise<{ readonly pictures: readonly ShownPicture[]; readonly faults: readonly string[] }> {
  const site = await serve(folder);
  const page = await browser.newPage({ viewport: { width: 800, height: 600 } });
  const faults: string[] = [];
  page.on('pageerror', ({ message }) => faults.push(message));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  // A browser asks for it whether the page names one or not.
  await page.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
  try {
    await page.goto(site.url);
    await page.waitForSelector('img', { state: 'attached' });
    const pictures: ShownPicture[] = await page.evaluate(`Promise.all([...document.images].map(async (image) => {
      await image.decode().catch(() => undefined);
      return { url: image.currentSrc, width: image.naturalWidth, alt: image.alt };
    }))`);
    return { pictures, faults };
  } finally {
    await page.close();
    site.close();
  }
}
