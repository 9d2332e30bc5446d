import type { Component, Layer, ResolvedTransform } from '../../../grammar/index.ts';
import { placeLayer } from '../../../grammar/index.ts';
import { checkWork } from '../../protocol/output-limits.ts';
import { open } from '../open/open.ts';
import { type Picture, readyForColour } from '../picture/picture.ts';
import type { ChainContext } from './chain-context.ts';
import { overlayOf } from './overlay.ts';
import { clear, extend } from './place.ts';
import { drawText } from './text.ts';

export interface LayerContext extends ChainContext {
  /** Draws one component: layers have components of their own, which may have layers. */
  readonly drawComponent: (picture: Picture, component: Component, context: ChainContext) => Promise<Picture>;
}

/** Draws a layer by its own components, then puts it over or under the picture. */
export async function drawLayer(base: Picture, layer: Layer, context: LayerContext): Promise<Picture> {
  const opened = await openLayer(layer, context);
  const shares = layer.relative === true ? base.size : undefined;
  let drawn = opened;
  for (const step of layer.steps) {
    drawn = await context.drawComponent(drawn, step, { ...context, start: opened.size, shares });
  }
  const { left, top, canvas } = placeLayer(layer, base.size, drawn.size);
  if (canvas !== undefined) checkWork(canvas, { start: context.start, frames: base.frames }, context.limits);
  const wide = canvas === undefined ? base : await extend(base, canvas, clear);
  const ready = await readyForColour(wide, 'composited');
  const overlay = await overlayOf(drawn, { base: ready, left, top, isTiled: layer.tiled === true });
  if (overlay === undefined) return ready;
  const blend = layer.position === 'under' ? ('dest-over' as const) : (layer.blend ?? 'over');
  return { ...ready, pipeline: ready.pipeline.composite([{ ...overlay, blend }]), stage: 'composited' };
}

/** Of an animation the first frame: only the picture itself moves. */
async function openLayer({ source, steps }: Layer, context: LayerContext): Promise<Picture> {
  if (source.kind === 'text') return drawText(source, context);
  const { layers, limits } = context;
  const found = layers.get(source.id);
  if (found === undefined) throw new Error('A layer came without its picture.');
  const { facts, file } = found;
  const { picture } = await open({ facts, transform: { ...untouched, steps }, frames: 1, limits }, file);
  return picture;
}

/** What a layer has none of: format, quality and page are those of the whole. */
const untouched: Omit<ResolvedTransform, 'steps'> = {
  format: 'source',
  quality: undefined,
  flags: [],
  page: undefined,
  density: undefined,
  colourSpace: undefined,
};
