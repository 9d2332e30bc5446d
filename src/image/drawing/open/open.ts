import sharp, { type Metadata, type Sharp, type SharpOptions } from 'sharp';
import { Failure } from '../../../failure.ts';
import { type Facts, hasOtherSamples, isOrientation, type Size } from '../../containers/facts.ts';
import { ignoresExif, keptPixels, type RenderJob } from '../../protocol/job.ts';
import { drawnSize } from '../../protocol/vector-size.ts';
import { mayBeWide } from '../../protocol/wide-colours.ts';
import { isReading, type Numbers } from '../picture/numbers.ts';
import { inColours, type Picture, pictureOf, rasterOf, settled, turn } from '../picture/picture.ts';
import { createTiff } from '../picture/pixels-tiff.ts';
import { opaque, type Raster, withoutOthers } from '../picture/raster.ts';
import { isDeep, isThroughP3, numbersOf, unreadProfile } from '../picture/reading/numbers-of.ts';
import type { Timing } from '../picture/timing.ts';
import {
  inverseTurn,
  isUpright,
  type Turn,
  thenTurn,
  turnedSize,
  turnOfOrientation,
  upright,
} from '../picture/turn.ts';
import { bmpAsTiff, iconAsOther } from './bmp/decode.ts';
import { heicAsTiff } from './heic/decode.ts';
import { jxlAsPng } from './jxl/decode.ts';
import type { KeptPixels } from './kept-pixels.ts';
import { storedApng } from './lay/apng.ts';
import { storedGif } from './lay/gif.ts';
import { layFrames } from './lay/lay.ts';
import { mayHaveProfile } from './profiled.ts';
import { drawSvg } from './svg/draw.ts';
import { fromPixels, type PixelSource } from './whole.ts';

/** What opening looks at: of a whole job, or of one layer, which is not encoded and has no format. */
export type OpenJob = Pick<RenderJob, 'facts' | 'transform' | 'frames' | 'limits'> &
  Partial<Pick<RenderJob, 'format' | 'output' | 'pixels' | 'keeps' | 'vectorFonts'>> & {
    /** What shares of sizes are of, in a layer with `fl_relative`. */
    readonly shares?: Size | undefined;
  };

/** An original, opened. */
export interface Opened {
  readonly picture: Picture;
  /** How the animation runs; undefined for a still. */
  readonly timing: Timing | undefined;
}

/** Opens an original as a picture with nothing done but what brings it upright; frames that are laid here are decoded. */
export async function open(job: OpenJob, original: Buffer, kept?: KeptPixels): Promise<Opened> {
  switch (job.facts.format) {
    case 'heic':
      return openDecoded(job, () => [asTiff(job.facts), heicAsTiff(original, job.facts)], kept);
    case 'jxl':
      return openDecoded(job, () => [job.facts, jxlAsPng(original, job.facts)], kept);
    case 'bmp':
      return openFile({ ...job, facts: asTiff(job.facts) }, bmpAsTiff(original, job.facts), kept);
    case 'vnd.microsoft.icon':
      return openIcon(job, original);
    case 'svg+xml':
      return openSvg(job, original);
    default:
      return job.facts.isLaidHere ? openLaid(job, original) : openFile(job, original, kept);
  }
}

async function openLaid(job: OpenJob, original: Buffer): Promise<Opened> {
  const { facts, transform, frames: count } = job;
  const animation = facts.format === 'gif' ? storedGif(original) : storedApng(original);
  const first = (transform.page ?? 1) - 1;
  const laid = await layFrames(animation, { first, count }, (file, size) => decodeFrame(job, file, size));
  const picture = pictureOf(facts.hasAlpha ? laid : opaque(laid));
  const orientation = ignoresExif(transform) ? 1 : facts.orientation;
  const delays = animation.frames.map(({ delayMs }) => delayMs);
  return {
    picture: await turn(picture, turnOfOrientation[orientation]),
    timing: count > 1 ? timing(delays, animation.loop) : undefined,
  };
}

/** Its pixels are at hand, or in a file that others read. */
async function openDecoded(
  job: OpenJob,
  decode: () => readonly [facts: Facts, file: Buffer],
  kept?: KeptPixels,
): Promise<Opened> {
  const name = keptPixels(job);
  const raster = name === undefined ? undefined : kept?.find(name);
  if (raster !== undefined) return { picture: pictureOf(raster), timing: undefined };
  const [facts, file] = decode();
  return openFile({ ...job, facts }, file, kept);
}

/** In the size that it is scaled to first. */
async function openSvg({ facts, transform, shares, vectorFonts: fonts }: OpenJob, original: Buffer): Promise<Opened> {
  const drawnAs = drawnSize(facts, { steps: transform.steps, shares });
  const raster = await drawSvg(original, { facts, size: drawnAs ?? facts.size, fonts });
  return { picture: { ...pictureOf(raster), size: facts.size, drawnAs }, timing: undefined };
}

/** Small enough to be read each time. */
async function openIcon(job: OpenJob, original: Buffer): Promise<Opened> {
  const { format, file } = iconAsOther(original);
  const facts = { ...job.facts, format };
  return facts.isLaidHere ? openLaid({ ...job, facts }, file) : openFile({ ...job, facts }, file);
}

/** What is said of the file that is written of it. */
function asTiff(facts: Facts): Facts {
  return { ...facts, format: 'tiff', samplesPerPixel: facts.hasAlpha ? 4 : 3 };
}

/** In sRGB, as it would be opened by itself. */
async function decodeFrame({ facts, transform, limits }: OpenJob, file: Buffer, size: Size): Promise<Raster> {
  const alone = { ...facts, stored: size, size, orientation: 1, frames: 1, isLaidHere: false } as const;
  const untouched = { ...transform, steps: [], page: undefined, colourSpace: undefined };
  const { picture } = await openFile({ facts: alone, transform: untouched, frames: 1, limits }, file);
  return rasterOf(await inColours(picture));
}

/** Nothing is decoded yet. */
async function openFile(job: OpenJob, original: Buffer, kept?: KeptPixels): Promise<Opened> {
  const { facts, transform } = job;
  const options = inputOptions(job);
  const pipeline = sharp(original, options);
  const header =
    needsHeader(job) || (mayBeWide(job) && mayHaveProfile(original, facts.format))
      ? await pipeline.metadata()
      : undefined;
  const stored =
    header === undefined ? facts.stored : { width: header.width, height: header.pageHeight ?? header.height };
  const frames = job.frames > 1 ? (header?.pages ?? 1) : 1;
  const orientation = ignoresExif(transform) ? 1 : facts.orientation;
  if (header !== undefined) checkHeader(job, stored, frames);
  const isCopied = transform.colourSpace === 'copy' && facts.encoding === undefined;
  const numbers = await numbersOf(facts, header, isCopied ? 'stored' : mayBeWide(job) ? 'wide' : undefined);
  if (isCopied) checkCopied(facts, header);
  const isShallow = isCopied && facts.colour === 'rgb' && isDeep(header) && header?.icc !== undefined;
  // Without a profile that it would keep, or convert by.
  const isBare = isShallow || (isReading(numbers) && numbers.profile !== undefined);
  const told = tellColours(isBare ? sharp(original, { ...options, ignoreIcc: true }) : pipeline, {
    facts,
    header,
    keeps: isBare ? 'nothing' : isCopied ? 'stored' : numbers,
  });
  const turnedBefore =
    header !== undefined && job.format === 'avif' && !isShallow ? forgetOrientation(told, header) : upright;
  const asStored: Picture = {
    pipeline: isShallow ? await shallow(told, header.icc) : told,
    stage: 'opened',
    turn: upright,
    size: turnedSize(stored, turnedBefore),
    frames,
    hasAlpha: header?.hasAlpha ?? facts.hasAlpha,
    numbers,
    profile: numbers === 'wide' ? header?.icc : undefined,
    // libvips scales frames of WebP as they are decoded, unless one of them is smaller than the canvas.
    scalesFrames: facts.format === 'webp' && facts.hasFullFrames,
  };
  const canBePixels = isUpright(turnedBefore) && isAllInPixels(job, header, numbers);
  const { pixels, keeps } = job;
  const name = keptPixels(job);
  const source = canBePixels && pixels !== undefined ? { original, options, pixels, keeps, kept, name } : undefined;
  return {
    picture: await turn(
      await begin(asStored, facts, source),
      thenTurn(inverseTurn(turnedBefore), turnOfOrientation[orientation]),
    ),
    timing: header !== undefined && frames > 1 ? timingOf(header, frames) : undefined,
  };
}

interface Told {
  readonly facts: Facts;
  readonly header: Metadata | undefined;
  readonly keeps: Numbers | 'nothing';
}

/** Tells a pipeline what is to become of the original's profile. */
function tellColours(pipeline: Sharp, { facts, header, keeps }: Told): Sharp {
  if (keeps === 'nothing') return pipeline;
  if (keeps === 'stored' || keeps === 'wide') pipeline.keepIccProfile();
  // Without this the numbers would be taken for sRGB.
  else if (isThroughP3(facts, header)) pipeline.withIccProfile('srgb', { attach: false });
  if (keeps === 'stored' && facts.colour === 'cmyk') pipeline.pipelineColourspace('cmyk').toColourspace('cmyk');
  return pipeline;
}

/** Colours of 16 bits as 8, beside the profile that says what they mean. */
async function shallow(bare: Sharp, profile: Buffer | undefined): Promise<Sharp> {
  const { data, info } = await bare.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const { file, pixels } = createTiff({ width, height, channels: info.channels === 4 ? 4 : 3, isDeep: false, profile });
  data.copy(pixels);
  return sharp(file, { limitInputPixels: false }).keepIccProfile();
}

/** The picture as whatever is done to it may begin with it. */
async function begin(picture: Picture, facts: Facts, source: PixelSource | undefined): Promise<Picture> {
  if (hasOtherSamples(facts)) return usualOf(picture);
  if (isReading(picture.numbers) && !picture.numbers.canScaleFirst) return settled(picture);
  return source === undefined ? picture : fromPixels(picture, source);
}

/** The colours and the alpha of a picture that has more samples: sharp would take those along through everything, or fail. */
async function usualOf({ pipeline, size, frames }: Picture): Promise<Picture> {
  const { data, info } = await pipeline.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return pictureOf({ data: withoutOthers(data, info.channels), size, frames, channels: 4 });
}

/**
 * Takes the orientation off that the decoder found, the one place where that is done; returns how sharp turns the picture
 * for it. Every other encoder writes of the metadata only what it is asked for; AVIF's writes an orientation as `irot` and
 * `imir` whatever it is asked, and viewers would turn upright pixels by them. sharp forgets one only by turning.
 */
function forgetOrientation(pipeline: Sharp, { orientation = 1 }: Metadata): Turn {
  if (orientation === 1 || !isOrientation(orientation)) return upright;
  pipeline.autoOrient();
  return turnOfOrientation[orientation];
}

/** `cs_copy`: the numbers as they are stored, and the profile that says what they mean. */
function checkCopied(facts: Facts, header: Metadata | undefined): void {
  const isGray = header?.space === 'b-w' || header?.space === 'grey16';
  if ((isGray && header.hasProfile) || unreadProfile(facts, header) !== undefined) {
    // sharp writes gray as colours, which that profile is not for.
    throw new Failure('invalid', "cs_copy cannot keep a gray picture's profile, without which its grays are others.");
  }
}

function inputOptions({ facts, transform, frames, limits }: OpenJob): SharpOptions {
  // What the file says in other words than a profile's counts more.
  const shared: SharpOptions = { limitInputPixels: limits.maxInputPixels, ignoreIcc: facts.encoding !== undefined };
  if (transform.page !== undefined) return { ...shared, page: transform.page - 1 };
  return frames > 1 ? { ...shared, animated: true } : shared;
}

/** Whether pixels hold everything that goes through a pipeline: of numbers, sRGB and Display P3; and PNG is given the original's resolution. */
function isAllInPixels({ facts, format }: OpenJob, header: Metadata | undefined, numbers: Numbers): boolean {
  return (
    (numbers === 'srgb' || numbers === 'wide') &&
    !(format === 'png' && facts.format !== 'jxl' && header?.density !== undefined)
  );
}

/** The plain case trusts the parent's reading; where decoders have a say they are asked, which costs under 1 ms. */
function needsHeader({ facts, transform, frames, format, pixels }: OpenJob): boolean {
  const isOfDecoder = facts.format === 'gif' || ['avif', 'jxl', 'tiff'].includes(facts.format);
  const isOther = transform.page !== undefined || transform.colourSpace === 'copy' || format === 'avif';
  const mayLoseDensity = format === 'png' && facts.format === 'png' && pixels !== undefined;
  return isOfDecoder || frames > 1 || facts.bitDepth > 8 || isOther || mayLoseDensity;
}

/** The decoder's own numbers may differ from the parent's reading of a damaged header: the limit holds for both. */
function checkHeader({ limits }: OpenJob, { width, height }: Size, frames: number): void {
  if (width * height * frames <= limits.maxInputPixels) return;
  throw new Failure('too_large', `The original has more than ${limits.maxInputPixels} pixels.`);
}

function timingOf({ delay = [], loop }: Metadata, frames: number): Timing {
  return timing(
    Array.from({ length: frames }, (_, index) => delay[index] ?? 100),
    loop ?? 0,
  );
}

/** The largest delay and count of runs that sharp writes; GIF and APNG can say more. */
const mostTiming = 65_535;

function timing(delays: readonly number[], loop: number): Timing {
  return { delays: delays.map((delay) => Math.min(delay, mostTiming)), loop: Math.min(loop, mostTiming) };
}
