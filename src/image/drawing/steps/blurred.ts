import sharp, { type Sharp } from 'sharp';
import type { Background, Canvas } from '../../../grammar/index.ts';
import type { Size } from '../../containers/facts.ts';
import { eachFrame, type Picture } from '../picture/picture.ts';
import { deviationOf } from './deviation.ts';

type Blurred = Extract<Background, { kind: 'blurred' }>;

/** Lays the picture on a blurred copy of itself that covers the canvas. */
export async function layOnBlurred(picture: Picture, canvas: Canvas, background: Blurred): Promise<Picture> {
  const laid = await eachFrame(picture, (frame) => onBlurred(frame, { picture: picture.size, canvas, background }));
  return { ...laid, hasAlpha: picture.hasAlpha };
}

interface Laying {
  readonly picture: Size;
  readonly canvas: Canvas;
  readonly background: Blurred;
}

async function onBlurred(frame: Sharp, { picture, canvas, background }: Laying): Promise<Sharp> {
  const { data, info } = await frame.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const raw = { ...picture, channels: info.channels };
  const light = lightOf(background.brightness);
  // Only the colours: transparency is not made lighter.
  const factors = Array.from({ length: info.channels }, (_, channel) =>
    info.channels % 2 === 0 && channel === info.channels - 1 ? 1 : light,
  );
  const behind = await sharp(data, { raw, limitInputPixels: false })
    .resize(canvas.width, canvas.height, { fit: 'cover' })
    .blur(deviationOf(background.intensity))
    .linear(
      factors,
      factors.map(() => 0),
    )
    .raw({ depth: 'uchar' })
    .toBuffer();
  // In a pipeline of its own: sharp would put the picture on first and then make both lighter.
  return sharp(behind, {
    raw: { width: canvas.width, height: canvas.height, channels: info.channels },
    limitInputPixels: false,
  }).composite([{ input: data, raw, left: canvas.left, top: canvas.top }]);
}

/** −300 is black, 0 as it was, 100 twice as bright. */
function lightOf(brightness: number): number {
  return brightness < 0 ? 1 + brightness / 300 : 1 + brightness / 100;
}
