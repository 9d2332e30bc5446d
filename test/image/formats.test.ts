import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { animate, decode, distance, from, green, noise, paint, red } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const originals = new Map<string, Buffer>();
beforeAll(async () => {
  const opaque = noise(64, 48);
  const clear = paint(64, 48, (x, y) => [x * 4, y * 5, 100, x < 32 ? 255 : 0]);
  originals.set('jpeg', await from(opaque).jpeg().toBuffer());
  originals.set('png', await from(opaque).png().toBuffer());
  originals.set('clear png', await from(clear).png().toBuffer());
  originals.set('webp', await from(opaque).webp().toBuffer());
  originals.set('clear webp', await from(clear).webp().toBuffer());
  originals.set('avif', await from(opaque).avif({ effort: 0 }).toBuffer());
  originals.set('gif', await animate(64, 48, [red, green]).gif().toBuffer());
  originals.set('tiff', await from(opaque).tiff().toBuffer());
  originals.set('clear tiff', await from(clear).tiff({ compression: 'lzw' }).toBuffer());
});

function original(name: string): Buffer {
  return originals.get(name) ?? Buffer.alloc(0);
}

describe('the format that is written', () => {
  const best = 'image/avif,image/webp';
  it.each([
    ['jpeg', 'f_auto', best, 'avif'],
    ['jpeg', 'f_auto', 'image/webp', 'webp'],
    ['jpeg', 'f_auto', '*/*', 'jpeg'],
    ['clear png', 'f_auto', best, 'avif'],
    ['clear png', 'f_auto', '*/*', 'png'],
    ['png', 'f_auto', '*/*', 'jpeg'],
    ['jpeg', 'r_max/f_auto', '*/*', 'png'],
    ['jpeg', 'r_max,b_white/f_auto', '*/*', 'jpeg'],
    ['jpeg', 'r_0/f_auto', '*/*', 'jpeg'],
    ['jpeg', 'a_45/f_auto', '*/*', 'png'],
    ['jpeg', 'a_90/f_auto', '*/*', 'jpeg'],
    ['jpeg', 'c_pad,w_80,h_80,b_white/f_auto', '*/*', 'jpeg'],
    ['jpeg', 'o_50/f_auto', '*/*', 'png'],
    ['gif', 'f_auto', best, 'webp'],
    ['gif', 'f_auto', '*/*', 'gif'],
    ['jpeg', 'w_10', '*/*', 'jpeg'],
    ['png', 'w_10', '*/*', 'png'],
    ['webp', 'w_10', '*/*', 'webp'],
    ['avif', 'w_10', '*/*', 'avif'],
    ['gif', 'w_10', '*/*', 'gif'],
    ['tiff', 'w_10', '*/*', 'jpeg'],
    ['clear tiff', 'w_10', '*/*', 'png'],
    ['clear png', 'f_jpg', '*/*', 'jpeg'],
    ['clear png', 'f_jpg,fl_preserve_transparency', '*/*', 'png'],
    ['png', 'f_jpg,fl_preserve_transparency', '*/*', 'jpeg'],
  ])('for a %s, %s and a client that accepts %s is %s', async (name, text, accept, format) => {
    const rendered = await draw(original(name), text, { accept });
    expect(rendered).toMatchObject({ format, contentType: `image/${format}` });
    const found = await sharp(rendered.bytes).metadata();
    expect(found.format).toBe(format === 'avif' ? 'heif' : format);
  });

  it('is WebP where AVIF would take too long', async () => {
    const large = await from(paint(64, 48, () => red))
      .png()
      .toBuffer();
    expect(await draw(large, 'w_1600/f_auto', { accept: best })).toMatchObject({ width: 1_600, format: 'avif' });
    expect(await draw(large, 'w_1700/f_auto', { accept: best })).toMatchObject({ width: 1_700, format: 'webp' });
  });
});

describe('every stored format is read', () => {
  it.each(['jpeg', 'png', 'clear png', 'webp', 'clear webp', 'avif', 'gif', 'tiff', 'clear tiff'])(
    '%s',
    async (name) => {
      const { bytes } = await draw(original(name), 'c_fill,w_20,h_20/f_png');
      expect(await sharp(bytes).metadata()).toMatchObject({ format: 'png', width: 20, height: 20 });
    },
  );
});

describe('quality', () => {
  it.each(['jpg', 'webp', 'avif'])('decides the size of a %s, level by level and number by number', async (format) => {
    const sizeFor = async (quality: string) => (await draw(original('png'), `f_${format},${quality}`)).bytes.length;
    const levels = await Promise.all(['q_auto:low', 'q_auto:eco', 'q_auto:good', 'q_auto:best'].map(sizeFor));
    expect(levels).toEqual([...levels].sort((one, other) => one - other));
    expect(new Set(levels).size).toBe(4);
    expect(await sizeFor('q_10')).toBeLessThan(await sizeFor('q_90'));
    expect(await sizeFor('q_auto')).toBe(levels[2]);
  });

  it.each([
    ['q_80', '4:2:0'],
    ['q_80:444', '4:4:4'],
    ['q_95:420', '4:2:0'],
  ])('%s has chroma %s in JPEG', async (quality, chroma) => {
    const { bytes } = await draw(original('png'), `f_jpg,${quality}`);
    expect((await sharp(bytes).metadata()).chromaSubsampling).toBe(chroma);
  });

  it('does not touch the pixels of a PNG unless it may lose', async () => {
    const exact = await decode((await draw(original('png'), 'f_png,q_20')).bytes);
    expect(
      distance(exact.at(10, 10), [...noise(64, 48).data.subarray((10 * 64 + 10) * 3, (10 * 64 + 10) * 3 + 3)]),
    ).toBe(0);
    const lossy = await draw(original('png'), 'f_png,q_20,fl_lossy');
    expect((await sharp(lossy.bytes).metadata()).isPalette).toBe(true);
  });
});

describe('an AVIF', () => {
  it.each([
    [300, 200, 3],
    [640, 960, 3],
    [641, 960, 2],
  ])('of %i × %i is written with effort %i', async (width, height, effort) => {
    const scene = paint(width, height, (x, y) => [(x * y) >> 6, (x * 3 + y) & 255, 128 + 90 * Math.sin(x / 9 + y / 5)]);
    const pixelsOf = (bytes: Uint8Array) => sharp(bytes).raw().toBuffer();
    const drawn = await pixelsOf(
      (await draw(await from(scene).png({ compressionLevel: 1 }).toBuffer(), 'f_avif')).bytes,
    );
    const byHand = (by: number) => from(scene).avif({ quality: 57, effort: by, chromaSubsampling: '4:2:0' }).toBuffer();
    expect(drawn.equals(await pixelsOf(await byHand(effort)))).toBe(true);
    expect(drawn.equals(await pixelsOf(await byHand(5 - effort)))).toBe(false);
  });
});

describe('flags', () => {
  it.each([
    ['f_jpg', false],
    ['f_jpg,fl_progressive', true],
    ['f_jpg,fl_progressive:steep', true],
    ['f_jpg,fl_progressive:none', false],
    ['f_png,fl_progressive', true],
  ])('%s: progressive is %s', async (text, isProgressive) => {
    const { bytes } = await draw(original('png'), text);
    expect((await sharp(bytes).metadata()).isProgressive).toBe(isProgressive);
  });

  it('fl_png8 makes a palette', async () => {
    const { bytes } = await draw(original('png'), 'f_png,fl_png8');
    expect((await sharp(bytes).metadata()).isPalette).toBe(true);
  });

  it('fl_getinfo answers facts instead of the picture', async () => {
    const rendered = await draw(original('png'), 'c_scale,w_32/f_webp,fl_getinfo');
    expect(rendered).toMatchObject({ format: 'json', contentType: 'application/json; charset=utf-8' });
    const plain = await draw(original('png'), 'c_scale,w_32/f_webp');
    expect(JSON.parse(Buffer.from(rendered.bytes).toString())).toEqual({
      faces: [],
      input: { width: 64, height: 48, bytes: original('png').length, format: 'png', frames: 1 },
      output: { width: 32, height: 24, bytes: plain.bytes.length, format: 'webp', frames: 1 },
    });
  });
});

it('the same render gives the same bytes, in whatever process', async () => {
  const other = startRenderer();
  for (const format of ['jpg', 'png', 'webp', 'avif', 'gif']) {
    const [one, two] = await Promise.all(
      [draw, other.draw].map((ask) => ask(original('jpeg'), `c_fill,w_40,h_40/f_${format}`)),
    );
    expect(Buffer.compare(one?.bytes ?? Buffer.alloc(0), two?.bytes ?? Buffer.alloc(1))).toBe(0);
  }
  await other.renderer.close();
});
