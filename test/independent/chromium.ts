import { type Browser, chromium } from 'playwright-core';
import type { Pixel } from '../support/pictures.ts';
import type { Files, Place } from './programs.ts';

/** What people look with. One browser for all tests of a file. */

export interface Eyes {
  /** Shows each picture on a page and draws it to a canvas, as pages do. */
  look(files: Files, places: readonly Place[]): Promise<ReadonlyMap<string, Seen>>;
  /** Plays each: every frame with its milliseconds and its colours at these places. */
  play(files: Files, places: readonly Place[]): Promise<ReadonlyMap<string, readonly SeenFrame[]>>;
  close(): Promise<void>;
}

/** A picture as it is shown: colours of sRGB, alpha last. */
export interface Seen {
  readonly width: number;
  readonly height: number;
  readonly points: readonly Pixel[];
}

export interface SeenFrame extends Seen {
  readonly delayMs: number;
}

/** The places of a picture, and the pictures: what one call into the page takes. */
interface Call {
  readonly places: readonly Place[];
  readonly pictures: readonly (readonly [name: string, base64: string])[];
}

/** More at once would make a message of more megabytes than the browser's protocol likes. */
const mostAtOnce = 200;

function* calls(files: Files, places: readonly Place[]): Generator<Call> {
  const pictures = [...files].map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')] as const);
  for (let at = 0; at < pictures.length; at += mostAtOnce) {
    yield { places, pictures: pictures.slice(at, at + mostAtOnce) };
  }
}

export async function openEyes(): Promise<Eyes> {
  const browser: Browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--force-color-profile=srgb'],
  });
  const page = await browser.newPage();
  // WebCodecs are there for pages of a safe origin only; nothing is asked of the network.
  await page.route('http://localhost/', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<title>x</title>' }),
  );
  await page.goto('http://localhost/');
  await page.addScriptTag({ content: inThePage });
  async function ask<T>(
    name: 'look' | 'play',
    files: Files,
    places: readonly Place[],
  ): Promise<ReadonlyMap<string, T>> {
    const all: (readonly [string, T])[] = [];
    for (const call of calls(files, places)) {
      const read = await page.evaluate(([one, given]) => Reflect.get(globalThis, one)(given), [name, call] as const);
      all.push(...(read as readonly (readonly [string, T])[]));
    }
    return new Map(all);
  }
  return {
    look: (files, places) => ask<Seen>('look', files, places),
    play: (files, places) => ask<readonly SeenFrame[]>('play', files, places),
    close: () => browser.close(),
  };
}

/** The page's own script: an <img> drawn to a canvas, and WebCodecs' decoder for what moves. */
const inThePage = `
const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** By the first bytes, as browsers do. */
function typeOf(bytes) {
  const text = String.fromCharCode(...bytes.subarray(0, 16));
  if (text.startsWith('GIF8')) return 'image/gif';
  if (text.startsWith('\\u0089PNG')) return 'image/png';
  if (text.slice(8, 12) === 'WEBP') return 'image/webp';
  return text.slice(4, 8) === 'ftyp' ? 'image/avif' : 'image/jpeg';
}

function seen(source, width, height, places) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(source, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const points = places.map(([x, y]) => {
    const at = (Math.floor(y * height) * width + Math.floor(x * width)) * 4;
    return [...data.subarray(at, at + 4)];
  });
  return { width, height, points };
}

async function look({ places, pictures }) {
  return Promise.all(pictures.map(async ([name, base64]) => {
    const bytes = bytesOf(base64);
    const url = URL.createObjectURL(new Blob([bytes], { type: typeOf(bytes) }));
    const image = new Image();
    image.src = url;
    await image.decode().catch(() => undefined);
    URL.revokeObjectURL(url);
    if (image.naturalWidth === 0) return [name, { width: 0, height: 0, points: [] }];
    return [name, seen(image, image.naturalWidth, image.naturalHeight, places)];
  }));
}

async function play({ places, pictures }) {
  const all = [];
  for (const [name, base64] of pictures) {
    const data = bytesOf(base64);
    const decoder = new ImageDecoder({ data, type: typeOf(data), preferAnimation: true });
    await decoder.completed;
    await decoder.tracks.ready;
    const frames = [];
    for (let frameIndex = 0; frameIndex < decoder.tracks.selectedTrack.frameCount; frameIndex += 1) {
      const { image } = await decoder.decode({ frameIndex });
      const { displayWidth, displayHeight, duration } = image;
      frames.push({ ...seen(image, displayWidth, displayHeight, places), delayMs: Math.round((duration ?? 0) / 1000) });
      image.close();
    }
    decoder.close();
    all.push([name, frames]);
  }
  return all;
}
`;
