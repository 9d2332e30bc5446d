import { everyStep } from './branches.ts';
import type { Component, ResolvedTransform } from './transform.ts';

/** Ids of the pictures that a transformation's layers show, each once. */
export function layerIds({ steps }: Pick<ResolvedTransform, 'steps'>): readonly string[] {
  return steps.some(hasMore) ? [...new Set(everyStep(steps).flatMap(idsOf))] : [];
}

function idsOf({ layer }: Component): readonly string[] {
  if (layer === undefined) return [];
  return [...(layer.source.kind === 'image' ? [layer.source.id] : []), ...layerIds(layer)];
}

/** Fonts that a transformation's text layers name, each once. */
export function fontFamilies({ steps }: Pick<ResolvedTransform, 'steps'>): readonly string[] {
  return steps.some(hasMore) ? [...new Set(everyStep(steps).flatMap(fontsOf))] : [];
}

function fontsOf({ layer }: Component): readonly string[] {
  if (layer === undefined) return [];
  return [...(layer.source.kind === 'text' ? [layer.source.font] : []), ...fontFamilies(layer)];
}

function hasMore({ layer, choice }: Component): boolean {
  return layer !== undefined || choice !== undefined;
}
