import {
  afterTurn,
  type Background,
  type Canvas,
  type Component,
  facing,
  isPadding,
  layout,
  layoutStep,
  placeShadow,
} from '../../../grammar/index.ts';
import { checkStep } from '../../protocol/output-limits.ts';
import type { Picture } from '../picture/picture.ts';
import { applyTurn } from './angle.ts';
import { fillBehind, resolveBackground } from './background.ts';
import { layOnBlurred } from './blurred.ts';
import { applyBorder } from './border.ts';
import type { ChainContext } from './chain-context.ts';
import { applyEffect } from './effect.ts';
import { drawLayer } from './layer.ts';
import { applyMask } from './mask.ts';
import { applyOpacity } from './opacity.ts';
import { clear, extend, scaleAndCut } from './place.ts';
import { applyRadius } from './radius.ts';
import { applyShadow } from './shadow.ts';
import { type Shown, seenOn } from './shown.ts';

const white = 'ffffff';

/** Draws one component, its steps in the order the grammar fixes. Sizes that turned out otherwise are checked again. */
export async function drawComponent(before: Shown, component: Component, context: ChainContext): Promise<Shown> {
  const { limits, start, shares } = context;
  const { picture } = before;
  const faces = afterTurn(before.faces, component, picture.size);
  const facingStep = facing(component, faces);
  const step = layoutStep(facingStep, picture.size, { original: start, shares });
  checkStep(step, { start, frames: picture.frames }, limits);
  const placed = await drawPlacement({ picture: await applyTurn(picture, step.turn), faces }, facingStep, context);
  const shaped = await drawLooks(placed, component, context);
  const { layer } = component;
  if (layer === undefined) return shaped;
  return drawLayer(shaped, facing(layer, shaped.faces), { ...context, drawComponent });
}

/** What is done to a picture once it has its size. */
async function drawLooks(placed: Shown, component: Component, { start }: ChainContext): Promise<Shown> {
  const { effect, opacity, radius, mask, border, background, crop } = component;
  let { picture: drawn, faces } =
    effect === undefined ? placed : await applyEffect(placed, effect, { component, original: start });
  if (opacity !== undefined) drawn = await applyOpacity(drawn, opacity);
  if (radius !== undefined) drawn = await applyRadius(drawn, radius);
  if (mask !== undefined) drawn = await applyMask(drawn, mask);
  if (border !== undefined) {
    const inner = drawn.size;
    drawn = await applyBorder(drawn, border, radius);
    faces = seenOn(faces, { ...drawn.size, left: border.width, top: border.width }, inner);
  }
  const shadow = placeShadow(component, drawn.size, start);
  if (shadow !== undefined) {
    faces = seenOn(faces, shadow.canvas, drawn.size);
    drawn = await applyShadow(drawn, shadow, effect?.colour ?? '808080');
  }
  if (background !== undefined && !isPadding(crop)) drawn = await layOn(drawn, background, undefined);
  return { picture: drawn, faces };
}

/** True for a component that puts colours into a picture that are not its own and do not lie between two of them. */
export function addsColours(component: Component): boolean {
  const { effect, opacity, radius, mask, border, background, layer, angle } = component;
  const changes = [effect, opacity, radius, mask, border, background, layer].some((change) => change !== undefined);
  return changes || isPadding(component.crop) || (angle !== undefined && angle.degrees % 90 !== 0);
}

/** Scales and cuts, then puts the picture on its canvas, whose background also fills what is transparent in the picture. */
async function drawPlacement(before: Shown, component: Component, context: ChainContext): Promise<Shown> {
  const placement = layout(component, before.picture.size, { original: context.start, shares: context.shares });
  const { picture, faces } = await scaleAndCut(before.picture, placement, before.faces);
  if (!isPadding(component.crop)) return { picture, faces };
  const { canvas } = placement;
  return {
    picture: await onCanvas(picture, component.background, canvas),
    faces: canvas === undefined ? faces : seenOn(faces, canvas, picture.size),
  };
}

async function onCanvas(
  picture: Picture,
  background: Background | undefined,
  canvas: Canvas | undefined,
): Promise<Picture> {
  if (background !== undefined) return layOn(picture, background, canvas);
  return canvas === undefined ? picture : extend(picture, canvas, picture.hasAlpha ? clear : white);
}

/** Puts a background behind the picture and, where there is one, on the canvas round it. */
async function layOn(picture: Picture, background: Background, canvas: Canvas | undefined): Promise<Picture> {
  if (background.kind === 'blurred') {
    const place = canvas ?? { ...picture.size, left: 0, top: 0 };
    return canvas === undefined && !picture.hasAlpha ? picture : layOnBlurred(picture, place, background);
  }
  const { picture: matched, colour } = await resolveBackground(picture, background);
  const filled = await fillBehind(matched, colour);
  return canvas === undefined ? filled : extend(filled, canvas, colour);
}
