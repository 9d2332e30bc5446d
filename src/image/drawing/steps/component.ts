import {
  type Background,
  type Canvas,
  type Component,
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
import { applyOpacity } from './opacity.ts';
import { clear, extend, scaleAndCut } from './place.ts';
import { applyRadius } from './radius.ts';
import { applyShadow } from './shadow.ts';

const white = 'ffffff';

/** Draws one component, its steps in the order the grammar fixes. Sizes that turned out otherwise are checked again. */
export async function drawComponent(picture: Picture, component: Component, context: ChainContext): Promise<Picture> {
  const { limits, start, shares } = context;
  const step = layoutStep(component, picture.size, { original: start, shares });
  checkStep(step, { start, frames: picture.frames }, limits);
  let drawn = await applyTurn(picture, step.turn);
  drawn = await drawPlacement(drawn, component, context);
  if (component.effect !== undefined) drawn = await applyEffect(drawn, component.effect);
  if (component.opacity !== undefined) drawn = await applyOpacity(drawn, component.opacity);
  if (component.radius !== undefined) drawn = await applyRadius(drawn, component.radius);
  if (component.border !== undefined) drawn = await applyBorder(drawn, component.border, component.radius);
  const shadow = placeShadow(component, drawn.size, start);
  if (shadow !== undefined) drawn = await applyShadow(drawn, shadow, component.effect?.colour ?? '808080');
  if (component.background !== undefined && !isPadding(component.crop)) {
    drawn = await layOn(drawn, component.background, undefined);
  }
  return component.layer === undefined ? drawn : drawLayer(drawn, component.layer, { ...context, drawComponent });
}

/** True for a component that puts colours into a picture that are not its own and do not lie between two of them. */
export function addsColours(component: Component): boolean {
  const { effect, opacity, radius, border, background, layer, angle } = component;
  const changes = [effect, opacity, radius, border, background, layer].some((change) => change !== undefined);
  return changes || isPadding(component.crop) || (angle !== undefined && angle.degrees % 90 !== 0);
}

/** Scales and cuts, then puts the picture on its canvas, whose background also fills what is transparent in the picture. */
async function drawPlacement(picture: Picture, component: Component, context: ChainContext): Promise<Picture> {
  const placement = layout(component, picture.size, { original: context.start, shares: context.shares });
  const placed = await scaleAndCut(picture, placement);
  const { background } = component;
  if (!isPadding(component.crop)) return placed;
  if (background === undefined) {
    return placement.canvas === undefined ? placed : extend(placed, placement.canvas, placed.hasAlpha ? clear : white);
  }
  return layOn(placed, background, placement.canvas);
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
