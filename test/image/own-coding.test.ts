import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeApng } from '../support/animations.ts';
import { box } from '../support/avif.ts';
import { iptcRecords, noticed, photoshopResources, xmpPacket } from '../support/notices.ts';
import {
  animate,
  decode,
  distance,
  exifBlock,
  from,
  jpegSegment,
  jpegWithExif,
  noise,
  type Pixel,
  paint,
  pngChunk,
  pngWithChunks,
} from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { readSaid } from '../support/said.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const secret = 'a secret place';
const formats = ['jpg', 'png', 'webp', 'gif', 'avif'] as const;
type Format = (typeof formats)[number];

/** Some grain on soft shapes: what a later encoder needs more bytes for than the first. */
const scene = (width = 160, height = 120) => {
  const grain = noise(width, height).data;
  return paint(width, height, (x, y) => {
    const rough = (grain[(y * width + x) * 3] ?? 0) & 31;
    return [rough + Math.round(100 + 90 * Math.sin(x / 20)), rough + y, rough + Math.round((x + y) / 2)];
  });
};

/** Coded with more care or less fidelity than we would. */
const made: Readonly<Record<Format, () => Promise<Buffer>>> = {
  jpg: () => from(scene()).jpeg({ quality: 35, mozjpeg: true }).toBuffer(),
  png: () => from(scene()).png({ compressionLevel: 9, adaptiveFiltering: true }).toBuffer(),
  webp: () => from(scene()).webp({ quality: 20, effort: 6 }).toBuffer(),
  gif: () => from(scene()).gif({ colours: 4, effort: 10, dither: 0 }).toBuffer(),
  avif: () => from(scene()).avif({ quality: 15, effort: 6 }).toBuffer(),
};

const originals = new Map<Format, Buffer>();
beforeAll(async () => {
  for (const format of formats) originals.set(format, await made[format]());
});
const original = (format: Format) => originals.get(format) ?? Buffer.alloc(0);

async function samePixels(one: Uint8Array, other: Uint8Array): Promise<boolean> {
  const [first, second] = await Promise.all(
    [one, other].map((file) => sharp(file, { animated: true }).raw().toBuffer()),
  );
  return first !== undefined && second !== undefined && first.equals(second);
}

describe('an original that is asked for in its own format, and not changed', () => {
  it.each(formats)('comes in its own coding as %s where ours is larger', async (format) => {
    for (const text of [
      `f_${format}`,
      `f_${format},q_auto`,
      `f_${format},q_100`,
      `c_limit,w_4000,f_${format}`,
      'f_auto',
    ]) {
      const accept = text === 'f_auto' ? `image/${format === 'jpg' ? 'jpeg' : format}` : undefined;
      const { bytes, width, height } = await draw(original(format), text, accept === undefined ? {} : { accept });
      if (text === 'f_auto' && (format === 'png' || format === 'gif')) continue;
      expect(bytes.length, text).toBeLessThanOrEqual(original(format).length);
      expect(await samePixels(bytes, original(format)), text).toBe(true);
      expect([width, height]).toEqual([160, 120]);
    }
  });

  it('comes in ours where that is smaller, whatever the quality was that a URL asks for', async () => {
    const fine = await from(scene()).jpeg({ quality: 98 }).toBuffer();
    for (const text of ['f_jpg', 'f_jpg,q_50', 'f_jpg,q_auto:low']) {
      const { bytes } = await draw(fine, text);
      expect(bytes.length).toBeLessThan(fine.length);
      expect(await samePixels(bytes, fine)).toBe(false);
    }
  });

  it.each(formats)('is drawn anew as %s where anything is done to it', async (format) => {
    for (const text of [
      `c_scale,w_80,f_${format}`,
      `a_180/f_${format}`,
      `e_negate/f_${format}`,
      `c_crop,w_150/f_${format}`,
    ]) {
      const { bytes } = await draw(original(format), text);
      expect(await samePixels(bytes, original(format)), text).toBe(false);
    }
  });

  it('is drawn anew where another coding is asked for', async () => {
    expect(await sharp((await draw(original('jpg'), 'f_jpg,fl_force_icc')).bytes).metadata()).toMatchObject({
      hasProfile: true,
    });
    const baseline = await from(scene()).jpeg({ quality: 20 }).toBuffer();
    expect(await sharp((await draw(baseline, 'f_jpg,fl_progressive')).bytes).metadata()).toMatchObject({
      isProgressive: true,
    });
    expect(await sharp((await draw(original('png'), 'f_png,fl_png8')).bytes).metadata()).toMatchObject({
      isPalette: true,
    });
  });

  it('keeps its frames and their times', async () => {
    const colours: readonly Pixel[] = Array.from({ length: 5 }, (_, index) => [index * 50, 90, 200]);
    for (const moving of [
      await animate(60, 40, colours).webp({ quality: 10, effort: 6, delay: 70, loop: 3 }).toBuffer(),
      await animate(60, 40, colours).gif({ effort: 10, delay: 70, loop: 3 }).toBuffer(),
    ]) {
      const { bytes, frames } = await draw(moving, 'fl_progressive:none');
      expect(frames).toBe(5);
      expect(bytes.length).toBeLessThanOrEqual(moving.length);
      expect(await sharp(bytes).metadata()).toMatchObject({ pages: 5, delay: Array(5).fill(70), loop: 3 });
    }
  });
});

describe('nothing of what such an original says beside its pixels is sent on:', () => {
  /** The same files with a place, a camera's words and what others hide in them. */
  const planted: Readonly<Record<Format, () => Promise<Buffer>>> = {
    jpg: async () => {
      const bare = original('jpg');
      const preview = Buffer.concat([Buffer.from('JFXX\0\x13', 'latin1'), Buffer.from(secret)]);
      const texts = Buffer.concat([
        jpegSegment(0xe0, preview),
        jpegSegment(
          0xed,
          Buffer.concat([Buffer.from('Photoshop 3.0\0'), photoshopResources(iptcRecords([[90, secret]]))]),
        ),
        jpegSegment(
          0xe1,
          Buffer.from(`http://ns.adobe.com/xap/1.0/\0${xmpPacket(`<dc:coverage>${secret}</dc:coverage>`)}`),
        ),
        jpegSegment(0xfe, Buffer.from(secret)),
        jpegSegment(0xeb, Buffer.from(secret)),
      ]);
      const withTexts = Buffer.concat([bare.subarray(0, 2), texts, bare.subarray(2), Buffer.from(secret)]);
      return jpegWithExif(withTexts, exifBlock(1, secret));
    },
    png: async () => {
      const chunks = [
        pngChunk('eXIf', exifBlock(1, secret)),
        pngChunk('tEXt', Buffer.from(`Comment\0${secret}`)),
        pngChunk('caBX', Buffer.from(secret)),
        pngChunk('prVt', Buffer.from(secret)),
      ];
      return Buffer.concat([pngWithChunks(original('png'), chunks), Buffer.from(secret)]);
    },
    webp: async () => {
      const said = from(scene())
        .withExif({ IFD0: { ImageDescription: secret } })
        .withXmp(xmpPacket(`<dc:coverage>${secret}</dc:coverage>`));
      return Buffer.concat([await said.webp({ quality: 20, effort: 6 }).toBuffer(), Buffer.from(secret)]);
    },
    gif: async () => {
      const bare = original('gif');
      const colours = 13 + 3 * 2 ** ((bare.readUInt8(10) & 7) + 1);
      const comment = Buffer.concat([Buffer.from([0x21, 0xfe, secret.length]), Buffer.from(secret), Buffer.from([0])]);
      return Buffer.concat([bare.subarray(0, colours), comment, bare.subarray(colours), Buffer.from(secret)]);
    },
    avif: async () =>
      from(scene())
        .withExif({ IFD0: { ImageDescription: secret } })
        .avif({ quality: 15, effort: 6 })
        .toBuffer(),
  };

  it.each(formats)('%s', async (format) => {
    const full = await planted[format]();
    expect(full.includes(secret)).toBe(true);
    const { bytes } = await draw(full, `f_${format}`);
    expect(Buffer.from(bytes).includes(secret)).toBe(false);
    expect(readSaid(bytes)).toMatchObject({ exif: [], xmp: [] });
    // Of an AVIF nothing can be taken out: it is encoded anew.
    expect(await samePixels(bytes, full)).toBe(format !== 'avif');
  });

  it('nor what lies among the data of an AVIF, or behind them', async () => {
    const loose = original('avif');
    const at = loose.indexOf('mdat') - 4;
    const data = Buffer.concat([loose.subarray(at + 8), Buffer.from(secret)]);
    for (const file of [
      Buffer.concat([loose.subarray(0, at), box('mdat', data)]),
      Buffer.concat([loose, box('free', Buffer.from(secret))]),
      Buffer.concat([loose, box('mdat', Buffer.from(secret))]),
    ]) {
      expect(Buffer.from((await draw(file, 'f_avif')).bytes).includes(secret)).toBe(false);
    }
  });

  it('an orientation is applied', async () => {
    for (const quality of [10, 35]) {
      const turned = jpegWithExif(
        await from(scene()).jpeg({ quality, mozjpeg: true }).toBuffer(),
        exifBlock(6, secret),
      );
      expect(await draw(turned, 'f_jpg')).toMatchObject({ width: 120, height: 160 });
      const { bytes } = await draw(turned, 'a_ignore/f_jpg');
      expect(await sharp(bytes).metadata()).not.toHaveProperty('orientation');
      expect(await samePixels(bytes, turned)).toBe(true);
    }
  });

  it.each(['jpg', 'png', 'webp'] as const)(
    'colours of a %s are brought to sRGB, and its profile goes',
    async (format) => {
      const encode = {
        jpg: { quality: 20, mozjpeg: true },
        png: { compressionLevel: 9 },
        webp: { quality: 10, effort: 6 },
      };
      const written = (profile: string) =>
        from(paint(160, 120, (x) => [200, x, 40]))
          .withIccProfile(profile)
          .toFormat(format === 'jpg' ? 'jpeg' : format, encode[format])
          .toBuffer();
      for (const [profile, isKept] of [
        ['p3', false],
        ['srgb', true],
      ] as const) {
        const file = await written(profile);
        const { bytes } = await draw(file, `f_${format},cs_srgb`);
        expect(await sharp(bytes).metadata()).toMatchObject({ hasProfile: false });
        const [one, other] = [await decode(bytes), await decode(file)];
        expect(distance(one.at(80, 60), other.at(80, 60)), profile).toBeLessThan(isKept ? 2 : 10);
        if (isKept) expect(bytes.length).toBeLessThan(file.length);
      }
    },
  );

  it('what four colours mean is reckoned', async () => {
    const ink = await from(scene()).toColourspace('cmyk').jpeg({ quality: 10 }).toBuffer();
    expect(await sharp((await draw(ink, 'f_jpg')).bytes).metadata()).toMatchObject({ space: 'srgb', channels: 3 });
  });

  const magic = Buffer.from([1, ...Array.from({ length: 256 }, (_, index) => 255 - index), 0]);
  const withXmp = {
    jpg: async (xmp: string) => {
      const segment = jpegSegment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${xmp}`));
      return Buffer.concat([original('jpg').subarray(0, 2), segment, original('jpg').subarray(2)]);
    },
    png: async (xmp: string) =>
      pngWithChunks(original('png'), [pngChunk('iTXt', Buffer.from(`XML:com.adobe.xmp\0\0\0\0\0${xmp}`))]),
    webp: (xmp: string) => from(scene()).withXmp(xmp).webp({ quality: 20, effort: 6 }).toBuffer(),
    gif: async (xmp: string) => {
      const block = [Buffer.from('\x21\xff\x0bXMP DataXMP', 'latin1'), Buffer.from(xmp), magic];
      return Buffer.concat([original('gif').subarray(0, -1), ...block, original('gif').subarray(-1)]);
    },
  } as const;

  it.each([
    ['lossy', { quality: 10, effort: 6 }, 255],
    ['lossless', { lossless: true, effort: 6 }, 60],
  ] as const)('a density in a %s WebP that was too short for words', async (_, how, alpha) => {
    const short = await from(paint(63, 40, (x, y) => [x * 4, y * 6, 90, x > 9 ? 255 : alpha]))
      .webp(how)
      .toBuffer();
    expect(readSaid(short).parts).toHaveLength(1);
    const { bytes } = await draw(short, 'dn_150,f_webp,q_100');
    expect(readSaid(bytes).xmp.join()).toContain('150/1');
    expect(readSaid(bytes).parts[0]).toBe('VP8X');
    expect(await samePixels(bytes, short)).toBe(true);
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 63, height: 40, hasAlpha: alpha < 255 });
  });

  it.each(['jpg', 'png', 'webp', 'gif'] as const)('but words that are to be said, in a %s too', async (format) => {
    const mark = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';
    const packet = xmpPacket(`<dc:rights>© Somebody</dc:rights>`, `Iptc4xmpExt:DigitalSourceType="${mark}"`);
    const full = await withXmp[format](packet);
    const { bytes } = await draw(full, `f_${format},fl_keep_attribution,dn_150`);
    expect(await samePixels(bytes, full)).toBe(true);
    const { xmp, parts } = readSaid(bytes);
    expect(xmp).toHaveLength(1);
    expect(xmp.join()).toContain(mark);
    expect(xmp.join()).toContain('© Somebody');
    expect(parts.filter((name) => name === 'VP8X')).toHaveLength(format === 'webp' ? 1 : 0);
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 160, height: 120 });
  });

  it('but a notice that is asked for, and the mark of AI', async () => {
    const mark = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';
    const xmp = xmpPacket(`<dc:rights>© Somebody</dc:rights>`, `Iptc4xmpExt:DigitalSourceType="${mark}"`);
    for (const kind of ['jpeg', 'png', 'webp', 'gif', 'avif'] as const) {
      const { bytes } = await draw(
        await noticed[kind](scene(), { xmp }),
        `f_${kind === 'jpeg' ? 'jpg' : kind},fl_keep_attribution`,
      );
      expect([kind, readSaid(bytes).xmp.join().includes(mark)]).toEqual([kind, true]);
      expect(readSaid(bytes).xmp.join()).toContain('© Somebody');
    }
  });
});

describe('a PNG that moves', () => {
  const frame = (left: number, colour: Pixel) => ({ left, top: 0, width: 20, height: 20, colour });
  const moving = () =>
    writeApng({
      size: [40, 20],
      frames: [{ ...frame(0, [255, 0, 0]), width: 40 }, frame(10, [0, 255, 0]), frame(20, [0, 0, 255])],
    });

  it.each(['f_png', 'c_limit,w_400,f_png', 'fl_keep_attribution'])('is sent as it is for %s, bare', async (text) => {
    const full = pngWithChunks(moving(), [pngChunk('tEXt', Buffer.from(`Comment\0${secret}`))]);
    const { bytes, frames } = await draw(full, text);
    expect(frames).toBe(3);
    expect(Buffer.from(bytes).equals(moving())).toBe(true);
    const told = await draw(full, `${text}/fl_getinfo`);
    expect(JSON.parse(Buffer.from(told.bytes).toString())).toMatchObject({
      output: { frames: 3, bytes: bytes.length, format: 'png' },
    });
  });

  it.each(['c_scale,w_20,f_png', 'pg_1,f_png', 'f_png,fl_png8', 'e_negate/f_png'])(
    'is a still for %s',
    async (text) => {
      const { bytes, frames } = await draw(moving(), text);
      expect(frames).toBe(1);
      expect(Buffer.from(bytes).includes('acTL')).toBe(false);
    },
  );

  it('is a still where one of its frames is damaged or lost', async () => {
    const damaged = moving();
    const at = damaged.lastIndexOf('fdAT') + 12;
    damaged.writeUInt8(damaged.readUInt8(at) ^ 0xff, at);
    expect(await draw(damaged, 'f_png')).toMatchObject({ frames: 1 });
  });
});
