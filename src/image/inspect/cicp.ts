import {
  type Chromaticity,
  type Encoding,
  type Primaries,
  srgbPrimaries,
  type Transfer,
  widePrimaries,
} from '../containers/encoding.ts';

/** Code points of ITU-T H.273, by which AVIF, AV1 and PNG name their colours. */
export interface CodePoints {
  readonly primaries: number;
  readonly transfer: number;
}

const d65 = srgbPrimaries.white;
/** Illuminants C and E, and the white of cinemas. */
const [c, e, dci]: readonly [Chromaticity, Chromaticity, Chromaticity] = [
  [0.31, 0.316],
  [1 / 3, 1 / 3],
  [0.314, 0.351],
];

/** H.273, table 2. */
const primaries: ReadonlyMap<number, Primaries> = new Map([
  [1, srgbPrimaries],
  [4, primariesOf(c, [0.67, 0.33], [0.21, 0.71], [0.14, 0.08])],
  [5, primariesOf(d65, [0.64, 0.33], [0.29, 0.6], [0.15, 0.06])],
  [6, primariesOf(d65, [0.63, 0.34], [0.31, 0.595], [0.155, 0.07])],
  [7, primariesOf(d65, [0.63, 0.34], [0.31, 0.595], [0.155, 0.07])],
  [8, primariesOf(c, [0.681, 0.319], [0.243, 0.692], [0.145, 0.049])],
  [9, widePrimaries],
  // CIE XYZ itself.
  [10, primariesOf(e, [1, 0], [0, 1], [0, 0])],
  [11, primariesOf(dci, [0.68, 0.32], [0.265, 0.69], [0.15, 0.06])],
  [12, primariesOf(d65, [0.68, 0.32], [0.265, 0.69], [0.15, 0.06])],
  [22, primariesOf(d65, [0.63, 0.34], [0.295, 0.605], [0.155, 0.077])],
]);

function primariesOf(white: Chromaticity, red: Chromaticity, green: Chromaticity, blue: Chromaticity): Primaries {
  return { white, red, green, blue };
}

/** What nobody says otherwise of is thought to have been made on a screen of that many cd/m² (BT.2100). */
const usualPeak = 1_000;

/** H.273, table 3, without what browsers take from nobody: logarithms (9, 10) and what reaches below black (11, 12). */
function transferOf(code: number, peak: number | undefined): Transfer | undefined {
  switch (code) {
    case 4:
      return { kind: 'power', exponent: 2.2, scale: 1 };
    case 5:
      return { kind: 'power', exponent: 2.8, scale: 1 };
    case 7:
      return { kind: 'smpte240' };
    case 8:
      return { kind: 'power', exponent: 1, scale: 1 };
    case 13:
      return { kind: 'srgb' };
    case 16:
      return { kind: 'pq', peak: peak ?? usualPeak };
    case 17:
      // White is 48 cd/m² of the 52.37 that the numbers can say.
      return { kind: 'power', exponent: 2.6, scale: 52.37 / 48 };
    case 18:
      return { kind: 'hlg', peak: peak ?? usualPeak };
    default:
      return undefined;
  }
}

/** The curves of cameras (BT.709, BT.601, BT.2020), whose pictures are meant for what screens make of them. */
const cameraTransfers: readonly number[] = [1, 6, 14, 15];

/** `srgb` where it is just that. */
type Meaning = Encoding | 'srgb';

/**
 * As browsers read a PNG: undefined where either is not known, so that what else the file says counts. Numbers of
 * cameras show as on a screen of BT.1886.
 */
export function meaningInPng(codes: CodePoints, peak: number | undefined): Meaning | undefined {
  const known = primaries.get(codes.primaries);
  const isOfCamera = cameraTransfers.includes(codes.transfer) || codes.transfer === 11;
  const transfer: Transfer | undefined = isOfCamera
    ? { kind: 'power', exponent: 2.4, scale: 1 }
    : transferOf(codes.transfer, peak);
  return known === undefined || transfer === undefined ? undefined : meaning(known, transfer);
}

/** As browsers read an AVIF: what is not known is that of sRGB, and so are the curves of cameras. */
export function meaningInAvif(codes: CodePoints, peak: number | undefined): Meaning {
  return meaning(primaries.get(codes.primaries) ?? srgbPrimaries, transferOf(codes.transfer, peak) ?? { kind: 'srgb' });
}

function meaning(known: Primaries, transfer: Transfer): Meaning {
  return known === srgbPrimaries && transfer.kind === 'srgb' ? 'srgb' : { primaries: known, transfer };
}

/**
 * The brightest of a picture in cd/m²: its own (MaxCLL of CTA-861.3), or else that of the screen it was made on (SMPTE
 * ST 2086). 0 says nothing.
 */
export function peakOf(ofContent: number | undefined, ofScreen: number | undefined): number | undefined {
  return [ofContent, ofScreen].find((peak) => peak !== undefined && peak > 0);
}
