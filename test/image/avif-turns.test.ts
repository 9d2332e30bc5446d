import { afterAll, describe, expect, it } from 'vitest';
import { inspect } from '../../src/image/index.ts';
import { avifSaying } from '../support/avif.ts';
import {
  type AvifItem,
  type AvifReference,
  alphaProperty,
  avifOf,
  colourItem,
  cutProperty,
  grayItem,
  gridItem,
  mirrorProperty,
  turnProperty,
} from '../support/avif-items.ts';
import { noticed, xmpPacket } from '../support/notices.ts';
import { decode, distance, from, type Pixel, type Pixels, paint, quarters } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { readSaid } from '../support/said.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const [width, height] = [96, 64];
const colourAt = (x: number, y: number): Pixel => [2 * x, 3 * y, 90];
/** Nowhere the same as at a place that a turn brings there, and never quite clear, so that colours are seen. */
const alphaOf = (x: number, y: number) => 60 + x + y;
const colours = paint(width, height, colourAt);
const alphas = paint(width, height, (x, y) => [alphaOf(x, y)]);
const seen = paint(width, height, (x, y) => [...colourAt(x, y), alphaOf(x, y)]);

const picture = await colourItem(colours);
const alpha = await grayItem(alphas);

/** What is done to pixels, one after the other. */
type Step =
  | 'left'
  | 'half'
  | 'right'
  | 'mirrored'
  | 'flipped'
  | { readonly cut: readonly [number, number, number, number] };

async function turned(pixels: Pixels, ...steps: readonly Step[]): Promise<Pixels> {
  let now = pixels;
  for (const step of steps) {
    const pipeline = from(now);
    if (typeof step === 'object') {
      const [left, top, cutWidth, cutHeight] = step.cut;
      pipeline.extract({ left, top, width: cutWidth, height: cutHeight });
    } else if (step === 'mirrored') pipeline.flop();
    else if (step === 'flipped') pipeline.flip();
    else pipeline.rotate({ left: 270, half: 180, right: 90 }[step]);
    const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
    now = { ...now, width: info.width, height: info.height, data };
  }
  return now;
}

/** How far a drawing is off at its worst, in colours and in alpha. */
async function off(file: Uint8Array, expected: Pixels, text = 'f_png'): Promise<number> {
  const drawn = await decode((await draw(file, text)).bytes);
  expect([drawn.width, drawn.height]).toEqual([expected.width, expected.height]);
  let worst = 0;
  for (let y = 0; y < expected.height; y += 1) {
    for (let x = 0; x < expected.width; x += 1) {
      const at = (y * expected.width + x) * expected.channels;
      worst = Math.max(worst, distance(drawn.at(x, y), [...expected.data.subarray(at, at + expected.channels)]));
    }
  }
  return worst;
}

function saying(item: AvifItem, ...properties: readonly Buffer[]): AvifItem {
  return { ...item, properties: [...item.properties, ...properties] };
}

const ofPicture: readonly AvifReference[] = [['auxl', 2, [1]]];

function withAlpha(ofColours: readonly Buffer[], ofAlpha: readonly Buffer[]): Buffer {
  return avifOf([saying(picture, ...ofColours), saying(alpha, alphaProperty, ...ofAlpha)], ofPicture);
}

const [left, half, right] = [turnProperty(1), turnProperty(2), turnProperty(3)];
const [flip, mirror] = [mirrorProperty(0), mirrorProperty(1)];
const middle = cutProperty(60, 40, 10, -4);
const cut: Step = { cut: [28, 8, 60, 40] };

const turns: readonly (readonly [name: string, properties: readonly Buffer[], steps: readonly Step[]])[] = [
  ['turned to the left', [left], ['left']],
  ['turned by half', [half], ['half']],
  ['turned to the right', [right], ['right']],
  ['mirrored', [mirror], ['mirrored']],
  ['flipped', [flip], ['flipped']],
  ['turned and mirrored', [left, mirror], ['left', 'mirrored']],
  ['cut', [middle], [cut]],
  ['cut, turned and flipped', [middle, left, flip], [cut, 'left', 'flipped']],
];

describe('the alpha of an AVIF lies on its picture', () => {
  it.each(turns)('that is %s, whatever alpha says itself', async (_, properties, steps) => {
    const expected = await turned(seen, ...steps);
    for (const own of [[], properties, [half], properties.slice(0, 1), [flip, right]]) {
      expect(await off(withAlpha(properties, own), expected)).toBeLessThanOrEqual(4);
    }
  });

  it('that is not turned, whatever alpha says itself', async () => {
    for (const own of [[], [left], [half], [mirror], [middle]]) {
      expect(await off(withAlpha([], own), seen)).toBeLessThanOrEqual(4);
    }
  });

  it('when it has a quarter of the pixels', async () => {
    const small = await grayItem(paint(width / 2, height / 2, (x, y) => [alphaOf(2 * x, 2 * y)]));
    const file = avifOf([saying(picture, middle, left), saying(small, alphaProperty)], ofPicture);
    expect(await off(file, await turned(seen, cut, 'left'))).toBeLessThanOrEqual(6);
  });

  it('when its colours are multiplied by it', async () => {
    const dark = await colourItem(
      paint(width, height, (x, y) => colourAt(x, y).map((value) => (value * alphaOf(x, y)) / 255)),
    );
    const items = [saying(dark, left), saying(alpha, alphaProperty)];
    expect(await off(avifOf(items, [...ofPicture, ['prem', 1, [2]]]), await turned(seen, 'left'))).toBeLessThanOrEqual(
      6,
    );
  });

  it('as a layer, and where it is scaled', async () => {
    const file = withAlpha([half], []);
    const upright = await from(await turned(seen, 'half'))
      .png()
      .toBuffer();
    const base = await from(quarters(200, 150)).png().toBuffer();
    const draws = (file: Buffer) => [
      draw(file, 'c_scale,w_48,f_png'),
      draw(base, 'l_photo/fl_layer_apply/f_png', { layers: new Map([['photo', file]]) }),
    ];
    const [ours, theirs] = [await Promise.all(draws(file)), await Promise.all(draws(upright))];
    for (const [index, { bytes }] of ours.entries()) {
      const [one, other] = [await decode(bytes), await decode(theirs[index]?.bytes ?? bytes)];
      for (const [x, y] of [
        [2, 2],
        [40, 25],
        [24, 16],
        [2, 29],
      ] as const) {
        expect(distance(one.at(x, y), other.at(x, y))).toBeLessThanOrEqual(4);
      }
    }
  });

  it('in a file whose first brand is that of a sequence, and whose data go to its end', async () => {
    const file = withAlpha([left], []);
    file.write('avis', 8, 'latin1');
    file.writeUInt32BE(0, file.lastIndexOf('mdat') - 4);
    expect(await off(file, await turned(seen, 'left'))).toBeLessThanOrEqual(4);
  });

  it('and what is said in words is found', async () => {
    const xmp = xmpPacket('<dc:creator><rdf:Seq><rdf:li>Ada Lovelace</rdf:li></rdf:Seq></dc:creator>');
    const file = avifSaying(await noticed.avif(seen, { xmp }), { properties: [left] });
    expect(await off(file, await turned(seen, 'left'))).toBeLessThanOrEqual(4);
    const { bytes } = await draw(file, 'fl_keep_attribution,f_png');
    expect(readSaid(bytes).xmp.join()).toContain('Ada Lovelace');
  });

  it('and turns are made in one order, in whichever they come', async () => {
    const expected = await turned(seen, cut, 'left', 'flipped');
    expect(await off(withAlpha([flip, left, middle], []), expected)).toBeLessThanOrEqual(4);
  });
});

describe('an AVIF in a grid is turned as a whole', () => {
  const side = 64;
  const places = [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ] as const;
  const whole = paint(2 * side, 2 * side, (x, y) => [x + y, 2 * x, y, 255 - x]);
  const cellOf = (left: number, top: number, channel?: number) =>
    paint(side, side, (x, y) => {
      const at = ((top * side + y) * 2 * side + left * side + x) * 4;
      return channel === undefined ? [...whole.data.subarray(at, at + 3)] : [whole.data[at + channel] ?? 0];
    });

  /** Items 1 to 4 are cells of the picture, 5 to 8 those of alpha. */
  async function gridOf(cells: readonly Buffer[], own: readonly Buffer[], isAlphaOfCells: boolean): Promise<Buffer> {
    const colourCells = await Promise.all(places.map(([x, y]) => colourItem(cellOf(x, y))));
    const alphaCells = await Promise.all(places.map(([x, y]) => grayItem(cellOf(x, y, 3))));
    const grid = gridItem(2, 2, 2 * side, 2 * side);
    const items = [
      ...colourCells.map((cell) => ({ ...saying(cell, ...cells), isHidden: true })),
      ...alphaCells.map((cell) => ({ ...saying(cell, alphaProperty, ...cells), isHidden: true })),
      saying(grid, ...own),
    ];
    const dimg: AvifReference = ['dimg', 9, [1, 2, 3, 4]];
    if (isAlphaOfCells)
      return avifOf(items, [dimg, ...[1, 2, 3, 4].map((cell) => ['auxl', cell + 4, [cell]] as const)], 9);
    return avifOf([...items, saying(grid, alphaProperty)], [dimg, ['dimg', 10, [5, 6, 7, 8]], ['auxl', 10, [9]]], 9);
  }

  it.each(turns.slice(0, 6))('%s, whatever its cells say', async (_, properties, steps) => {
    const expected = await turned(whole, ...steps);
    for (const isAlphaOfCells of [false, true]) {
      for (const cells of [[], properties]) {
        const file = await gridOf(cells, properties, isAlphaOfCells);
        expect(await off(file, expected)).toBeLessThanOrEqual(4);
      }
    }
  });
});

describe('an AVIF that is cut', () => {
  it('is as large as what is left of it', async () => {
    for (const [file, size] of [
      [withAlpha([middle], []), { width: 60, height: 40 }],
      [withAlpha([left, middle], []), { width: 40, height: 60 }],
    ] as const) {
      expect((await inspect(file)).size).toEqual(size);
      const { bytes } = await draw(file, 'fl_getinfo');
      expect(JSON.parse(Buffer.from(bytes).toString())).toMatchObject({ input: size, output: size });
      expect(await draw(file, 'a_ignore,c_scale,w_0.5,f_png')).toMatchObject({ width: size.width / 2 });
    }
  });

  it.each([
    ['to nothing', cutProperty(0, 40, 0, 0)],
    ['to more than there is', cutProperty(200, 40, 0, 0)],
    ['where it is not', cutProperty(60, 40, 30, 0)],
  ])('%s is whole', async (_, property) => {
    expect(await off(withAlpha([property, left], [property]), await turned(seen, 'left'))).toBeLessThanOrEqual(4);
    expect((await inspect(withAlpha([property], []))).size).toEqual({ width, height });
  });
});
