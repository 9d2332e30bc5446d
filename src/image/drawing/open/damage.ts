import sharp from 'sharp';
import { Failure } from '../../../failure.ts';
import type { Facts, Size } from '../../containers/facts.ts';
import type { DrawOutcome } from '../../protocol/answer.ts';
import type { RenderJob } from '../../protocol/job.ts';
import { finished } from '../picture/picture.ts';
import { bmpAsTiff, iconAsOther } from './bmp/decode.ts';
import type { Files, LayerFiles } from './files.ts';
import { heicAsTiff } from './heic/decode.ts';
import { jxlAsPng } from './jxl/decode.ts';
import { mended, mostAttempts } from './mend/mend.ts';
import { open } from './open.ts';
import { drawSvg } from './svg/draw.ts';

/**
 * sharp tells what went wrong only in words. So the original is decoded once more, alone: when that fails too, the
 * picture is at fault, otherwise we are.
 */
export async function explain(error: unknown, job: RenderJob, { original, layers }: Files): Promise<DrawOutcome> {
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

/** As a file that sharp reads. */
function readable(original: Buffer, facts: Facts): Buffer {
  switch (facts.format) {
    case 'heic':
      return heicAsTiff(original, facts);
    case 'jxl':
      return jxlAsPng(original, facts);
    case 'bmp':
      return bmpAsTiff(original, facts);
    case 'vnd.microsoft.icon':
      return iconAsOther(original).file;
    default:
      return original;
  }
}

/** Whether lines can be drawn without letters. */
async function findUndrawn(original: Buffer, facts: Facts): Promise<undefined> {
  await drawSvg(original, { facts, size: facts.size, fonts: undefined });
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
    if (facts.format === 'svg+xml') return await findUndrawn(original, facts);
    const file = readable(original, facts);
    const { width, height, pageHeight } = await sharp(file, options).metadata();
    await sharp(file, options).extractChannel(0).raw().toBuffer();
    const decoded = { width, height: pageHeight ?? height };
    const isAsDeclared = [facts.stored, facts.size].some((size) => isSameSize(size, decoded));
    return isAsDeclared ? undefined : 'The original is damaged: its header and its pixels differ in size.';
  } catch {
    return 'The original does not decode: its data are damaged.';
  }
}
