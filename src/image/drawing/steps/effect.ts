import type { Sharp } from 'sharp';
import { type Component, type Effect, type EffectName, effectRegion, fadesOf } from '../../../grammar/index.ts';
import type { Size } from '../../containers/facts.ts';
import { cut, eachFrame, gray, type Picture, readyFor, settled } from '../picture/picture.ts';
import { resize } from '../picture/resize.ts';
import { deviationOf } from './deviation.ts';
import { makeTransparent } from './effects/clear-ground.ts';
import { gradientFade } from './effects/fade.ts';
import { autoBrightness, autoColour, autoContrast, improve } from './effects/levels.ts';
import { outline } from './effects/outline.ts';
import { cartoonify, oilPaint } from './effects/paint.ts';
import { replaceColour } from './effects/replace-colour.ts';
import { shear } from './effects/shear.ts';
import * as tints from './effects/tints.ts';
import type { DrawEffect } from './effects/tones.ts';
import * as tones from './effects/tones.ts';
import { trim } from './effects/trim.ts';
import { vignette } from './effects/vignette.ts';
import { blurFaces, pixelateFaces } from './hide-faces.ts';
import { blurRegion, pixelateRegion } from './hide-region.ts';
import type { Shown } from './shown.ts';

/** Effects that go by what is known of the picture's faces, or move them, or have a place. */
type PlacedEffect =
  | 'trim'
  | 'blur_faces'
  | 'pixelate_faces'
  | 'blur_region'
  | 'pixelate_region'
  | 'gradient_fade'
  | 'shear';

/** Every strength is unit-less in the URL; what it means here is fixed by these functions, each growing with it. */
const effects: Readonly<Record<Exclude<EffectName, PlacedEffect>, DrawEffect>> = {
  blur,
  grayscale,
  sharpen,
  pixelate,
  brightness: tones.brightness,
  red: tones.ofChannel(0),
  green: tones.ofChannel(1),
  blue: tones.ofChannel(2),
  contrast: tones.contrast,
  saturation: tones.saturation,
  hue: tones.hue,
  gamma: tones.gamma,
  vibrance: tones.vibrance,
  sepia: tones.sepia,
  blackwhite: tones.blackwhite,
  negate: tones.negate,
  colorize: tones.colorize,
  tint: tints.tint,
  brightness_hsb: tints.brightnessHsb,
  recolor: tints.recolor,
  simulate_colorblind: tints.simulateColourBlindness,
  outline,
  make_transparent: makeTransparent,
  oil_paint: oilPaint,
  cartoonify,
  replace_color: replaceColour,
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
export async function applyEffect(
  { picture, faces }: Shown,
  effect: Effect,
  { component, original }: { readonly component: Component; readonly original: Size },
): Promise<Shown> {
  const amount = effect.amount ?? 0;
  if (effect.name === 'trim') return trim({ picture, faces }, effect, component.equalTrim);
  if (effect.name === 'blur_faces') return { picture: await blurFaces(picture, faces, amount), faces };
  if (effect.name === 'pixelate_faces') return { picture: await pixelateFaces(picture, faces, amount), faces };
  if (effect.name === 'blur_region' || effect.name === 'pixelate_region') {
    const region = effectRegion(component, picture.size, original);
    const work = effect.name === 'blur_region' ? blurRegion : pixelateRegion;
    return { picture: region === undefined ? picture : await work(picture, region, amount), faces };
  }
  if (effect.name === 'shear') return shear({ picture, faces }, effect);
  if (effect.name === 'gradient_fade') {
    return { picture: await gradientFade(picture, amount, fadesOf(component, picture.size, original)), faces };
  }
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
