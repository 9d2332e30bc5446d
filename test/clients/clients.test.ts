import http from 'node:http';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decode, distance } from '../support/pictures.ts';
import type { Row } from './row.ts';
import { rows as cloudinary } from './rows/cloudinary.ts';
import { rows as next } from './rows/next.ts';
import { rows as nuxt } from './rows/nuxt.ts';
import { rows as unpic } from './rows/unpic.ts';
import { rows as urlGen } from './rows/url-gen.ts';
import { type RunningService, startService } from './running-service.ts';

let service: RunningService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

/** The path as printed: a URL parser would tidy up what has to be answered as it is. */
function pathOf(url: string): string {
  const path = url.replace(/^https?:\/\/[^/]+/, '');
  return (path.startsWith('/') ? path : `/${path}`).replaceAll('REMOTE', service.remote);
}

async function ask(url: string) {
  const { hostname, port } = new URL(service.url);
  const headers = { accept: 'image/webp,image/png,image/*;q=0.8,*/*;q=0.5' };
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http.get({ hostname, port, path: pathOf(url), headers }, resolve).on('error', reject);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, bytes: Buffer.concat(chunks) };
}

async function formatOf(bytes: Buffer): Promise<string> {
  const { format, compression } = await sharp(bytes).metadata();
  return format === 'heif' && compression === 'av1' ? 'avif' : format;
}

const clients: Readonly<Record<string, readonly Row[]>> = {
  'cloudinary 2.11.0': cloudinary,
  '@cloudinary/url-gen 1.22.0': urlGen,
  'unpic 4.2.2': unpic,
  '@nuxt/image 2.1.0': nuxt,
  'next-cloudinary 6.19.3, url-loader 6.3.1, next/image': next,
};

it('there are 150 distinct URLs at least', () => {
  const urls = new Set(Object.values(clients).flatMap((rows) => rows.map(({ url }) => url)));
  expect(urls.size).toBeGreaterThanOrEqual(150);
});

describe.each(Object.entries(clients))('%s', (_client, rows) => {
  it.each(rows.map((row) => [row.name, row.url, row] as const))('%s: %s', async (_name, url, { answer }) => {
    const { status, headers, bytes } = await ask(url);
    const said = headers['x-cld-error'];
    if ('refused' in answer) {
      // Asked for as an `<img>` asks, which no other type of a failure would reach.
      expect([status, headers['content-type']]).toEqual([400, 'image/svg+xml']);
      expect(said).toMatch(answer.refused);
      return;
    }
    expect([status, said]).toEqual([
      200,
      said?.toString().startsWith('Resource not found') === true ? said : undefined,
    ]);
    const picture = await decode(bytes);
    expect([picture.width, picture.height, await formatOf(bytes)]).toEqual([...answer.size, answer.format]);
    expect(headers['content-type']).toBe(`image/${answer.format}`);
    const colourAt = (x: number, y: number) => {
      const pixel = picture.at(Math.floor(x * picture.width), Math.floor(y * picture.height));
      const [grey = 0, alpha = 255] = pixel;
      return picture.channels < 3 ? [grey, grey, grey, alpha] : pixel;
    };
    if (answer.isAsMeant !== undefined) expect(answer.isAsMeant(colourAt)).toBe(true);
    for (const { at, colour } of answer.spots) {
      const came = colourAt(at[0], at[1]);
      // Of what cannot be seen the colour does not count.
      const compared = colour[3] === 0 ? [came[3] ?? 255] : came.slice(0, colour.length);
      const expected = colour[3] === 0 ? [0] : colour;
      expect({ at, came, off: distance(compared, expected) > 40 }).toEqual({ at, came, off: false });
    }
  });
});
