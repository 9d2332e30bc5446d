import { readdirSync, statSync } from 'node:fs';
import vm from 'node:vm';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { srcset, url } from '../../src/url/index.ts';
import { allBlocks, codeBlocks, pathOf, readPage } from './pages.ts';
import { pictureRows } from './pictures.ts';
import { acceptFor, type RunningProgram, startProgram } from './running-program.ts';

const rows = pictureRows();
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

describe('the tables of URLs', () => {
  const answers = rows.flatMap((row) => row.formats.map((format) => ({ ...row, format })));

  it('have rows, and show every picture in its folder', () => {
    expect(rows.length).toBeGreaterThanOrEqual(10);
    const shown = new Set(rows.flatMap(({ picture }) => (picture === undefined ? [] : [picture])));
    const there = readdirSync(pathOf('.github/pictures')).map((name) => `.github/pictures/${name}`);
    expect(there.sort()).toEqual([...shown].sort());
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

describe.each(['README.md', 'docs/in-a-page.md'])('the page to paste in %s', (page) => {
  const [html = ''] = codeBlocks(readPage(page), 'html');
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

describe('the URL builder', () => {
  it('builds URLs that the program answers', async () => {
    const blocks = allBlocks('js').filter(({ code }) => code.includes("{ srcset, url } from '@fovea/url'"));
    expect(blocks.map(({ path }) => path)).toEqual(['README.md', 'docs/in-a-page.md']);
    const built: string[] = [];
    for (const { code } of blocks)
      vm.runInNewContext(code.replace(/^import .*$/m, ''), {
        url: (...options: Parameters<typeof url>) => built.push(url(...options)),
        srcset: (...options: Parameters<typeof srcset>) => built.push(...srcset(...options).split(/ \d+w(?:, |$)/)),
      });
    const paths = built.filter((path) => path !== '');
    expect(paths).toHaveLength(8);
    for (const path of paths) expect((await ask(path)).response.status, path).toBe(200);
  });
});

describe('the CloudFront function of docs/cdn.md', () => {
  const code = codeBlocks(readPage('docs/cdn.md'), 'js').find((block) => block.startsWith('function handler')) ?? '';
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
