import { type AvifMeta, dataOf, propertiesOf, referencesOf } from '../containers/avif-items.ts';
import { partsOf } from '../containers/avif-parts.ts';
import type { Facts, Range } from '../containers/facts.ts';
import type { IsoBox } from '../containers/iso-boxes.ts';
import { coloursOfAv1, configurationOfAv1, type StreamColours } from './av1.ts';
import { meaningInAvif } from './cicp.ts';
import { codePointsIn, hasProfile, narrowRange, peakIn } from './heif-colours.ts';

/** What an AVIF says of its numbers beside their depth. */
export type AvifColours = Pick<Facts, 'colour' | 'encoding' | 'range' | 'alphaRange' | 'isPremultiplied'>;

/**
 * Of the item that is shown. What its numbers mean is its profile's business where it has one, else what its `nclx` box
 * says, or where there is none the stream itself (AVIF, 2.2.1; MIAF, 7.3.6.4).
 */
export function coloursOfAvif(avif: AvifMeta, item: number | undefined): AvifColours {
  const { bytes } = avif;
  const own = propertiesOf(avif, item);
  const colours = codePointsIn(bytes, own) ?? coloursOfStream(avif, item);
  const box = item === undefined ? undefined : configurationOf(avif, codedItem(avif, item));
  const coding = box && configurationOfAv1(bytes, box.from);
  return {
    colour: coding?.samplesPerPixel === 1 ? 'gray' : 'rgb',
    encoding: hasProfile(bytes, own) ? undefined : colours && meaningInAvif(colours, peakIn(bytes, own)),
    range: colours?.isFullRange === false && coding?.samplesPerPixel === 1 ? narrowRange(coding) : undefined,
    alphaRange: item === undefined ? undefined : rangeOfAlpha(avif, item),
    isPremultiplied: item !== undefined && referencesOf(avif, item, 'prem').length > 0,
  };
}

/** Of alpha the stream alone says it (libavif, `avifImageLimitedToFullAlpha`), and the decoder takes it for whole. */
function rangeOfAlpha(avif: AvifMeta, item: number): Range | undefined {
  const { alphas, alphaCells } = partsOf(avif, item);
  const [alpha] = [...alphas, ...alphaCells];
  if (alpha === undefined || coloursOfStream(avif, alpha)?.isFullRange !== false) return undefined;
  const box = configurationOf(avif, codedItem(avif, alpha));
  return box && narrowRange(configurationOfAv1(avif.bytes, box.from));
}

/** The header stands in front of the pixels, and may stand beside the size. */
function coloursOfStream(avif: AvifMeta, item: number | undefined): StreamColours | undefined {
  if (item === undefined) return undefined;
  const coded = codedItem(avif, item);
  const configuration = configurationOf(avif, coded);
  const aside = configuration && avif.bytes.subarray(configuration.from + 4, configuration.to);
  for (const stream of [aside, dataOf(avif, coded)]) {
    const colours = stream && readColours(stream);
    if (colours !== undefined) return colours;
  }
  return undefined;
}

/** A stream that ends too early is the decoder's to refuse. */
function readColours(stream: Buffer): StreamColours | undefined {
  try {
    return coloursOfAv1(stream);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Of a picture in tiles, the first tile. */
function codedItem(avif: AvifMeta, item: number): number {
  return referencesOf(avif, item, 'dimg')[0] ?? item;
}

function configurationOf(avif: AvifMeta, item: number): IsoBox | undefined {
  return propertiesOf(avif, item).find(({ type }) => type === 'av1C');
}
