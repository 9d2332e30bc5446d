/** What a page says of its samples; each list has one number for each of them. */
export interface TiffKind {
  readonly bits: readonly number[];
  /** SampleFormat. */
  readonly formats: readonly number[];
  readonly photometric: number | undefined;
  readonly compression: number;
  readonly samples: number;
  /** How many pixels share a pair of colours of YCbCr, across and down. */
  readonly subsampling: readonly number[];
}

const jpeg = 7;

/** How pixels may be compressed: what the decoder is built with. */
const readCompressions: ReadonlySet<number> = new Set([
  // None, CCITT in three forms, LZW, JPEG, Deflate under both its numbers, CCITT without ends of lines, PackBits, WebP.
  ...[1, 2, 3, 4, 5, jpeg, 8, 32_946, 32_771, 32_773, 50_001],
]);

const compressionNames: Readonly<Record<number, string>> = {
  6: 'JPEG in its old style',
  33003: 'JPEG 2000',
  33004: 'JPEG 2000',
  33005: 'JPEG 2000',
  34676: 'SGILog',
  34677: 'SGILog',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34925: 'LZMA',
  50000: 'Zstandard',
  50002: 'JPEG XL',
  52546: 'JPEG XL',
};

/** PhotometricInterpretation, by what is said of it below. */
const photometrics = { whiteIsZero: 0, blackIsZero: 1, rgb: 2, palette: 3, cmyk: 5, yCbCr: 6, lab: 8 } as const;

/** What other numbers stand for, in a sentence that begins with "A TIFF of". */
const otherColours: Readonly<Record<number, string>> = {
  4: 'a transparency mask',
  9: 'ICCLab colours',
  10: 'ITULab colours',
  32803: "a camera's raw samples",
  32844: 'LogL light',
  32845: 'LogLuv colours',
  34892: "a camera's linear samples",
  51177: 'depths',
};

/** The render process takes no picture of more. */
const mostSamples = 5;

/**
 * What kind of TIFF that is, where the decoder refuses it or draws something else than is meant; undefined where it is
 * drawn right. Each rule was measured: the decoder's pixels against ImageMagick's.
 */
export function unreadKind(kind: TiffKind): string | undefined {
  const words = wordsOf(kind);
  return words && `TIFF ${words}`;
}

function wordsOf(kind: TiffKind): string | undefined {
  const { bits, compression, samples } = kind;
  if (!readCompressions.has(compression)) {
    return `compressed by ${compressionNames[compression] ?? `method ${compression}`}`;
  }
  const other = otherColours[kind.photometric ?? photometrics.rgb];
  if (other !== undefined) return `of ${other}`;
  const [depth = 1] = bits;
  if (bits.some((one) => one !== depth)) return 'of samples of several sizes';
  const numbers = kindOfNumbers(kind.formats);
  if (numbers !== undefined) return `of ${depth}-bit ${numbers}`;
  if (!depthsOf(kind).includes(depth)) return `of ${depth}-bit ${coloursOf(kind)}`;
  if (samples > mostSamples) return `of ${samples} samples for each pixel`;
  return unreadForm(kind, depth);
}

/** Undefined for whole numbers from 0 on, and for what is said to be of no kind. */
function kindOfNumbers(formats: readonly number[]): string | undefined {
  if (formats.includes(5) || formats.includes(6)) return 'complex numbers';
  if (formats.includes(3)) return 'floating-point samples';
  return formats.includes(2) ? 'samples with a sign' : undefined;
}

/** Bits of a sample that are drawn. */
function depthsOf({ photometric, samples }: TiffKind): readonly number[] {
  switch (photometric) {
    case photometrics.whiteIsZero:
    case photometrics.blackIsZero:
      return samples === 1 ? [1, 2, 4, 8, 16] : [8, 16];
    case photometrics.palette:
      return samples === 1 ? [1, 2, 4, 8, 16] : [8, 16];
    case photometrics.yCbCr:
      return [8];
    case photometrics.lab:
      return [16];
    default:
      return [8, 16];
  }
}

function coloursOf({ photometric }: TiffKind): string {
  if (photometric === photometrics.lab) return 'CIELab colours';
  if (photometric === photometrics.cmyk) return 'CMYK samples';
  return photometric === photometrics.yCbCr ? 'YCbCr samples' : 'samples';
}

/** Forms that the decoder draws with other colours than they have, or without their alpha. */
function unreadForm({ photometric, compression, samples, subsampling }: TiffKind, depth: number): string | undefined {
  if (photometric === photometrics.lab && samples > 3) return 'of CIELab colours with alpha';
  if (photometric === photometrics.cmyk && samples > 4 && depth > 8) return 'of 16-bit CMYK samples with alpha';
  const isWhole = subsampling.every((pixels) => pixels === 1);
  if (photometric === photometrics.yCbCr && compression !== jpeg && isWhole) return 'of YCbCr samples without JPEG';
  return undefined;
}
