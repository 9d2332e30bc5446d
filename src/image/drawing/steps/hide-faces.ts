import sharp, { type Sharp } from 'sharp';
import type { Region } from '../../../grammar/index.ts';
import type { Box, Size } from '../../containers/facts.ts';
import { type Picture, pictureOf, rasterOf } from '../picture/picture.ts';
import { coloured, type Raster } from '../picture/raster.ts';
import { deviationOf } from './deviation.ts';

/** A face is found from the brows to the chin: so much more is hidden, as a share of it, on each side, above and below. */
const more = { side: 0.25, above: 0.45, below: 0.2 };

/** Whatever strength is asked for, a face is never less blurred than this share of its width: it is to be hidden. */
const leastDeviation = 1 / 6;
/** Nor is it ever more squares across than this. */
const mostSquares = 9;

/** 1–2000: as `e_blur`, of nothing but faces, with soft edges; of an animation, where its first frame has them. */
export async function blurFaces(picture: Picture, faces: readonly Region[], strength: number): Promise<Picture> {
  return hide(picture, faces, (part, { box, oval }) =>
    blurred(part, box, Math.max(deviationOf(strength), oval.width * leastDeviation)),
  );
}

/** A blur takes as long as it is wide; one that is wider than this is taken of a smaller picture, and looks the same. */
const widestDeviation = 6;

export async function blurred(part: Sharp, { width, height }: Size, deviation: number): Promise<Sharp> {
  const shrink = Math.max(1, deviation / widestDeviation);
  const [across, down] = [width, height].map((length) => Math.max(1, Math.round(length / shrink)));
  const { data, info } = await part
    .resize(across, down, { fit: 'fill' })
    .blur(deviation / shrink)
    .raw()
    .toBuffer({ resolveWithObject: true });
  const raw = { width: info.width, height: info.height, channels: info.channels };
  return sharp(data, { raw }).resize(width, height, { fit: 'fill' });
}

/** 1–200: the side of a square in pixels, each of its mean colour. */
export async function pixelateFaces(picture: Picture, faces: readonly Region[], squareSide: number): Promise<Picture> {
  return hide(picture, faces, async (part, { box: { width, height }, oval }) => {
    const side = Math.max(squareSide, Math.ceil(oval.width / mostSquares));
    return squares(part, { width, height }, side);
  });
}

export async function squares(part: Sharp, { width, height }: Size, side: number): Promise<Sharp> {
  const [across, down] = [Math.max(1, Math.round(width / side)), Math.max(1, Math.round(height / side))];
  const { data, info } = await part.resize(across, down, { fit: 'fill' }).raw().toBuffer({ resolveWithObject: true });
  const raw = { width: across, height: down, channels: info.channels };
  return sharp(data, { raw }).resize(width, height, { fit: 'fill', kernel: 'nearest' });
}

/** Where a head is, in pixels. */
interface Place {
  /** As much of it as is in the picture. */
  readonly box: Box;
  /** All of it, wherever that is. */
  readonly oval: Box;
}

type Hide = (part: Sharp, place: Place) => Sharp | Promise<Sharp>;

async function hide(picture: Picture, faces: readonly Region[], work: Hide): Promise<Picture> {
  if (faces.length === 0) return picture;
  const raster = coloured(await rasterOf(picture));
  const hidden: Raster = { ...raster, data: Buffer.from(raster.data) };
  for (let frame = 0; frame < raster.frames; frame += 1) {
    for (const face of faces) {
      const place = placeOf(face, raster.size);
      await changeIn(hidden, { ...place, frame, change: (part) => work(part, place) });
    }
  }
  return pictureOf(hidden);
}

function placeOf({ x, y, width, height }: Region, size: Size): Place {
  const oval = {
    left: (x - width * more.side) * size.width,
    top: (y - height * more.above) * size.height,
    width: width * (1 + 2 * more.side) * size.width,
    height: height * (1 + more.above + more.below) * size.height,
  };
  const [left, top] = [pixel(oval.left, size.width - 1), pixel(oval.top, size.height - 1)];
  const [right, bottom] = [pixel(oval.left + oval.width, size.width), pixel(oval.top + oval.height, size.height)];
  return { oval, box: { left, top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) } };
}

export function pixel(value: number, most: number): number {
  return Math.min(most, Math.max(0, Math.round(value)));
}

interface Change {
  readonly frame: number;
  readonly box: Box;
  /** As much of the box as is changed, with soft edges; undefined: all of it. */
  readonly oval: Box | undefined;
  readonly change: (part: Sharp) => Sharp | Promise<Sharp>;
}

/** Mixes what a part is changed to into the pixels as they are. */
export async function changeIn({ data, size, channels }: Raster, { frame, box, oval, change }: Change): Promise<void> {
  const frameBytes = size.width * size.height * channels;
  const pixels = data.subarray(frame * frameBytes, (frame + 1) * frameBytes);
  const part = sharp(pixels, { raw: { ...size, channels }, limitInputPixels: false }).extract(box);
  const alone = await part.raw().toBuffer();
  const raw = { width: box.width, height: box.height, channels };
  const other = await (await change(sharp(alone, { raw }))).raw().toBuffer();
  for (let y = 0; y < box.height; y += 1) {
    for (let x = 0; x < box.width; x += 1) {
      const share = oval === undefined ? 1 : coverage(box.left + x + 0.5, box.top + y + 0.5, oval);
      const from = (y * box.width + x) * channels;
      const to = ((box.top + y) * size.width + box.left + x) * channels;
      for (let channel = 0; channel < channels && share > 0; channel += 1) {
        const own = pixels[to + channel] ?? 0;
        pixels[to + channel] = Math.round(own + ((other[from + channel] ?? 0) - own) * share);
      }
    }
  }
}

/** 1 within an oval, falling to 0 in its last tenth. */
function coverage(x: number, y: number, { left, top, width, height }: Box): number {
  const distance = Math.hypot(((x - left) / width) * 2 - 1, ((y - top) / height) * 2 - 1);
  return Math.min(1, Math.max(0, (1 - distance) / 0.1));
}
