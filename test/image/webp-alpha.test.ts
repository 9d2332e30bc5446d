import sharp, { type Sharp } from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { inspect } from '../../src/image/index.ts';
import { decode, distance, from, paint } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const [width, height] = [40, 30];
const blue = [0, 0, 255, 100];
const picture = () => from(paint(width, height, (x) => (x < 20 ? [0, 0, 0, 0] : blue)));

/** The same pixels behind a VP8X that says nothing of alpha. */
function concealed(webp: Buffer): Buffer {
  const at = webp.toString('latin1', 12, 16) === 'VP8X' ? 30 : 12;
  const head = Buffer.alloc(18);
  head.write('VP8X', 'latin1');
  head.writeUInt32LE(10, 4);
  if (at === 30) head.writeUInt8(webp.readUInt8(20) & ~0x10, 8);
  head.writeUIntLE(width - 1, 12, 3);
  head.writeUIntLE(height - 1, 15, 3);
  const file = Buffer.concat([webp.subarray(0, 12), head, webp.subarray(at)]);
  file.writeUInt32LE(file.length - 8, 4);
  return file;
}

const written = async (pipeline: Sharp) => concealed(await pipeline.toBuffer());
const animated = () =>
  sharp(Buffer.concat([paint(width, height, () => [0, 0, 0, 0]).data, paint(width, height, () => blue).data]), {
    raw: { width, height: 2 * height, channels: 4, pageHeight: height },
    animated: true,
  });

describe.each([
  ['a lossless WebP', () => written(picture().webp({ lossless: true }))],
  ['a lossless animation', () => written(animated().webp({ lossless: true }))],
  ['a lossy animation', () => written(animated().webp({ quality: 100 }))],
])('the alpha of %s counts, whatever its header says', (_, make) => {
  it('in what is kept of it', async () => {
    const original = await make();
    expect((await inspect(original)).hasAlpha).toBe(true);
    for (const text of ['f_png', 'f_webp', 'c_scale,w_20,f_webp', 'f_avif', 'f_gif']) {
      expect((await decode((await draw(original, text)).bytes)).at(2, 2)[3], text).toBe(0);
    }
  });

  it('in what is laid behind it', async () => {
    const original = await make();
    for (const text of ['f_jpg', 'b_white,f_png', 'c_pad,w_60,h_60,b_white/f_png']) {
      const drawn = await decode((await draw(original, text)).bytes);
      expect(drawn.channels, text).toBe(3);
      expect(distance(drawn.at(12, 20), [255, 255, 255]), text).toBeLessThan(3);
    }
  });

  it('in a layer', async () => {
    const base = await from(paint(width, height, () => [255, 0, 0]))
      .png()
      .toBuffer();
    const { bytes } = await draw(base, 'l_mark,w_40/fl_layer_apply/f_png', {
      layers: new Map([['mark', await make()]]),
    });
    expect((await decode(bytes)).at(2, 2)).toEqual([255, 0, 0]);
  });
});

it('as much as it has it', async () => {
  const original = await written(picture().webp({ lossless: true }));
  expect((await decode((await draw(original, 'f_png')).bytes)).at(30, 10)).toEqual(blue);
});

it('a lossy WebP is opaque where its header says so, as in Chromium', async () => {
  const original = await written(picture().webp({ quality: 100 }));
  expect((await inspect(original)).hasAlpha).toBe(false);
  expect((await decode((await draw(original, 'f_png')).bytes)).channels).toBe(3);
});
