import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parameterNames } from '../../src/grammar/index.ts';
import { builtProgram } from '../support/program.ts';
import { makeWorkingFolder, removeFolder, type ServerProcess, startServer } from '../support/server-process.ts';

const token = 'the admin token of the tests';
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const sample = new URL('../../data/originals/seeding.jpg', import.meta.url);
const portrait = new URL('../../data/originals/astronaut.jpg', import.meta.url);

let browser: Browser;
let folder: string;
let server: ServerProcess;

beforeAll(async () => {
  const originals = { 'seeding.jpg': await readFile(sample), 'people-ada.jpg': await readFile(portrait) };
  folder = await makeWorkingFolder(originals);
  server = await startServer(folder, { FOVEA_RENDERERS: '1', FOVEA_ADMIN_TOKEN: token });
  browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
});

afterAll(async () => {
  await browser?.close();
  await server?.end('SIGKILL');
  if (folder !== undefined) await removeFolder(folder);
});

interface Visit {
  readonly page: Page;
  /** What the console, the policy or the network complained of. */
  readonly complaints: string[];
  readonly hosts: Set<string>;
}

/** Small and JPEG, so that nothing of a test waits for an encoder. */
const quick = '/w_160/f_jpg/seeding.jpg';

async function visit(url: string, how: Parameters<Browser['newPage']>[0] = {}): Promise<Visit> {
  const visited = await open(`/-/playground?url=${encodeURIComponent(url)}`, how);
  await shows(visited.page, { width: /\d/ });
  return visited;
}

async function open(path: string, how: Parameters<Browser['newPage']>[0] = {}): Promise<Visit> {
  const page = await browser.newPage(how);
  onTestFinished(() => page.close());
  const complaints: string[] = [];
  const hosts = new Set<string>();
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => hosts.add(new URL(request.url().replace(/^(?:blob|data):.*/, server.url)).origin));
  await page.goto(`${server.url}${path}#token=${encodeURIComponent(token)}`);
  return { page, complaints, hosts };
}

/** Nothing lies beside the page, is too low for a finger, or is found by axe-core. */
async function expectSound(page: Page): Promise<void> {
  expect(await page.evaluate('document.documentElement.scrollWidth > innerWidth')).toBe(false);
  const low = await page.evaluate(
    `[...document.querySelectorAll('button, select, a, input:not([type=checkbox], [type=range], [type=file])')]
      .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 30).map((one) => one.outerHTML)`,
  );
  expect(low).toEqual([]);
  await page.evaluate(await readFile(axe, 'utf8'));
  const found = await page.evaluate(
    `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]))`,
  );
  expect(found).toEqual([]);
}

/** Waits for a variant of that width. */
async function shows(page: Page, { width }: { readonly width: RegExp }): Promise<void> {
  await page.locator('.facts dd', { hasText: new RegExp(`^${width.source}.* × `) }).waitFor();
}

const urlIn = (page: Page) => page.locator('#url').inputValue();

describe('the playground in Chromium', () => {
  it.each([
    [360, 'light'],
    [768, 'dark'],
    [1440, 'light'],
    [1440, 'dark'],
  ] as const)('at %i pixels, %s, is whole, and nothing is found by axe-core', async (width, colorScheme) => {
    const { page, complaints, hosts } = await visit(quick, { viewport: { width, height: 900 }, colorScheme });
    await page.locator('.handle').waitFor();
    await expectSound(page);
    expect([complaints, [...hosts]]).toEqual([[], [server.url]]);
  });

  it('has its state in the address, which other URLs can be pasted over, and undo in the browser', async () => {
    const { page } = await visit(quick);
    await page.getByLabel('Step 1, Width, as a URL spells it').fill('200');
    await shows(page, { width: /200/ });
    expect(await urlIn(page)).toBe('/w_200/f_jpg/seeding.jpg');
    expect(new URL(page.url()).search).toBe('?url=/w_200/f_jpg/seeding.jpg');
    await page.locator('#url').fill('https://other.example/_ipx/w_120,f_webp/seeding.jpg');
    await page.locator('#url').press('Enter');
    await shows(page, { width: /120/ });
    expect(await urlIn(page)).toMatch(/w_120.*\/seeding\.jpg$/);
    expect(await page.locator('.told').textContent()).toContain('Read as a URL of ipx');
    await page.goBack();
    await shows(page, { width: /200/ });
    await page.goBack();
    await shows(page, { width: /160/ });
    await page.goForward();
    await shows(page, { width: /200/ });
    await page.reload();
    await shows(page, { width: /200/ });
  });

  it('writes each candidate of a srcset so that it is answered, in the width that it says', async () => {
    const { page } = await visit('/c_crop,g_west,h_150,w_200/f_jpg/seeding.jpg');
    await page.getByRole('button', { name: 'srcset' }).click();
    const srcset = /srcset="([^"]*)"/.exec(await page.locator('.snippets code').innerText())?.[1] ?? '';
    const widths = await page.evaluate(
      `Promise.all(${JSON.stringify(srcset.split(/,\s+/))}.map(async (candidate) => {
        const image = new Image();
        image.src = candidate.split(' ')[0];
        await image.decode();
        return [candidate.split(' ')[1], image.naturalWidth];
      }))`,
    );
    // The cut has 200 pixels, and none are made up.
    expect(widths).toEqual([
      ['100w', 100],
      ['200w', 200],
    ]);
  });

  it('reaches every parameter of the grammar', async () => {
    const { page } = await visit(quick);
    const reached = await page.evaluate(
      `[...new Set([
        ...[...document.querySelectorAll('select.add option')].map((one) => one.value),
        ...[...document.querySelectorAll('[data-parameter]')].map((one) => one.dataset.parameter),
      ])].filter((name) => name !== '').sort()`,
    );
    expect(reached).toEqual([...parameterNames].sort());
  });

  it('keeps the last picture where a URL is refused, names the part and offers what works', async () => {
    const { page } = await visit(quick);
    const before = await page.locator('.variant').getAttribute('src');
    await page.getByLabel('Step 1, Width, as a URL spells it').fill('-5');
    await page.locator('.told.problem').waitFor();
    expect(await page.locator('.mirror mark').textContent()).toBe('w_-5');
    expect(await page.locator('.variant').getAttribute('src')).toBe(before);
    await page.locator('.told button').click();
    await page.locator('.told.problem').waitFor({ state: 'detached' });
  });

  it('goes on with a URL that nobody can read', async () => {
    const { page, complaints } = await visit(quick);
    await page.locator('#url').fill('/w_300/100%.jpg');
    await page.locator('#url').press('Enter');
    await page.locator('.told.problem', { hasText: 'write a literal % as %25' }).waitFor();
    await page.locator('#url').fill(quick);
    await page.locator('#url').press('Enter');
    await page.locator('.told.problem').waitFor({ state: 'detached' });
    expect(await page.locator('#id').inputValue()).toBe('seeding.jpg');
    expect(complaints.filter((one) => one.includes('URIError'))).toEqual([]);
  });

  it('shows what the picture weighs, where it came from, and what the next visitor meets', async () => {
    const { page } = await visit('/w_144/f_jpg/seeding.jpg');
    await page.locator('.facts dd', { hasText: 'from memory' }).waitFor();
    const facts = await page.locator('.facts').innerText();
    expect(facts).toMatch(/kB → .*kB −\d+ %/);
    expect(facts).toMatch(/JPEG[\s\S]*rendered [\d.]+ ms[\s\S]*from memory [\d.]+ ms · immutable/);
  });

  it('cuts out what is drawn on the original, in whole pixels of it, and shows where faces are', async () => {
    const { page } = await visit('/f_jpg/people-ada.jpg');
    await page.getByRole('button', { name: 'faces', exact: true }).click();
    await page.locator('.layers .face').waitFor();
    await page.getByRole('button', { name: 'crop', exact: true }).click();
    const box = await page.locator('.focus-picture').boundingBox();
    if (box === null) throw new Error('there is a picture to draw on');
    await page.mouse.move(box.x + box.width / 4, box.y + box.height / 4);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.75, box.y + box.height / 2);
    await page.mouse.up();
    const cut = async () =>
      /^\/c_crop,g_north_west,x_(\d+),y_(\d+),w_(\d+),h_(\d+)\/f_jpg\/people-ada\.jpg$/
        .exec(await urlIn(page))
        ?.slice(1)
        .map(Number);
    await expect.poll(cut).toEqual([100, 100, 200, 100]);
    await page.locator('.cut').press('ArrowRight');
    await page.locator('.cut').press('Shift+ArrowDown');
    await expect.poll(cut).toEqual([104, 100, 200, 104]);
    await expectSound(page);
    await page.getByRole('button', { name: 'alone' }).click();
    await shows(page, { width: /200/ });
  });

  it('scores each format against the lossless one, as the server chooses qualities', async () => {
    const { page } = await visit('/w_96/f_jpg,q_50/seeding.jpg');
    await page.getByRole('button', { name: 'formats' }).click();
    const jpeg = page.locator('.ladder li', { hasText: 'JPG' });
    await jpeg.getByText(/^score \d+$/).waitFor();
    const score = Number((await jpeg.innerText()).match(/score (\d+)/)?.[1]);
    expect(score).toBeGreaterThan(20);
    expect(score).toBeLessThan(90);
  });

  it('takes an upload, a focal point and a purge through the API, a purge in two steps', async () => {
    const { page } = await visit(quick);
    const buffer = await readFile(sample);
    await page.locator('.drop input').setInputFiles({ name: 'own.jpg', mimeType: 'image/jpeg', buffer });
    await page.locator('.toast', { hasText: 'own.jpg is there as' }).waitFor();
    expect(await urlIn(page)).toMatch(/^\/w_160\/f_jpg\/\d{4}\/\d{2}\/[\w-]+\.jpg$/);
    await shows(page, { width: /160/ });
    await page.getByRole('button', { name: 'focal point' }).click();
    await page.locator('.focus-picture img').click({ position: { x: 20, y: 20 } });
    await page.getByRole('button', { name: 'Save the point' }).click();
    await page.locator('.toast', { hasText: 'The focal point of' }).waitFor();
    await page.getByRole('button', { name: 'Purge, dry run' }).click();
    await page.locator('.toast', { hasText: /would take \d+ stored/ }).waitFor();
    await page.getByRole('button', { name: 'Purge it' }).click();
    await page.locator('.toast', { hasText: /^Purged/ }).waitFor();
  });

  it('describes, replaces and deletes an original, what cannot be undone in two steps', async () => {
    const own = await readFile(portrait);
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'image/jpeg' };
    await fetch(`${server.url}/-/originals/ours.jpg`, { method: 'PUT', headers, body: new Uint8Array(own) });
    const { page } = await visit('/w_160/f_jpg/ours.jpg');
    await page.getByLabel('Alternative text').fill('A woman in a "space suit" {x}');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.locator('.toast', { hasText: 'ours.jpg is described' }).waitFor();
    // And pages are told, in signs that end no attribute.
    const alt = 'alt="A woman in a &#34;space suit&#34; &#123;x&#125;"';
    await page.locator('.snippets code', { hasText: alt }).waitFor();
    const info = async () => (await fetch(`${server.url}/-/info/ours.jpg`)).json();
    expect(await info()).toMatchObject({ alt: 'A woman in a "space suit" {x}', width: 400 });
    const file = { name: 'better.jpg', mimeType: 'image/jpeg', buffer: await readFile(sample) };
    await page.getByLabel('Pick a picture to replace ours.jpg by').setInputFiles(file);
    const replacing = page.getByRole('button', { name: 'Replace it by better.jpg' });
    await replacing.waitFor();
    // What was picked for one does not go over another.
    await page.locator('.thumbs button', { hasText: 'seeding.jpg' }).click();
    await page.getByLabel('Pick a picture to replace seeding.jpg by').waitFor({ state: 'attached' });
    expect(await replacing.count()).toBe(0);
    await page.locator('.thumbs button', { hasText: 'ours.jpg' }).click();
    await page.getByLabel('Pick a picture to replace ours.jpg by').setInputFiles(file);
    await replacing.click();
    await page.locator('.toast', { hasText: 'ours.jpg is better.jpg now' }).waitFor();
    expect(await info()).toMatchObject({ alt: 'A woman in a "space suit" {x}', width: 2400 });
    await page.getByRole('button', { name: 'Delete, dry run' }).click();
    await page.locator('.toast', { hasText: /would go/ }).waitFor();
    await page.getByRole('button', { name: 'Delete it for good' }).click();
    await page.locator('.toast', { hasText: /^ours.jpg is deleted/ }).waitFor();
    expect((await fetch(`${server.url}/ours.jpg`)).status).toBe(404);
  });

  it('is worked by keys: what is found becomes a step', async () => {
    const { page } = await visit(quick);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('grayscale');
    await page.keyboard.press('Enter');
    await page.waitForFunction(`document.querySelector('#url').value.includes('e_grayscale')`);
    await page.locator('body').press('?');
    await page.getByRole('heading', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.handle').focus();
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(`document.querySelector('.handle').getAttribute('aria-valuenow') === '52'`);
  });

  it('weighs at most 60 kB on the line', async () => {
    const files = await Promise.all(['js', 'css'].map((end) => readFile(`${builtProgram()}/playground.${end}`)));
    const bytes = files.reduce((sum, file) => sum + gzipSync(file).byteLength, 0);
    expect(bytes).toBeLessThan(60_000);
  });
});

describe('the gallery in Chromium', () => {
  it.each([
    [360, 'light', '4 / 5'],
    [1440, 'dark', '21 / 9'],
  ] as const)(
    'at %i pixels, %s, shows originals as a site does, and what they weighed',
    async (width, colorScheme, shape) => {
      const { page, complaints, hosts } = await open('/-/demo?prefix=people', {
        viewport: { width, height: 2400 },
        colorScheme,
      });
      // All of them, whatever waits to be scrolled to: each has come, in a width that is near the box it is shown in.
      const haveCome = `document.images.length === 3 && [...document.images].every((one) => one.complete && one.naturalWidth > 0)`;
      await expect.poll(() => page.evaluate(haveCome)).toBe(true);
      const shown = (await page.evaluate(
        `[...document.images].map((one) => ({ ratio: one.clientWidth / one.clientHeight, src: one.currentSrc, under: one.style.backgroundImage }))`,
      )) as readonly { readonly ratio: number; readonly src: string; readonly under: string }[];
      const [across = 1, down = 1] = shape.split(' / ').map(Number);
      expect(Math.abs((shown[0]?.ratio ?? 0) / (across / down) - 1)).toBeLessThan(0.02);
      expect(shown[0]?.src).toContain(`ar_${across}:${down},c_fill,g_auto`);
      expect(shown.slice(1).map(({ src }) => /ar_[^/]*w_/.exec(src)?.[0])).toEqual([
        'ar_3:2,c_fill,g_auto,w_',
        'ar_1:1,c_thumb,g_face,w_',
      ]);
      // What lay under them is gone, so that nothing shows through.
      expect(shown.map(({ under }) => under)).toEqual(shown.map(() => ''));
      await page.locator('.figures dd', { hasText: /^3$/ }).waitFor();
      await page.getByRole('button', { name: 'Weigh' }).click();
      await page.locator('.figures div', { hasText: /^As JPEG of quality 80[1-9][\d.]* kB/ }).waitFor();
      await expectSound(page);
      expect([complaints, [...hosts]]).toEqual([[], [server.url]]);
    },
  );

  it('is of the originals below a prefix, and without a token of the sample alone', async () => {
    const { page } = await open('/-/demo?prefix=people');
    await page.locator('.cards .caption', { hasText: 'people-ada.jpg' }).waitFor();
    expect(await page.locator('.cards li').count()).toBe(1);
    await page.getByLabel('Token').fill('');
    await page.locator('.cards .caption', { hasText: 'seeding.jpg' }).waitFor();
    expect(await page.locator('.cards li').count()).toBe(1);
  });
});
