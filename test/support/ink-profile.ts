import type { Pixel } from './pictures.ts';

/** How much of the paper cyan, magenta, yellow and black cover, 255 being all of it. */
export type Ink = readonly number[];

/** L*a*b* under D50, on the paper's white. */
export type Lab = readonly number[];

/** A profile's table from ink to colour: a curve for each ink, a grid, a curve for each coordinate (ICC.1:2010, 10.8). */
interface Table {
  readonly bytes: Buffer;
  readonly gridPoints: number;
  readonly inkCurvePoints: number;
  readonly labCurvePoints: number;
  /** Where they begin in the bytes. */
  readonly at: { readonly inkCurves: number; readonly grid: number; readonly labCurves: number };
}

/** Which table an intent takes (ICC.1:2010, 9.2.1 to 9.2.3). */
export type Intent = 'perceptual' | 'colorimetric' | 'saturation';
const tableOfIntent: Readonly<Record<Intent, string>> = {
  perceptual: 'A2B0',
  colorimetric: 'A2B1',
  saturation: 'A2B2',
};

/**
 * What colours the inks of a CMYK profile are, read off the profile by its standard and nothing of Little CMS, which
 * reads it for the program. Between the grid's points it goes straight along all four inks; others go by tetrahedra.
 */
export function inkReader(profile: Buffer, intent: Intent = 'perceptual'): (ink: Ink) => Lab {
  const table = tableOf(profile, tableOfIntent[intent]);
  return (ink) => {
    const places = ink.map((value, channel) => {
      const share = onCurve(table, table.at.inkCurves, table.inkCurvePoints, channel, value / 255);
      return share * (table.gridPoints - 1);
    });
    const [lightness = 0, a = 0, b = 0] = inGrid(table, places).map(
      (share, channel) => 65_535 * onCurve(table, table.at.labCurves, table.labCurvePoints, channel, share),
    );
    // This kind of table keeps the second version's coding whatever the profile's own version: 100 is ff00, 0 is 8000.
    return [lightness / 652.8, a / 256 - 128, b / 256 - 128];
  };
}

/** Where a tag's entry lies (ICC.1:2010, 7.3): its name, then its offset, then its length. */
function tagEntry(profile: Buffer, name: string): number {
  const entries = Array.from({ length: profile.readUInt32BE(128) }, (_, index) => 132 + 12 * index);
  const entry = entries.find((at) => profile.toString('latin1', at, at + 4) === name);
  if (entry === undefined) throw new Error(`The profile has no ${name}.`);
  return entry;
}

function tableOf(profile: Buffer, name: string): Table {
  const bytes = profile.subarray(profile.readUInt32BE(tagEntry(profile, name) + 4));
  const [inks, coordinates, gridPoints = 0] = bytes.subarray(8, 11);
  if (bytes.toString('latin1', 0, 4) !== 'mft2' || inks !== 4 || coordinates !== 3) {
    throw new Error(`${name} is no 16-bit table from four inks to a colour.`);
  }
  const [inkCurvePoints, labCurvePoints] = [bytes.readUInt16BE(48), bytes.readUInt16BE(50)];
  const grid = 52 + 2 * 4 * inkCurvePoints;
  const labCurves = grid + 2 * 3 * gridPoints ** 4;
  return { bytes, gridPoints, inkCurvePoints, labCurvePoints, at: { inkCurves: 52, grid, labCurves } };
}

/** One of several curves of that many points, which lie one behind the other. */
function onCurve({ bytes }: Table, at: number, points: number, channel: number, share: number): number {
  const place = share * (points - 1);
  const before = Math.min(points - 2, Math.floor(place));
  const value = (index: number) => bytes.readUInt16BE(at + 2 * (channel * points + index)) / 65_535;
  return value(before) * (before + 1 - place) + value(before + 1) * (place - before);
}

/** The sixteen points around, each by its nearness; the last ink's points lie next to one another. */
function inGrid({ bytes, gridPoints, at }: Table, places: readonly number[]): readonly number[] {
  const sum = [0, 0, 0];
  for (let corner = 0; corner < 16; corner += 1) {
    let [weight, point] = [1, 0];
    for (const [channel, place] of places.entries()) {
      const before = Math.min(gridPoints - 2, Math.floor(place));
      const step = (corner >> channel) & 1;
      weight *= step === 1 ? place - before : before + 1 - place;
      point = point * gridPoints + before + step;
    }
    for (const coordinate of sum.keys()) {
      const value = bytes.readUInt16BE(at.grid + 2 * (3 * point + coordinate)) / 65_535;
      sum[coordinate] = (sum[coordinate] ?? 0) + weight * value;
    }
  }
  return sum;
}

/** D50, under which profiles meet (ICC.1:2010, 7.2.16). */
const white = [0.9642, 1, 0.8249] as const;

function xyzOf([lightness = 0, a = 0, b = 0]: Lab): readonly number[] {
  const middle = (lightness + 16) / 116;
  return [middle + a / 500, middle, middle - b / 200].map(
    (root, index) => (white[index] ?? 1) * (root > 6 / 29 ? root ** 3 : 3 * (6 / 29) ** 2 * (root - 4 / 29)),
  );
}

/** IEC 61966-2-1's matrix behind Bradford's adaptation from D50 to D65. */
const toLinearRgb = [
  [3.1338561, -1.6168667, -0.4906146],
  [-0.9787684, 1.9161415, 0.033454],
  [0.0719453, -0.2289914, 1.4052427],
] as const;

/**
 * The sRGB colour of an ink, unrounded, what sRGB cannot show cut off. All inks together become black, which Little CMS
 * does unasked on the way to a profile of the fourth version; by their lightness alone, whatever their tint (ISO 18619).
 */
export function srgbOfInk(labOf: (ink: Ink) => Lab, ink: Ink): Pixel {
  const [fullest = 0] = labOf([255, 255, 255, 255]);
  const black = xyzOf([Math.min(50, fullest), 0, 0]);
  const xyz = xyzOf(labOf(ink)).map((value, index) => {
    const [zero = 0, one = 1] = [black[index], white[index]];
    return (one * (value - zero)) / (one - zero);
  });
  return toLinearRgb.map((row) => {
    const linear = Math.min(
      1,
      Math.max(
        0,
        row.reduce((sum, factor, index) => sum + factor * (xyz[index] ?? 0), 0),
      ),
    );
    return 255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055);
  });
}

/** What comes out where the profile is passed over: each ink swallows its own light and black all of it. */
export function srgbWithoutProfile([cyan = 0, magenta = 0, yellow = 0, black = 0]: Ink): Pixel {
  return [cyan, magenta, yellow].map((ink) => ((255 - ink) * (255 - black)) / 255);
}

/** The profile with a black without a tint where all inks lie in full: nothing else changes, and no picture is so wet. */
export function withNeutralBlack(profile: Buffer): Buffer {
  const changed = Buffer.from(profile);
  for (const name of Object.values(tableOfIntent)) {
    const { bytes, gridPoints, labCurvePoints, at } = tableOf(changed, name);
    const fullest = at.grid + 2 * 3 * (gridPoints ** 4 - 1);
    for (const coordinate of [1, 2]) {
      const curve = at.labCurves + 2 * coordinate * labCurvePoints;
      const points = Array.from({ length: labCurvePoints }, (_, index) => bytes.readUInt16BE(curve + 2 * index));
      const neutral = points.findIndex((value) => value >= 0x8000) / (labCurvePoints - 1);
      bytes.writeUInt16BE(Math.round(neutral * 65_535), fullest + 2 * coordinate);
    }
  }
  return changed;
}

/** The profile with another table for these intents: its colours are darker, but for the paper, the first in the grid. */
export function withDarker(profile: Buffer, intents: readonly Intent[]): Buffer {
  const { bytes, gridPoints, labCurvePoints, at } = tableOf(profile, tableOfIntent.perceptual);
  const darker = Buffer.from(bytes.subarray(0, at.labCurves + 2 * 3 * labCurvePoints));
  const paper = bytes.readUInt16BE(at.grid);
  for (let point = 0; point < gridPoints ** 4; point += 1) {
    const lightness = at.grid + 2 * 3 * point;
    darker.writeUInt16BE(Math.min(0xffff, Math.round(bytes.readUInt16BE(lightness) ** 2 / paper)), lightness);
  }
  const changed = Buffer.concat([profile, Buffer.alloc(-profile.length & 3), darker]);
  changed.writeUInt32BE(changed.length, 0);
  for (const intent of intents) {
    changed.writeUInt32BE(changed.length - darker.length, tagEntry(changed, tableOfIntent[intent]) + 4);
  }
  return changed;
}
