import { afterAll, expect, it } from 'vitest';
import { look } from '../../src/grammar/parameters/rows/look.ts';
import { decode, from, paint } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

// A row of the table is parsed, canonical, closed and documented of itself. That it is drawn, nothing else asks for.

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const [width, height] = [60, 40];

/** Colours, edges and a window of nothing: whatever changes how a picture looks, changes this one. */
const picture = from(paint(width, height, (x, y) => [x * 4, y * 6, x < 30 ? 40 : 200, x > 40 && y > 20 ? 0 : 255]));

// How a trim goes is seen only beside one (bounded-files.test.ts).
const rows = Object.entries(look)
  .map(([name, { key, example }]) => ({ name, key, example }))
  .filter(({ key }) => key !== 'te');

async function pixelsOf(bytes: Uint8Array): Promise<readonly (readonly number[])[]> {
  const decoded = await decode(bytes);
  const all = decoded.width * decoded.height;
  return Array.from({ length: all }, (_, at) => decoded.at(at % decoded.width, Math.floor(at / decoded.width)));
}

it('has rows to ask of', () => {
  expect(rows.length).toBeGreaterThan(4);
});

it.each(rows)('what a URL says of looks is drawn: $example', async ({ example }) => {
  const original = await picture.png().toBuffer();
  const [plain, drawn] = await Promise.all([draw(original, 'f_png'), draw(original, `${example},f_png`)]);
  expect(await pixelsOf(drawn.bytes)).not.toEqual(await pixelsOf(plain.bytes));
});
