import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type InkCoding, inkJpeg } from '../support/ink-pictures.ts';
import type { Ink } from '../support/ink-profile.ts';
import { distance, from, paint } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { type Eyes, openEyes } from './chromium.ts';
import type { Place } from './programs.ts';

const { renderer, draw } = startRenderer();
let eyes: Eyes;
beforeAll(async () => {
  eyes = await openEyes();
});
afterAll(() => Promise.all([renderer.close(), eyes?.close()]));

/** None is dark or has black in it: of half of black Chromium makes 133,117,117, where the profile says 134,133,134. */
const inks: readonly Ink[] = [
  [0, 0, 0, 0],
  [128, 0, 0, 0],
  [0, 100, 0, 0],
  [0, 0, 255, 0],
  [40, 30, 30, 0],
  [60, 60, 0, 0],
  [30, 90, 150, 0],
  [100, 20, 60, 0],
];
/** Chromium goes from point to point of a profile's table in coarse steps; a profile passed over would be 100 off. */
const chromiumsSteps = 10;
const centres: readonly Place[] = inks.map((_, index) => [(index + 0.5) / inks.length, 0.5]);

/** Of a press: sharp's own. */
async function pressProfile(): Promise<Buffer> {
  const black = from(paint(8, 8, () => [0, 0, 0]));
  const { icc } = await sharp(await black.withIccProfile('cmyk').jpeg().toBuffer()).metadata();
  if (icc === undefined) throw new Error('sharp writes a profile.');
  return icc;
}

it.each<InkCoding>(['cmyk', 'ycck', 'unmarked'])(
  'a JPEG in inks beside a profile (%s) is drawn as Chromium shows it',
  async (coding) => {
    const original = await inkJpeg(inks, coding, await pressProfile());
    const { bytes } = await draw(original, 'f_png');
    const seen = await eyes.look(
      new Map([
        ['original', original],
        ['drawn', bytes],
      ]),
      centres,
    );
    const shown = seen.get('original')?.points ?? [];
    const drawn = seen.get('drawn')?.points ?? [];
    expect(drawn).toHaveLength(inks.length);
    for (const [index, point] of drawn.entries()) {
      expect(distance(point, shown[index] ?? []), `ink ${inks[index]}`).toBeLessThanOrEqual(chromiumsSteps);
    }
  },
);
