import http from 'node:http';
import sharp from 'sharp';
import { expect } from 'vitest';
import { decode, distance } from '../support/pictures.ts';
import type { Row } from './row.ts';
import type { RunningService } from './running-service.ts';

/** The path as printed: a URL parser would tidy up what has to be answered as it is. */
function pathOf(url: string, { remote }: RunningService): string {
  const path = url.replace(/^https?:\/\/[^/]+/, '');
  return (path.startsWith('/') ? path : `/${path}`).replaceAll('REMOTE', remote);
}

/** Asks for what a client has printed, at the host that it has printed. */
export async function ask(url: string, service: RunningService) {
  const { hostname, port } = new URL(service.url);
  const [, host = `${hostname}:${port}`] = /^https?:\/\/([^/]+)/.exec(url) ?? [];
  const headers = { accept: 'image/webp,image/png,image/*;q=0.8,*/*;q=0.5', host };
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http.get({ hostname, port, path: pathOf(url, service), headers }, resolve).on('error', reject);
  });
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, bytes: Buffer.concat(chunks) };
}

async function formatOf(bytes: Buffer): Promise<string> {
  const { format, compression } = await sharp(bytes).metadata();
  return format === 'heif' && compression === 'av1' ? 'avif' : format;
}

/** Holds what a row's URL is answered with to what it has to be. */
export async function expectAnswered({ url, answer }: Row, service: RunningService): Promise<void> {
  const { status, headers, bytes } = await ask(url, service);
  const said = headers['x-cld-error'];
  if ('refused' in answer) {
    // Asked for as an `<img>` asks, which no other type of a failure would reach.
    expect([status, headers['content-type']]).toEqual([400, 'image/svg+xml']);
    expect(said).toMatch(answer.refused);
    return;
  }
  expect([status, said]).toEqual([200, said?.toString().startsWith('Resource not found') === true ? said : undefined]);
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
}
