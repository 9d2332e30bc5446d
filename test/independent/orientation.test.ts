import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orientedKinds } from '../support/oriented.ts';
import { blue, distance, from, green, type Pixel, paint, quarters, red, yellow } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { type Eyes, openEyes } from './chromium.ts';
import { expectNone } from './faults.ts';
import { type Place, readByExiftool, readByMagick } from './programs.ts';

const { renderer, draw } = startRenderer({ processes: 2 });
let eyes: Eyes;
beforeAll(async () => {
  eyes = await openEyes();
});
afterAll(() => Promise.all([renderer.close(), eyes?.close()]));

const corners: readonly Place[] = [
  [0.1, 0.1],
  [0.9, 0.1],
  [0.9, 0.9],
  [0.1, 0.9],
];
/** Clockwise from the top left, as it was painted. */
const painted: readonly Pixel[] = [red, green, blue, yellow];
const outputs = ['jpg', 'png', 'webp', 'avif', 'gif'];

/** Ways through the program that end at an encoder differently, and the size that comes of 64 × 32. */
const paths: Readonly<Record<string, readonly [text: string, width: number, height: number]>> = {
  plain: ['', 64, 32],
  q_auto: ['c_scale,w_32,q_auto/', 32, 16],
  chain: ['c_scale,w_60/a_180/a_180/c_scale,w_32/', 32, 16],
  layer: ['l_mark,w_2,h_2,g_center/', 64, 32],
  attribution: ['c_scale,w_32,fl_keep_attribution/', 32, 16],
  IPTC: ['fl_keep_iptc/', 64, 32],
};

/** What somebody who looks at it would say is wrong. */
function faults(
  seen: { width: number; height: number; points: readonly Pixel[] },
  [width, height]: readonly [number, number],
) {
  const size = seen.width === width && seen.height === height ? [] : [`is ${seen.width} × ${seen.height}`];
  const off = painted.flatMap((colour, index) =>
    distance(seen.points[index] ?? [], colour) < 70 ? [] : [`corner ${index} is ${seen.points[index]}, not ${colour}`],
  );
  return [...size, ...off];
}

describe.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'stored in orientation %i, from every container to every format',
  (orientation) => {
    it('is upright for Chromium and ImageMagick, and exiftool finds no word on how it lies', async () => {
      const mark = await from(paint(2, 2, () => [9, 9, 9]))
        .png()
        .toBuffer();
      const files = new Map<string, Uint8Array>();
      const sizes = new Map<string, readonly [number, number]>();
      for (const [kind, original] of Object.entries(await orientedKinds(quarters(64, 32), orientation))) {
        for (const [path, [text, width, height]] of Object.entries(paths)) {
          const drawn = await Promise.all(
            outputs.map((format) => draw(original, `${text}f_${format}`, { layers: new Map([['mark', mark]]) })),
          );
          for (const [index, { bytes }] of drawn.entries()) {
            const name = `${kind}, ${path}, as ${outputs[index]}`;
            files.set(name, bytes);
            sizes.set(name, [width, height]);
          }
        }
      }
      const shown = await eyes.look(files, corners);
      const read = await readByMagick(files, corners);
      const tags = await readByExiftool(files);
      const wrong = [...files.keys()].flatMap((name) => {
        const size = sizes.get(name) ?? [0, 0];
        const [inBrowser, inMagick] = [shown.get(name), read.get(name)];
        if (inBrowser === undefined || inMagick === undefined) return [`${name}: not read`];
        const said = Object.entries(tags.get(name) ?? {}).filter(
          ([tag, value]) => /Orientation|Rotation|Mirror/i.test(tag) && value !== 0,
        );
        return [
          ...faults(inBrowser, size).map((fault) => `${name}: in Chromium ${fault}`),
          ...faults(inMagick, size).map((fault) => `${name}: in ImageMagick ${fault}`),
          ...said.map(([tag, value]) => `${name}: exiftool says ${tag} is ${value}`),
        ];
      });
      expectNone(wrong);
      expect(files.size).toBe(6 * 6 * 5);
    });
  },
);
