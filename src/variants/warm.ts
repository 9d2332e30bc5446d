import { Readable } from 'node:stream';
import { isFailure } from '../failure.ts';
import { mediaTypeOf } from '../formats.ts';
import {
  canonical,
  type GrammarOptions,
  negotiate,
  originalCandidates,
  parseTarget,
  parseTransformation,
  type ResolvedTransform,
} from '../grammar/index.ts';
import { type DeliveryParts, deliver } from './deliver/deliver.ts';
import { identify } from './identify/identify.ts';

export interface WarmOptions {
  readonly signal: AbortSignal;
}

/** What warming came to, variant by variant. */
export interface Warmed {
  readonly rendered: number;
  /** Were there already, in memory or in the store. */
  readonly present: number;
  /** True when there is no such original (any more): nothing was made. */
  readonly isAbsent: boolean;
}

/** One after the other: warming takes one place in the queue per original, and visitors all the others. */
export async function warm(
  parts: DeliveryParts,
  { key, transforms }: { readonly key: string; readonly transforms: readonly ResolvedTransform[] },
  { signal }: WarmOptions,
): Promise<Warmed> {
  let [rendered, present] = [0, 0];
  for (const transform of transforms) {
    try {
      const found = await identify(parts, [{ key, transform }], { signal, readAhead: true });
      if (found.kind !== 'variant') continue;
      const { from, body } = await deliver(parts, found, { signal, priority: 'warming' });
      if (body instanceof Readable) body.destroy();
      if (from === 'render') rendered += 1;
      else present += 1;
    } catch (error) {
      if (isFailure(error, 'not_found')) return { rendered, present, isAbsent: true };
      throw error;
    }
  }
  return { rendered, present, isAbsent: false };
}

/** What browsers accept: those of today, those of some years ago, and everything else. */
const accepts = [[mediaTypeOf('avif'), mediaTypeOf('webp')].join(), mediaTypeOf('webp'), undefined];

/**
 * What visitors will ask for when pages show an original under these transformations (`t_card/f_auto`, `w_400,f_auto`,
 * or the bare name of a preset): the URL `/<transformation>/<key>` is read as theirs is, and each `f_auto` becomes one
 * variant per kind of browser. Failures: `invalid` for a transformation that is none.
 */
export function transformsToWarm(
  key: string,
  transformations: readonly string[],
  grammar: GrammarOptions,
): readonly ResolvedTransform[] {
  const path = key.split('/').map(encodeURIComponent).join('/');
  const resolved = transformations.flatMap((given) => {
    const transformation = Object.hasOwn(grammar.presets, given) ? `t_${given}` : given;
    // What is none would be read as a folder of some other original, of which nothing is made.
    parseTransformation(transformation, grammar);
    // The version keeps a key that looks like a transformation from being read as one.
    const request = parseTarget(`/${transformation}/v1/${path}`, grammar);
    const transform = originalCandidates(request, grammar).find((candidate) => candidate.key === key)?.transform;
    if (transform === undefined) return [];
    return accepts.map((accept) => negotiate(transform, { accept, foveaAccept: undefined }).transform);
  });
  return [...new Map(resolved.map((transform) => [canonical(transform), transform])).values()];
}
