import { isFailure } from '../../failure.ts';
import type { GrammarOptions } from '../grammar-options.ts';
import { extensionFormat, imageExtension } from '../ids/extension.ts';
import type { Transform } from '../meaning/transform.ts';
import { type ImageRequest, parseAsKey, parseTarget } from './parse.ts';

/** A key to look for, and what to do with the original found there. */
export interface OriginalCandidate {
  readonly key: string;
  readonly transform: Transform | undefined;
}

/**
 * Where the original may be, in order: under the exact id; under the id without the extension of an output format,
 * which then asks for that format; and under what is left with each of the configured extensions.
 */
export function originalCandidates(request: ImageRequest, options: GrammarOptions): readonly OriginalCandidate[] {
  const { id, transform } = request;
  if (request.delivery === 'fetch') return [{ key: id, transform }];
  const format = extensionFormat(id);
  const stem = format === undefined ? id : id.slice(0, id.lastIndexOf('.'));
  const others = [stem, ...options.extensions.map((extension) => `${stem}.${extension}`)];
  const asked = format === undefined ? transform : (transform ?? { steps: [], format, flags: [], delivery: {} });
  return [{ key: id, transform }, ...others.filter((key) => key !== id).map((key) => ({ key, transform: asked }))];
}

/** Every key whose original may answer a target, in whichever way it is read. Failures: `invalid` where it is in none. */
export function keysMeant(rawTarget: string, options: GrammarOptions): readonly string[] {
  const asKey = parseAsKey(rawTarget, options);
  let request = asKey;
  try {
    request = parseTarget(rawTarget, options);
  } catch (error) {
    if (asKey === undefined || !isFailure(error, 'invalid')) throw error;
  }
  const requests = [request, asKey].filter((one) => one !== undefined);
  return [...new Set(requests.flatMap((one) => originalCandidates(one, options).map(({ key }) => key)))];
}

/** Keys that a layer's id may mean, in order: as for an original, but an extension asks for no format here. */
export function layerCandidates(id: string, { extensions }: Pick<GrammarOptions, 'extensions'>): readonly string[] {
  const extension = imageExtension(id);
  if (extension === undefined) return [id, ...extensions.map((one) => `${id}.${one}`)];
  return [id, id.slice(0, -extension.length - 1)];
}
