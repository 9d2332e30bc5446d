/** Tags by number whose meaning is needed here. */
export const tags = {
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  stripOffsets: 273,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  planarConfiguration: 284,
  tileWidth: 322,
  tileLength: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  extraSamples: 338,
} as const;

export const short = 3;
export const long = 4;

/** How a tag that matters to pixels is written anew. */
export interface TagRule {
  /** One whole number; such a number for each sample of a pixel; or as it lies there. */
  readonly form: 'one' | 'each' | 'whole';
  /** TIFF's number for what it is written as. */
  readonly type: typeof short | typeof long;
  /** Numbers beyond them mean nothing, and the tag is left out, so that the format's own default counts. */
  readonly least: number;
  readonly most: number;
  /** How many values there are, where it is always so many; with others the tag means nothing. */
  readonly count?: number;
}

const any = { type: short, least: 0, most: Number.POSITIVE_INFINITY } as const;
const one: TagRule = { ...any, form: 'one' };
const each: TagRule = { ...any, form: 'each' };
const whole: TagRule = { ...any, form: 'whole' };
const size: TagRule = { ...one, type: long, least: 1 };

function upTo(most: number): TagRule {
  return { ...one, least: 1, most };
}

/** What decides how pixels look. Texts, dates, resolutions, other pictures and private tags are none of it, and are left out. */
export const tagRules: ReadonlyMap<number, TagRule> = new Map([
  [tags.width, size],
  [tags.height, size],
  [tags.bitsPerSample, each],
  [tags.compression, one],
  [tags.photometric, one],
  // FillOrder.
  [266, upTo(2)],
  [tags.stripOffsets, whole],
  // Orientation.
  [274, upTo(8)],
  [tags.samplesPerPixel, one],
  [tags.rowsPerStrip, size],
  [tags.stripByteCounts, whole],
  [tags.planarConfiguration, upTo(2)],
  // T4Options and T6Options.
  [292, { ...one, type: long }],
  [293, { ...one, type: long }],
  // Predictor.
  [317, upTo(3)],
  // ColorMap.
  [320, whole],
  [tags.tileWidth, size],
  [tags.tileLength, size],
  [tags.tileOffsets, whole],
  [tags.tileByteCounts, whole],
  // InkSet.
  [332, upTo(2)],
  [tags.extraSamples, { ...each, most: 2 }],
  // SampleFormat.
  [339, each],
  // JPEGTables; how YCbCr is made of RGB, sampled, placed and ranges.
  [347, whole],
  [529, { ...whole, count: 3 }],
  [530, { ...whole, count: 2 }],
  [531, upTo(2)],
  [532, { ...whole, count: 6 }],
  // An ICC profile.
  [34_675, whole],
]);
