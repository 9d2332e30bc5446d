import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pathOf } from '../readme/pages.ts';
import { makeWorkingFolder, removeFolder, type ServerProcess, startServer } from '../support/server-process.ts';
import { apps } from './apps.ts';
import { buildSite, packUrl, plainSite, recipeNames } from './recipes.ts';
import { look } from './site.ts';

// Every recipe of docs/recipes/, as it is written there: installed from the packed package, built by the framework itself, and
// looked at in Chromium, which asks a running server for the pictures.

let browser: Browser;
let folder: string;
let server: ServerProcess;
let tarball: string;

beforeAll(async () => {
  folder = await makeWorkingFolder({ 'seeding.jpg': await readFile(pathOf('data/originals/seeding.jpg')) });
  // On a machine that builds something else, an AVIF at a quality that is chosen may take its time.
  server = await startServer(folder, { FOVEA_UNSIGNED: 'ladder', FOVEA_RENDER_TIMEOUT_MS: '120000' });
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  tarball = await packUrl(folder);
});
afterAll(async () => {
  await browser?.close();
  await server?.end('SIGKILL');
  if (folder !== undefined) await removeFolder(folder);
});

it('there is a project for each recipe', () => {
  expect(recipeNames).toEqual([...Object.keys(apps), 'plain'].sort());
});

it.each(recipeNames)('the recipe for %s builds, and shows its picture', async (name) => {
  const project = join(folder, 'projects', name);
  await mkdir(project, { recursive: true });
  const app = apps[name];
  const site =
    app === undefined
      ? await plainSite(project, server.url)
      : await buildSite(name, app, project, { tarball, server: server.url });
  const { pictures, faults } = await look(browser, site);
  expect(faults).toEqual([]);
  expect(pictures).toEqual([
    {
      url: expect.stringMatching(`^${server.url}/[^/]*q_auto[^/]*/seeding\\.jpg$`),
      width: expect.any(Number),
      alt: 'Dandelions in the evening sun',
    },
  ]);
  // What a browser 800 pixels wide takes: neither a thumbnail nor the original.
  expect(pictures[0]?.width).toBeGreaterThanOrEqual(640);
  expect(pictures[0]?.width).toBeLessThanOrEqual(1200);
});
