import sharp from 'sharp';
import { type Face, type Faces, mostFaces, type SecondLook } from '../../protocol/faces.ts';
import type { Raster } from '../picture/raster.ts';
import type { FaceNetwork } from './model.ts';
import type { Network } from './network.ts';

/** Pixels of a side of the square that the network looks at. */
const side = 256;

/**
 * Nothing else was taken for a face at this score in the photographs it was tried with (bench/README.md). Parts are four
 * times as many chances to be wrong, and were, for a dog, a ladybird and a motorcycle, at 0.72 to 0.76.
 */
const [leastScore, leastScoreOfParts] = [0.65, 0.78];
/** Two boxes that share so much of the smaller one show one face. */
const mostShared = 0.4;
/** Round a picture that is no square, and behind one that is not opaque. */
const grey = { r: 128, g: 128, b: 128 };

/** A part of a picture, in pixels. */
interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What is seen of the faces in a picture, of an animation in its first frame. */
export async function lookForFaces(
  raster: Raster,
  secondLook: SecondLook,
  network: FaceNetwork | undefined,
): Promise<Faces> {
  if (network === undefined) return { faces: [], small: undefined };
  const picture = { ...raster, data: raster.data.subarray(0, raster.data.length / raster.frames), frames: 1 };
  const faces = await facesIn(picture, network());
  if (secondLook === 'never' || (secondLook === 'if-none' && faces.length > 0)) return { faces, small: undefined };
  return { faces, small: othersThan(faces, await smallFacesIn(picture, network())) };
}

/** Those of the second look that are no parts of what was seen at the first. */
function othersThan(faces: readonly Face[], found: readonly Face[]): readonly Face[] {
  const others = found.filter((face) => !faces.some((other) => shared(face, other) > mostShared));
  return others.slice(0, mostFaces - faces.length);
}

/** Faces that are seen at one glance at a picture, the surest first. */
export async function facesIn(raster: Raster, network: Network): Promise<readonly Face[]> {
  const { width, height } = raster.size;
  return distinct(await facesWithin(raster, { left: 0, top: 0, width, height }, network));
}

/** Those that are seen part by part, smaller ones too. */
export async function smallFacesIn(raster: Raster, network: Network): Promise<readonly Face[]> {
  const found: Face[] = [];
  for (const part of partsOf(raster.size)) found.push(...(await facesWithin(raster, part, network)));
  return distinct(found.filter(({ score }) => score >= leastScoreOfParts));
}

/** How much of a side a part has, so that the middle of each side lies in two. */
const partShares: Readonly<Record<number, number>> = { 1: 1, 2: 0.6, 4: 0.32 };

/** Two by two, or four beside each other of what is long and narrow. */
function partsOf({ width, height }: Raster['size']): readonly Window[] {
  const [columns, rows] = width > 2.5 * height ? [4, 1] : height > 2.5 * width ? [1, 4] : [2, 2];
  return along(height, rows).flatMap(([top, tall]) =>
    along(width, columns).map(([left, wide]) => ({ left, top, width: wide, height: tall })),
  );
}

/** Where each part of a side begins, and how long it is. */
function along(length: number, parts: number): readonly (readonly [number, number])[] {
  const part = Math.max(1, Math.round(length * (partShares[parts] ?? 1)));
  return Array.from({ length: parts }, (_, index) => [
    parts === 1 ? 0 : Math.round(((length - part) * index) / (parts - 1)),
    part,
  ]);
}

async function facesWithin(raster: Raster, part: Window, network: Network): Promise<readonly Face[]> {
  const { scale, left, top } = fitted(part);
  const outputs = network.run(await inputOf(raster, part));
  const { width, height } = raster.size;
  return boxesIn(outputs).flatMap(({ score, ...box }) => {
    const x = (part.left + (box.left - left) / scale) / width;
    const y = (part.top + (box.top - top) / scale) / height;
    return within({ x, y, width: box.width / scale / width, height: box.height / scale / height, score });
  });
}

/** How a part lies in the square that the network looks at. */
function fitted({ width, height }: Window) {
  const scale = side / Math.max(width, height);
  const [across, down] = [width, height].map((length) => Math.max(1, Math.round(length * scale)));
  return {
    scale,
    width: across ?? 1,
    height: down ?? 1,
    left: Math.floor((side - (across ?? 1)) / 2),
    top: Math.floor((side - (down ?? 1)) / 2),
  };
}

async function inputOf({ data, size, channels }: Raster, part: Window): Promise<Uint8Array> {
  const place = fitted(part);
  return sharp(data, { raw: { ...size, channels } })
    .extract(part)
    .resize(place.width, place.height, { fit: 'fill' })
    .flatten({ background: grey })
    .extend({
      left: place.left,
      top: place.top,
      right: side - place.width - place.left,
      bottom: side - place.height - place.top,
      background: grey,
    })
    .toColourspace('srgb')
    .raw()
    .toBuffer();
}

/** In pixels of the square. */
interface ScoredBox extends Window {
  readonly score: number;
}

/**
 * What the network says of the places of a grid: how likely a face is there, and where it lies from the middle of the place.
 * (MediaPipe's BlazeFace for 256 pixels: so many guesses at each place, each with sixteen numbers, four of them the box.)
 */
interface Grid {
  readonly scores: string;
  readonly boxes: string;
  /** Pixels from one place to the next. */
  readonly stride: number;
  readonly guesses: number;
}

const grids: readonly Grid[] = [
  { scores: 'Identity', boxes: 'Identity_2', stride: 16, guesses: 2 },
  { scores: 'Identity_1', boxes: 'Identity_3', stride: 32, guesses: 6 },
];
const numbersEach = 16;

function boxesIn(outputs: ReadonlyMap<string, Float32Array>): readonly ScoredBox[] {
  const found: ScoredBox[] = [];
  for (const { scores, boxes, stride, guesses } of grids) {
    const numbers = outputs.get(boxes) ?? new Float32Array();
    for (const [index, logit] of (outputs.get(scores) ?? new Float32Array()).entries()) {
      const score = 1 / (1 + Math.exp(-logit));
      if (score < leastScore) continue;
      const [x = 0, y = 0, width = 0, height = 0] = numbers.subarray(index * numbersEach, index * numbersEach + 4);
      const [across, place] = [side / stride, Math.floor(index / guesses)];
      const [middleX, middleY] = [
        ((place % across) + 0.5) * stride + x,
        (Math.floor(place / across) + 0.5) * stride + y,
      ];
      found.push({ left: middleX - width / 2, top: middleY - height / 2, width, height, score });
    }
  }
  return found;
}

/** As much of a box as lies in the picture, in shares that say it exactly enough; none where next to nothing does. */
function within({ x, y, width, height, score }: Face): readonly Face[] {
  const [left, top, right, bottom] = [x, y, x + width, y + height].map((share) => clamped(share));
  if (left === undefined || top === undefined || right === undefined || bottom === undefined) return [];
  if (right - left < width / 2 || bottom - top < height / 2 || right <= left || bottom <= top) return [];
  return [
    { x: left, y: top, width: rounded(right - left), height: rounded(bottom - top), score: rounded(clamped(score)) },
  ];
}

function clamped(share: number): number {
  return rounded(Math.min(1, Math.max(0, share)));
}

function rounded(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}

/** Each face once, by its surest box, the surest first. */
function distinct(faces: readonly Face[]): readonly Face[] {
  const kept: Face[] = [];
  for (const face of faces.toSorted((one, other) => other.score - one.score)) {
    if (kept.length >= mostFaces) break;
    if (!kept.some((other) => shared(face, other) > mostShared)) kept.push(face);
  }
  return kept;
}

/** What two boxes have in common, as a share of the smaller one. */
function shared(one: Face, other: Face): number {
  const across = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
  const down = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
  if (across <= 0 || down <= 0) return 0;
  return (across * down) / Math.min(one.width * one.height, other.width * other.height);
}
