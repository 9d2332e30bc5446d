import { Failure } from '../../failure.ts';
import type { Facts } from '../containers/facts.ts';
import type { DrawOutcome } from '../protocol/answer.ts';
import type { Described } from '../protocol/description.ts';
import type { RenderJob } from '../protocol/job.ts';
import { ignoresExif } from '../protocol/job.ts';
import { isMeasured } from '../protocol/measured-formats.ts';
import { checkFinished } from '../protocol/output-limits.ts';
import { describe } from './describing/describe.ts';
import { drawMap, type MapQuestion } from './gain-map/draw-map.ts';
import { packetWithMap, withMap } from './gain-map/with-map.ts';
import { explain } from './open/damage.ts';
import { asMeant, eachFile, type Files } from './open/files.ts';
import type { KeptPixels } from './open/kept-pixels.ts';
import { mended, mostAttempts } from './open/mend/mend.ts';
import { open } from './open/open.ts';
import { finished, type Picture, pictureOf, rasterOf, readable } from './picture/picture.ts';
import type { Timing } from './picture/timing.ts';
import { inverseTurn, turnOfOrientation } from './picture/turn.ts';
import { lookForFaces } from './seeing/faces.ts';
import type { FaceNetwork } from './seeing/model.ts';
import type { ChainContext } from './steps/chain-context.ts';
import { addsColours, drawComponent } from './steps/component.ts';
import { type Shown, seenTurned } from './steps/shown.ts';
import { bareOriginal } from './write/bare/bare.ts';
import { type EncodeOptions, encode } from './write/encode.ts';
import { checkStillStored, inChannelsOf, withStatements } from './write/finish.ts';
import { embed } from './write/metadata/embed.ts';
import { type Statements, statementsOf } from './write/metadata/statements.ts';
import { isDoubtful, withPalette } from './write/palette.ts';
import { type Decided, decideQuality } from './write/quality/decide.ts';
import { thumbHashOf } from './write/thumb-hash.ts';
import { type Bound, withinBytes } from './write/within-bytes.ts';

/** What a render comes to, and the bytes of its picture. */
export interface Drawn {
  readonly outcome: DrawOutcome;
  readonly bytes: Uint8Array;
}

/** Draws a job and tells apart what a picture can do wrong from what we did. */
export async function drawSafely(job: RenderJob, came: Files, tools: DrawingTools = {}): Promise<Drawn> {
  let files = came;
  try {
    files = asMeant(job, came);
    return await draw(job, files, { ...tools, came });
  } catch (error) {
    const drawn = error instanceof Failure ? undefined : await drawMended(job, files, { network: tools.network, came });
    return drawn ?? failed(error, job, files);
  }
}

/** What a decoder refused, drawn from files mended for it; undefined where that does not help. */
async function drawMended(job: RenderJob, files: Files, context: DrawContext): Promise<Drawn | undefined> {
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const whole = eachFile(job, files, (file, { format }) => mended(file, format, attempt));
    if (whole === undefined) continue;
    try {
      return await draw(job, whole, context);
    } catch (error) {
      if (error instanceof Failure) return failed(error, job, whole);
    }
  }
  return undefined;
}

async function failed(error: unknown, job: RenderJob, files: Files): Promise<Drawn> {
  return { outcome: await explain(error, job, files), bytes: new Uint8Array() };
}

/** What a process has from one job to the next. */
export interface DrawingTools {
  /** Pixels of originals as they came: what was mended is drawn without. */
  readonly kept?: KeptPixels | undefined;
  /** What sees faces; without it none is seen. */
  readonly network?: FaceNetwork | undefined;
}

interface DrawContext extends DrawingTools {
  /** The files before any was written anew. */
  readonly came: Files;
}

/**
 * Each component in turn, then the encoder. A single resize stays one pipeline from end to end. What pictures say in words
 * is read in the files as they came: those that were written anew are there for their pixels.
 */
async function draw(job: RenderJob, files: Files, { came, kept, network }: DrawContext): Promise<Drawn> {
  const { transform, format } = job;
  const { original } = files;
  const { picture: opened, timing } = await open(job, original, kept);
  let picture = await drawSteps(job, opened, files);
  if (transform.colourSpace === 'copy') checkStillStored(opened, picture);
  picture = await inChannelsOf(await readable(picture), format, transform);
  checkFinished({ size: picture.size, frames: picture.frames, format }, job.limits);
  if (job.output === 'description') return inWords(picture, await describe(job, finished(picture), came.original));
  if (job.output !== 'picture') return described(picture, { ...job, output: job.output }, network);
  const said = statementsOf(job, came.original, came.layers);
  const map = job.keepsGainMap ? await drawMap(mapQuestion(job, opened, files), came.original) : undefined;
  if (map !== undefined) return encodedWithMap(picture, { job, timing, said }, map);
  const own = job.maySendOwn && picture === opened ? ownCoding(job, original, said) : undefined;
  const drawn = await encoded(picture, { job, timing, said });
  return own === undefined ? drawn : unlessLarger(drawn, own, job.facts);
}

/** Each component in turn. */
async function drawSteps(job: RenderJob, opened: Picture, { layers }: Files): Promise<Picture> {
  const { transform, limits, facts, vectorFonts } = job;
  const context: ChainContext = { limits, start: opened.size, shares: undefined, layers, vectorFonts };
  // Faces are known as people see the picture; this one may lie as it is stored.
  const isAsStored = ignoresExif(transform);
  const faces = isAsStored ? seenTurned(job.faces, inverseTurn(turnOfOrientation[facts.orientation])) : job.faces;
  let shown: Shown = { picture: opened, faces };
  for (const component of transform.steps) {
    shown = await drawComponent(shown, component, context);
  }
  return shown.picture;
}

function mapQuestion(job: RenderJob, opened: Picture, files: Files): MapQuestion {
  return { ...job, opened, drawSteps: (picture) => drawSteps(job, picture, files) };
}

/** A JPEG in two: what every screen shows, and how much brighter some do. */
async function encodedWithMap(picture: Picture, toEncode: ToEncode, map: Buffer): Promise<Drawn> {
  const { said } = toEncode;
  const base = await encoded(picture, { ...toEncode, said: { ...said, xmp: packetWithMap(said.xmp, map.length) } });
  return { ...base, bytes: withMap(base.bytes, map) };
}

/** What is told of a picture in place of the picture. */
async function described(
  picture: Picture,
  { output, secondLook }: { output: 'thumbhash' | 'faces' } & Pick<RenderJob, 'secondLook'>,
  network: FaceNetwork | undefined,
): Promise<Drawn> {
  const { size, frames } = picture;
  const outcome = { outcome: 'drawn', ...size, frames } as const;
  if (output === 'thumbhash') return { outcome, bytes: await thumbHashOf(finished(picture)) };
  const faces = await lookForFaces(await rasterOf(picture), secondLook, network);
  return { outcome, bytes: Buffer.from(JSON.stringify(faces)) };
}

function inWords({ size, frames }: Picture, words: Described): Drawn {
  return { outcome: { outcome: 'drawn', ...size, frames }, bytes: Buffer.from(JSON.stringify(words)) };
}

interface ToEncode {
  readonly job: RenderJob;
  readonly timing: Timing | undefined;
  readonly said: Statements;
}

async function encoded(picture: Picture, toEncode: ToEncode): Promise<Drawn & { readonly bytes: Buffer }> {
  const { job, said } = toEncode;
  const { size, frames } = picture;
  const question = { ...job.transform, format: job.format };
  const { bytes, ...decided } = await decideQuality(picture, question, (sample, quality) =>
    write(sample, toEncode, { quality, palette: undefined }),
  );
  const { format, transform } = job;
  const written =
    transform.maxBytes !== undefined && isMeasured(format)
      ? await writeWithin({ format, maxBytes: transform.maxBytes }, decided, toEncode)
      : (bytes ?? (await writeInPalette(decided, toEncode)));
  return { outcome: { outcome: 'drawn', ...size, frames }, bytes: embed(written, format, said.embedded) };
}

async function writeInPalette({ picture, quality }: Omit<Decided, 'bytes'>, toEncode: ToEncode): Promise<Buffer> {
  const coloured = await withPalette(picture, toEncode.job);
  // Full colour first: the palette that a pipeline was asked for stays with it, and a clone copies all pixels.
  const plain = isDoubtful(coloured, toEncode.job.palette)
    ? await write(coloured.picture, toEncode, { quality, palette: undefined })
    : undefined;
  const written = await write(coloured.picture, toEncode, { quality, palette: coloured.palette });
  return plain !== undefined && plain.length < written.length ? plain : written;
}

/** As pixels, since it is written more than once. */
async function writeWithin(
  bound: Pick<Bound, 'format' | 'maxBytes'>,
  { picture, quality }: Omit<Decided, 'bytes'>,
  toEncode: ToEncode,
) {
  const pixels = pictureOf(await rasterOf(picture));
  return withinBytes({ ...bound, quality }, (tried) => write(pixels, toEncode, { quality: tried, palette: undefined }));
}

function write(
  picture: Picture,
  { job, timing, said }: ToEncode,
  chosen: Pick<EncodeOptions, 'quality' | 'palette'>,
): Promise<Buffer> {
  const { flags, steps } = job.transform;
  const keepsPalette = !steps.some(addsColours);
  const { size, frames } = picture;
  const moving = frames > 1 ? timing : undefined;
  return encode(withStatements(picture, job, said.xmp), job.format, {
    size,
    flags,
    timing: moving,
    keepsPalette,
    ...chosen,
  }).toBuffer();
}

/** The original's, with what is to be said in it; undefined where it may not be sent, or takes no words. */
function ownCoding(job: RenderJob, original: Buffer, { xmp, embedded }: Statements): Buffer | undefined {
  const { format } = job;
  if (format === 'avif' && xmp !== undefined) return undefined;
  const own = bareOriginal(job, original);
  return own && embed(own, format, { ...embedded, xmp: xmp ?? embedded.xmp });
}

/** The original's own coding where ours takes more bytes, or shows less of it: a PNG that moves. */
function unlessLarger(drawn: Drawn, own: Uint8Array, { frames }: Facts): Drawn {
  const { outcome, bytes } = drawn;
  if (outcome.outcome !== 'drawn' || (bytes.length <= own.length && outcome.frames === frames)) return drawn;
  return { outcome: { ...outcome, frames }, bytes: own };
}
