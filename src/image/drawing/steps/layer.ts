import type { Component, Layer, ResolvedTransform } from '../../../grammar/index.ts';
import { placeLayer } from '../../../grammar/index.ts';
import { checkWork } from '../../protocol/output-limits.ts';
import { open } from '../open/open.ts';
import { type Picture, readyForColour } from '../picture/picture.ts';
import type { ChainContext } from './chain-context.ts';
import { overlayOf } from './overlay.ts';
import { clear, extend } from './place.ts';
import { type Shown, seenOn } from './shown.ts';
import { drawText } from './text.ts';

export interface LayerContext extends ChainContext {
  /** Draws one component: layers have components of their own, which may have layers. */
  readonly drawComponent: (before: Shown, component: Component, context: ChainContext) => Promise<Shown>;
}

/** Draws a layer by its own components, then puts it over or under the picture. */
export async function drawLayer({ picture: base, faces }: Shown, layer: Layer, context: LayerContext): Promise<Shown> {
  const shares = layer.relative === true ? base.size : undefined;
  const opened = await openLayer(layer, { ...context, shares });
  // Faces are known of the original alone.
  let shown: Shown = { picture: opened, faces: [] };
  for (const step of layer.steps) {
    shown = await context.drawComponent(shown, step, { ...context, start: opened.size, shares });
  }
  const drawn = shown.picture;
  const { left, top, canvas } = placeLayer(layer, base.size, drawn.size);
  if (canvas !== undefined) checkWork(canvas, { start: context.start, frames: base.frames }, context.limits);
  const wide = canvas === undefined ? base : await extend(base, canvas, clear);
  const ready = await readyForColour(wide, 'composited');
  const overlay = await overlayOf(drawn, { base: ready, left, top, isTiled: layer.tiled === true });
  const seen = canvas === undefined ? faces : seenOn(faces, canvas, base.size);
  if (overlay === undefined) return { picture: ready, faces: seen };
  const blend = layer.position === 'under' ? ('dest-over' as const) : (layer.blend ?? 'over');
  const pipeline = ready.pipeline.composite([{ ...overlay, blend }]);
  return { picture: { ...ready, pipeline, stage: 'composited' }, faces: seen };
}

/** Of an animation the first frame: only the picture itself moves. */
async function openLayer({ source, steps }: Layer, context: LayerContext): Promise<Picture> {
  if (source.kind === 'text') return drawText(source, context);
  const { layers, limits, shares, vectorFonts } = context;
  const found = layers.get(source.id);
  if (found === undefined) throw new Error('A layer came without its picture.');
  const { facts, file } = found;
  const transform = { ...untouched, steps };
  const { picture } = await open({ facts, transform, frames: 1, limits, shares, vectorFonts }, file);
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
