import type { Pixels } from '../src/image/drawing/write/quality/likeness/colours.ts';
import { scoreBetween } from '../src/image/drawing/write/quality/likeness/ssimulacra2.ts';

/** A picture, and the same without any loss. */
export interface ScoreQuestion {
  readonly id: number;
  readonly reference: Blob;
  readonly blob: Blob;
}

export interface ScoreAnswer {
  readonly id: number;
  /** Undefined where the two cannot be compared. */
  readonly score: number | undefined;
}

/** Beyond it a score takes seconds and hundreds of megabytes. */
const mostPixels = 4_000_000;

/** Off the page's own thread, which goes on while it is reckoned: by the program that the server chooses qualities by. */
addEventListener('message', async ({ data: { id, reference, blob } }: MessageEvent<ScoreQuestion>) => {
  const score = await scoreOf(reference, blob).catch(() => undefined);
  postMessage({ id, score } satisfies ScoreAnswer);
});

async function scoreOf(reference: Blob, blob: Blob): Promise<number | undefined> {
  const [before, after] = [await pixelsOf(reference), await pixelsOf(blob)];
  if (before === undefined || after === undefined) return undefined;
  if (before.width !== after.width || before.height !== after.height) return undefined;
  return scoreBetween(before, after);
}

/** On white, as pages show what is clear. */
async function pixelsOf(blob: Blob): Promise<Pixels | undefined> {
  const bitmap = await createImageBitmap(blob);
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (context === null || width * height > mostPixels) return undefined;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) rgb.set(data.subarray(from, from + 3), to);
  return { data: rgb, width, height };
}
