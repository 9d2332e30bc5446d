import type { GrammarOptions } from '../grammar-options.ts';
import { extensionFormat } from '../ids/extension.ts';
import { layerIds } from '../meaning/layers.ts';
import type { Transform } from '../meaning/transform.ts';
import { parseComponents } from './parse-components.ts';
import type { Signature } from './signature.ts';
import { type DialectSaid, keyTarget, splitTarget, type Target } from './target.ts';

/** What a URL asks for. */
export interface ImageRequest {
  readonly delivery: Target['delivery'];
  readonly signature: Signature | undefined;
  /** undefined: the original's untouched bytes. */
  readonly transform: Transform | undefined;
  /** The transformation as written, for policies; empty when there is none. */
  readonly transformationText: string;
  /** Names of presets that the URL itself uses, in order; an alias uses its own. */
  readonly presets: readonly string[];
  /** Nothing but names of the configuration decides the pixels; beside them only a format and `q_auto` may stand. */
  readonly isNamed: boolean;
  /** Decoded; with its extension. Of `fetch`: the key that stands for the URL. */
  readonly id: string;
  /** Of another program's URL: whose it is, and what it says beside its picture and transformation. */
  readonly dialect: DialectSaid | undefined;
}

/**
 * Reads a raw request target (path and query, never decoded before); throws `invalid` naming the offending part.
 *
 * @example
 * const { id, transform } = parseTarget('/w_400,f_auto/cats/tom.jpg', defaultGrammarOptions);
 * // id is 'cats/tom.jpg'; transform is undefined where the original itself is asked for
 * const negotiated = transform && negotiate(transform, { accept: 'image/avif', foveaAccept: undefined });
 */
export function parseTarget(rawTarget: string, options: GrammarOptions): ImageRequest {
  return requestOf(splitTarget(rawTarget, options), options);
}

/**
 * The same target with its whole path as a key, where it may be meant so although it begins as the long form or a version does;
 * undefined for any other. Throws `invalid` for what its query says.
 */
export function parseAsKey(rawTarget: string, options: GrammarOptions): ImageRequest | undefined {
  const target = keyTarget(rawTarget, options);
  return target && requestOf(target, options);
}

function requestOf(target: Target, options: GrammarOptions): ImageRequest {
  const { delivery, signature, components, id, dialect } = target;
  const parsed = parseComponents(components, target.defaultCrop, options.presets);
  // The extension of a URL elsewhere says what is stored there; of an id of ours it asks for a format.
  const transform = delivery === 'fetch' ? parsed.transform : withExtension(parsed.transform, id);
  return {
    delivery,
    signature,
    transform: components.length === 0 ? undefined : transform,
    transformationText: components.join('/'),
    presets: target.isNamed ? [] : parsed.presets,
    isNamed: target.isNamed || parsed.isNamed,
    id,
    dialect,
  };
}

/** Every original whose pixels the answer may show, by its id: the picture, its substitute, its layers and theirs. */
export function keysShown({ id, transform }: Pick<ImageRequest, 'id' | 'transform'>): readonly string[] {
  const substitute = transform?.delivery.defaultImage;
  return [
    id,
    ...(substitute === undefined ? [] : [substitute]),
    ...(transform === undefined ? [] : layerIds(transform)),
  ];
}

function withExtension(transform: Transform, id: string): Transform {
  const format = extensionFormat(id);
  return transform.format !== undefined || format === undefined ? transform : { ...transform, format };
}
