import type { Region } from '../../../grammar/index.ts';
import type { Size } from '../../containers/facts.ts';
import type { Raster } from '../picture/raster.ts';

/**
 * What draws the eye in a picture, in cells. After the published idea of smartcrop: edges most of all, then skin and strong
 * colours where there are edges too.
 */
export interface Attraction extends Size {
  /** Row by row, 0 and above. */
  readonly cells: Float32Array;
}

/** Pixels of a cell's side. */
const cellPixels = 4;

/** How much each kind counts beside the others. */
const [edgeWeight, skinWeight, colourWeight] = [0.2, 1.8, 0.1];
/** Of skin, and of strong colour, so much counts where there is no edge. */
const [smoothSkin, smoothColour] = [0.01, 0.2];

/** The colour of skin, as shares that do not depend on how light it is. */
const skin = unit(0.78, 0.57, 0.44);
const leastSkin = 0.8;
const leastSaturation = 0.4;

/** Looks at a picture of three channels, or more, a few hundred pixels wide. */
export function attractionOf({ data, size, channels }: Raster): Attraction {
  const { width, height } = size;
  const across = Math.max(1, Math.ceil(width / cellPixels));
  const down = Math.max(1, Math.ceil(height / cellPixels));
  const cells = new Float32Array(across * down);
  const light = lightOf({ data, channels, pixels: width * height });
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = y * width + x;
      const edge = x === 0 || y === 0 || x === width - 1 || y === height - 1 ? 0 : edgeAt(light, at, width);
      const [red = 0, green = 0, blue = 0] = [data[at * channels], data[at * channels + 1], data[at * channels + 2]];
      const cell = Math.floor(y / cellPixels) * across + Math.floor(x / cellPixels);
      cells[cell] = (cells[cell] ?? 0) + drawOf({ red, green, blue, light: light[at] ?? 0, edge });
    }
  }
  return { width: across, height: down, cells };
}

interface SeenPixel {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  readonly light: number;
  /** 0 to 1. */
  readonly edge: number;
}

function drawOf({ red, green, blue, light, edge }: SeenPixel): number {
  const skinned = skinOf(red, green, blue, light);
  const coloured = strengthOf(red, green, blue, light);
  return (
    edge * edgeWeight + skinned * (edge + smoothSkin) * skinWeight + coloured * (edge + smoothColour) * colourWeight
  );
}

function lightOf({ data, channels, pixels }: { data: Buffer; channels: number; pixels: number }): Float32Array {
  const light = new Float32Array(pixels);
  for (let pixel = 0, at = 0; pixel < pixels; pixel += 1, at += channels) {
    light[pixel] = 0.2126 * (data[at] ?? 0) + 0.7152 * (data[at + 1] ?? 0) + 0.0722 * (data[at + 2] ?? 0);
  }
  return light;
}

/** How much a pixel differs from its four neighbours, 0 to 1. */
function edgeAt(light: Float32Array, at: number, width: number): number {
  const around = (light[at - 1] ?? 0) + (light[at + 1] ?? 0) + (light[at - width] ?? 0) + (light[at + width] ?? 0);
  return Math.min(1, Math.max(0, Math.abs(4 * (light[at] ?? 0) - around) / 255));
}

/** How near a colour is to that of skin, 0 to 1; nothing in the dark. */
function skinOf(red: number, green: number, blue: number, light: number): number {
  if (light < 51) return 0;
  const [r, g, b] = unit(red, green, blue);
  const likeness = 1 - Math.hypot(r - skin[0], g - skin[1], b - skin[2]);
  return likeness <= leastSkin ? 0 : (likeness - leastSkin) / (1 - leastSkin);
}

/** How strong a colour is, 0 to 1; nothing where it is nearly black or white. */
function strengthOf(red: number, green: number, blue: number, light: number): number {
  if (light < 13 || light > 230) return 0;
  const [most, least] = [Math.max(red, green, blue), Math.min(red, green, blue)];
  const saturation = most === least ? 0 : (most - least) / (most + least > 255 ? 510 - most - least : most + least);
  return saturation <= leastSaturation ? 0 : (saturation - leastSaturation) / (1 - leastSaturation);
}

function unit(red: number, green: number, blue: number): readonly [number, number, number] {
  const length = Math.hypot(red, green, blue) || 1;
  return [red / length, green / length, blue / length];
}

/** What is looked for in a picture, and what is known of it. */
export interface Wish {
  /** Shares of the picture's sides that the cut has. */
  readonly cut: { readonly width: number; readonly height: number };
  readonly faces: readonly Region[];
  /** How much a face counts against everything else: 0 not at all, below it the cut keeps away from them. */
  readonly faceWeight: number;
  /** How much the way from the middle of the picture counts: people put there what they take a picture of. */
  readonly middleWeight: number;
  /** Whether what matters is to lie at a third of the cut. */
  readonly keepsThirds: boolean;
}

/** Where a cut of that size begins that keeps most of what draws the eye, in shares of the picture's sides. */
export function bestCut(attraction: Attraction, wish: Wish): { readonly x: number; readonly y: number } {
  const { width, height } = attraction;
  const [across, down] = [cellsOf(wish.cut.width, width), cellsOf(wish.cut.height, height)];
  const inside = importanceOf({ width: across, height: down }, wish.keepsThirds);
  const total = sumOf(attraction.cells) || 1;
  let best = { x: 0, y: 0, score: Number.NEGATIVE_INFINITY };
  for (const top of beginnings(height - down)) {
    for (const left of beginnings(width - across)) {
      const place = { left, top, width: across, height: down };
      const content = keptOf(attraction, inside, place) / total + facesKept(attraction, wish, place);
      const score = content - wish.middleWeight * wayFromMiddle(attraction, place);
      if (score > best.score + 1e-9) best = { x: left, y: top, score };
    }
  }
  return { x: shareOf(best.x, width - across, wish.cut.width), y: shareOf(best.y, height - down, wish.cut.height) };
}

function cellsOf(share: number, cells: number): number {
  return Math.min(cells, Math.max(1, Math.round(share * cells)));
}

/** From the middle outwards: of two places that are as good the one nearer to the middle counts. */
function beginnings(free: number): readonly number[] {
  return Array.from({ length: free + 1 }, (_, at) => at).sort(
    (one, other) => Math.abs(one - free / 2) - Math.abs(other - free / 2),
  );
}

/** Cells are coarse: where the cut begins at an end it does so exactly. */
function shareOf(at: number, free: number, cut: number): number {
  return free === 0 ? (1 - cut) / 2 : (at / free) * (1 - cut);
}

function sumOf(cells: Float32Array): number {
  return cells.reduce((sum, cell) => sum + cell, 0);
}

interface Place extends Size {
  readonly left: number;
  readonly top: number;
}

/** Squared, in shares of the picture's sides. */
function wayFromMiddle({ width, height }: Attraction, place: Place): number {
  const [x, y] = [(place.left + place.width / 2) / width - 0.5, (place.top + place.height / 2) / height - 0.5];
  return x * x + y * y;
}

/** What lies outside counts so much against a place: what lies inside is worth that much more. */
const outside = 0.5;

function keptOf({ cells, width }: Attraction, inside: Float32Array, place: Place): number {
  let sum = 0;
  for (let row = 0; row < place.height; row += 1) {
    const from = (place.top + row) * width + place.left;
    const weights = row * place.width;
    for (let column = 0; column < place.width; column += 1) {
      sum += (cells[from + column] ?? 0) * (inside[weights + column] ?? 0);
    }
  }
  return sum;
}

/** How much a cell counts by its place in the cut: most in the middle, less and less than nothing towards the edge. */
function importanceOf({ width, height }: Size, keepsThirds: boolean): Float32Array {
  const weights = new Float32Array(width * height);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      // From the middle, 0, to the edge, 1.
      const [x, y] = [Math.abs(0.5 - (column + 0.5) / width) * 2, Math.abs(0.5 - (row + 0.5) / height) * 2];
      const [overX, overY] = [Math.max(x - 0.6, 0), Math.max(y - 0.6, 0)];
      const edge = (overX * overX + overY * overY) * -20;
      const middle = Math.SQRT2 - Math.hypot(x, y);
      const thirds = keepsThirds ? Math.max(0, middle + edge + 0.5) * 1.2 * (thirdOf(x) + thirdOf(y)) : 0;
      weights[row * width + column] = outside + middle + thirds + edge;
    }
  }
  return weights;
}

/** 1 at a third of the way across, falling to 0 within an eighth. */
function thirdOf(fromMiddle: number): number {
  return Math.max(1 - ((fromMiddle - 1 / 3) * 8) ** 2, 0);
}

/** Faces that are in the cut with some room round them, by how large they are beside each other. */
function facesKept({ width, height }: Attraction, { faces, faceWeight }: Wish, place: Place): number {
  const all = faces.reduce((sum, face) => sum + face.width * face.height, 0);
  if (all === 0 || faceWeight === 0) return 0;
  const kept = faces.reduce((sum, { x, y, width: wide, height: tall }) => {
    const across = overlap(x * width - 0.3 * wide * width, 1.6 * wide * width, place.left, place.width);
    const down = overlap(y * height - 0.4 * tall * height, 1.6 * tall * height, place.top, place.height);
    return sum + wide * tall * across * down;
  }, 0);
  return (kept / all) * faceWeight;
}

/** Which share of a length lies within another. */
function overlap(from: number, length: number, within: number, size: number): number {
  const common = Math.min(from + length, within + size) - Math.max(from, within);
  return Math.max(0, common) / length;
}
