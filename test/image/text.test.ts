import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RendererOptions } from '../../src/image/index.ts';
import { boxFont } from '../support/font.ts';
import {
  animate,
  blue,
  type Decoded,
  decode,
  distance,
  from,
  green,
  type Pixel,
  paint,
  red,
} from '../support/pictures.ts';
import { startRenderer, type TestRenderer } from '../support/renderer.ts';

/** Letters are boxes of half the size across, seven tenths up; the bold ones are wider. */
let folder = '';
let house: TestRenderer;
const houses: TestRenderer[] = [];
function start(options: Partial<RendererOptions>): TestRenderer {
  const started = startRenderer(options);
  houses.push(started);
  return started;
}
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-test-fonts-'));
  await writeFile(join(folder, 'box.ttf'), boxFont({ family: 'Test Box', width: 500, height: 700 }));
  await writeFile(join(folder, 'box-bold.ttf'), boxFont({ family: 'Test Box', width: 800, height: 700, isBold: true }));
  await writeFile(join(folder, 'no-font.ttf'), 'not a font');
  house = start({ fontsFolder: folder });
});
afterAll(async () => {
  await Promise.all(houses.map(({ renderer }) => renderer.close()));
  await rm(folder, { recursive: true, force: true });
});

const plain = (colour: Pixel = [255, 255, 255], width = 300, height = 200) =>
  from(paint(width, height, () => colour))
    .png()
    .toBuffer();

interface Ink {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly pixels: number;
}

/** Where a picture shows that colour. */
function inkOf(picture: Decoded, colour: Pixel): Ink {
  let [left, top, right, bottom, pixels] = [picture.width, picture.height, -1, -1, 0];
  for (let y = 0; y < picture.height; y += 1) {
    for (let x = 0; x < picture.width; x += 1) {
      if (distance(picture.at(x, y), colour) > 60) continue;
      [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
      pixels += 1;
    }
  }
  return { left, top, width: right - left + 1, height: bottom - top + 1, pixels };
}

async function written(text: string, original?: Buffer): Promise<Decoded> {
  return decode((await house.draw(original ?? (await plain()), text)).bytes);
}

describe('a text layer', () => {
  it('shows ink of its size and colour in the middle', async () => {
    const ink = inkOf(await written('l_text:Test%20Box_100:A,co_red/fl_layer_apply'), red);
    expect(Math.abs(ink.width - 50)).toBeLessThanOrEqual(1);
    expect(Math.abs(ink.height - 70)).toBeLessThanOrEqual(1);
    expect(Math.abs(ink.left - 125)).toBeLessThanOrEqual(1);
    expect(Math.abs(ink.top - 65)).toBeLessThanOrEqual(1);
    expect(ink.pixels).toBeGreaterThan(3_200);
  });

  it('is black, and may be half clear', async () => {
    expect(inkOf(await written('l_text:Test%20Box_100:A/fl_layer_apply'), [0, 0, 0]).width).toBeGreaterThan(48);
    const faint = await written('l_text:Test%20Box_100:A,co_rgb:ff000080/fl_layer_apply');
    expect(distance(faint.at(150, 100), [255, 127, 127])).toBeLessThan(4);
  });

  it('grows with its size, its letters and its weight', async () => {
    const widthOf = async (text: string) => inkOf(await written(`${text},co_red/fl_layer_apply`), red).width;
    expect(Math.abs((await widthOf('l_text:Test%20Box_50:A')) - 25)).toBeLessThanOrEqual(1);
    // Letters stand a tenth apart.
    expect(Math.abs((await widthOf('l_text:Test%20Box_50:ABC')) - 85)).toBeLessThanOrEqual(2);
    expect(Math.abs((await widthOf('l_text:Test%20Box_50_bold:A')) - 40)).toBeLessThanOrEqual(1);
    expect(Math.abs((await widthOf('l_text:Test%20Box_50_letter_spacing_20:AB')) - 75)).toBeLessThanOrEqual(2);
  });

  it('breaks lines where the text does', async () => {
    const one = inkOf(await written('l_text:Test%20Box_40:A,co_red/fl_layer_apply'), red);
    const two = inkOf(await written('l_text:Test%20Box_40:A%250AA,co_red/fl_layer_apply'), red);
    const apart = inkOf(await written('l_text:Test%20Box_40_line_spacing_15:A%250AA,co_red/fl_layer_apply'), red);
    expect(two.width).toBe(one.width);
    expect(two.height).toBeGreaterThan(one.height * 2);
    expect(Math.abs(apart.height - two.height - 15)).toBeLessThanOrEqual(1);
  });

  it('aligns its lines', async () => {
    const rightmost = async (style: string) => {
      const picture = await written(`l_text:Test%20Box_40_${style}:AAAA%250AA,co_red/fl_layer_apply`);
      const ink = inkOf(picture, red);
      const lastLine = Array.from({ length: ink.width }, (_, x) => x + ink.left).filter(
        (x) => distance(picture.at(x, ink.top + ink.height - 3), red) < 60,
      );
      return ((lastLine[0] ?? 0) - ink.left) / ink.width;
    };
    expect(await rightmost('left')).toBeLessThan(0.05);
    expect(Math.abs((await rightmost('center')) - 0.38)).toBeLessThan(0.1);
    expect(await rightmost('right')).toBeGreaterThan(0.7);
  });

  it('is placed, turned and faded like any layer', async () => {
    const corner = inkOf(await written('l_text:Test%20Box_50:A,co_red/fl_layer_apply,g_south_east,x_10,y_5'), red);
    expect([corner.left + corner.width, corner.top + corner.height]).toEqual([290, 195]);
    const turned = inkOf(await written('l_text:Test%20Box_100:A,co_red/a_90/fl_layer_apply'), red);
    expect(Math.abs(turned.width - 70)).toBeLessThanOrEqual(1);
    const faded = await written('l_text:Test%20Box_100:A,co_red,o_50/fl_layer_apply');
    expect(distance(faded.at(150, 100), [255, 127, 127])).toBeLessThan(4);
  });

  it('takes markup for what it is: text', async () => {
    const plainText = inkOf(await written('l_text:Test%20Box_30:bAb,co_red/fl_layer_apply'), red);
    const markup = inkOf(await written('l_text:Test%20Box_30:%253Cb%253EA%253C%252Fb%253E,co_red/fl_layer_apply'), red);
    expect(markup.width).toBeGreaterThanOrEqual(plainText.width);
    expect(await written('l_text:Test%20Box_30:A%2526B%253C%2526amp;/fl_layer_apply')).toMatchObject({ width: 300 });
  });

  it('with commas and slashes escaped twice draws them', async () => {
    expect(await written('l_text:Test%20Box_20:Hi%252C%20there%252Fyou%20100%25/fl_layer_apply')).toMatchObject({
      width: 300,
      height: 200,
    });
  });

  it('stands on every frame of an animation', async () => {
    const movie = await animate(120, 100, [blue, green]).webp({ lossless: true }).toBuffer();
    const rendered = await house.draw(movie, 'l_text:Test%20Box_100:A,co_white/fl_layer_apply/f_webp,q_100');
    expect(rendered).toMatchObject({ width: 120, height: 100, frames: 2 });
    const picture = await decode(rendered.bytes);
    for (const y of [50, 150]) expect(distance(picture.at(60, y), [255, 255, 255])).toBeLessThan(30);
  });

  it('is multiplied by dpr', async () => {
    const ink = inkOf(await written('l_text:Test%20Box_50:A,co_red/fl_layer_apply/dpr_2.0'), red);
    expect(Math.abs(ink.width - 50)).toBeLessThanOrEqual(1);
  });

  it('enlarges a canvas that is too small for it, up to the limits', async () => {
    expect(
      (await house.draw(await plain([255, 255, 255], 20, 20), 'l_text:Test%20Box_100:AB/fl_layer_apply')).width,
    ).toBeGreaterThan(105);
    const endless = `l_text:Test%20Box_2000:${'A'.repeat(1_000)}/fl_layer_apply`;
    await expect(house.draw(await plain(), endless)).rejects.toMatchObject({ kind: 'too_large' });
  });

  it.each(['l_text:Test%20Box_30_stroke:A/fl_layer_apply', 'l_text:Test%20Box_30:%2520/fl_layer_apply'])(
    '%s is refused',
    async (text) => {
      await expect(house.draw(await plain(), text)).rejects.toMatchObject({ kind: 'invalid' });
    },
  );
});

describe('a font', () => {
  it('that is not there is refused, naming those that are', async () => {
    await expect(house.draw(await plain(), 'l_text:No%20Such%20Font_30:A/fl_layer_apply')).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringMatching(/no font "No Such Font"; those here are .*Test Box/),
    });
  });

  it('may be written in any case', async () => {
    expect(inkOf(await written('l_text:test%20box_100:A,co_red/fl_layer_apply'), red).width).toBeGreaterThan(48);
  });

  it('of a folder is there only where the folder is named', async () => {
    const without = start({});
    await expect(without.draw(await plain(), 'l_text:Test%20Box_30:A/fl_layer_apply')).rejects.toMatchObject({
      kind: 'invalid',
    });
  });

  /** Advances are in the fonts’ own tables, and the same in those that they are as wide as: of an M, in thousandths. */
  it.each([
    ['Arial', 833],
    ['helvetica', 833],
    ['sans', 833],
    ['Times%20New%20Roman', 889],
    ['Times', 889],
    ['serif', 889],
    ['Courier%20New', 600],
    ['monospace', 600],
    ['Roboto', 873],
    ['Open%20Sans', 902],
  ])('%s is there on every machine, with letters as wide as its own', async (font, advance) => {
    const widthOf = async (text: string) =>
      inkOf(await written(`l_text:${font}_40:${text},co_red/fl_layer_apply`), red).width;
    expect(Math.abs((await widthOf('MMMM')) - (await widthOf('M')) - (3 * 40 * advance) / 1000)).toBeLessThanOrEqual(2);
  });

  it('that comes with the program has weights', async () => {
    const inkIn = async (style: string, letters: string) =>
      inkOf(await written(`l_text:Roboto_60${style}:${letters},co_red/fl_layer_apply`), red).pixels;
    expect(await inkIn('_bold', 'MM')).toBeGreaterThan(1.3 * (await inkIn('', 'MM')));
    expect(await inkIn('_light', 'MM')).toBeLessThan(0.9 * (await inkIn('', 'MM')));
  });

  it('in a layer of a layer is looked at too', async () => {
    const text = 'l_text:Test%20Box_30:A/l_text:Nowhere_20:B/fl_layer_apply/fl_layer_apply';
    await expect(house.draw(await plain(), text)).rejects.toMatchObject({
      message: expect.stringContaining('Nowhere'),
    });
  });

  it('cannot be used where no temporary file can be written, and everything else can', async () => {
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = '/proc';
    const without = start({ fontsFolder: folder });
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    expect(await without.draw(await plain(), 'c_scale,w_30')).toMatchObject({ width: 30 });
    await expect(without.draw(await plain(), 'l_text:Test%20Box_30:A/fl_layer_apply')).rejects.toMatchObject({
      message: expect.stringContaining('temporary file'),
    });
  });
});
