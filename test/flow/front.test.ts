import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Config, readConfig } from '../../src/config/index.ts';
import { version } from '../../src/version.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8';

interface House {
  readonly keys?: readonly string[];
  readonly unsigned?: Config['unsigned'];
  readonly file?: Partial<Config['file']>;
  readonly environment?: Readonly<Record<string, string>>;
}

async function house({ keys = ['seeding.jpg', 'secret.jpg'], unsigned = 'any', file, environment = {} }: House = {}) {
  const originals = createMemoryStore();
  for (const key of keys) await originals.put(key, Buffer.from(`the original ${key}`));
  const config = { unsigned, file: { ...readConfig({}).file, ...file } };
  const its = await createPixelFreeService({ originals, config, environment });
  onTestFinished(() => its.service.close());
  const open = (path = '/', headers: Readonly<Record<string, string>> = { accept: browser }) =>
    its.ask(path, { headers });
  return { ...its, open };
}

/** What the page leads to, and what it shows. */
function pathsIn(page: string): readonly string[] {
  return [...page.matchAll(/ (?:src|href|action)="([^"]*)"/g)].map(([, path = '']) => path.replaceAll('&amp;', '&'));
}

describe('the page at /', () => {
  it('says what runs, and shows the sample in pictures that are answered', async () => {
    const { open, ask } = await house();
    const response = await open();
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const page = await response.text();
    expect(page).toContain(`<span>${version}</span>`);
    const shown = [...page.matchAll(/<img[^>]* src="([^"]*)"/g)].map(([, path = '']) => path);
    expect(shown).toHaveLength(3);
    for (const path of pathsIn(page)) expect([path, (await ask(path)).status]).toEqual([path, 200]);
    expect(page).not.toContain('secret');
  });

  it('runs nothing, and asks no other host', async () => {
    const { open } = await house();
    const response = await open();
    const page = await response.text();
    const [, style = ''] = /<style>([^<]*)<\/style>/.exec(page) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(response.headers.get('content-security-policy')).toBe(
      `default-src 'none'; img-src 'self'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    );
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page).not.toMatch(/<script|\bstyle="|\bon\w+="/);
    expect(pathsIn(page).filter((path) => !/^\/(?!\/)/.test(path))).toEqual([]);
  });

  it('is the same policy’s as its pictures: none where nobody may ask for them, or there is no sample', async () => {
    const pictures = async (options: House) =>
      ((await (await (await house(options)).open()).text()).match(/<img/g) ?? []).length;
    expect(await pictures({ unsigned: 'ladder' })).toBe(3);
    expect(await pictures({ keys: ['secret.jpg'] })).toBe(0);
    const signing = { FOVEA_SIGNING_SECRETS: 'not-a-secret-but-long-enough-to-be-one' };
    expect(await pictures({ unsigned: 'none', environment: signing })).toBe(0);
  });

  it('is for who wants pages: programs are told in JSON what is wrong, and pictures in theirs', async () => {
    const { open } = await house();
    for (const accept of ['*/*', 'application/json', 'application/json,text/html;q=0.9']) {
      const response = await open('/', { accept });
      expect([accept, response.status, response.headers.get('content-type')]).toEqual([
        accept,
        400,
        'application/problem+json',
      ]);
      expect(response.headers.get('vary')).toContain('Accept');
    }
    expect((await open()).headers.get('vary')).toBe('Accept');
    expect((await open('/', { 'sec-fetch-dest': 'image' })).headers.get('content-type')).toBe('image/svg+xml');
  });
});

describe('what every host is asked for', () => {
  it('is a picture for the tab', async () => {
    const { open } = await house();
    const response = await open('/favicon.ico');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/png']);
    const { width, height, format } = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
    expect([width, height, format]).toEqual([32, 32, 'png']);
  });

  it('is a word for crawlers', async () => {
    const { open } = await house();
    const response = await open('/robots.txt');
    expect([response.status, await response.text()]).toEqual([200, 'User-agent: *\nDisallow: /-/\n']);
  });

  it('is also answered where every URL has to be signed', async () => {
    const environment = { FOVEA_SIGNING_SECRETS: 'not-a-secret-but-long-enough-to-be-one' };
    const { open } = await house({ unsigned: 'none', environment });
    for (const path of ['/', '/favicon.ico', '/robots.txt'])
      expect([path, (await open(path)).status]).toEqual([path, 200]);
  });

  it('is the original of that name, where there is one', async () => {
    const { open } = await house({ keys: ['robots.txt', 'favicon.ico'], file: { otherOriginals: ['txt', 'ico'] } });
    expect(await (await open('/robots.txt')).text()).toBe('the original robots.txt');
    expect(await (await open('/favicon.ico')).text()).toBe('the original favicon.ico');
  });
});
