import sharp from 'sharp';
import { layout } from '../../../grammar/index.ts';
import type { Facts, GainMapFacts, Size } from '../../containers/facts.ts';
import type { RenderJob } from '../../protocol/job.ts';
import { finished, type Picture } from '../picture/picture.ts';
import { resize } from '../picture/resize.ts';
import { turnedSize } from '../picture/turn.ts';
import { gainsOf } from './gains.ts';
import { withGains } from './with-map.ts';

/** A map is smooth, and what is lost of it shows as light: near the best that is still small. */
const quality = 88;

export interface MapQuestion extends Pick<RenderJob, 'facts' | 'transform'> {
  /** The base as it was opened. */
  readonly opened: Picture;
  /** Does to a picture what is done to the base. */
  drawSteps(picture: Picture): Promise<Picture>;
}

/**
 * The map of a picture, with all that was done to its base: they lie over each other by shares of their sides, whatever their
 * pixels. Undefined where the file does not say what its map means.
 */
export async function drawMap(question: MapQuestion, original: Buffer): Promise<Buffer | undefined> {
  const { facts, opened } = question;
  const { gainMap } = facts;
  if (gainMap === undefined) return undefined;
  const file = original.subarray(gainMap.start, gainMap.end);
  const gains = gainsOf(file);
  if (gains === undefined) return undefined;
  const begun = begin(question, file, gainMap);
  const drawn = await question.drawSteps(
    isScaledFirst(question) ? begun : await resize(sizedAs(begun, gainMap.facts), opened.size),
  );
  const map = finished(await resize(drawn, mapSize(facts, gainMap.facts, drawn.size)));
  const inColours = gainMap.facts.colour !== 'gray';
  const jpeg = inColours
    ? map.jpeg({ quality, chromaSubsampling: '4:4:4' })
    : map.toColourspace('b-w').jpeg({ quality, quantisationTable: 3 });
  return withGains(await jpeg.toBuffer(), gains);
}

/** In the base's size: whatever is scaled first comes to the same size from any other. */
function begin({ opened }: MapQuestion, file: Buffer, { facts }: GainMapFacts): Picture {
  return {
    pipeline: sharp(file, { ignoreIcc: true }),
    stage: 'opened',
    turn: opened.turn,
    size: opened.size,
    frames: 1,
    hasAlpha: false,
    numbers: facts.colour === 'gray' ? 'gray' : 'srgb',
    scalesFrames: false,
  };
}

function sizedAs(picture: Picture, { stored }: Facts): Picture {
  return { ...picture, size: turnedSize(stored, picture.turn) };
}

/** Whether the first thing that is done to pixels makes them fewer: a cut would be one in the base's pixels. */
function isScaledFirst({ transform, opened }: MapQuestion): boolean {
  const [first] = transform.steps;
  if (first === undefined || first.angle !== undefined) return false;
  const { scaled } = layout(first, opened.size, { original: opened.size });
  return scaled.width < opened.size.width && scaled.height < opened.size.height;
}

/** As many of its pixels for each of the base's as the original has. */
function mapSize({ stored }: Facts, map: Facts, drawn: Size): Size {
  const share = map.stored.width / stored.width;
  const side = (length: number) => Math.max(1, Math.round(length * share));
  return { width: side(drawn.width), height: side(drawn.height) };
}
