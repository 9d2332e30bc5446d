import type { GrammarOptions } from '../grammar-options.ts';
import { imageExtension } from '../ids/extension.ts';
import type { Component, ResolvedTransform } from '../meaning/transform.ts';

/** Ids of the pictures that a transformation's layers show, each once. */
export function layerIds({ steps }: Pick<ResolvedTransform, 'steps'>): readonly string[] {
  return steps.some((step) => step.layer !== undefined) ? [...new Set(steps.flatMap(idsOf))] : [];
}

function idsOf({ layer }: Component): readonly string[] {
  if (layer === undefined) return [];
  return [...(layer.source.kind === 'image' ? [layer.source.id] : []), ...layer.steps.flatMap(idsOf)];
}

/** Fonts that a transformation's text layers name, each once. */
export function fontFamilies({ steps }: Pick<ResolvedTransform, 'steps'>): readonly string[] {
  return [...new Set(steps.flatMap(fontsOf))];
}

function fontsOf({ layer }: Component): readonly string[] {
  if (layer === undefined) return [];
  return [...(layer.source.kind === 'text' ? [layer.source.font] : []), ...layer.steps.flatMap(fontsOf)];
}

/** Keys that a layer's id may mean, in order: as for an original, but an extension asks for no format here. */
export function layerCandidates(id: string, { extensions }: Pick<GrammarOptions, 'extensions'>): readonly string[] {
  const extension = imageExtension(id);
  if (extension === undefined) return [id, ...extensions.map((one) => `${id}.${one}`)];
  return [id, id.slice(0, -extension.length - 1)];
}
