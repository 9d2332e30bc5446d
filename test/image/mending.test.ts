import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { writeJpeg } from '../support/jpeg-writer.ts';
import { noticed, xmpPacket } from '../support/notices.ts';
import {
  from,
  jpegSegment,
  jpegWithScans,
  noise,
  type Pixels,
  paint,
  pngChunk,
  quarters,
} from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { readSaid } from '../support/said.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

/** Shapes and a little noise: coded data in every block, and neighbours that differ. */
function scene(width: number, height: number): Pixels {
  const grain = noise(width, height).data;
  return paint(width, height, (x, y) => {
    const inside = x > width / 3 && y > height / 4 && y < height / 2 ? 80 : 0;
    const noisy = (grain[(y * width + x) * 3] ?? 0) / 12;
    return [60 + inside + noisy + x, 90 + noisy + y, 150 - inside + noisy];
  });
}

const picture = scene(96, 64);
const plain = () => from(picture).jpeg({ quality: 85 }).toBuffer();
const progressive = () => from(picture).jpeg({ quality: 85, progressive: true }).toBuffer();
const restarting = async () => writeJpeg(picture, { restart: 5 });
const separate = async () => writeJpeg(picture, { separate: true });
const lossy = () => from(picture).webp().toBuffer();
const lossless = () => from(picture).webp({ lossless: true }).toBuffer();

/** Where a marker of that code begins, the nth of them. */
function markerAt(jpeg: Buffer, code: number, nth = 1): number {
  let at = -1;
  for (let count = 0; count < nth; count += 1) at = jpeg.indexOf(Buffer.from([0xff, code]), at + 1);
  if (at < 0) throw new Error(`There is no marker ${code.toString(16)} in the file.`);
  return at;
}

function inserted(file: Buffer, at: number, bytes: Uint8Array | readonly number[]): Buffer {
  return Buffer.concat([file.subarray(0, at), Buffer.from(bytes), file.subarray(at)]);
}

function without(file: Buffer, from: number, count: number): Buffer {
  return Buffer.concat([file.subarray(0, from), file.subarray(from + count)]);
}

function before(code: number, strays: readonly number[], nth = 1): (jpeg: Buffer) => Buffer {
  return (jpeg) => inserted(jpeg, markerAt(jpeg, code, nth), strays);
}

function withSegment(code: number, payload: string): (jpeg: Buffer) => Buffer {
  return (jpeg) => inserted(jpeg, 2, jpegSegment(code, Buffer.from(payload, 'latin1')));
}

/** Sets the last three bytes of a scan's header: which coefficients, and which bits of them. */
function withScanParameters(parameters: readonly number[]): (jpeg: Buffer) => Buffer {
  return (jpeg) => {
    const changed = Buffer.from(jpeg);
    const at = markerAt(jpeg, 0xda);
    changed.set(parameters, at + 5 + 2 * (changed[at + 4] ?? 0));
    return changed;
  };
}

function withRiffLength(change: (length: number) => number): (webp: Buffer) => Buffer {
  return (webp) => {
    const changed = Buffer.from(webp);
    changed.writeUInt32LE(change(webp.readUInt32LE(4)), 4);
    return changed;
  };
}

function riffChunk(type: string, payload: Buffer): Buffer {
  const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
  head.writeUInt32LE(payload.length, 4);
  return Buffer.concat([head, payload]);
}

/** The picture of a simple WebP, extended: flags, and chunks behind it. */
function extended(webp: Buffer, flags: number, behind: Buffer): Buffer {
  const head = Buffer.alloc(10);
  head.writeUInt8(flags);
  head.writeUIntLE(picture.width - 1, 4, 3);
  head.writeUIntLE(picture.height - 1, 7, 3);
  const file = Buffer.concat([webp.subarray(0, 12), riffChunk('VP8X', head), webp.subarray(12), behind]);
  file.writeUInt32LE(file.length - 8, 4);
  return file;
}

/** A lossless WebP whose picture has an odd number of bytes, and is not filled up. */
async function unpadded(): Promise<Buffer> {
  for (let width = 9; width < 40; width += 1) {
    const webp = await from(scene(width, 16)).webp({ lossless: true }).toBuffer();
    if (webp.readUInt32LE(16) % 2 === 1) return webp;
  }
  throw new Error('Every picture came out with an even number of bytes.');
}

async function animation(): Promise<Buffer> {
  const frames = Buffer.concat([1, 2, 3].map((shade) => paint(24, 16, (x, y) => [x * 9, y * 9, shade * 70]).data));
  return sharp(frames, { raw: { width: 24, height: 48, channels: 3, pageHeight: 16 }, animated: true })
    .webp({ delay: [40, 50, 60], lossless: true })
    .toBuffer();
}

type Make = () => Promise<Buffer>;
type Spoil = (sound: Buffer) => Buffer;

const exif = 'Exif\0\0II*\0\xff\xff\xff\xff';

/** A PNG with its pixels' stream as it is changed, in one chunk. */
function withPixels(png: Buffer, change: (stream: Buffer) => Buffer): Buffer {
  const streams: Buffer[] = [];
  let front = 0;
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) !== 'IDAT') continue;
    front ||= at;
    streams.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  return Buffer.concat([
    png.subarray(0, front),
    pngChunk('IDAT', change(Buffer.concat(streams))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

const oddities: readonly (readonly [string, Make, Spoil])[] = [
  ['a JPEG without an end', plain, (jpeg) => jpeg.subarray(0, -2)],
  ['a JPEG without its last byte', plain, (jpeg) => jpeg.subarray(0, -1)],
  [
    'a gray JPEG without an end',
    () => from(picture).toColourspace('b-w').jpeg().toBuffer(),
    (jpeg) => jpeg.subarray(0, -2),
  ],
  [
    'a CMYK JPEG without an end',
    () => from(picture).toColourspace('cmyk').jpeg().toBuffer(),
    (jpeg) => jpeg.subarray(0, -2),
  ],
  ['a progressive JPEG without an end', progressive, (jpeg) => jpeg.subarray(0, -2)],
  ['a progressive JPEG without its last byte', progressive, (jpeg) => jpeg.subarray(0, -1)],
  ['a JPEG with restart markers and without an end', restarting, (jpeg) => jpeg.subarray(0, -2)],
  ['a JPEG of three scans without an end', separate, (jpeg) => jpeg.subarray(0, -2)],
  ['a JPEG with several ends', plain, (jpeg) => Buffer.concat([jpeg, Buffer.from([0xff, 0xd9, 0xff, 0xd9])])],
  ['a JPEG with another picture behind it', plain, (jpeg) => Buffer.concat([jpeg, jpeg.subarray(0, 300)])],
  ['a JPEG with rubbish behind it', plain, (jpeg) => Buffer.concat([jpeg, Buffer.alloc(500, 0xff)])],
  ['a scan header of zeros, as Samsung writes it', plain, withScanParameters([0, 0, 0])],
  ['a scan header that speaks of bits', plain, withScanParameters([0, 63, 0x33])],
  ['a scan header of other coefficients', restarting, withScanParameters([1, 5, 0x10])],
  ['a stray zero in front of a table', plain, before(0xdb, [0], 2)],
  ['a stray zero in front of the frame', plain, before(0xc0, [0])],
  ['stray bytes in front of the frame', plain, before(0xc0, [0x12, 0x34])],
  [
    'eighteen stray bytes in front of a code table',
    plain,
    before(
      0xc4,
      Array.from({ length: 18 }, (_, at) => at),
    ),
  ],
  ['a stray zero in front of the scan', plain, before(0xda, [0])],
  ['stuffed bytes in front of a table', plain, before(0xdb, [0xff, 0, 0xff, 0], 2)],
  ['stray bytes in front of the end', plain, before(0xd9, [0x11, 0x22, 0x33])],
  ['stray bytes in front of the second scan', progressive, before(0xda, [0], 2)],
  ['stray bytes that are no zeros in front of the third scan', progressive, before(0xda, [0x5a, 0xa5], 3)],
  ['stray bytes behind the last scan', progressive, before(0xd9, [0, 0, 0])],
  ['stray bytes between the scans of channels', separate, before(0xda, [0x77], 3)],
  ['a stray zero in front of a restart marker', restarting, before(0xd1, [0])],
  ['an Adobe segment with an unknown transform', plain, withSegment(0xee, 'Adobe\0\x64\0\0\0\0\x09')],
  ['a JFIF segment of version 2', plain, withSegment(0xe0, 'JFIF\0\x02\x01\0\0\x01\0\x01\0\0')],
  ['a JFIF segment of version 0', restarting, withSegment(0xe0, 'JFIF\0\x00\x00\0\0\x01\0\x01\0\0')],
  ['an EXIF segment that points outside of itself', plain, withSegment(0xe1, exif)],
  ['an EXIF segment of nothing', plain, withSegment(0xe1, 'Exif\0\0')],
  ['a profile of which a part is missing', plain, withSegment(0xe2, 'ICC_PROFILE\0\x01\x02abcdefgh')],
  ['a profile that is none', plain, withSegment(0xe2, `ICC_PROFILE\0\x01\x01${'x'.repeat(200)}`)],
  [
    'several oddities at once',
    progressive,
    (jpeg) => before(0xda, [0], 2)(withSegment(0xe1, exif)(jpeg)).subarray(0, -2),
  ],
  ['a PNG without an end', () => from(picture).png().toBuffer(), (png) => png.subarray(0, -12)],
  ['a PNG cut off in the checksum of its pixels', () => from(picture).png().toBuffer(), (png) => png.subarray(0, -14)],
  ['a PNG cut off in front of that checksum', () => from(picture).png().toBuffer(), (png) => png.subarray(0, -16)],
  [
    'a PNG cut off in front of the sum of its pixels',
    () => from(picture).png().toBuffer(),
    (png) => png.subarray(0, -20),
  ],
  ['a PNG cut off in that sum', () => from(picture).png().toBuffer(), (png) => png.subarray(0, -18)],
  [
    'a PNG without that sum',
    () => from(picture).png().toBuffer(),
    (png) => withPixels(png, (zlib) => zlib.subarray(0, -4)),
  ],
  [
    'a PNG with a part of that sum',
    () => from(picture).png().toBuffer(),
    (png) => withPixels(png, (zlib) => zlib.subarray(0, -1)),
  ],
  ['a WebP whose length counts its head', lossy, withRiffLength((length) => length + 8)],
  ['a WebP whose length is odd', lossless, withRiffLength((length) => length + 1)],
  ['a WebP whose length is short by its name', lossy, withRiffLength((length) => length - 4)],
  ['a WebP whose length is short by one', lossless, withRiffLength((length) => length - 1)],
  ['a WebP without a length', lossy, withRiffLength(() => 0)],
  ['a WebP of unknown length', lossless, withRiffLength(() => 0xffff_ffff)],
  ['a WebP with flags of its future', lossy, (webp) => extended(webp, 0xc1, Buffer.alloc(0))],
  [
    'a WebP cut off in its EXIF',
    lossy,
    (webp) => extended(webp, 8, riffChunk('EXIF', Buffer.alloc(200))).subarray(0, -90),
  ],
  ['an odd WebP that is not filled up', unpadded, (webp) => webp.subarray(0, -1)],
  ['an animation whose length counts its head', animation, withRiffLength((length) => length + 8)],
  ['an animation without a length', animation, withRiffLength(() => 0)],
  [
    'an animation cut off in its XMP',
    animation,
    (webp) => Buffer.concat([webp, riffChunk('XMP ', Buffer.alloc(200))]).subarray(0, -90),
  ],
];

async function drawnPixels(file: Uint8Array, text: string, layers?: ReadonlyMap<string, Uint8Array>): Promise<Buffer> {
  const { bytes } = await draw(file, text, layers && { layers });
  return sharp(bytes, { animated: true }).raw().toBuffer();
}

describe('a file whose pixels are whole is drawn, whatever else is odd in it:', () => {
  it.each(oddities)('%s', async (_, make, spoil) => {
    const sound = await make();
    const odd = spoil(sound);
    expect(odd.equals(sound)).toBe(false);
    const { pages = 1 } = await sharp(sound).metadata();
    const text = pages > 1 ? 'f_webp' : 'f_png';
    expect((await drawnPixels(odd, text)).equals(await drawnPixels(sound, text))).toBe(true);
  });

  it.each([
    ['JPEG', noticed.jpeg, (jpeg: Buffer) => jpeg.subarray(0, -2)],
    ['PNG', noticed.png, (png: Buffer) => png.subarray(0, -12)],
    ['WebP', noticed.webp, withRiffLength((length) => length + 8)],
  ] as const)('with what a %s says of who made it, and of AI', async (_, make, spoil) => {
    const mark = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';
    const rights = '<dc:rights>© Jördis Müller</dc:rights>';
    const odd = spoil(await make(picture, { xmp: xmpPacket(rights, `Iptc4xmpExt:DigitalSourceType="${mark}"`) }));
    for (const format of ['jpg', 'png', 'webp', 'avif']) {
      const said = readSaid((await draw(odd, `f_${format},fl_keep_attribution`)).bytes).xmp.join();
      expect(said).toContain(mark);
      expect(said).toContain('© Jördis Müller');
      expect(readSaid((await draw(odd, `f_${format}`)).bytes).xmp.join()).toContain(mark);
    }
  });

  it('as a layer too', async () => {
    const base = await from(quarters(200, 150)).png().toBuffer();
    const shown = (layer: Buffer) => drawnPixels(base, 'l_photo/fl_layer_apply/f_png', new Map([['photo', layer]]));
    const sound = await plain();
    expect((await shown(sound.subarray(0, -2))).equals(await shown(sound))).toBe(true);
    const scans = await progressive();
    expect((await shown(before(0xda, [0], 2)(scans))).equals(await shown(scans))).toBe(true);
  });

  it('as an upload too, whose placeholder is taken', async () => {
    const sound = await plain();
    const how = { signal: new AbortController().signal, fingerprint: 'upload' };
    const hash = await renderer.thumbHash(sound.subarray(0, -2), how);
    expect(Buffer.from(hash).equals(await renderer.thumbHash(sound, how))).toBe(true);
  });
});

/** Bytes of the coded data of a scan, the nth, behind its header. */
function inScan(jpeg: Buffer, nth = 1): number {
  const at = markerAt(jpeg, 0xda, nth);
  return at + 2 + jpeg.readUInt16BE(at + 2);
}

/** Cut off behind so many whole scans, and closed with an end. */
function withScans(scans: number): Spoil {
  return (jpeg) => Buffer.concat([jpeg.subarray(0, markerAt(jpeg, 0xda, scans + 1)), Buffer.from([0xff, 0xd9])]);
}

const damages: readonly (readonly [string, Make, Spoil])[] = [
  ['a JPEG without an end and its last byte of pixels', plain, (jpeg) => jpeg.subarray(0, -3)],
  ['a JPEG cut off in its pixels', plain, (jpeg) => jpeg.subarray(0, -200)],
  ['the same with an end', plain, (jpeg) => Buffer.concat([jpeg.subarray(0, -200), Buffer.from([0xff, 0xd9])])],
  ['the same with an odd scan header', plain, (jpeg) => withScanParameters([0, 0, 0])(jpeg).subarray(0, -200)],
  ['the same with a stray byte', plain, (jpeg) => before(0xda, [0])(jpeg).subarray(0, -200)],
  ['a JPEG that lost a restart marker', restarting, (jpeg) => without(jpeg, markerAt(jpeg, 0xd2), 2)],
  ['the same without an end', restarting, (jpeg) => without(jpeg, markerAt(jpeg, 0xd2), 2).subarray(0, -2)],
  [
    'a JPEG that lost what lies between two restart markers',
    restarting,
    (jpeg) => without(jpeg, markerAt(jpeg, 0xd1), markerAt(jpeg, 0xd2) - markerAt(jpeg, 0xd1)),
  ],
  [
    'a JPEG that lost bytes in front of a restart marker',
    restarting,
    (jpeg) => without(jpeg, markerAt(jpeg, 0xd3) - 4, 4),
  ],
  ['a progressive JPEG cut off in its last scan', progressive, (jpeg) => jpeg.subarray(0, -20)],
  ['a progressive JPEG cut off between two scans', progressive, (jpeg) => jpeg.subarray(0, markerAt(jpeg, 0xda, 4))],
  ['a progressive JPEG that lost bytes of a scan', progressive, (jpeg) => without(jpeg, inScan(jpeg, 2) + 5, 9)],
  ['a progressive JPEG whose first scan comes again', progressive, (jpeg) => jpegWithScans(jpeg, 2)],
  ['a JPEG of three scans cut off behind the second', separate, (jpeg) => jpeg.subarray(0, markerAt(jpeg, 0xda, 3))],
  [
    'a segment so long that it takes a scan in',
    progressive,
    (jpeg) => {
      const changed = Buffer.from(jpeg);
      const table = jpeg.lastIndexOf(Buffer.from([0xff, 0xc4]), markerAt(jpeg, 0xda, 3));
      changed.writeUInt16BE(markerAt(jpeg, 0xda, 3) + 40 - table, table + 2);
      return changed;
    },
  ],
  ['an odd header over two scans of many', progressive, (jpeg) => before(0xc0 + 2, [0])(withScans(2)(jpeg))],
  [
    'a PNG with a wrong checksum over pixels',
    () => from(picture).png().toBuffer(),
    (png) => Buffer.concat([png.subarray(0, -16), Buffer.from([1, 2, 3, 4]), png.subarray(-12)]),
  ],
  [
    'a PNG whose sum of its pixels is wrong',
    () => from(picture).png().toBuffer(),
    (png) => withPixels(png, (zlib) => Buffer.concat([zlib.subarray(0, -4), Buffer.from('abcd')])),
  ],
  ['a PNG cut off in its pixels', () => from(picture).png().toBuffer(), (png) => png.subarray(0, -40)],
  [
    'a PNG cut off there and closed',
    () => from(picture).png().toBuffer(),
    (png) => Buffer.concat([png.subarray(0, -40), png.subarray(-12)]),
  ],
  ['a lossy WebP cut off in its pixels', lossy, (webp) => webp.subarray(0, -20)],
  [
    'the same with its length put right',
    lossy,
    (webp) => withRiffLength(() => webp.length - 28)(webp.subarray(0, -20)),
  ],
  ['a lossless WebP cut off in its pixels', lossless, (webp) => webp.subarray(0, -2)],
  ['an animation cut off in its last frame', animation, (webp) => webp.subarray(0, -10)],
  [
    'an animation cut off between two frames',
    animation,
    (webp) => webp.subarray(0, webp.lastIndexOf(Buffer.from('ANMF', 'latin1'))),
  ],
];

function isRefused(file: Uint8Array, text: string): Promise<boolean> {
  return draw(file, text).then(
    () => false,
    (error: unknown) => {
      expect(error).toMatchObject({ name: 'Failure', kind: 'corrupt' });
      return true;
    },
  );
}

describe('a file that has lost pixels is refused as before:', () => {
  it.each(damages)('%s', async (_, make, spoil) => {
    const sound = await make();
    const damaged = spoil(sound);
    expect(damaged.equals(sound)).toBe(false);
    expect(await isRefused(damaged, 'f_webp')).toBe(true);
  });

  it('as a layer too', async () => {
    const base = await from(quarters(200, 150)).png().toBuffer();
    const layers = new Map([['photo', (await plain()).subarray(0, -200)]]);
    const drawn = draw(base, 'l_photo/fl_layer_apply/f_png', { layers });
    await expect(drawn).rejects.toMatchObject({ kind: 'corrupt' });
  });
});

/** What happens to files on their way: a bit turns over, bytes are lost, come in between, or the end is missing. */
const accident = fc.record({
  kind: fc.constantFrom('flipped', 'lost', 'added', 'cut'),
  place: fc.double({ min: 0, max: 1, noNaN: true }),
  value: fc.integer({ min: 1, max: 0x7f }),
});

function afterAccident(jpeg: Buffer, { kind, place, value }: { kind: string; place: number; value: number }): Buffer {
  const first = inScan(jpeg);
  const at = first + Math.floor(place * (jpeg.length - first - 4));
  if (kind === 'lost') return without(jpeg, at, 1 + (value % 12));
  if (kind === 'added') return inserted(jpeg, at, [value]);
  if (kind === 'cut') return jpeg.subarray(0, at);
  const changed = Buffer.from(jpeg);
  changed.writeUInt8(jpeg.readUInt8(at) ^ value, at);
  return changed;
}

async function decodedStrictly(file: Buffer): Promise<Buffer | undefined> {
  return sharp(file)
    .raw()
    .toBuffer()
    .catch(() => undefined);
}

describe('whatever happens to coded pixels', () => {
  const kinds: readonly (readonly [string, Make])[] = [
    ['a baseline', plain],
    ['a progressive', progressive],
    ['a restarting', restarting],
    ['a several times scanned', separate],
  ];

  it.each(kinds)('%s JPEG is drawn with the pixels it had, or refused as the decoder refuses it', async (_, make) => {
    const sound = await make();
    const pixels = await drawnPixels(sound, 'f_png');
    const examine = async (chance: Parameters<typeof afterAccident>[1]) => {
      const file = afterAccident(sound, chance);
      // What no decoder can tell from a sound file passes, mended or not.
      if ((await decodedStrictly(file)) !== undefined || (await isRefused(file, 'f_png'))) return;
      expect((await drawnPixels(file, 'f_png')).equals(pixels)).toBe(true);
    };
    // The same accidents every time: of some ten thousand one is taken for a stray byte.
    await fc.assert(fc.asyncProperty(accident, examine), { numRuns: 150, seed: 7 });
  });
});
