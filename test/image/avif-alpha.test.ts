import { afterAll, describe, expect, it } from 'vitest';
import { inspect } from '../../src/image/index.ts';
import { avifSaying, profileProperty } from '../support/avif.ts';
import {
  type AvifItem,
  alphaProperty,
  avifOf,
  colourItem,
  grayItem,
  gridItem,
  sizeProperty,
} from '../support/avif-items.ts';
import { grayProfile } from '../support/gray-profile.ts';
import { decode, distance, from, paint, quarters } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const side = 16;
const colour = [200, 60, 30];

type Stream = readonly [name: string, stream: string, configuration: string];

/**
 * Written by avifenc 0.11 with `-r limited`: white to the left above, black to the right below, gray in the other quarters.
 * The stream, and its `av1C`.
 */
const narrow: readonly [Stream, ...Stream[]] = [
  ['8 bits', 'EgAKCBgM/9hgIaDEMhdEAAC/yYcsGXAcJzWG3y4Qwo+dCmQ/bw==', '0000000c6176314381001c00'],
  ['8 bits and colours', 'EgAKCDgM/9hAQ0GEMhlEAAC/yPkKQZVxeWOhuH/jsqsYz3GCzVZg', '0000000c6176314381200000'],
  ['10 bits', 'EgAKCBgM/9jgIaDEMhlEAAC/yYcsAI56AnNXYJBCEMIhwFqmQvTB', '0000000c6176314381005c00'],
  ['10 bits and colours', 'EgAKCDgM/9jAQ0GEMhtEAAC/yPkKMYXTN5Y6EsM8g7KqnKhBGCyTnKA=', '0000000c6176314381204000'],
  ['12 bits', 'EgAKCFgM/9jwENBiMhtEAAC/yYcr+ibFsCc1cbQeUBDCBXxGGmQrJT0=', '0000000c6176314381407c00'],
];

function streamItem([, stream, configuration]: Stream): AvifItem {
  const properties = [sizeProperty(side, side), Buffer.from(configuration, 'hex'), alphaProperty];
  return { data: Buffer.from(stream, 'base64'), properties };
}

const picture = await colourItem(paint(side, side, () => colour));
const [first] = narrow;

/** A place in each quarter, and what is seen of it. */
const places = [
  [3, 3, 255],
  [12, 3, 127],
  [3, 12, 127],
  [12, 12, 0],
] as const;

async function alphasOf(file: Uint8Array, text = 'f_png'): Promise<readonly number[]> {
  const drawn = await decode((await draw(file, text)).bytes);
  return places.map(([x, y]) => drawn.at((x * drawn.width) / side, (y * drawn.height) / side)[3] ?? 255);
}

const expected = places.map(([, , alpha]) => alpha);

describe('alpha of an AVIF whose stream counts as television does', () => {
  it.each(narrow)('is clear and opaque at its ends, in %s', async (...one) => {
    const file = avifOf([picture, streamItem(one)], [['auxl', 2, [1]]]);
    expect(distance(await alphasOf(file), expected)).toBeLessThanOrEqual(1);
    const drawn = await decode((await draw(file, 'f_png')).bytes);
    expect(distance(drawn.at(12, 3).slice(0, 3), colour)).toBeLessThanOrEqual(2);
  });

  const file = avifOf([picture, streamItem(first)], [['auxl', 2, [1]]]);

  it.each(['f_webp,q_100', 'a_360/f_png', 'c_scale,w_32,h_32/f_png', 'f_avif,q_100'])('in %s too', async (text) => {
    expect(distance(await alphasOf(file, text), expected)).toBeLessThanOrEqual(6);
  });

  it('and what is clear colours nothing', async () => {
    const hidden = await colourItem(paint(side, side, (x, y) => (x >= 8 && y >= 8 ? [0, 0, 255] : [255, 0, 0])));
    const { bytes } = await draw(avifOf([hidden, streamItem(first)], [['auxl', 2, [1]]]), 'c_scale,w_3,h_3/f_png');
    expect(distance((await decode(bytes)).at(1, 1).slice(0, 3), [255, 0, 0])).toBeLessThanOrEqual(4);
  });

  it('and what is opaque lets nothing through', async () => {
    const base = await from(quarters(64, 64)).png().toBuffer();
    const layers = new Map([['seal', file]]);
    const drawn = await decode((await draw(base, 'l_seal/fl_layer_apply/f_png', { layers })).bytes);
    expect(distance(drawn.at(27, 27), colour)).toBeLessThanOrEqual(2);
    expect(distance(drawn.at(36, 36), [0, 0, 255])).toBeLessThanOrEqual(2);
  });

  it('in a grid', async () => {
    const cell = { ...streamItem(first), isHidden: true };
    const items = [
      { ...picture, isHidden: true },
      gridItem(1, 1, side, side),
      cell,
      { ...gridItem(1, 1, side, side), properties: [sizeProperty(side, side), alphaProperty] },
    ];
    const references = [
      ['dimg', 2, [1]],
      ['dimg', 4, [3]],
      ['auxl', 4, [2]],
    ] as const;
    expect(distance(await alphasOf(avifOf(items, references, 2)), expected)).toBeLessThanOrEqual(1);
  });

  it('beside grays that have a profile', async () => {
    const gray = await grayItem(paint(side, side, () => [128]));
    const profiled = { ...gray, properties: [...gray.properties, profileProperty(grayProfile(1))] };
    const file = avifOf([profiled, streamItem(first)], [['auxl', 2, [1]]]);
    expect(distance(await alphasOf(file), expected)).toBeLessThanOrEqual(1);
    expect(distance((await decode((await draw(file, 'f_png')).bytes)).at(3, 3), [188, 188, 188])).toBeLessThanOrEqual(
      1,
    );
  });

  it('is told apart from others', async () => {
    const usual = await grayItem(paint(side, side, () => [128]));
    const others = avifOf(
      [picture, { ...usual, properties: [...usual.properties, alphaProperty] }],
      [['auxl', 2, [1]]],
    );
    expect((await inspect(others)).alphaRange).toBeUndefined();
    expect((await inspect(file)).alphaRange).toEqual({ black: 16 / 255, white: 235 / 255 });
  });

  it('and is refused with cs_copy, which has no other numbers to keep', async () => {
    await expect(draw(file, 'cs_copy,f_png')).rejects.toMatchObject({ kind: 'invalid' });
  });
});

it('colours of 10 bits that are multiplied by alpha are read by their profile too', async () => {
  const nearlyOpaque = paint(64, 64, () => [255, 0, 0, 254]);
  const avif = await from(nearlyOpaque)
    .withIccProfile('p3')
    .avif({ bitdepth: 10, lossless: true, chromaSubsampling: '4:4:4' })
    .toBuffer();
  for (const file of [avif, avifSaying(avif, { reference: 'prem' })]) {
    const drawn = await decode((await draw(file, 'f_png')).bytes);
    expect(distance(drawn.at(32, 32), [255, 0, 0, 254])).toBeLessThanOrEqual(8);
  }
});
