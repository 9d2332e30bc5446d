import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { from, noise, paint } from '../support/pictures.ts';
import { startRenderer, transformOf } from '../support/renderer.ts';

const { renderer } = startRenderer();
afterAll(() => renderer.close());

const astronaut = readFileSync(new URL('../../data/originals/astronaut.jpg', import.meta.url));
const { signal } = new AbortController();

/** On grey, at a place, something with edges: a square of noise. */
async function spotted(width: number, height: number, at: { left: number; top: number }): Promise<Buffer> {
  const ground = from(paint(width, height, () => [120, 120, 120]));
  const input = await from(noise(60, 60)).png().toBuffer();
  return ground
    .composite([{ input, ...at }])
    .png()
    .toBuffer();
}

async function drawn(
  original: Buffer,
  text: string,
  faces: readonly { x: number; y: number; width: number; height: number }[] = [],
) {
  const fingerprint = createHash('sha256').update(original).digest('hex');
  const { bytes } = await renderer.render({ original, faces }, transformOf(`${text}/f_png`), { signal, fingerprint });
  return bytes;
}

/** In which column a cut begins: the blue of its first pixel says it. */
async function leftOf(original: Buffer, text: string, faces: Parameters<typeof drawn>[2] = []): Promise<number> {
  const { data, info } = await sharp(await drawn(original, text, faces))
    .raw()
    .toBuffer({ resolveWithObject: true });
  return data[Math.min(2, info.channels - 1)] ?? Number.NaN;
}

/** The same picture, 256 wide, where the blue of the first row says in which column a pixel lies. */
async function ramped(picture: Buffer): Promise<Buffer> {
  const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  for (let x = 0; x < info.width; x += 1) data.set([120, 120, x], x * 3);
  return sharp(data, { raw: { width: info.width, height: info.height, channels: 3 } })
    .png()
    .toBuffer();
}

describe('g_auto', () => {
  it.each([0, 60, 150, 190])('keeps what has edges, where the rest has none (%d from the left)', async (left) => {
    const original = await ramped(await spotted(256, 100, { left, top: 20 }));
    const began = await leftOf(original, 'c_crop,g_auto,w_100,h_100');
    expect(began).toBeLessThanOrEqual(left);
    expect(began + 100).toBeGreaterThanOrEqual(left + 60);
  });

  it('takes the middle of what is all alike, and the same place each time', async () => {
    // Grey that grows lighter evenly: nowhere an edge.
    const even = await from(paint(256, 100, (x) => [x, x, x]))
      .png()
      .toBuffer();
    expect(Math.abs((await leftOf(even, 'c_crop,g_auto,w_100,h_100')) - 78)).toBeLessThanOrEqual(4);
    const spot = await spotted(300, 200, { left: 200, top: 100 });
    expect(await drawn(spot, 'c_fill,g_auto,w_80,h_80')).toEqual(await drawn(spot, 'c_fill,g_auto:subject,w_80,h_80'));
  });

  const face = { x: 10 / 256, y: 0.3, width: 40 / 256, height: 0.4 };

  it('keeps a face before what has edges where faces are asked for, and keeps away from it where none is', async () => {
    const original = await ramped(await spotted(256, 100, { left: 180, top: 20 }));
    for (const text of ['g_auto:face', 'g_auto:faces']) {
      expect(await leftOf(original, `c_crop,${text},w_100,h_100`, [face])).toBeLessThanOrEqual(10);
    }
    expect(await leftOf(original, 'c_crop,g_auto:no_faces,w_100,h_100', [face])).toBeGreaterThan(50);
    // Without that it is one thing among others; classic knows of none.
    const classic = await leftOf(original, 'c_crop,g_auto:classic,w_100,h_100', [face]);
    expect(classic).toBe(await leftOf(original, 'c_crop,g_auto:classic,w_100,h_100'));
    expect(classic + 100).toBeGreaterThanOrEqual(240);
  });

  it('keeps the head of a portrait in a wide cut', async () => {
    const { faces } = await renderer.faces(
      { original: astronaut, secondLook: 'never' },
      { signal, fingerprint: 'portrait' },
    );
    const wide = Buffer.from(await drawn(astronaut, 'c_fill,g_auto,w_400,h_160', faces));
    const found = await renderer.faces({ original: wide, secondLook: 'never' }, { signal, fingerprint: 'wide' });
    expect(found.faces).toHaveLength(1);
  });

  it.each([
    [1, 1],
    [1, 4000],
    [5000, 2],
    [3, 3],
  ] as const)('cuts %d × %d pixels too', async (width, height) => {
    const original = await from(paint(width, height, (x, y) => [x % 256, y % 256, 9]))
      .png()
      .toBuffer();
    const { width: drawnWidth } = await sharp(await drawn(original, 'c_fill,g_auto,w_3,h_2')).metadata();
    expect(drawnWidth).toBe(3);
  });
});
