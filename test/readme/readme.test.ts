import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import vm from 'node:vm';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import { srcset, url } from '../../src/url/index.ts';
import { codeBlocks, pathOf, pictureRows, readReadme, withTables } from './readme.ts';
import { acceptFor, type RunningProgram, startProgram } from './running-program.ts';
import { schemaPath, writeSchema } from './schema.ts';

const readme = readReadme();
const rows = pictureRows(readme);
let program: RunningProgram;

beforeAll(async () => {
  program = await startProgram();
});
afterAll(() => program.close());

async function ask(url: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(program.url + url, { headers });
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
}

/** What a picture is by its pixels; AVIF is what sharp calls HEIF with AV1 inside. */
async function factsOf(picture: Buffer | string) {
  const { width, height, format, compression } = await sharp(picture).metadata();
  return { width, height, format: format === 'heif' && compression === 'av1' ? 'avif' : format };
}

describe('the table of URLs', () => {
  const answers = rows.flatMap((row) => row.formats.map((format) => ({ ...row, format })));

  it('has rows, and shows every picture in its folder', () => {
    expect(rows.length).toBeGreaterThanOrEqual(10);
    const shown = rows.map(({ picture }) => picture).filter((picture) => picture !== undefined);
    const there = readdirSync(pathOf('.github/pictures')).map((name) => `.github/pictures/${name}`);
    expect(there.sort()).toEqual(shown.sort());
  });

  it.each(answers)('$url gives $width×$height $format', async ({ url, width, height, format }) => {
    const { response, bytes } = await ask(url, { accept: acceptFor(format) });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(`image/${format}`);
    expect(Number(response.headers.get('content-length'))).toBe(bytes.length);
    expect(await factsOf(bytes)).toEqual({ width, height, format });
  });

  it.each(rows.filter(({ picture }) => picture !== undefined))(
    '$picture is what it stands for, and small',
    async (row) => {
      const picture = pathOf(row.picture ?? '');
      const { width, height, format } = await factsOf(picture);
      expect({ width, height }).toEqual({ width: row.width, height: row.height });
      expect(row.formats).toContain(format);
      expect(statSync(picture).size).toBeLessThan(80_000);
    },
  );
});

describe('the page to paste', () => {
  const [html = ''] = codeBlocks(readme, 'html');
  const candidates = [...html.matchAll(/http:\/\/127\.0\.0\.1:3000(\S+)\s+(\d+)w/g)];

  it('has a picture of the promised width behind every candidate', async () => {
    expect(candidates).toHaveLength(4);
    for (const [, url = '', width] of candidates) {
      const { response, bytes } = await ask(url, { accept: acceptFor('webp') });
      expect(response.status).toBe(200);
      expect((await factsOf(bytes)).width).toBe(Number(width));
    }
  });

  it('names the size of the original, so that the page does not jump', async () => {
    const { width, height } = await factsOf(pathOf('data/originals/seeding.jpg'));
    expect(html).toContain(`width="${width}" height="${height}"`);
  });

  it('is drawn as wide as it tells the browser that it will be, and never wider than its page', () => {
    const [, drawn] = /style="width: 100%; max-width: (\d+)px; height: auto"/.exec(html) ?? [];
    expect(html).toContain(`sizes="(max-width: ${drawn}px) 100vw, ${drawn}px"`);
    expect(candidates.map(([, , width]) => width)).toContain(drawn);
  });
});

describe('the configuration', () => {
  it('is the one that the program reads: `npm run docs` writes the table', () => {
    expect(readme).toBe(withTables(readme));
    expect(readFileSync(pathOf(schemaPath), 'utf8'), 'npm run docs').toBe(writeSchema(readme));
  });

  it('shows a configuration file that the program takes, with every key explained', () => {
    const [json = ''] = codeBlocks(readme, 'json');
    const { $schema, ...file } = JSON.parse(json) as Readonly<Record<string, unknown>>;
    expect($schema).toBe(`./${schemaPath}`);
    const keys = Object.keys(file);
    for (const key of keys) expect(readme).toMatch(new RegExp(`^\\| \`${key}(\\.\\w+)?\` \\|`, 'm'));
    expect(Object.keys(readConfig({}).file)).toEqual(expect.arrayContaining(keys));
  });

  it('shows no part of one that the program would refuse', () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const pem = JSON.stringify(publicKey.export({ type: 'spki', format: 'pem' }));
    const { properties } = JSON.parse(readFileSync(pathOf(schemaPath), 'utf8')) as { properties: object };
    const folder = mkdtempSync(join(tmpdir(), 'fovea-readme-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const parts = codeBlocks(readme, 'json').filter((block) =>
      Object.keys(JSON.parse(block)).every((key) => key in properties),
    );
    expect(parts.length).toBeGreaterThanOrEqual(4);
    for (const [at, part] of parts.entries()) {
      const path = join(folder, `${at}.json`);
      writeFileSync(path, part.replace(/"-----BEGIN PUBLIC KEY-----[^"]*"/, pem));
      expect(readConfig({ FOVEA_CONFIG: path }).readFrom).toBe(path);
    }
  });

  it('sets up S3 with variables that the program takes', () => {
    const [, sh = ''] = codeBlocks(readme, 'sh');
    const given = [...sh.matchAll(/^export (FOVEA_\w+)=(\S+)/gm)].map(([, name, value]) => [name, value]);
    expect(readConfig(Object.fromEntries(given))).toMatchObject({
      originals: 's3://my-pictures/originals',
      variants: 's3://my-pictures/variants',
    });
  });
});

describe('the URL builder of the README', () => {
  it('builds URLs that the program answers', async () => {
    const code = codeBlocks(readme, 'js').find((block) => block.includes("{ srcset, url } from 'fovea/url'")) ?? '';
    const built: string[] = [];
    vm.runInNewContext(code.replace(/^import .*$/m, ''), {
      url: (...options: Parameters<typeof url>) => built.push(url(...options)),
      srcset: (...options: Parameters<typeof srcset>) => built.push(...srcset(...options).split(/ \d+w(?:, |$)/)),
    });
    const paths = built.filter((path) => path !== '');
    expect(paths).toHaveLength(4);
    for (const path of paths) expect((await ask(path)).response.status, path).toBe(200);
  });
});

describe('the CloudFront function', () => {
  const code = codeBlocks(readme, 'js').find((block) => block.startsWith('function handler')) ?? '';
  type Request = { headers: Record<string, { value: string }>; querystring: Record<string, unknown> };

  function handle(headers: Request['headers']): Request {
    const request: Request = { headers, querystring: { _a: { value: 'x' } } };
    return vm.runInNewContext(`${code}; handler(event)`, { event: { request } });
  }

  it.each([
    ['image/avif,image/webp,*/*;q=0.8', 'avif', 'image/avif'],
    ['image/webp,*/*;q=0.8', 'webp', 'image/webp'],
    ['*/*', 'none', 'image/jpeg'],
  ])('turns Accept: %s into %s, which the program believes', async (accept, token, type) => {
    const { headers, querystring } = handle({ accept: { value: accept } });
    expect(headers['x-fovea-accept']?.value).toBe(token);
    expect(querystring).toEqual({});
    const { response } = await ask('/c_limit,w_64,f_auto,q_auto/seeding.jpg', {
      'x-fovea-accept': token,
      accept: 'x/y',
    });
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('vary')).toContain('Accept');
  });

  it('says none for a client that sends no Accept', () => {
    expect(handle({}).headers['x-fovea-accept']?.value).toBe('none');
  });
});

describe('what it says of answers', () => {
  it('a picture may be kept for a year and names its original by a tag', async () => {
    const { response } = await ask('/w_64/seeding.jpg');
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('x-amz-meta-cache-tag')).toMatch(/^o:[\w-]+$/);
    expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(response.headers.get('vary')).toBeNull();
  });

  it.each([
    ['/w_0/seeding.jpg', 400],
    ['/c_nosuch,w_10/seeding.jpg', 400],
    ['/s--aaaaaaaa--/w_10/seeding.jpg', 401],
    ['/w_10/a%2Fb.jpg', 400],
    ['/w_10/no-such.jpg', 404],
    ['/c_scale,w_9000/seeding.jpg', 413],
    ['/w_10/../seeding.jpg', 400],
  ])('%s is refused with %i, a reason, and a life of its own', async (url, status) => {
    const { hostname, port } = new URL(program.url);
    const { default: http } = await import('node:http');
    // Not fetch: it would tidy the path up before sending it.
    const answer = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
      http.get({ hostname, port, path: url }, resolve).on('error', reject);
    });
    answer.resume();
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.headers['x-cld-error']).toMatch(/\w/);
    expect(answer.headers['cache-control']).toMatch(/^(no-store|public, max-age=\d+)$/);
  });

  it('every picture of one original carries the same tag, whatever its spelling', async () => {
    const tags = await Promise.all(['/w_64/seeding.jpg', '/image/upload/w_64/v1/seeding'].map((url) => ask(url)));
    const [first, second] = tags.map(({ response }) => response.headers.get('x-amz-meta-cache-tag'));
    expect(first).toBe(second);
  });
});

describe('the commands and files it names', () => {
  const packageFile: { scripts: Record<string, string> } = JSON.parse(readFileSync(pathOf('package.json'), 'utf8'));

  it('are there', () => {
    const text = readme + readFileSync(pathOf('.github/CONTRIBUTING.md'), 'utf8');
    const scripts = new Set([...text.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name));
    for (const script of scripts) expect(Object.keys(packageFile.scripts)).toContain(script);
    const links = [...readme.matchAll(/\]\(([^):]+)\)/g)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((link) => !existsSync(pathOf(link)))).toEqual([]);
    // Nobody finds a page that none leads to.
    const pages = readdirSync(pathOf('.')).filter((name) => name.endsWith('.md') && name !== 'README.md');
    expect(pages.filter((page) => !links.includes(page))).toEqual([]);
  });
});
