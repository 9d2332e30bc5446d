import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { thumbHashToAverageRGBA } from 'thumbhash';
import { afterAll, expect, it } from 'vitest';
import { defaultGrammarOptions, negotiate, parseTransformation } from '../../src/grammar/index.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer } = startRenderer();
afterAll(() => renderer.close());

interface Description {
  readonly [name: string]: unknown;
  readonly palette: readonly string[];
  readonly placeholder: string;
  readonly blurHash: string;
  readonly thumbHash: string;
}

let originals = 0;

async function describe(
  original: Uint8Array,
  more: { readonly isOpen?: boolean } = { isOpen: true },
): Promise<Description> {
  const { transform } = negotiate(parseTransformation('fl_describe', defaultGrammarOptions), {
    accept: undefined,
    foveaAccept: undefined,
  });
  originals += 1;
  const how = { signal: new AbortController().signal, fingerprint: `original ${originals}` };
  const { bytes, contentType } = await renderer.render({ original, ...more }, transform, how);
  expect(contentType).toBe('application/json; charset=utf-8');
  return JSON.parse(Buffer.from(bytes).toString('utf8'));
}

const halves = async () => {
  const red = { create: { width: 600, height: 400, channels: 3, background: '#e01010' } } as const;
  const blue = { create: { width: 200, height: 400, channels: 3, background: '#1010e0' } } as const;
  return sharp(red).composite([{ input: await sharp(blue).png().toBuffer(), left: 400, top: 0 }]);
};

it('tells size, format, bytes, colours and placeholders of a photograph', async () => {
  const original = await readFile(new URL('../../data/originals/seeding.jpg', import.meta.url));
  const { width, height } = await sharp(original).metadata();
  const told = await describe(original);
  expect(told).toMatchObject({
    width,
    height,
    format: 'jpeg',
    bytes: original.length,
    orientation: 1,
    frames: 1,
    hasAlpha: false,
  });
  expect(told['colour']).toMatchObject({ space: 'rgb', bits: 8, isP3: false, isHdr: false });
  expect(told.palette.length).toBeGreaterThan(2);
  expect(told.palette.length).toBeLessThanOrEqual(6);
  expect(told.placeholder.length).toBeLessThanOrEqual(400);
  const small = await sharp(Buffer.from(told.placeholder.split(',')[1] ?? '', 'base64')).metadata();
  expect(small.format).toBe('webp');
  expect((small.width ?? 0) / (small.height ?? 1)).toBeCloseTo(width / height, 0);
});

it('names the colours of most pixels first', async () => {
  const told = await describe(await (await halves()).png().toBuffer());
  expect([told['dominantColour'], told.palette]).toEqual(['#e01010', ['#e01010', '#1010e0']]);
  // Two thirds of red light and one of blue, in BlurHash's first numbers: its size, and the average after them.
  expect([told.blurHash.length, told.blurHash[0]]).toEqual([28, 'L']);
  const { r, b } = thumbHashToAverageRGBA(Buffer.from(told.thumbHash, 'base64'));
  expect(r).toBeGreaterThan(b);
});

it('has the average light of a plain picture in its BlurHash', async () => {
  const plain = sharp({ create: { width: 64, height: 64, channels: 3, background: '#3366cc' } });
  const { blurHash } = await describe(await plain.png().toBuffer());
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~';
  const average = [...blurHash.slice(2, 6)].reduce((sum, digit) => sum * 83 + digits.indexOf(digit), 0);
  expect(average.toString(16)).toBe('3366cc');
});

it('knows of alpha, turns, frames, depth, P3 and what is clear', async () => {
  const clear = { create: { width: 40, height: 20, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } } as const;
  expect(await describe(await sharp(clear).png().toBuffer())).toMatchObject({ hasAlpha: true, palette: [] });
  const wide = sharp({ create: { width: 40, height: 20, channels: 3, background: 'red' } });
  const turned = await describe(await wide.clone().withMetadata({ orientation: 6 }).jpeg().toBuffer());
  expect(turned).toMatchObject({ width: 20, height: 40, orientation: 6 });
  const deep = await describe(await wide.clone().toColourspace('rgb16').png().toBuffer());
  expect(deep['colour']).toMatchObject({ bits: 16 });
  const p3 = await describe(await wide.clone().withIccProfile('p3').jpeg().toBuffer());
  expect(p3['colour']).toMatchObject({ isP3: true, isHdr: false });
});

it('tells of the camera and of the author’s words only where anybody may have the file, and never of places', async () => {
  const exif = {
    IFD0: { Make: 'Acme', Model: 'Eye 1' },
    IFD2: { FNumber: '28/10', ISOSpeedRatings: '200' },
    IFD3: { GPSLatitude: '51/1 30/1 0/1' },
  };
  const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:core="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/" xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" ext:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"><core:AltTextAccessibility><rdf:Alt><rdf:li xml:lang="x-default">A red field</rdf:li></rdf:Alt></core:AltTextAccessibility></rdf:Description></rdf:RDF></x:xmpmeta>`;
  const original = await (await halves()).withExif(exif).withXmp(xmp).jpeg().toBuffer();
  const told = await describe(original);
  expect(told).toMatchObject({ alt: 'A red field', exif: { make: 'Acme', model: 'Eye 1', fNumber: 2.8 } });
  expect(told['aiMark']).toContain('trainedAlgorithmicMedia');
  expect(JSON.stringify(told)).not.toMatch(/gps|latitude|51/i);
  const closed = await describe(original, { isOpen: false });
  expect([closed['alt'], closed['exif']]).toEqual([undefined, {}]);
});
