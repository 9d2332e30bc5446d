import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import {
  animate,
  blue,
  decode,
  distance,
  exifBlock,
  from,
  jpegWithExif,
  noise,
  paint,
  red,
} from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { readSaid } from '../support/said.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const clear = () =>
  from(paint(40, 30, (x, y) => [200, x * 6, y * 8, x < 20 ? 0 : 255]))
    .png()
    .toBuffer();

describe('dn_', () => {
  it.each(['jpg', 'png'])('states the density in a %s, and nothing of the original beside it', async (format) => {
    const jpeg = await from(noise(40, 30)).jpeg().toBuffer();
    const original = jpegWithExif(jpeg, exifBlock(1, 'a secret place'));
    const { bytes } = await draw(original, `c_scale,w_20/dn_150,f_${format}`);
    expect(await sharp(bytes).metadata()).toMatchObject({ density: 150, width: 20 });
    expect(Buffer.from(bytes).includes('a secret place')).toBe(false);
    expect(readSaid(bytes).exif).toEqual([]);
  });

  it.each(['webp', 'avif'])('states it in XMP in a %s, which has no place of its own for it', async (format) => {
    const { bytes } = await draw(await from(noise(40, 30)).jpeg().toBuffer(), `dn_150,f_${format}`);
    const { exif, xmp } = readSaid(bytes);
    expect(exif).toEqual([]);
    expect(xmp.join()).toContain('<tiff:XResolution>150/1</tiff:XResolution>');
    expect(xmp.join()).toContain('<tiff:ResolutionUnit>2</tiff:ResolutionUnit>');
  });

  it('states it once in a PNG, and in a JPEG of four colours too', async () => {
    const png = await draw(await from(noise(40, 30)).withMetadata({ density: 300 }).png().toBuffer(), 'dn_72,f_png');
    expect(readSaid(png.bytes).parts.filter((name) => name === 'pHYs')).toHaveLength(1);
    expect(await sharp(png.bytes).metadata()).toMatchObject({ density: 72 });
    const ink = await from(noise(40, 30)).toColourspace('cmyk').jpeg().toBuffer();
    const { bytes } = await draw(ink, 'cs_copy,dn_72,f_jpg');
    expect(await sharp(bytes).metadata()).toMatchObject({ density: 72, space: 'cmyk', width: 40 });
  });
});

describe('colour profiles', () => {
  const wide = () =>
    from(paint(30, 20, () => [234, 51, 35]))
      .withIccProfile('p3')
      .png()
      .toBuffer();

  it('fl_force_icc says that the colours are sRGB', async () => {
    const original = await from(paint(30, 20, () => [10, 200, 30]))
      .png()
      .toBuffer();
    const { bytes } = await draw(original, 'f_jpg,fl_force_icc,q_95');
    expect((await sharp(bytes).metadata()).icc).toBeDefined();
    expect(distance((await decode(bytes)).at(5, 5), [10, 200, 30])).toBeLessThan(8);
    expect((await sharp((await draw(original, 'f_jpg')).bytes).metadata()).icc).toBeUndefined();
  });

  it('cs_copy keeps numbers and profile, cs_srgb converts', async () => {
    const original = await wide();
    const stored = await sharp(original).metadata();
    const { bytes } = await draw(original, 'cs_copy,c_scale,w_10');
    expect((await sharp(bytes).metadata()).icc).toEqual(stored.icc);
    const numbers = await sharp(original, { ignoreIcc: true }).raw().toBuffer();
    const kept = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer();
    expect(distance([...kept.subarray(0, 3)], [...numbers.subarray(0, 3)])).toBeLessThanOrEqual(1);
    const converted = await draw(original, 'cs_srgb,c_scale,w_10');
    expect((await sharp(converted.bytes).metadata()).icc).toBeUndefined();
    const srgb = await sharp(converted.bytes).raw().toBuffer();
    expect(distance([...srgb.subarray(0, 3)], [...numbers.subarray(0, 3)])).toBeGreaterThan(8);
  });

  it('cs_copy of four colours stays so as JPEG, and is refused elsewhere', async () => {
    const original = await from(paint(30, 20, () => [200, 40, 40]))
      .toColourspace('cmyk')
      .jpeg()
      .toBuffer();
    expect((await sharp(original).metadata()).space).toBe('cmyk');
    const { bytes } = await draw(original, 'cs_copy,c_scale,w_10');
    expect(await sharp(bytes).metadata()).toMatchObject({ space: 'cmyk', width: 10 });
    expect((await sharp((await draw(original, 'c_scale,w_10')).bytes).metadata()).space).toBe('srgb');
    await expect(draw(original, 'cs_copy,f_webp')).rejects.toMatchObject({ kind: 'invalid' });
  });

  it('cs_copy is refused for what has to take the pixels apart', async () => {
    await expect(draw(await wide(), 'cs_copy,e_sepia')).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('cs_copy'),
    });
  });

  it('cs_copy takes q_auto for the quality of its level', async () => {
    expect(await draw(await wide(), 'cs_copy,q_auto,f_jpg')).toMatchObject({ format: 'jpeg' });
  });
});

describe('flags of PNG', () => {
  it.each([
    ['fl_png8', 4, true],
    ['fl_png24', 3, false],
    ['fl_png32', 4, false],
    ['fl_png32.lossy', 4, false],
    ['fl_lossy', 4, true],
    ['fl_any_format,q_auto', 4, true],
    ['fl_any_format', 4, false],
  ])('%s', async (flags, channels, hasPalette) => {
    const { bytes } = await draw(await clear(), `f_png,${flags}`);
    const found = await sharp(bytes).metadata();
    expect([found.channels, found.isPalette]).toEqual([channels, hasPalette]);
    if (channels === 3) expect(distance((await decode(bytes)).at(2, 2), [255, 255, 255])).toBe(0);
  });

  it('fl_png32 adds the channel that was not there', async () => {
    const { bytes } = await draw(
      await from(paint(9, 9, () => red))
        .png()
        .toBuffer(),
      'f_png,fl_png32',
    );
    expect((await sharp(bytes).metadata()).channels).toBe(4);
  });
});

describe('flags of animations', () => {
  const movie = () => animate(20, 20, [red, blue]).gif().toBuffer();

  it.each(['fl_awebp,f_webp', 'fl_animated,f_webp', 'fl_animated,f_gif', 'fl_animated,f_auto'])(
    '%s moves',
    async (text) => {
      expect(await draw(await movie(), text, { accept: 'image/webp' })).toMatchObject({ frames: 2 });
    },
  );

  it.each(['fl_apng,f_png', 'fl_apng', 'fl_animated,f_jpg', 'fl_animated,f_avif'])('%s is refused', async (text) => {
    await expect(draw(await movie(), text)).rejects.toMatchObject({ kind: 'invalid' });
  });

  it('fl_animated leaves a still alone', async () => {
    const still = await from(paint(9, 9, () => red))
      .png()
      .toBuffer();
    expect(await draw(still, 'fl_animated,f_jpg')).toMatchObject({ frames: 1, format: 'jpeg' });
  });
});

describe('pg_', () => {
  it('takes one frame, and it stands still', async () => {
    const original = await animate(20, 20, [red, blue]).gif().toBuffer();
    const rendered = await draw(original, 'pg_2,f_webp,q_100');
    expect(rendered).toMatchObject({ frames: 1 });
    expect(distance((await decode(rendered.bytes)).at(10, 10), blue)).toBeLessThan(10);
    await expect(draw(original, 'pg_3')).rejects.toMatchObject({ kind: 'invalid' });
  });
});
