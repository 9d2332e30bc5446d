import type { Sharp } from 'sharp';
import type { Effect, EffectName, Region } from '../../../grammar/index.ts';
import {
  cut,
  eachFrame,
  firstFrame,
  gray,
  type Picture,
  pictureOf,
  rasterOf,
  readyFor,
  settled,
} from '../picture/picture.ts';
import { resize } from '../picture/resize.ts';
import { autoBrightness, autoColour, autoContrast, improve } from './effects/levels.ts';
import type { DrawEffect } from './effects/tones.ts';
import * as tones from './effects/tones.ts';
import { vignette } from './effects/vignette.ts';
import { blurFaces, pixelateFaces } from './hide-faces.ts';
import { type Shown, seenWithin } from './shown.ts';

/** Effects that go by what is known of the picture's faces, or move them. */
type PlacedEffect = 'trim' | 'blur_faces' | 'pixelate_faces';

/** Every strength is unit-less in the URL; what it means here is fixed by these functions, each growing with it. */
const effects: Readonly<Record<Exclude<EffectName, PlacedEffect>, DrawEffect>> = {
  blur,
  grayscale,
  sharpen,
  pixelate,
  brightness: tones.brightness,
  contrast: tones.contrast,
  saturation: tones.saturation,
  hue: tones.hue,
  gamma: tones.gamma,
  vibrance: tones.vibrance,
  sepia: tones.sepia,
  blackwhite: tones.blackwhite,
  negate: tones.negate,
  colorize: tones.colorize,
  tint: tones.tint,
  auto_brightness: autoBrightness,
  auto_contrast: autoContrast,
  auto_color: autoColour,
  unsharp_mask: unsharpMask,
  opacity_threshold: tones.opacityThreshold,
  vignette,
  // Falls from the finished shape, so it is drawn after corners and border.
  shadow: async (picture) => picture,
  improve,
};

/** Changes the pixels as one effect asks. */
export async function applyEffect({ picture, faces }: Shown, effect: Effect): Promise<Shown> {
  const amount = effect.amount ?? 0;
  if (effect.name === 'trim') return trim(picture, faces, effect);
  if (effect.name === 'blur_faces') return { picture: await blurFaces(picture, faces, amount), faces };
  if (effect.name === 'pixelate_faces') return { picture: await pixelateFaces(picture, faces, amount), faces };
  return { picture: await effects[effect.name](picture, amount, effect), faces };
}

/** Adds a neighbourhood operation; an animation's frames are taken one by one, or they would run into each other. */
async function locally(
  picture: Picture,
  stage: 'blurred' | 'sharpened',
  work: (pipeline: Sharp) => Sharp,
): Promise<Picture> {
  if (picture.frames > 1) return eachFrame(picture, work);
  const ready = await readyFor(picture, stage);
  return { ...ready, pipeline: work(ready.pipeline), stage };
}

/** What a strength of 1–2000 means to a Gaussian: 0.3 to 50 pixels' deviation (100 is 2.8). */
export function deviationOf(strength: number): number {
  return 0.3 + strength / 40;
}

async function blur(picture: Picture, amount: number): Promise<Picture> {
  return locally(picture, 'blurred', (pipeline) => pipeline.blur(deviationOf(amount)));
}

async function grayscale(picture: Picture): Promise<Picture> {
  return gray(picture);
}

/** 1–2000: how much an edge is raised; 100 is sharp's own default (flat areas 1, edges 2). */
async function sharpen(picture: Picture, amount: number): Promise<Picture> {
  const strength = amount / 100;
  return locally(picture, 'sharpened', (pipeline) =>
    pipeline.sharpen({
      sigma: 1,
      m1: strength,
      m2: 2 * strength,
      y2: 10 * Math.sqrt(strength),
      y3: 20 * Math.sqrt(strength),
    }),
  );
}

/** 1–2000: as sharpening, over a wider neighbourhood (2 pixels) and without its bounds. */
async function unsharpMask(picture: Picture, amount: number): Promise<Picture> {
  const strength = amount / 100;
  return locally(picture, 'sharpened', (pipeline) =>
    pipeline.sharpen({ sigma: 2, m1: strength, m2: strength, x1: 0, y2: 100, y3: 100 }),
  );
}

/** 1–2000: the side of a square in pixels, each of its mean colour. */
async function pixelate(picture: Picture, amount: number): Promise<Picture> {
  const { width, height } = picture.size;
  const side = Math.min(amount, Math.max(width, height));
  if (side < 2) return picture;
  const across = Math.ceil(width / side);
  const down = Math.ceil(height / side);
  const whole = { width: across * side, height: down * side };
  // Squares that reach over the edge repeat what is at the edge.
  const ready = await readyFor(picture, 'extended');
  const padded = ready.pipeline.extend({
    right: whole.width - width,
    bottom: whole.height - height,
    extendWith: 'copy',
  });
  const extended: Picture = { ...ready, pipeline: padded, stage: 'extended', size: whole };
  const small = await resize(await settled(extended), { width: across, height: down });
  const large = await resize(await settled(small), whole, 'nearest');
  return cut(large, { left: 0, top: 0, width, height });
}

/** 0–100: how far (in per cent of a channel) a pixel of the edge may be from the colour that is cut away. */
async function trim(picture: Picture, faces: readonly Region[], { amount = 0, colour }: Effect): Promise<Shown> {
  const ready = await settled(picture);
  const { width, height } = ready.size;
  // sharp has nothing to look at below three pixels.
  if (width < 3 || height < 3) return { picture: ready, faces };
  const first = ready.frames === 1 ? ready : await firstFrame(ready);
  const background = colour === undefined ? {} : { background: `#${colour}` };
  const { info } = await pictureOf(await rasterOf(first))
    .pipeline.trim({ threshold: amount * 2.55, ...background })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const [left, top] = [-(info.trimOffsetLeft ?? 0), -(info.trimOffsetTop ?? 0)];
  const box = { left, top, width: info.width, height: info.height };
  return { picture: await cut(ready, box), faces: seenWithin(faces, box, ready.size) };
}
