import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { from, noise, paint, quarters } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import {
  added,
  both,
  type ChangeEntries,
  type EntryMaker,
  numbersAt,
  onPage,
  type RawEntry,
  saying,
  types,
  withEntries,
  without,
} from '../support/tiff-entries.ts';
import { orders, tiffOf } from '../support/tiffs.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const grain = noise(40, 30).data;
/** Neighbours that differ, so that any shift of a byte shows. */
const picture = paint(40, 30, (x, y) => [6 * x, 8 * y, grain[(y * 40 + x) * 3] ?? 0]);
const other = quarters(40, 30);
const ink = paint(40, 30, (x, y) => [200, 6 * x, 8 * y, 255]);

const tags = {
  width: 256,
  bitsPerSample: 258,
  photometric: 262,
  fillOrder: 266,
  stripOffsets: 273,
  orientation: 274,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  planarConfiguration: 284,
  pageNumber: 297,
  software: 305,
  dateTime: 306,
  artist: 315,
  inkNames: 333,
  tileByteCounts: 325,
  subDirectories: 330,
  extraSamples: 338,
  sampleFormat: 339,
  xmp: 700,
  copyright: 33_432,
  exif: 34_665,
};

const striped = () => from(picture).tiff({ compression: 'lzw' }).toBuffer();
const tiled = () =>
  from(picture).tiff({ compression: 'deflate', tile: true, tileWidth: 16, tileHeight: 16 }).toBuffer();
const photograph = () => from(picture).tiff({ compression: 'jpeg', quality: 90 }).toBuffer();
const profiled = () => from(picture).withIccProfile('p3').tiff({ compression: 'none' }).toBuffer();
const twoPages = () => tiffOf([{ pixels: picture }, { pixels: other }]);
const withFourth = () => tiffOf([{ pixels: ink, tags: [[tags.extraSamples, 'short', [0]]] }]);

const kinds = orders.flatMap((order) =>
  [false, true].map((isBig) => [`${isBig ? 'BigTIFF' : 'TIFF'} (${order})`, { order, isBig }] as const),
);

/** Leaves a page's tags in another order than the format wants. */
const turnedRound: ChangeEntries = (entries) => [...entries].reverse();

function texting(tag: number, text: string, count?: number): ChangeEntries {
  return added((maker) => maker.text(tag, text, count));
}

const outside = { type: types.ascii, count: 4_000, value: Buffer.from([0x7f, 0xff, 0xff, 0x7f]) };

/** What a program may write of itself, beside pixels that are sound. */
const words: readonly (readonly [string, ChangeEntries])[] = [
  ['tags that are not sorted', turnedRound],
  ['a text without its NUL', texting(tags.software, 'Some Program')],
  ['a text of one letter', texting(tags.artist, 'A')],
  ['a text with too many NULs', texting(tags.software, 'Scan\0\0\0\0\0')],
  ['several texts in one', texting(tags.copyright, 'one\0two\0')],
  ['a date without its NUL', texting(tags.dateTime, '2020:01:02 03:04:05')],
  ['a date that is too long', texting(tags.dateTime, '2020:01:02 03:04:05.678\0\0')],
  ['a text that is shorter than its count', texting(tags.software, 'Some\0', 100_000)],
  ['a text of nothing', texting(tags.software, '', 0)],
  ['a text that is numbers', saying(tags.software, types.short, 65, 66, 67)],
  ['a text that lies outside of the file', added(() => ({ ...outside, tag: tags.software }))],
  ['half a page number', saying(tags.pageNumber, types.short, 0)],
  ['the names of other inks', texting(tags.inkNames, 'one')],
  ['a packet of XMP in numbers', saying(tags.xmp, types.long, 1, 2, 3)],
  ['a tag of a type that is none', added(() => ({ tag: 60_000, type: 99, count: 1, value: Buffer.alloc(4) }))],
  ['a directory of EXIF that is none', both(saying(tags.exif, types.long, 8), turnedRound)],
  ['directories of pictures that are none', both(saying(tags.subDirectories, types.long, 4, 9), turnedRound)],
  ['an orientation in a text', texting(tags.orientation, '1\0')],
  ['two orientations', saying(tags.orientation, types.short, 1, 6)],
  ['an orientation of 0', saying(tags.orientation, types.short, 0)],
  ['an orientation of 9', saying(tags.orientation, types.short, 9)],
  ['an order of bits that is none', saying(tags.fillOrder, types.short, 0)],
  ['planes that are none', saying(tags.planarConfiguration, types.short, 0)],
  ['a width that is there twice', (entries, { whole }) => [...entries, whole(tags.width, types.short, [7])]],
  ['two widths in one', saying(tags.width, types.short, 40, 40)],
  ['a width of a type with a sign, unsorted', both(saying(tags.width, types.sshort, 40), turnedRound)],
  ['bits of two samples of three', saying(tags.bitsPerSample, types.short, 8, 8)],
  ['bits of four samples of three', saying(tags.bitsPerSample, types.short, 8, 8, 8, 8)],
  ['kinds of two samples of three', saying(tags.sampleFormat, types.short, 1, 1)],
  ['no word on how many samples there are', without(tags.samplesPerPixel)],
  ['no word on which colours they are', without(tags.photometric)],
  ['strips of no rows', saying(tags.rowsPerStrip, types.long, 0)],
  ['no word on how many bytes a strip has', without(tags.stripByteCounts)],
  ['more bytes than a strip has', saying(tags.stripByteCounts, types.long, 99_999)],
  ['fewer bytes than a strip has', saying(tags.stripByteCounts, types.long, 300)],
];

/** The same in other forms of files. */
const forms: readonly (readonly [string, () => Promise<Buffer>, ChangeEntries])[] = [
  ['strips of LZW, unsorted', striped, turnedRound],
  ['strips of LZW of 0 bytes', striped, saying(tags.stripByteCounts, types.long, 0, 0, 0)],
  ['tiles, unsorted', tiled, turnedRound],
  ['tiles of unknown bytes', tiled, without(tags.tileByteCounts)],
  ['a photograph in JPEG, unsorted', photograph, turnedRound],
  ['a text without its NUL beside a profile', profiled, texting(tags.software, 'Some Program')],
  ['a second page that is not sorted', async () => twoPages(), onPage(1, turnedRound)],
  ['a second page whose text has no NUL', async () => twoPages(), onPage(1, texting(tags.software, 'Scan'))],
  ['a fourth sample of which nothing is said', async () => withFourth(), without(tags.extraSamples)],
  [
    'a fourth sample of which nothing with a meaning is said',
    async () => withFourth(),
    saying(tags.extraSamples, types.short, 5),
  ],
];

function drawnPixels(file: Uint8Array, text = 'f_png', layers?: ReadonlyMap<string, Uint8Array>): Promise<Buffer> {
  return draw(file, text, layers && { layers }).then(({ bytes }) => sharp(bytes).raw().toBuffer());
}

describe.each(kinds)('a %s whose pixels are whole is drawn, whatever else it says:', (_, form) => {
  it.each(words)('%s', async (_name, change) => {
    const sound = tiffOf([{ pixels: picture }], form);
    expect((await drawnPixels(withEntries(sound, change))).equals(picture.data)).toBe(true);
  });
});

describe('a TIFF whose pixels are whole is drawn in every form:', () => {
  it.each(forms)('%s', async (_, make, change) => {
    const sound = await make();
    const odd = withEntries(sound, change);
    expect((await drawnPixels(odd)).equals(await drawnPixels(sound))).toBe(true);
  });

  it('the second page of a document, whose tags are not sorted', async () => {
    const odd = withEntries(twoPages(), turnedRound);
    expect((await drawnPixels(odd, 'pg_2,f_png')).equals(other.data)).toBe(true);
  });

  it('a page whose orientation is its own', async () => {
    const pages = [{ pixels: picture }, { pixels: picture, orientation: 6 }];
    const odd = withEntries(tiffOf(pages, { order: 'MM' }), turnedRound);
    const { width, height } = await draw(odd, 'pg_2,f_png');
    expect([width, height]).toEqual([30, 40]);
    const expected = await drawnPixels(tiffOf([{ pixels: picture, orientation: 6 }]));
    expect((await drawnPixels(odd, 'pg_2,f_png')).equals(expected)).toBe(true);
  });

  it('whatever the order of its tags', async () => {
    const sound = tiffOf([{ pixels: picture, tags: [[305, 'ascii', Buffer.from('Some Program\0')]] }]);
    const order = fc.array(fc.nat(), { minLength: 12, maxLength: 12 });
    const examine = async (ranks: readonly number[]) => {
      const odd = withEntries(sound, (entries) =>
        entries
          .map((entry, index) => ({ entry, rank: ranks[index] ?? 0 }))
          .sort((one, another) => one.rank - another.rank)
          .map(({ entry }) => entry),
      );
      expect((await drawnPixels(odd)).equals(picture.data)).toBe(true);
    };
    await fc.assert(fc.asyncProperty(order, examine), { numRuns: 25, seed: 7 });
  });

  it('as a layer too', async () => {
    const base = await from(quarters(200, 150)).png().toBuffer();
    const shown = (layer: Buffer) => drawnPixels(base, 'l_photo/fl_layer_apply/f_png', new Map([['photo', layer]]));
    const sound = tiffOf([{ pixels: picture }]);
    expect((await shown(withEntries(sound, turnedRound))).equals(await shown(sound))).toBe(true);
  });

  it('as an upload too, whose placeholder is taken', async () => {
    const sound = tiffOf([{ pixels: picture }]);
    const how = { signal: new AbortController().signal, fingerprint: 'upload' };
    const hash = await renderer.thumbHash(withEntries(sound, turnedRound), how);
    expect(Buffer.from(hash).equals(await renderer.thumbHash(sound, how))).toBe(true);
  });

  it('with what it says of who made it', async () => {
    const odd = withEntries(tiffOf([{ pixels: picture }]), texting(tags.copyright, '© Jördis Müller'));
    const { bytes } = await draw(odd, 'fl_keep_attribution,f_webp');
    const { xmpAsString = '' } = await sharp(bytes).metadata();
    expect(xmpAsString).toContain('© Jördis Müller');
  });
});

const plain = async () => tiffOf([{ pixels: picture }]);

/** How the tags are changed, and how many bytes are lost at the end of the pixels, right behind which the directory lies. */
const damages: readonly (readonly [string, () => Promise<Buffer>, ChangeEntries, number])[] = [
  ['pixels that begin outside of the file', plain, saying(tags.stripOffsets, types.long, 1_000_000), 0],
  ['a width that is a fraction', plain, saying(tags.width, types.float, 0x4220_0000), 0],
  [
    'a strip that has lost bytes and says so',
    plain,
    saying(tags.stripByteCounts, types.long, picture.data.length - 100),
    100,
  ],
  ['a strip that has lost bytes, of unknown length', plain, without(tags.stripByteCounts), 100],
  ['a strip that has lost one byte, with a date without its NUL', plain, texting(tags.dateTime, '2020:01:02'), 1],
  ['strips of which one is missing', striped, both(lessOne(tags.stripOffsets), lessOne(tags.stripByteCounts)), 0],
  ['strips of LZW that have lost bytes', striped, shortened, 0],
  ['a photograph in JPEG that has lost bytes', photograph, shortened, 0],
];

function damagedBy(tiff: Buffer, change: ChangeEntries, lost: number): Buffer {
  const end = (numbersAt(tiff, tags.stripOffsets)[0] ?? 0) + picture.data.length - lost;
  return withEntries(tiff, change, lost === 0 ? tiff.length : end);
}

/** One value fewer. */
function lessOne(tag: number): ChangeEntries {
  return (entries) =>
    entries.map((entry) => {
      if (entry.tag !== tag) return entry;
      const bytes = entry.value.length / entry.count;
      return { ...entry, count: entry.count - 1, value: entry.value.subarray(0, -bytes) };
    });
}

/** Strips that say that they have 20 bytes. */
function shortened(entries: readonly RawEntry[], { whole }: EntryMaker): readonly RawEntry[] {
  return entries.map((entry) => {
    if (entry.tag !== tags.stripByteCounts) return entry;
    return whole(
      entry.tag,
      entry.type,
      Array.from({ length: entry.count }, () => 20),
    );
  });
}

function linkedOutside(tiff: Buffer): Buffer {
  const changed = Buffer.from(tiff);
  changed.writeUInt32LE(1_000_000, tiff.length - 4);
  return changed;
}

/** By URL or, with layers, as one of them. */
async function isRefused(file: Uint8Array, layers?: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const text = layers === undefined ? 'f_png' : 'l_photo/fl_layer_apply/f_png';
  await expect(draw(file, text, layers && { layers })).rejects.toMatchObject({ name: 'Failure', kind: 'corrupt' });
}

describe('a TIFF that has lost pixels is refused as before, odd besides or not:', () => {
  it.each(damages)('%s', async (_, make, change, lost) => {
    const file = await make();
    await isRefused(damagedBy(file, change, lost));
    await isRefused(damagedBy(file, both(change, turnedRound), lost));
  });

  it('a directory that is cut off', async () => {
    await isRefused((await plain()).subarray(0, -20));
  });

  it('a second page that lies outside of the file', async () => {
    await isRefused(linkedOutside(await plain()));
  });

  it('as a layer too', async () => {
    const base = await from(quarters(200, 150)).png().toBuffer();
    await isRefused(base, new Map([['photo', damagedBy(await plain(), turnedRound, 100)]]));
  });
});
