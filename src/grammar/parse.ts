import type { GrammarOptions } from './grammar-options.ts';
import { parseComponents } from './parse-components.ts';
import { imageExtension, splitTarget, type Target } from './target.ts';
import { type ImageFormat, imageFormats, type Transform } from './transform.ts';

/** What a URL asks for. */
export interface ImageRequest {
  readonly delivery: Target['delivery'];
  /** `signed`: the texts a signature may be of, the raw path as received first, then its re-encoded form. */
  readonly signature: { readonly value: string; readonly signed: readonly string[] } | undefined;
  /** undefined: the original's untouched bytes. */
  readonly transform: Transform | undefined;
  /** The transformation as written, for policies; empty when there is none. */
  readonly transformationText: string;
  /** Names of the presets used. */
  readonly presets: readonly string[];
  /** Decoded; with its extension. */
  readonly id: string;
}

/** Reads a raw request target (path and query, never decoded before); throws `invalid` naming the offending part. */
export function parseTarget(rawTarget: string, options: GrammarOptions): ImageRequest {
  const target = splitTarget(rawTarget, options);
  const defaultCrop = target.isShortForm ? options.defaultCrop : 'scale';
  const parsed = parseComponents(target.components, defaultCrop, options.presets);
  const transformationText = target.components.join('/');
  return {
    delivery: target.delivery,
    signature: target.signature === undefined ? undefined : { value: target.signature, signed: signedTexts(target) },
    transform: target.components.length === 0 ? undefined : withExtension(parsed.transform, target.id),
    transformationText,
    presets: parsed.presets,
    id: target.id,
  };
}

function withExtension(transform: Transform, id: string): Transform {
  const format = extensionFormat(id);
  return transform.format !== undefined || format === undefined ? transform : { ...transform, format };
}

/** The output format that the extension of an id asks for. */
function extensionFormat(id: string): ImageFormat | undefined {
  const extension = imageExtension(id)?.toLowerCase();
  if (extension === 'jpg') return 'jpeg';
  return imageFormats.find((format) => format === extension);
}

/** Clients escape the id differently, so what arrived counts first, then the spelling of the official ones. */
function signedTexts(target: Target): readonly string[] {
  const reencoded = encodeURIComponent(target.id).replaceAll('%3A', ':').replaceAll('%2F', '/');
  const ids = reencoded === target.rawId ? [target.rawId] : [target.rawId, reencoded];
  return ids.map((id) => [...target.components, id].join('/'));
}

/** A key to look for, and what to do with the original found there. */
export interface OriginalCandidate {
  readonly key: string;
  readonly transform: Transform | undefined;
}

/**
 * Where the original may be, in order: under the exact id; under the id without the extension of an output format,
 * which then asks for that format; and an id without one with each of the configured extensions.
 */
export function originalCandidates(request: ImageRequest, options: GrammarOptions): readonly OriginalCandidate[] {
  const { id, transform } = request;
  const format = extensionFormat(id);
  if (format === undefined) {
    return [id, ...options.extensions.map((extension) => `${id}.${extension}`)].map((key) => ({ key, transform }));
  }
  const stem = id.slice(0, id.lastIndexOf('.'));
  return [
    { key: id, transform },
    { key: stem, transform: transform ?? { steps: [], format, flags: [], delivery: {} } },
  ];
}
