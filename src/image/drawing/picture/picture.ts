import sharp, { type Sharp } from 'sharp';
import type { Box, Size } from '../../containers/facts.ts';
import { areSrgbFor, isReading, type Numbers } from './numbers.ts';
import { createTiff } from './pixels-tiff.ts';
import { coloured, type Raster } from './raster.ts';
import { p3Reading } from './reading/p3-profile.ts';
import type { Reading } from './reading/reading.ts';
import { isUpright, type Turn, thenTurn, turnedSize, upright } from './turn.ts';

/**
 * sharp runs what one pipeline was asked for in this order, whatever order it was asked in. A picture remembers how far
 * its pipeline has come: what comes later in the list is added to it, what comes earlier needs a new pipeline.
 */
const stages = [
  'opened',
  'cut-first',
  'resized',
  'turned',
  'cut',
  'extended',
  'blurred',
  'recoloured',
  'sharpened',
  'composited',
  'toned',
] as const;
export type Stage = (typeof stages)[number];

/**
 * A picture in the making: operations asked for and not yet run. The plain case stays one pipeline from the original's
 * bytes to the encoder, so that the decoder shrinks while loading; anything else goes on from raw pixels.
 */
export interface Picture {
  readonly pipeline: Sharp;
  readonly stage: Stage;
  /** Still to be done, after a resize if there is one: the decoder shrinks only what is not turned before. */
  readonly turn: Turn;
  /** Pixels of one frame, with everything done. */
  readonly size: Size;
  readonly frames: number;
  readonly hasAlpha: boolean;
  readonly numbers: Numbers;
  /** Of what is `wide`: it says that the numbers are those of Display P3. */
  readonly profile?: Buffer | undefined;
  /** Whether its decoder scales each frame by itself, where nothing but a smaller size is asked for first. */
  readonly scalesFrames: boolean;
  /** The size in which its pixels lie already, since it was drawn for the scaling that comes first. */
  readonly drawnAs?: Size | undefined;
}

/** The pipeline with everything in it, for an encoder. */
export function finished(picture: Picture): Sharp {
  return turned(picture).pipeline;
}

/** Runs what was asked for. */
export async function rasterOf(picture: Picture): Promise<Raster> {
  const { size, frames, numbers } = picture;
  const { data, info } = isReading(numbers)
    ? await readPixels(finished(picture), numbers)
    : await rawPixels(await keepingAlpha(picture));
  // Our own size: what sharp tells is wrong where a picture was first cut, then extended.
  if (data.length !== size.width * size.height * frames * info.channels) {
    throw new Error(`A picture came out as ${data.length} bytes, not as ${size.width} × ${size.height} × ${frames}.`);
  }
  const profile = isReading(numbers) ? numbers.profile : wideProfile(picture);
  return { data, size, frames, channels: info.channels, ...(profile && { profile }) };
}

function wideProfile({ numbers, profile }: Picture): Buffer | undefined {
  return numbers === 'wide' ? profile : undefined;
}

/** Raw pixels of a greyed pipeline are one channel, whatever else it has: its alpha comes through another format. */
async function keepingAlpha(picture: Picture): Promise<Sharp> {
  const pipeline = finished(picture);
  if (picture.numbers !== 'grayed' || !picture.hasAlpha) return pipeline;
  return sharp(await pipeline.png({ compressionLevel: 0 }).toBuffer(), { limitInputPixels: false });
}

function rawPixels(pipeline: Sharp) {
  return pipeline.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
}

async function readPixels(pipeline: Sharp, { depth, toPixels }: Reading) {
  const space = depth === 'uchar' ? 'srgb' : 'rgb16';
  const { data, info } = await pipeline.toColourspace(space).raw({ depth }).toBuffer({ resolveWithObject: true });
  if (info.channels < 3) throw new Error(`A picture in ${space} came out with ${info.channels} channels.`);
  const samples = depth === 'uchar' ? data : new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
  return { data: toPixels(samples, info.channels === 4 ? 4 : 3), info };
}

/** A picture that goes on from pixels. */
export function pictureOf(raster: Raster): Picture {
  const { frames, channels } = raster;
  const { profile } = raster;
  return {
    pipeline: profile === undefined ? rawPipeline(raster) : widePipeline(raster, profile),
    stage: 'opened',
    turn: upright,
    size: raster.size,
    frames,
    hasAlpha: channels === 2 || channels === 4,
    numbers: profile !== undefined ? 'wide' : channels >= 3 ? 'srgb' : 'gray',
    ...(profile && { profile }),
    scalesFrames: false,
  };
}

function rawPipeline({ data, size: { width, height }, frames, channels }: Raster): Sharp {
  const raw =
    frames > 1 ? { width, height: height * frames, channels, pageHeight: height } : { width, height, channels };
  // The limits were checked where the pixels came from.
  return sharp(data, { raw, animated: frames > 1, limitInputPixels: false });
}

/** Raw pixels can have no profile: those of a still in three colours are written into a file that can. */
function widePipeline({ data, size, channels }: Raster, profile: Buffer): Sharp {
  if (channels < 3) throw new Error(`A picture of ${channels} channels has no colours.`);
  const { file, pixels } = createTiff({ ...size, channels: channels === 4 ? 4 : 3, isDeep: false, profile });
  data.copy(pixels);
  return sharp(file, { limitInputPixels: false }).keepIccProfile();
}

/** The same picture with everything run: for what needs the pixels, or the whole order of operations anew. */
export async function settled(picture: Picture): Promise<Picture> {
  return pictureOf(await rasterOf(picture));
}

/** The same picture in numbers that an encoder takes. */
export async function readable(picture: Picture): Promise<Picture> {
  return isReading(picture.numbers) ? settled(picture) : picture;
}

/** The picture, ready for an operation of that stage: the same pipeline if it has not come so far, else a new one. */
export async function readyFor(picture: Picture, stage: Stage): Promise<Picture> {
  if (stages.indexOf(picture.stage) >= stages.indexOf(stage)) return settled(picture);
  if (stages.indexOf(stage) <= stages.indexOf('resized')) return picture;
  return turned(stages.indexOf(stage) <= stages.indexOf('cut') ? picture : await readable(picture));
}

/** The same, for an operation that puts that colour into it; without one, colours that are known only by their pixels. */
export async function readyForColour(picture: Picture, stage: Stage, colour?: string): Promise<Picture> {
  return readyFor(areSrgbFor(picture.numbers, colour) ? picture : await inColours(picture), stage);
}

/** The picture in sRGB, with three channels of colour. */
export async function inColours(picture: Picture): Promise<Picture> {
  if (picture.numbers === 'srgb') return picture;
  const { profile, ...raster } = coloured(await rasterOf(picture));
  if (profile === undefined) return pictureOf(raster);
  return pictureOf({ ...raster, data: p3Reading().toPixels(raster.data, raster.channels === 4 ? 4 : 3) });
}

/** Puts a turn after what has been asked for. */
export async function turn(picture: Picture, by: Turn): Promise<Picture> {
  if (isUpright(by)) return picture;
  if (picture.frames > 1) return eachFrame(picture, (frame) => turnNow(frame, by));
  const ready = stages.indexOf(picture.stage) >= stages.indexOf('turned') ? await settled(picture) : picture;
  return { ...ready, turn: thenTurn(ready.turn, by), size: turnedSize(ready.size, by) };
}

/** Enters the pending turn into the pipeline. */
function turned(picture: Picture): Picture {
  if (isUpright(picture.turn)) return picture;
  return { ...picture, pipeline: turnNow(picture.pipeline, picture.turn), turn: upright, stage: 'turned' };
}

function turnNow(pipeline: Sharp, by: Turn): Sharp {
  const mirrored = pipeline.flip(by.flip).flop(by.flop);
  return by.quarters === 0 ? mirrored : mirrored.rotate(by.quarters * 90);
}

/** Keeps only that box. */
export async function cut(picture: Picture, box: Box): Promise<Picture> {
  const { width, height } = picture.size;
  if (box.left === 0 && box.top === 0 && box.width === width && box.height === height) return picture;
  const untouched = picture.stage === 'opened' && isUpright(picture.turn);
  // Without a resize sharp would cut before it mirrors.
  const mirrored = picture.stage !== 'resized' && !isUpright(picture.turn);
  const ready = untouched ? picture : await readyFor(mirrored ? await settled(picture) : picture, 'cut');
  return {
    ...ready,
    pipeline: ready.pipeline.extract(box),
    // Asked for before anything else, sharp cuts first and may scale what is left.
    stage: untouched ? 'cut-first' : 'cut',
    size: { width: box.width, height: box.height },
  };
}

/** Works on an animation's frames one at a time, for what would run over from one frame into the next. */
export async function eachFrame(picture: Picture, work: (frame: Sharp) => Sharp | Promise<Sharp>): Promise<Picture> {
  const { data, size, channels, frames, profile } = await rasterOf(picture);
  const raw = { ...size, channels };
  const frameBytes = data.length / frames;
  const done: Awaited<ReturnType<typeof rawPixels>>[] = [];
  for (let index = 0; index < frames; index += 1) {
    const frame = data.subarray(index * frameBytes, (index + 1) * frameBytes);
    done.push(await rawPixels(await work(sharp(frame, { raw, limitInputPixels: false }))));
  }
  const first = done[0];
  if (first === undefined) throw new Error('A picture has at least one frame.');
  return pictureOf({
    data: done.length === 1 ? first.data : Buffer.concat(done.map((frame) => frame.data)),
    size: { width: first.info.width, height: first.info.height },
    channels: first.info.channels,
    frames,
    ...(profile && { profile }),
  });
}

/** The first frame alone, for looking at. */
export async function firstFrame(picture: Picture): Promise<Picture> {
  const raster = await rasterOf(picture);
  return pictureOf({ ...raster, frames: 1, data: raster.data.subarray(0, raster.data.length / raster.frames) });
}

/** The first stage that could put a colour of ours into the picture; before it, flattening and greying commute with the rest. */
function isBeforeColours(picture: Picture): boolean {
  return stages.indexOf(picture.stage) < stages.indexOf('extended');
}

/** Puts an opaque colour behind the picture. */
export async function flatten(picture: Picture, colour: string): Promise<Picture> {
  if (!picture.hasAlpha) return picture;
  // What is half seen is mixed with that colour, and half of two numbers of Display P3 is another colour than of sRGB.
  const isSrgb = picture.numbers !== 'p3' && picture.numbers !== 'wide' && areSrgbFor(picture.numbers, colour);
  const ready = !isSrgb ? await inColours(picture) : isBeforeColours(picture) ? picture : await settled(picture);
  return { ...ready, pipeline: ready.pipeline.flatten({ background: `#${colour}` }), hasAlpha: false };
}

/** Takes the colour out. */
export async function gray(picture: Picture): Promise<Picture> {
  // How light a colour of Display P3 is would be reckoned as if it were one of sRGB.
  const isExact = picture.numbers !== 'p3' && !isReading(picture.numbers);
  const ready = isBeforeColours(picture) && isExact ? picture : await settled(picture);
  return { ...ready, pipeline: ready.pipeline.grayscale(), numbers: 'grayed' };
}
