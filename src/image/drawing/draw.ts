import sharp from 'sharp';
import { Failure } from '../../failure.ts';
import type { Facts, Size } from '../formats/facts.ts';
import type { DrawOutcome } from '../protocol/answer.ts';
import type { RenderJob } from '../protocol/job.ts';
import { checkFinished } from '../protocol/output-limits.ts';
import { bareOriginal } from './bare/bare.ts';
import type { LayerFiles } from './chain-context.ts';
import { addsColours, drawComponent } from './component.ts';
import { encode, type Timing } from './encode.ts';
import { checkStillStored, inChannelsOf, withStatements } from './finish.ts';
import { mended, mostAttempts, putPlainly } from './mend/mend.ts';
import { embed } from './metadata/embed.ts';
import { type Statements, statementsOf } from './metadata/statements.ts';
import { open } from './open.ts';
import { isDoubtful, type Palette, withPalette } from './palette.ts';
import { finished, type Picture, readable } from './picture.ts';
import { decideQuality } from './quality/decide.ts';
import { thumbHashOf } from './thumb-hash.ts';

/** What a render comes to, and the bytes of its picture. */
export interface Drawn {
  readonly outcome: DrawOutcome;
  readonly bytes: Uint8Array;
}

/** The pictures that a job brings. */
interface Files {
  readonly original: Buffer;
  readonly layers: LayerFiles;
}

/** Draws a job and tells apart what a picture can do wrong from what we did. */
export async function drawSafely(job: RenderJob, payload: Buffer): Promise<Drawn> {
  const came = filesOf(job, payload);
  let files = came;
  try {
    files = asMeant(job, came);
    return await draw(job, files, came);
  } catch (error) {
    const drawn = error instanceof Failure ? undefined : await drawMended(job, files, came);
    return drawn ?? failed(error, job, files);
  }
}

/** What a decoder refused, drawn from files mended for it; undefined where that does not help. */
async function drawMended(job: RenderJob, files: Files, came: Files): Promise<Drawn | undefined> {
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const whole = eachFile(job, files, (file, { format }) => mended(file, format, attempt));
    if (whole === undefined) continue;
    try {
      return await draw(job, whole, came);
    } catch (error) {
      if (error instanceof Failure) return failed(error, job, whole);
    }
  }
  return undefined;
}

async function failed(error: unknown, job: RenderJob, files: Files): Promise<Drawn> {
  return { outcome: await explain(error, job, files), bytes: new Uint8Array() };
}

/** The original lies first, the pictures of layers behind it, one after the other. */
function filesOf(job: RenderJob, payload: Buffer): Files {
  let at = job.originalBytes;
  const layers = job.layers.map(({ id, bytes, facts }) => {
    at += bytes;
    return [id, { facts, file: payload.subarray(at - bytes, at) }] as const;
  });
  return { original: payload.subarray(0, job.originalBytes), layers: new Map(layers) };
}

/** Files that a decoder would draw otherwise than they are meant say it as it reads them. */
function asMeant(job: RenderJob, files: Files): Files {
  return eachFile(job, files, putPlainly) ?? files;
}

/** The files with another in place of those that there is another for; undefined when there is none. */
function eachFile(
  { facts }: RenderJob,
  { original, layers }: Files,
  otherOf: (file: Buffer, facts: Facts) => Buffer | undefined,
): Files | undefined {
  const other = otherOf(original, facts);
  const otherLayers = [...layers].flatMap(([id, layer]) => {
    const file = otherOf(layer.file, layer.facts);
    return file === undefined ? [] : [[id, { ...layer, file }] as const];
  });
  if (other === undefined && otherLayers.length === 0) return undefined;
  return { original: other ?? original, layers: new Map([...layers, ...otherLayers]) };
}

/**
 * Each component in turn, then the encoder. A single resize stays one pipeline from end to end. What pictures say in words
 * is read in the files as they came: those that were written anew are there for their pixels.
 */
async function draw(job: RenderJob, { original, layers }: Files, came: Files): Promise<Drawn> {
  const { transform, format } = job;
  const { picture: opened, timing } = await open(job, original);
  let picture = opened;
  for (const component of transform.steps) {
    picture = await drawComponent(picture, component, {
      limits: job.limits,
      start: opened.size,
      shares: undefined,
      layers,
    });
  }
  if (transform.colourSpace === 'copy') checkStillStored(opened, picture);
  picture = await inChannelsOf(await readable(picture), format, transform);
  checkFinished({ size: picture.size, frames: picture.frames, format }, job.limits);
  if (job.output === 'thumbhash') {
    const { size, frames } = picture;
    return { outcome: { outcome: 'drawn', ...size, frames }, bytes: await thumbHashOf(finished(picture)) };
  }
  const said = statementsOf(job, came.original, came.layers);
  const own = job.maySendOwn && picture === opened ? ownCoding(job, original, said) : undefined;
  const drawn = await encoded(picture, { job, timing, said });
  return own === undefined ? drawn : unlessLarger(drawn, own, job.facts);
}

interface ToEncode {
  readonly job: RenderJob;
  readonly timing: Timing | undefined;
  readonly said: Statements;
}

async function encoded(picture: Picture, { job, timing, said }: ToEncode): Promise<Drawn> {
  const { transform, format } = job;
  const decided = await decideQuality(picture, format, transform);
  const coloured = await withPalette(decided.picture, job);
  const write = (palette: Palette | undefined) => {
    const { flags, steps } = transform;
    const keepsPalette = !steps.some(addsColours);
    const stating = withStatements(coloured.picture, job, said.xmp);
    return encode(stating, format, { flags, quality: decided.quality, timing, keepsPalette, palette }).toBuffer();
  };
  // Full colour first: the palette that a pipeline was asked for stays with it, and a clone copies all pixels.
  const plain = isDoubtful(coloured, job.palette) ? await write(undefined) : undefined;
  const written = await write(coloured.palette);
  const { size, frames } = picture;
  const bytes = embed(plain !== undefined && plain.length < written.length ? plain : written, format, said.embedded);
  return { outcome: { outcome: 'drawn', ...size, frames }, bytes };
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

/**
 * sharp tells what went wrong only in words. So the original is decoded once more, alone: when that fails too, the
 * picture is at fault, otherwise we are.
 */
async function explain(error: unknown, job: RenderJob, { original, layers }: Files): Promise<DrawOutcome> {
  if (error instanceof Failure) {
    const { kind, message } = error;
    if (kind === 'too_large' || kind === 'unsupported' || kind === 'corrupt' || kind === 'invalid') {
      return { outcome: 'failed', fault: 'picture', kind, message };
    }
  }
  const damage = await findDamage(original, { ...job, page: job.transform.page });
  if (damage !== undefined) {
    const fault = (await opens(job, original)) ? 'picture' : 'original';
    return { outcome: 'failed', fault, kind: 'corrupt', message: damage };
  }
  const ofLayer = await findDamagedLayer(job, layers);
  if (ofLayer !== undefined) return { outcome: 'failed', fault: 'picture', kind: 'corrupt', message: ofLayer };
  return {
    outcome: 'bug',
    message: (error instanceof Error ? (error.stack ?? error.message) : String(error)).slice(0, 4_000),
  };
}

/** Whether its pixels can be had in any of the ways that there are: then something else failed, and other pictures may not. */
async function opens({ facts, transform, frames, limits }: RenderJob, original: Buffer): Promise<boolean> {
  const untouched = { ...transform, steps: [], colourSpace: undefined };
  const ways = Array.from({ length: mostAttempts }, (_, attempt) => () => mended(original, facts.format, attempt));
  for (const file of [() => original, ...ways]) {
    try {
      const whole = file();
      if (whole === undefined) continue;
      const { picture } = await open({ facts, transform: untouched, frames, limits }, whole);
      await finished(picture).raw().toBuffer();
      return true;
    } catch {
      // The next way.
    }
  }
  return false;
}

async function findDamagedLayer({ limits }: RenderJob, layers: LayerFiles): Promise<string | undefined> {
  for (const { facts, file } of layers.values()) {
    if (await findDamage(file, { facts, frames: 1, limits })) return "A layer's picture does not decode.";
  }
  return undefined;
}

function isSameSize(one: Size, other: Size): boolean {
  return one.width === other.width && one.height === other.height;
}

/** What is wrong with an original when it is decoded and nothing else; undefined when nothing is. */
async function findDamage(
  original: Buffer,
  {
    facts,
    frames,
    limits,
    page,
  }: Pick<RenderJob, 'facts' | 'frames' | 'limits'> & { readonly page?: number | undefined },
): Promise<string | undefined> {
  const options = {
    limitInputPixels: limits.maxInputPixels,
    ...(frames > 1 ? { animated: true } : {}),
    ...(page === undefined ? {} : { page: page - 1 }),
  };
  try {
    const { width, height, pageHeight } = await sharp(original, options).metadata();
    await sharp(original, options).extractChannel(0).raw().toBuffer();
    const decoded = { width, height: pageHeight ?? height };
    const isAsDeclared = [facts.stored, facts.size].some((size) => isSameSize(size, decoded));
    return isAsDeclared ? undefined : 'The original is damaged: its header and its pixels differ in size.';
  } catch {
    return 'The original does not decode: its data are damaged.';
  }
}
