import { afterAll, expect, it } from 'vitest';
import { bmp } from '../support/bmps.ts';
import { codedIn, gridOf, heicFile, imir, irot, ispe, single } from '../support/heif.ts';
import { distance } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { expectNone } from './faults.ts';
import { type Files, type MagickReading, type Place, readByHeifConvert, readByMagick } from './programs.ts';

const { renderer, draw } = startRenderer({ processes: 2 });
afterAll(() => renderer.close());

const places: readonly Place[] = [
  [0.2, 0.2],
  [0.8, 0.2],
  [0.2, 0.8],
  [0.8, 0.8],
];

const coded = codedIn(heicFile('quarters'));
const size = ispe(128, 96);

const heics: Files = new Map([
  ...['quarters', 'quarters-10-bit', 'quarters-alpha', 'photo'].map((name) => [name, heicFile(name)] as const),
  ['turned', single(coded, [size, irot(1)])],
  ['mirrored', single(coded, [size, imir(1)])],
  ['turned and mirrored', single(coded, [size, irot(3), imir(0)])],
  ['a grid', gridOf(coded, { columns: 3, rows: 2, width: 300, height: 180, cell: [128, 96] })],
]);

it('of a HEIC we draw what heif-convert makes of it', async () => {
  await expectSame(heics, await readByHeifConvert(heics, places));
});

// The fourth of each four are 255: of 32 bits without a mask ImageMagick takes them for alpha, and browsers do not.
const rows = Buffer.from(
  Array.from({ length: 64 * 16 * 4 }, (_, index) => (index % 4 === 3 ? 255 : (index * 37 + (index >> 6)) % 256)),
);

const bmps: Files = new Map([
  ['32 bits', bmp({ width: 64, height: 16, bits: 32, pixels: rows })],
  ['24 bits', bmp({ width: 64, height: 16, bits: 24, pixels: rows.subarray(0, 64 * 16 * 3) })],
  ['16 bits', bmp({ width: 64, height: 16, bits: 16, pixels: rows.subarray(0, 64 * 16 * 2) })],
  ['8 bits', bmp({ width: 64, height: 16, bits: 8, palette: rows.subarray(0, 1024), pixels: rows.subarray(0, 1024) })],
]);

it('of a BMP we draw what ImageMagick reads', async () => {
  await expectSame(bmps, await readByMagick(bmps, places));
});

async function expectSame(originals: Files, wanted: ReadonlyMap<string, MagickReading>): Promise<void> {
  const drawn = new Map<string, Uint8Array>();
  for (const [name, original] of originals) drawn.set(name, (await draw(original, 'f_png')).bytes);
  const seen = await readByMagick(drawn, places);
  const wrong = [...originals.keys()].flatMap((name) => {
    const [one, other] = [wanted.get(name), seen.get(name)];
    if (one === undefined || other === undefined) return [`${name}: not read`];
    if (one.width !== other.width || one.height !== other.height) return [`${name}: ${other.width} × ${other.height}`];
    const isEqual = one.points.every((point, index) => distance(other.points[index] ?? [], point) <= 6);
    return isEqual ? [] : [`${name}: ${other.points.join(' ')}, not ${one.points.join(' ')}`];
  });
  expect(seen.size).toBe(originals.size);
  expectNone(wrong);
}
