import { afterAll, describe, expect, it } from 'vitest';
import { writeApng, writeWebp } from '../support/animations.ts';
import { animate, decode, distance, type Pixel } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const [width, height] = [100, 101];
const size = [width, height] as const;
/** Gray, since a lossy WebP would mix colours where they meet. */
const colours: readonly Pixel[] = [0, 255, 128, 20].map((value) => [value, value, value]);

function frames(top = 0) {
  return colours.map((colour, index) => ({
    left: 0,
    top: index === 0 ? 0 : top,
    width,
    height: index === 0 ? height : height - top,
    colour,
  }));
}

/** Frames that fill the canvas, written by libvips. */
const animated = () => animate(width, height, colours);

const originals = new Map<string, () => Buffer | Promise<Buffer>>([
  ['GIF', () => animated().gif().toBuffer()],
  ['WebP, whose decoder scales', () => writeWebp({ size, frames: frames() })],
  ['WebP, whose decoder does not scale', () => writeWebp({ size, frames: frames(40) })],
  ['PNG', () => writeApng({ size, frames: frames() })],
]);

/** The farthest that any pixel of an animation is from the same pixel of its frame, drawn alone. */
async function farthestFromAlone(original: Buffer, text: string, format: string): Promise<number> {
  const moving = await draw(original, `${text}/f_${format},q_100`);
  expect(moving.frames).toBe(colours.length);
  const drawn = await decode(moving.bytes);
  let farthest = 0;
  for (const index of colours.keys()) {
    const alone = await draw(original, `pg_${index + 1}/${text}/f_png`);
    expect(alone).toMatchObject({ width: moving.width, height: moving.height });
    const still = await decode(alone.bytes);
    for (let y = 0; y < still.height; y += 1) {
      for (const x of [0, Math.floor(still.width / 2), still.width - 1]) {
        const [light = 0] = still.at(x, y);
        farthest = Math.max(farthest, distance(drawn.at(x, index * still.height + y), [light, light, light]));
      }
    }
  }
  return farthest;
}

describe.each([...originals])('no frame of an animated %s sees another', (_, original) => {
  it.each([
    'c_scale,w_150',
    'c_scale,w_50',
    'c_scale,w_33',
    'c_scale,h_150,w_100',
    'c_scale,h_40,w_100',
    'c_scale,h_40,w_150',
    'c_scale,h_150,w_40',
    'c_fit,w_31,h_31',
    'c_fill,w_70,h_33',
    'c_fill,w_160,h_140',
    'c_thumb,w_50,h_30',
    'c_crop,w_61,h_53,x_7,y_5/c_scale,w_20',
    'c_pad,w_60,h_90,b_black',
    'c_pad,w_60,h_90,b_blurred',
    'e_pixelate:7',
    'e_blur:300',
    'e_sharpen:400',
    'e_unsharp_mask:400',
    'e_shadow,b_white',
    'a_17/b_white',
    'a_90/c_scale,w_33',
    'a_vflip/c_scale,w_33',
    'c_scale,w_50/e_blur:300/c_scale,w_33',
    'bo_3px_solid_white/c_scale,w_33',
    'r_20,b_white/c_scale,w_33',
  ])('by %s', async (text) => {
    expect(await farthestFromAlone(await original(), text, 'webp')).toBeLessThan(8);
  });

  it('where a GIF is written', async () => {
    expect(await farthestFromAlone(await original(), 'c_scale,w_33', 'gif')).toBeLessThan(8);
  });
});
