import { type Picture, readyFor } from '../picture/picture.ts';

/** 0–100 per cent: multiplies what transparency there is. */
export async function applyOpacity(picture: Picture, opacity: number): Promise<Picture> {
  if (opacity === 100) return picture;
  const ready = await readyFor(picture, 'composited');
  const pipeline = ready.pipeline.composite([
    {
      input: Buffer.from([255, Math.round(opacity * 2.55)]),
      raw: { width: 1, height: 1, channels: 2 },
      tile: true,
      blend: 'dest-in',
    },
  ]);
  return { ...ready, pipeline, stage: 'composited', hasAlpha: true };
}
