import { idOf, pathOf, stepOf } from './model.ts';

/** What is known of an original, as `POST /-/info` tells it. */
export interface Info {
  readonly key: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly placeholder: string;
  readonly dominantColour?: string;
  readonly alt?: string;
}

/** What one `<img>`, or one `<source>`, says of a picture. */
export interface Candidates {
  readonly src: string;
  readonly srcset: string;
  /** Of the box: they give its shape before anything has come. */
  readonly width: number;
  readonly height: number;
}

export interface Shape {
  /** Width to height. */
  readonly ratio: readonly [number, number];
  readonly step: string;
  readonly widths: readonly number[];
}

/** The widths are of the ladder that unsigned URLs are held to. */
export const shapes = {
  wide: { ratio: [21, 9], step: 'ar_21:9,c_fill,g_auto', widths: [640, 1080, 1920, 2048] },
  tall: { ratio: [4, 5], step: 'ar_4:5,c_fill,g_auto', widths: [384, 640, 1080] },
  card: { ratio: [3, 2], step: 'ar_3:2,c_fill,g_auto', widths: [256, 384, 640, 1080] },
  face: { ratio: [1, 1], step: 'ar_1:1,c_thumb,g_face', widths: [64, 128, 256] },
} as const satisfies Readonly<Record<string, Shape>>;

/** A picture in a shape, in as many widths as its original has pixels for. */
export function candidatesOf({ key, width, height }: Info, { ratio: [across, down], step, widths }: Shape): Candidates {
  const most = Math.min(width, (height * across) / down);
  const [smallest = 0] = widths;
  const fitting = widths.filter((one) => one <= most || one === smallest);
  const largest = fitting.at(-1) ?? smallest;
  return {
    src: addressOf(key, `${step},w_${largest}`),
    srcset: fitting.map((one) => `${addressOf(key, `${step},w_${one}`)} ${one}w`).join(', '),
    width: largest,
    height: Math.round((largest * down) / across),
  };
}

function addressOf(key: string, step: string): string {
  return pathOf({ steps: [step, 'f_auto,q_auto'].map(stepOf), id: idOf(key) });
}

/** The same picture as a JPEG of the quality that programs take where nobody says any. */
export function asUsualJpeg(path: string): string {
  return path.replace('/f_auto,q_auto/', '/f_jpg,q_80/');
}

/** Describes originals, each for whoever may see it; those that are not told of are left out. */
export async function describeAll(keys: readonly string[], token: string): Promise<readonly Info[]> {
  const headers = { 'Content-Type': 'application/json', ...(token !== '' && { Authorization: `Bearer ${token}` }) };
  const answer = await fetch('/-/info', { method: 'POST', headers, body: JSON.stringify({ keys }) });
  if (!answer.ok) return [];
  const lines = (await answer.text()).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line)).filter((line) => line.width !== undefined);
}
