import { type QualityLevel, qualityIn, type SettledQuality } from '../../../grammar/index.ts';
import type { PaletteUse, RenderJob } from '../../protocol/job.ts';
import { type Picture, pictureOf, rasterOf } from '../picture/picture.ts';
import type { Raster } from '../picture/raster.ts';

/** How a palette is to be made. */
export interface Palette {
  readonly colours: number;
  /** Share of its error that a pixel hands on to its neighbours: none where every colour is in the palette. */
  readonly dither: 0 | 1;
  /** Of 100; below it colours are left out that hardly show. */
  readonly quality: number;
}

/** What a PNG's palette holds. */
const mostColours = 256;

const lossyQualities: Readonly<Record<QualityLevel, number>> = { best: 95, good: 85, eco: 70, low: 50 };

/** A picture for the encoder, and the palette that it gets; undefined where it gets none. */
export interface InPalette {
  readonly picture: Picture;
  readonly palette: Palette | undefined;
}

/** Pixels of an icon, in which the table of colours may take more bytes than it saves; both forms take a few ms. */
const mostIconPixels = 2_000;

/** Whether a palette that nobody asked for is to be held against full colour. */
export function isDoubtful({ picture: { size }, palette }: InPalette, use: PaletteUse): boolean {
  const isChosenHere = palette !== undefined && (use === 'kept' || use === 'fitting');
  return isChosenHere && size.width * size.height <= mostIconPixels;
}

/** Counts the colours where that decides. What is grey and gets no palette is written in one channel. */
export async function withPalette(
  picture: Picture,
  { palette: use, transform }: Pick<RenderJob, 'palette' | 'transform'>,
): Promise<InPalette> {
  if (use === 'none') return { picture, palette: undefined };
  if (use === 'plain') return { picture: inGray(picture), palette: undefined };
  if (use === 'lossy') return { picture, palette: lossyPalette(qualityIn(transform.quality, 'png')) };
  const raster = await rasterOf(picture);
  const colours = coloursOf(raster);
  const isGray = use !== 'asked' && isSmallerGray(raster, colours);
  const palette = isGray ? undefined : paletteOf(use, colours);
  const counted = pictureOf(isGray ? onlyBrightness(raster) : raster);
  return { picture: palette === undefined ? inGray(counted) : counted, palette };
}

/** sharp writes grey in three channels unless it is told. */
function inGray(picture: Picture): Picture {
  const isGray = picture.numbers === 'gray' || picture.numbers === 'grayed';
  return isGray ? { ...picture, pipeline: picture.pipeline.toColourspace('b-w') } : picture;
}

function lossyPalette(quality: SettledQuality | undefined): Palette {
  const most = quality?.kind === 'fixed' ? quality.value : lossyQualities[quality?.level ?? 'good'];
  return { colours: mostColours, dither: 1, quality: most };
}

function paletteOf(use: PaletteUse, colours: ReadonlySet<number> | undefined): Palette | undefined {
  // One of a single colour cannot be written.
  if (colours !== undefined) return { colours: Math.max(2, colours.size), dither: 0, quality: 100 };
  if (use === 'fitting') return undefined;
  return { colours: mostColours, dither: 1, quality: use === 'asked' ? 100 : lossyQualities.best };
}

/** Every colour with its alpha, as one number; undefined where there are more than a palette holds. */
function coloursOf({ data, channels }: Raster): ReadonlySet<number> | undefined {
  const colours = new Set<number>();
  const [green, blue] = channels >= 3 ? [1, 2] : [0, 0];
  const alpha = channels % 2 === 0 ? channels - 1 : undefined;
  let last = -1;
  for (let at = 0; at < data.length; at += channels) {
    const opacity = alpha === undefined ? 255 : (data[at + alpha] ?? 0);
    const colour = colourOf(data[at] ?? 0, data[at + green] ?? 0, data[at + blue] ?? 0, opacity);
    if (colour === last) continue;
    last = colour;
    colours.add(colour);
    if (colours.size > mostColours) return undefined;
  }
  return colours;
}

/** What is clear is one colour, whatever is hidden there. */
function colourOf(red: number, green: number, blue: number, opacity: number): number {
  return opacity === 0 ? 0 : ((red * 256 + green) * 256 + blue) * 256 + opacity;
}

/** Opaque greys need no palette; up to 16 of them are packed closer in one. */
function isSmallerGray({ channels }: Raster, colours: ReadonlySet<number> | undefined): boolean {
  if (channels === 1) return colours === undefined || colours.size > 16;
  return colours !== undefined && colours.size > 16 && [...colours].every(isOpaqueGray);
}

function isOpaqueGray(colour: number): boolean {
  const brightness = Math.floor(colour / 2 ** 24);
  return colour === colourOf(brightness, brightness, brightness, 255);
}

/** Of a grey picture. */
function onlyBrightness({ data, channels, ...raster }: Raster): Raster {
  if (channels === 1) return { ...raster, data, channels };
  const narrow = Buffer.allocUnsafe(data.length / channels);
  for (let from = 0, to = 0; to < narrow.length; from += channels, to += 1) narrow[to] = data[from] ?? 0;
  return { ...raster, data: narrow, channels: 1 };
}
