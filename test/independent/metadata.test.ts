import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { from, paint, quarters } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { tiffOf } from '../support/tiffs.ts';
import { readMap, ultraHdr } from '../support/ultra-hdr.ts';
import { expectNone } from './faults.ts';
import { readByExiftool } from './programs.ts';

const { renderer, draw } = startRenderer({ processes: 2 });
afterAll(() => renderer.close());

const run = promisify(execFile);
const pixels = quarters(64, 32);
const notice = '© Ünï 摄影 “Ada” — 2026';
const artist = 'Åsa Żółć';
const madeByAi = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';

/** What nobody who sends a picture on wants to have told: where, with what, when, whose. */
const secrets = {
  'EXIF:GPSLatitude': '48.1371',
  'EXIF:GPSLatitudeRef': 'N',
  'EXIF:GPSLongitude': '11.5754',
  'EXIF:GPSLongitudeRef': 'E',
  'EXIF:Make': 'Secretmaker',
  'EXIF:Model': 'Secretphone 9',
  'EXIF:SerialNumber': 'S3CR3T-4711',
  'EXIF:LensModel': 'Secretlens',
  'EXIF:OwnerName': 'Secretowner',
  'EXIF:UserComment': 'secretcomment',
  'EXIF:DateTimeOriginal': '2026:11:30 01:02:03',
  'EXIF:Software': 'Secretware',
  'XMP-exif:GPSLatitude': '48.1371',
  'XMP-exif:GPSLongitude': '11.5754',
  'XMP-aux:SerialNumber': 'S3CR3T-4711',
  'XMP-xmp:CreatorTool': 'Secretware',
  'XMP-photoshop:City': 'Secretcity',
  'IPTC:City': 'Secretcity',
};
const notices = {
  'EXIF:Copyright': notice,
  'EXIF:Artist': artist,
  'XMP-dc:Rights': notice,
  'XMP-dc:Creator': artist,
  'IPTC:CopyrightNotice': notice,
  'IPTC:By-line': artist,
};

const plain: Readonly<Record<string, () => Promise<Buffer>>> = {
  jpg: () => from(pixels).jpeg().toBuffer(),
  png: () => from(pixels).png().toBuffer(),
  webp: () => from(pixels).webp().toBuffer(),
  tif: async () => tiffOf([{ pixels }]),
  avif: () => from(pixels).avif().toBuffer(),
};

/** The picture with these tags, written by exiftool. */
async function tagged(kind: string, tags: Readonly<Record<string, string>>): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-tagged-'));
  try {
    const path = join(folder, `a.${kind}`);
    await writeFile(path, (await plain[kind]?.()) ?? Buffer.alloc(0));
    const holds = (tag: string) => !(tag.startsWith('IPTC') && ['webp', 'avif', 'png'].includes(kind));
    const words = Object.entries(tags)
      .filter(([tag]) => holds(tag))
      .map(([tag, value]) => `-${tag}=${value}`);
    await run('exiftool', [
      '-q',
      '-m',
      '-n',
      '-overwrite_original',
      '-charset',
      'utf8',
      '-charset',
      'exif=utf8',
      '-codedcharacterset=utf8',
      ...words,
      path,
    ]);
    return await readFile(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const outputs = ['jpg', 'png', 'webp', 'avif', 'gif'];
const paths = [
  '',
  'c_scale,w_32,',
  'q_auto,',
  'fl_keep_attribution,',
  'fl_keep_iptc,',
  'c_scale,w_32,fl_force_strip,',
  'cs_srgb,fl_force_icc,',
];

describe.each(Object.keys(plain))('a %s that tells much', (kind) => {
  it('tells nothing of where, when, with what and whose, in any format, whatever is asked for', async () => {
    const original = await tagged(kind, { ...secrets, ...notices });
    const before = (await readByExiftool(new Map([['original', original]]))).get('original') ?? {};
    expect(Object.values(before).filter((value) => /secret/i.test(String(value))).length).toBeGreaterThan(4);
    const mark = await from(paint(2, 2, () => [9, 9, 9]))
      .png()
      .toBuffer();
    const files = new Map<string, Uint8Array>();
    for (const path of paths)
      for (const format of outputs) files.set(`${path}f_${format}`, (await draw(original, `${path}f_${format}`)).bytes);
    for (const format of outputs) {
      const layered = await draw(mark, `l_told/fl_layer_apply,f_${format}`, { layers: new Map([['told', original]]) });
      files.set(`as a layer, f_${format}`, layered.bytes);
    }
    const told = await readByExiftool(files);
    expectNone(
      [...told].flatMap(([name, tags]) =>
        Object.entries(tags)
          .filter(
            ([tag, value]) =>
              /^(?!ICC).*(GPS|Make|Model|Serial|Lens|Owner|Comment|Software|Original|CreatorTool|City|Thumbnail|Orientation)/.test(
                tag,
              ) || /secret|S3CR3T|48\.13/i.test(String(value)),
          )
          .map(([tag, value]) => `${name}: ${tag} is ${value}`),
      ),
    );
    for (const [name, bytes] of files) {
      expect([name, /secret|S3CR3T/i.test(Buffer.from(bytes).toString('latin1'))]).toEqual([name, false]);
    }
  });

  it('tells whose it is, letter for letter, where that is asked for', async () => {
    const original = await tagged(kind, notices);
    const files = new Map<string, Uint8Array>();
    for (const path of ['fl_keep_attribution,', 'c_scale,w_32,fl_keep_attribution,', 'q_auto,fl_keep_attribution,'])
      for (const format of outputs) files.set(`${path}f_${format}`, (await draw(original, `${path}f_${format}`)).bytes);
    const told = await readByExiftool(files);
    expectNone(
      [...told].flatMap(([name, tags]) => {
        const texts = Object.values(tags).map(String);
        return [notice, artist].filter((text) => !texts.includes(text)).map((text) => `${name}: nothing says ${text}`);
      }),
    );
  });

  it('tells that it was made by AI, asked or not', async () => {
    const original = await tagged(kind, { 'XMP-iptcExt:DigitalSourceType': madeByAi });
    const files = new Map<string, Uint8Array>();
    for (const path of paths)
      for (const format of outputs) files.set(`${path}f_${format}`, (await draw(original, `${path}f_${format}`)).bytes);
    const told = await readByExiftool(files);
    expectNone(
      [...told]
        .filter(
          ([, tags]) =>
            !Object.entries(tags).some(
              ([tag, value]) => /DigitalSource/.test(tag) && /Algorithmic/i.test(String(value)),
            ),
        )
        .map(([name]) => `${name}: nothing says so`),
    );
  });
});

describe('what a JPEG says of the map that makes it brighter', () => {
  it('is read by another program as it was in the original', async () => {
    const original = await ultraHdr({ width: 320, height: 240, shrink: 4, gain: (x) => x % 256 });
    const { bytes } = await draw(original, 'c_crop,w_200,h_160/c_scale,w_100,f_jpg');
    const [whole, map] = [bytes, readMap(bytes)?.map ?? Buffer.alloc(0)];
    const told = await readByExiftool(
      new Map([
        ['whole', whole],
        ['map', map],
      ]),
    );
    expect(told.get('whole')).toMatchObject({
      'MPF0:NumberOfImages': 2,
      'XMP-hdrgm:Version': 1,
      'XMP-Container:DirectoryItemLength': map.length,
      'File:ImageWidth': 100,
    });
    expect(told.get('map')).toMatchObject({
      'File:ImageWidth': 25,
      'File:ImageHeight': 20,
      'XMP-hdrgm:GainMapMax': 2.25,
      'XMP-hdrgm:HDRCapacityMax': 2.5,
    });
    // ISO's block is younger than Debian's exiftool.
    const complaints = Object.entries(told.get('whole') ?? {}).filter(([tag]) => /Warning|Error/.test(tag));
    expect(complaints.filter(([, words]) => words !== '[minor] Unknown APP2 segment')).toEqual([]);
  });
});
