import { setImmediate as nextTurn } from 'node:timers/promises';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/failure.ts';
import { type Facts, inspect } from '../../src/image/index.ts';
import { writeApng, writeGif } from '../support/animations.ts';
import { avifSaying } from '../support/avif.ts';
import { sizeProperty } from '../support/avif-items.ts';
import { jpegOfEmptyScans } from '../support/hostile/jpeg.ts';
import {
  animate,
  blue,
  from,
  gifDeclaring,
  green,
  jpegSegment,
  jpegWithScans,
  noise,
  paint,
  pngChunk,
  pngDeclaring,
  pngWithChunks,
  quarters,
  red,
  webpDeclaring,
} from '../support/pictures.ts';

const picture = quarters(40, 24);
const clear = paint(40, 24, () => [10, 20, 30, 40]);

describe('the header of', () => {
  const still: Partial<Facts> = {
    size: { width: 40, height: 24 },
    frames: 1,
    pages: 1,
    orientation: 1,
    hasAlpha: false,
    bitDepth: 8,
  };
  const files: readonly (readonly [string, () => Promise<Buffer>, Partial<Facts>])[] = [
    ['a JPEG', () => from(picture).jpeg().toBuffer(), { ...still, format: 'jpeg', colour: 'rgb', coding: 'plain' }],
    [
      'a progressive JPEG',
      () => from(picture).jpeg({ progressive: true }).toBuffer(),
      { ...still, coding: 'progressive' },
    ],
    [
      'a gray JPEG',
      () => from(picture).grayscale().toColourspace('b-w').jpeg().toBuffer(),
      { ...still, colour: 'gray' },
    ],
    ['a CMYK JPEG', () => from(picture).toColourspace('cmyk').jpeg().toBuffer(), { ...still, colour: 'cmyk' }],
    ['a PNG', () => from(picture).png().toBuffer(), { ...still, format: 'png', coding: 'plain' }],
    ['a PNG with alpha', () => from(clear).png().toBuffer(), { ...still, hasAlpha: true }],
    ['a PNG with a palette', () => from(clear).png({ palette: true }).toBuffer(), { ...still, hasAlpha: true }],
    [
      'an interlaced PNG',
      () => from(picture).png({ progressive: true }).toBuffer(),
      { ...still, coding: 'interlaced' },
    ],
    ['a deep PNG', () => from(picture).toColourspace('rgb16').png().toBuffer(), { ...still, bitDepth: 16 }],
    ['a lossy WebP', () => from(picture).webp().toBuffer(), { ...still, format: 'webp', coding: 'plain' }],
    ['a lossy WebP with alpha', () => from(clear).webp().toBuffer(), { ...still, hasAlpha: true, coding: 'plain' }],
    ['a lossless WebP', () => from(picture).webp({ lossless: true }).toBuffer(), { ...still, coding: 'lossless' }],
    [
      'a lossless WebP with alpha',
      () => from(clear).webp({ lossless: true }).toBuffer(),
      { hasAlpha: true, coding: 'lossless' },
    ],
    ['a GIF', () => from(picture).gif().toBuffer(), { size: { width: 40, height: 24 }, frames: 1, format: 'gif' }],
    ['an AVIF', () => from(picture).avif().toBuffer(), { ...still, format: 'avif' }],
    ['an AVIF with alpha', () => from(clear).avif().toBuffer(), { ...still, hasAlpha: true }],
    ['a TIFF', () => from(picture).tiff().toBuffer(), { ...still, format: 'tiff' }],
    [
      'a BigTIFF',
      () => from(picture).tiff({ bigtiff: true, compression: 'lzw' }).toBuffer(),
      { ...still, format: 'tiff' },
    ],
    ['a TIFF with alpha', () => from(clear).tiff({ compression: 'deflate' }).toBuffer(), { ...still, hasAlpha: true }],
  ];

  it.each(files)('%s is read', async (_, make, expected) => {
    const bytes = await make();
    expect(await inspect(bytes)).toMatchObject({ ...expected, bytes: bytes.length });
  });

  it.each(files)('%s has the size that the decoder finds', async (_, make) => {
    const bytes = await make();
    const { width, height } = await sharp(bytes).metadata();
    expect((await inspect(bytes)).stored).toEqual({ width, height });
  });

  it.each(['gif', 'webp'] as const)('an animated %s tells its frames', async (format) => {
    const bytes = await animate(12, 10, [red, green, blue]).toFormat(format).toBuffer();
    expect(await inspect(bytes)).toMatchObject({ format, frames: 3, size: { width: 12, height: 10 } });
  });

  it('a TIFF with two pages tells both', async () => {
    const tiff = await from(picture).tiff({ compression: 'none' }).toBuffer();
    const first = tiff.readUInt32LE(4);
    const link = first + 2 + tiff.readUInt16LE(first) * 12;
    // The second page is the first one's directory again, over the same pixels.
    const second = Buffer.from(tiff.subarray(first, link + 4));
    tiff.writeUInt32LE(tiff.length, link);
    const both = Buffer.concat([tiff, second]);
    expect((await sharp(both).metadata()).pages).toBe(2);
    expect(await inspect(both)).toMatchObject({ pages: 2, frames: 1 });
  });
});

describe('what is no picture is refused:', () => {
  const others: readonly (readonly [string, Buffer])[] = [
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('Hello')],
    ['an SVG without its namespace', Buffer.from('<svg width="8" height="8"/>')],
    ['XML of another kind', Buffer.from('<?xml version="1.0"?><rss><svg xmlns="http://www.w3.org/2000/svg"/></rss>')],
    ['a packed SVG', Buffer.from('1f8b0800', 'hex')],
    ['PDF', Buffer.from('%PDF-1.7\n')],
    ['text that begins like a BMP', Buffer.from('BMW and other cars, and more of them')],
    ['HEIF of another coding', Buffer.from('\0\0\0\x18ftypmif1\0\0\0\0mif1miaf', 'latin1')],
    ['MP4', Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1')],
    ['RIFF sound', Buffer.from('RIFF\x24\0\0\0WAVEfmt ', 'latin1')],
  ];

  it.each(others)('%s', async (_, bytes) => {
    await expect(inspect(bytes)).rejects.toMatchObject({ name: 'Failure', kind: 'unsupported' });
  });
});

describe('parts that cost a decoder out of proportion are counted:', () => {
  it('scans of a JPEG', async () => {
    const progressive = await from(noise(64, 64)).jpeg({ progressive: true }).toBuffer();
    const most = jpegWithScans(progressive, 91);
    expect(await inspect(most)).toMatchObject({ coding: 'progressive' });
    await expect(inspect(jpegWithScans(progressive, 101))).rejects.toMatchObject({
      kind: 'too_large',
      message: 'The picture has too many scans: at most 100 are read in a JPEG file.',
    });
  });

  it('scans of a JPEG by how much each of them walks over', async () => {
    expect(await inspect(jpegOfEmptyScans(1_000, 90))).toMatchObject({ coding: 'progressive' });
    expect(await inspect(jpegOfEmptyScans(4_000, 20))).toMatchObject({ coding: 'progressive' });
    await expect(inspect(jpegOfEmptyScans(4_000, 21))).rejects.toMatchObject({
      kind: 'too_large',
      message: 'The picture has too many scans: of 4000 × 4000 pixels at most 20 are read in a JPEG file.',
    });
  });

  it('segments of a JPEG', async () => {
    const jpeg = await from(picture).jpeg().toBuffer();
    const comments = (count: number) =>
      Buffer.concat([
        jpeg.subarray(0, 2),
        ...Array.from({ length: count }, () => jpegSegment(0xfe, Buffer.alloc(2))),
        jpeg.subarray(2),
      ]);
    expect(await inspect(comments(900))).toMatchObject({ format: 'jpeg' });
    await expect(inspect(comments(1_001))).rejects.toMatchObject({ kind: 'too_large' });
  });

  it('texts and other chunks of a PNG', async () => {
    const png = await from(picture).png().toBuffer();
    const withChunks = (type: string, count: number) =>
      pngWithChunks(
        png,
        Array.from({ length: count }, () => pngChunk(type, Buffer.from('a\0b'))),
      );
    expect(await inspect(withChunks('tEXt', 5_000))).toMatchObject({ format: 'png' });
    await expect(inspect(withChunks('zTXt', 100_001))).rejects.toMatchObject({ kind: 'too_large' });
    await expect(inspect(withChunks('abCd', 1_001))).rejects.toMatchObject({ kind: 'too_large' });
  });

  it('frames of an animation, past which nothing is walked', async () => {
    expect(await inspect(gifDeclaring(8, 8, 1_000))).toMatchObject({ frames: 1_000 });
    const refused = (what: string) => ({ kind: 'too_large', message: expect.stringContaining(what) });
    await expect(inspect(gifDeclaring(8, 8, 100_001))).rejects.toMatchObject(
      refused('at most 10000 are read in a GIF'),
    );
    await expect(inspect(webpOfFrames(10_001))).rejects.toMatchObject(refused('at most 10000 are read in a WebP'));
  });

  it('blocks of a GIF, with pixels or without', async () => {
    const gif = gifDeclaring(8, 8);
    const withBlocks = (blocks: Buffer) => Buffer.concat([gif.subarray(0, -1), blocks, gif.subarray(-1)]);
    const comment = Buffer.from([0x21, 0xfe, 0]);
    expect(await inspect(withBlocks(repeated(comment, 20_000)))).toMatchObject({ frames: 1 });
    const refused = (what: string) => ({ kind: 'too_large', message: expect.stringContaining(what) });
    await expect(inspect(withBlocks(repeated(comment, 100_001)))).rejects.toMatchObject(refused('too many blocks:'));
    const crumbs = Buffer.concat([
      Buffer.from([0x21, 0xfe]),
      repeated(Buffer.from([1, 9]), 1_000_001),
      Buffer.alloc(1),
    ]);
    await expect(inspect(withBlocks(crumbs))).rejects.toMatchObject(refused('too many blocks of data'));
  });

  it('pages of a TIFF whose links go round in a circle', async () => {
    const tiff = await from(picture).tiff({ compression: 'none' }).toBuffer();
    const first = tiff.readUInt32LE(4);
    tiff.writeUInt32LE(first, first + 2 + tiff.readUInt16LE(first) * 12);
    await expect(inspect(tiff)).rejects.toMatchObject({ kind: 'too_large' });
  });
});

describe('while a picture is looked at others have their turns', () => {
  /** Turns of the event loop that pass until it is settled. */
  async function turnsUntil(settled: Promise<unknown>): Promise<number> {
    let [turns, isOver] = [0, false];
    const end = () => {
      isOver = true;
    };
    settled.then(end, end);
    for (; !isOver; turns += 1) await nextTurn();
    return turns;
  }

  /** A progressive JPEG whose pixels are those bytes again and again. */
  const jpegOf = (pattern: readonly number[]) =>
    Buffer.concat([
      Buffer.from([0xff, 0xd8, 0xff, 0xc2, 0, 11, 8, 0, 16, 0, 16, 1, 1, 0x11, 0, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0]),
      Buffer.alloc(8 * 1024 ** 2, Buffer.from(pattern)),
    ]);
  const pngOf = async (count: number) =>
    pngWithChunks(await from(picture).png().toBuffer(), [repeated(pngChunk('tEXt', Buffer.from('a\0b')), count)]);
  const animation = (count: number) =>
    writeApng({
      size: [1, 1],
      frames: Array.from({ length: count }, () => ({ left: 0, top: 0, width: 1, height: 1, colour: red })),
    });
  const longest: readonly (readonly [string, () => Buffer | Promise<Buffer>, number])[] = [
    ['a JPEG of stuffed bytes', () => jpegOf([0xff, 0]), 7],
    ['a JPEG of fill bytes', () => jpegOf([0xff]), 7],
    ['a JPEG of restarts', () => jpegOf([0xff, 0xd0]), 7],
    ['a JPEG in which every fiftieth byte is stuffed', () => jpegOf([0xff, 0, ...Array<number>(48).fill(7)]), 7],
    ['a GIF of 9,999 frames', () => gifDeclaring(1, 1, 9_999), 9],
    ['a PNG of 99,000 texts', () => pngOf(99_000), 20],
    ['an APNG of 9,999 frames', () => animation(9_999), 6],
    ['a WebP of 9,999 frames', () => webpOfFrames(9_999), 2],
    ['a TIFF of 65,000 tags', async () => tiffOfTags(65_000), 6],
  ];

  it.each(longest)('%s', async (_, make, least) => {
    const bytes = await make();
    expect(await turnsUntil(inspect(bytes))).toBeGreaterThanOrEqual(least);
  });

  it('and what is looked at beside it takes steps in its turn', async () => {
    const [one, two] = [inspect(jpegOf([0xff])), inspect(jpegOf([0xff]))];
    const alone = await turnsUntil(inspect(jpegOf([0xff])));
    await Promise.all([one, two]);
    expect(alone).toBeGreaterThan(16);
  });

  it('but a plain picture is looked at in the very call', async () => {
    expect(await turnsUntil(inspect(await from(picture).jpeg({ progressive: true }).toBuffer()))).toBeLessThan(2);
  });
});

describe('what decoding costs', () => {
  const samples = async (bytes: Promise<Buffer>) => (await inspect(await bytes)).samplesPerPixel;

  it.each([
    ['a JPEG with colour at a quarter', () => from(picture).jpeg(), 1.5],
    ['a JPEG in full colour', () => from(picture).jpeg({ chromaSubsampling: '4:4:4' }), 3],
    ['a gray JPEG', () => from(picture).grayscale().toColourspace('b-w').jpeg(), 1],
    ['a CMYK JPEG', () => from(picture).toColourspace('cmyk').jpeg({ chromaSubsampling: '4:4:4' }), 4],
    ['a PNG', () => from(picture).png(), 3],
    ['a PNG with alpha', () => from(clear).png(), 4],
    ['a PNG with a palette', () => from(picture).png({ palette: true }), 3],
    ['an AVIF with colour at a quarter', () => from(picture).avif({ chromaSubsampling: '4:2:0' }), 1.5],
    ['an AVIF in full colour with alpha', () => from(clear).avif({ chromaSubsampling: '4:4:4' }), 4],
    ['a TIFF', () => from(picture).tiff(), 3],
  ])('is told by the samples of %s', async (_, make, expected) => {
    expect(await samples(make().toBuffer())).toBe(expected);
  });

  it('is that of a progressive JPEG for a baseline one whose channels come in scans of their own', async () => {
    const frame = jpegSegment(0xc0, Buffer.from([8, 0, 8, 0, 8, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]));
    const scan = (channel: number) => jpegSegment(0xda, Buffer.from([1, channel, 0, 0, 63, 0]));
    const file = Buffer.concat([
      Buffer.from([0xff, 0xd8]),
      frame,
      scan(1),
      scan(2),
      scan(3),
      Buffer.from([0xff, 0xd9]),
    ]);
    expect(await inspect(file)).toMatchObject({ coding: 'progressive', samplesPerPixel: 3 });
  });
});

describe('profiles that grow when they are unpacked', () => {
  const megabytes = (count: number) => deflateSync(Buffer.alloc(count * 1024 ** 2));
  const profile = (stream: Buffer) => pngChunk('iCCP', Buffer.concat([Buffer.from('n\0\0'), stream]));

  it('are refused over a bound', async () => {
    const png = await from(picture).png().toBuffer();
    expect(await inspect(pngWithChunks(png, [profile(megabytes(4))]))).toMatchObject({ format: 'png' });
    const bomb = pngWithChunks(png, [profile(megabytes(3)), profile(megabytes(3))]);
    expect(bomb.length).toBeLessThan(50_000);
    await expect(inspect(bomb)).rejects.toMatchObject({
      kind: 'too_large',
      message: expect.stringContaining('unpack to more than'),
    });
  });

  it('count with what they came to where they are damaged', async () => {
    const png = await from(picture).png().toBuffer();
    const broken = megabytes(2);
    broken.writeUInt32BE(1, broken.length - 4);
    expect(await inspect(pngWithChunks(png, [profile(broken)]))).toMatchObject({ format: 'png' });
    const bomb = pngWithChunks(png, [profile(broken), profile(broken), profile(broken)]);
    await expect(inspect(bomb)).rejects.toMatchObject({
      kind: 'too_large',
      message: expect.stringContaining('unpack to more than'),
    });
  });

  it('are ten at the most', async () => {
    const png = await from(picture).png().toBuffer();
    const withProfiles = (count: number) =>
      pngWithChunks(
        png,
        Array.from({ length: count }, () => profile(Buffer.from('no stream'))),
      );
    expect(await inspect(withProfiles(10))).toMatchObject({ format: 'png' });
    await expect(inspect(withProfiles(11))).rejects.toMatchObject({
      kind: 'too_large',
      message: expect.stringContaining('too many packed profiles'),
    });
  });

  it('are nothing to us when they are damaged', async () => {
    const png = await from(picture).png().toBuffer();
    expect(await inspect(pngWithChunks(png, [profile(Buffer.from('no stream'))]))).toMatchObject({
      format: 'png',
    });
  });
});

it('an AVIF with a part that is larger than the picture is refused', async () => {
  const avif = await from(clear).avif().toBuffer();
  await expect(
    inspect(avifSaying(avif, { properties: [sizeProperty(16_000, 16_000)], of: 'alpha' })),
  ).rejects.toMatchObject({
    kind: 'too_large',
    message: 'The AVIF file has parts that are larger than the picture itself.',
  });
});

describe('the size of a GIF', () => {
  it.each([
    ['its screen', gifDeclaring(30, 20), { width: 30, height: 20 }],
    ['its first frame, where there is no screen', gifDeclaring(0, 0), { width: 1, height: 1 }],
    ['its screen, whatever decoders doubt', gifDeclaring(640, 480), { width: 640, height: 480 }],
    ['its screen, however large', gifDeclaring(2_049, 10), { width: 2_049, height: 10 }],
    ['its screen, where a side is missing', gifDeclaring(0, 20), { width: 1, height: 20 }],
    [
      'its first frame, where that reaches further',
      gifDeclaring(30, 20, 2, { width: 50, height: 40 }),
      { width: 50, height: 40 },
    ],
  ])('is that of %s', async (_, bytes, size) => {
    expect((await inspect(bytes)).size).toEqual(size);
  });
});

describe('hostile bytes', () => {
  const dot = { left: 1, top: 1, width: 4, height: 4, colour: red };

  async function samples(): Promise<readonly Buffer[]> {
    return Promise.all([
      from(picture).jpeg({ progressive: true }).toBuffer(),
      from(clear).png({ palette: true }).toBuffer(),
      from(clear).webp().toBuffer(),
      animate(12, 10, [red, green]).webp().toBuffer(),
      animate(12, 10, [red, green]).gif().toBuffer(),
      from(clear).avif().toBuffer(),
      from(picture).tiff({ compression: 'none' }).toBuffer(),
      from(picture).tiff({ bigtiff: true, compression: 'none' }).toBuffer(),
      webpDeclaring(4_000, 3_000),
      writeApng({ size: [12, 10], frames: [dot, { ...dot, disposal: 2 }, dot] }),
      writeGif({ screen: [12, 10], frames: [dot, dot], repeats: 2 }),
    ]);
  }

  /** Reads the header or refuses it as expected: any other error fails the property. */
  async function readsOrRefuses(bytes: Uint8Array): Promise<void> {
    try {
      const { size } = await inspect(bytes);
      expect(Math.min(size.width, size.height)).toBeGreaterThan(0);
    } catch (error) {
      expect(error).toBeInstanceOf(Failure);
    }
  }

  it('are read or refused, wherever a file stops', async () => {
    for (const sample of await samples()) {
      for (let length = 0; length < Math.min(sample.length, 700); length += 1)
        await readsOrRefuses(sample.subarray(0, length));
    }
  });

  it('are read or refused, whatever is changed in a file', async () => {
    const files = await samples();
    const change = fc.record({ at: fc.nat(600), value: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.array(change, { minLength: 1, maxLength: 8 }),
        async (file, changes) => {
          const changed = Buffer.from(file);
          for (const { at, value } of changes) changed[at % changed.length] = value;
          await readsOrRefuses(changed);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('are read or refused behind every signature', async () => {
    const starts = (await samples()).map((sample) => sample.subarray(0, 12));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 400 }), async (start, rest) => {
        await readsOrRefuses(Buffer.concat([start, rest]));
      }),
      { numRuns: 2_000 },
    );
  });

  const length = 20_000_000;
  const padded = (head: Buffer, filling: number | Buffer) => Buffer.concat([head, Buffer.alloc(length, filling)]);
  const jpegStart = Buffer.from([0xff, 0xd8]);
  const progressiveStart = async () => {
    const jpeg = await from(picture).jpeg({ progressive: true }).toBuffer();
    return jpeg.subarray(0, jpeg.indexOf(Buffer.from([0xff, 0xda])) + 20);
  };
  const endless: readonly (readonly [string, () => Buffer | Promise<Buffer>])[] = [
    ['JPEG markers without end', () => padded(jpegStart, 0xff)],
    ['JPEG segments of no length', () => padded(jpegStart, Buffer.from([0xff, 0xe2, 0, 0]))],
    ['JPEG pixels without end', async () => padded(await progressiveStart(), Buffer.from([0xff, 0]))],
    ['PNG chunks of no length', () => padded(pngDeclaring(8, 8).subarray(0, 33), Buffer.from('\0\0\0\0IDATabcd'))],
    ['GIF blocks of one byte', () => padded(Buffer.from('GIF89a\x08\0\x08\0\0\0\0\x21\xfe', 'latin1'), 1)],
    ['WebP chunks of no length', () => padded(webpDeclaring(8, 8).subarray(0, 30), 0)],
    [
      'AVIF boxes of eight bytes',
      () => padded(Buffer.from('\0\0\0\x14ftypavif\0\0\0\0avif', 'latin1'), Buffer.from('\0\0\0\x08free', 'latin1')),
    ],
  ];

  it.each(endless)('hold up nothing else for long: %s', async (_, make) => {
    const bytes = await make();
    const tookMs: number[] = [];
    // The best of three: other threads of this process count too.
    for (let run = 0; run < 3; run += 1) {
      const { user } = process.cpuUsage();
      await inspect(bytes).catch((error: unknown) => expect(error).toBeInstanceOf(Failure));
      tookMs.push((process.cpuUsage().user - user) / 1_000);
    }
    expect(Math.min(...tookMs)).toBeLessThan(200);
  });
});

function repeated(part: Buffer, count: number): Buffer {
  return Buffer.alloc(part.length * count, part);
}

function webpOfFrames(count: number): Buffer {
  const still = webpDeclaring(1, 1);
  still.writeUInt8(0x02, 20);
  const frame = Buffer.alloc(8 + 16);
  frame.write('ANMF', 'latin1');
  frame.writeUInt32LE(16, 4);
  return Buffer.concat([still, repeated(frame, count)]);
}

/** Tags that nobody knows, in front of those of a picture of 1 × 1. */
function tiffOfTags(count: number): Buffer {
  const file = Buffer.alloc(10 + (count + 2) * 12 + 4);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(8, 4);
  file.writeUInt16LE(count + 2, 8);
  for (const [index, tag] of [256, 257].entries()) {
    const at = 10 + (count + index) * 12;
    file.writeUInt16LE(tag, at);
    file.writeUInt16LE(3, at + 2);
    file.writeUInt32LE(1, at + 4);
    file.writeUInt16LE(1, at + 8);
  }
  return file;
}
