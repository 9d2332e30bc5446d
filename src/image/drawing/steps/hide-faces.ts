import sharp, { type Sharp } from 'sharp';
import type { Region } from '../../../grammar/index.ts';
import type { Box, Size } from '../../containers/facts.ts';
import { type Picture, pictureOf, rasterOf } from '../picture/picture.ts';
import { coloured, type Raster } from '../picture/raster.ts';

/** A face is found from the brows to the chin: so much more is hidden, as a share of it, on each side, above and below. */
const more = { side: 0.25, above: 0.45, below: 0.2 };

/** Whatever strength is asked for, a face is never less blurred than this share of its width: it is to be hidden. */
const leastDeviation = 1 / 6;
/** Nor is it ever more squares across than this. */
const mostSquares = 9;

/** 1–2000: as `e_blur`, of nothing but faces, with soft edges; of an animation, where its first frame has them. */
export async function blurFaces(picture: Picture, faces: readonly Region[], strength: number): Promise<Picture> {
  return hide(picture, faces, (part, { width }) => part.blur(Math.max(0.3 + strength / 40, width * leastDeviation)));
}

/** 1–200: the side of a square in pixels, each of its mean colour. */
export async function pixelateFaces(picture: Picture, faces: readonly Region[], squareSide: number): Promise<Picture> {
  return hide(picture, faces, async (part, { width, height }) => {
    const side = Math.max(squareSide, Math.ceil(width / mostSquares));
    const [across, down] = [Math.max(1, Math.round(width / side)), Math.max(1, Math.round(height / side))];
    const { data, info } = await part.resize(across, down, { fit: 'fill' }).raw().toBuffer({ resolveWithObject: true });
    const raw = { width: across, height: down, channels: info.channels };
    return sharp(data, { raw }).resize(width, height, { fit: 'fill', kernel: 'nearest' });
  });
}

type Hide = (part: Sharp, size: Size) => Sharp | Promise<Sharp>;

async function hide(picture: Picture, faces: readonly Region[], work: Hide): Promise<Picture> {
  if (faces.length === 0) return picture;
  const raster = coloured(await rasterOf(picture));
  const hidden: Raster = { ...raster, data: Buffer.from(raster.data) };
  for (let frame = 0; frame < raster.frames; frame += 1) {
    for (const face of faces) await hideIn(hidden, { frame, box: boxOf(face, raster.size), work });
  }
  return pictureOf(hidden);
}

function boxOf({ x, y, width, height }: Region, size: Size): Box {
  const [left, right] = [x - width * more.side, x + width * (1 + more.side)].map((share) => pixel(share, size.width));
  const [top, bottom] = [y - height * more.above, y + height * (1 + more.below)].map((share) =>
    pixel(share, size.height),
  );
  const box = { left: Math.min(left ?? 0, size.width - 1), top: Math.min(top ?? 0, size.height - 1) };
  return { ...box, width: Math.max(1, (right ?? 0) - box.left), height: Math.max(1, (bottom ?? 0) - box.top) };
}

function pixel(share: number, length: number): number {
  return Math.min(length, Math.max(0, Math.round(share * length)));
}

interface Hiding {
  readonly frame: number;
  readonly box: Box;
  readonly work: Hide;
}

/** What is hidden is an oval with soft edges, mixed into the pixels as they are. */
async function hideIn({ data, size, channels }: Raster, { frame, box, work }: Hiding): Promise<void> {
  const frameBytes = size.width * size.height * channels;
  const pixels = data.subarray(frame * frameBytes, (frame + 1) * frameBytes);
  const part = sharp(pixels, { raw: { ...size, channels }, limitInputPixels: false }).extract(box);
  const alone = await part.raw().toBuffer();
  const raw = { width: box.width, height: box.height, channels };
  const other = await (await work(sharp(alone, { raw }), box)).raw().toBuffer();
  for (let y = 0; y < box.height; y += 1) {
    for (let x = 0; x < box.width; x += 1) {
      const share = coverage((x + 0.5) / box.width, (y + 0.5) / box.height);
      const from = (y * box.width + x) * channels;
      const to = ((box.top + y) * size.width + box.left + x) * channels;
      for (let channel = 0; channel < channels && share > 0; channel += 1) {
        const own = pixels[to + channel] ?? 0;
        pixels[to + channel] = Math.round(own + ((other[from + channel] ?? 0) - own) * share);
      }
    }
  }
}

/** 1 within an oval that touches the sides, falling to 0 in the last tenth. */
function coverage(x: number, y: number): number {
  const distance = Math.hypot(x * 2 - 1, y * 2 - 1);
  return Math.min(1, Math.max(0, (1 - distance) / 0.1));
}
