import sharp from 'sharp';
import { Failure } from '../failure.ts';
import type { LayerFiles } from './chain-context.ts';
import { drawComponent } from './component.ts';
import { encode } from './encode.ts';
import { checkStillStored, inChannelsOf, withStatements } from './finish.ts';
import type { DrawOutcome, RenderJob } from './job.ts';
import { checkFinished } from './limits.ts';
import { open } from './open.ts';
import { finished } from './picture.ts';
import { decideQuality } from './quality/decide.ts';
import { thumbHashOf } from './thumb-hash.ts';

/** What a render comes to, and the bytes of its picture. */
export interface Drawn {
  readonly outcome: DrawOutcome;
  readonly bytes: Uint8Array;
}

/** Draws a job and tells apart what a picture can do wrong from what we did. */
export async function drawSafely(job: RenderJob, payload: Buffer): Promise<Drawn> {
  const original = payload.subarray(0, job.originalBytes);
  try {
    return await draw(job, original, layerFiles(job, payload));
  } catch (error) {
    return { outcome: await explain(error, job, payload), bytes: new Uint8Array() };
  }
}

/** The pictures of layers lie behind the original, one after the other. */
function layerFiles(job: RenderJob, payload: Buffer): LayerFiles {
  let at = job.originalBytes;
  return new Map(
    job.layers.map(({ id, bytes, facts }) => {
      at += bytes;
      return [id, { facts, file: payload.subarray(at - bytes, at) }];
    }),
  );
}

/** Each component in turn, then the encoder. A single resize stays one pipeline from end to end. */
async function draw(job: RenderJob, original: Buffer, layers: LayerFiles): Promise<Drawn> {
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
  picture = await inChannelsOf(picture, format, transform);
  checkFinished(picture.size, picture.frames, format, job.limits);
  if (job.output === 'thumbhash') {
    const { size, frames } = picture;
    return { outcome: { outcome: 'drawn', ...size, frames }, bytes: await thumbHashOf(finished(picture)) };
  }
  const decided = await decideQuality(picture, format, transform);
  const stating = await withStatements(decided.picture, job);
  const pipeline = encode(stating, format, { flags: transform.flags, quality: decided.quality, timing });
  const bytes = await pipeline.toBuffer();
  const { size, frames } = picture;
  return { outcome: { outcome: 'drawn', ...size, frames }, bytes };
}

/**
 * sharp tells what went wrong only in words. So the original is decoded once more, alone: when that fails too, the
 * picture is at fault, otherwise we are.
 */
async function explain(error: unknown, job: RenderJob, payload: Buffer): Promise<DrawOutcome> {
  const original = payload.subarray(0, job.originalBytes);
  if (error instanceof Failure) {
    const { kind, message } = error;
    if (kind === 'too_large' || kind === 'unsupported' || kind === 'corrupt' || kind === 'invalid') {
      return { outcome: 'failed', kind, message };
    }
  }
  const damage =
    (await findDamage(original, { ...job, page: job.transform.page })) ?? (await findDamagedLayer(job, payload));
  if (damage !== undefined) return { outcome: 'failed', kind: 'corrupt', message: damage };
  return {
    outcome: 'bug',
    message: (error instanceof Error ? (error.stack ?? error.message) : String(error)).slice(0, 4_000),
  };
}

async function findDamagedLayer(job: RenderJob, payload: Buffer): Promise<string | undefined> {
  for (const { facts, file } of layerFiles(job, payload).values()) {
    if (await findDamage(file, { facts, frames: 1, limits: job.limits })) return "A layer's picture does not decode.";
  }
  return undefined;
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
    const isAsDeclared = width === facts.stored.width && (pageHeight ?? height) === facts.stored.height;
    return isAsDeclared ? undefined : 'The original is damaged: its header and its pixels differ in size.';
  } catch {
    return 'The original does not decode: its data are damaged.';
  }
}
