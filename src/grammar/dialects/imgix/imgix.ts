import type { GrammarOptions } from '../../grammar-options.ts';
import { decodeOnce } from '../../ids/ids.ts';
import { type Dialect, pairsOf, type QueryDialect, type RawTarget, refuse, type Said, valuesOf } from '../dialect.ts';
import { drawnAs } from '../drawing.ts';
import { pictureAt } from '../source.ts';
import { colourIn } from './colours.ts';
import { markOf, textOf } from './layers.ts';
import { effectsOf, maskOf, trimOf, turnOf } from './look.ts';
import { attachmentOf, hintsOf, outputOf } from './output.ts';
import { nearer } from './place.ts';
import { rectangle, sizeOf, surroundings } from './size.ts';
import { type ImgixValues, readValues } from './words.ts';

const program = 'imgix';

/**
 * imgix: `/folder/a.jpg?w=300&h=200&fit=crop&auto=format&s=<MD5>`. Undefined where the query has none of its options; what it
 * knows and we do not draw is refused, and what it does not know says nothing, as there.
 */
export const readImgix: QueryDialect = inLanguageOf(program);

/** The same in the URLs of a program that took over these options. */
export function inLanguageOf(theirs: string): QueryDialect {
  return (target, options) => {
    const values = readValues(valuesOf(target.query), theirs);
    return values.size === 0 ? undefined : saidBy(values, target, options);
  };
}

/** The path of a web proxy: a whole URL, escaped or not. */
export const readImgixProxy: Dialect = (target, options) => {
  const { segments, query } = target;
  if (!/^https?(?::|%3a)/i.test(segments[0] ?? '')) return undefined;
  const picture = pictureAt(decodeOnce(segments.join('/')), 'key', options);
  return { ...picture, ...saidBy(readValues(valuesOf(query), program), target, options), usesQuery: true };
};

function saidBy(values: ImgixValues, target: RawTarget, options: GrammarOptions): Said {
  const signature = values.get('s');
  const expires = values.get('expires');
  const text = signedText(target);
  return {
    components: componentsOf(values, options),
    ...(signature !== undefined && isPrintable.test(text) && { proof: { value: signature.toLowerCase(), text } }),
    ...(expires !== undefined && { expires: endOf(expires, values) }),
  };
}

function componentsOf(values: ImgixValues, options: GrammarOptions): readonly string[] {
  const around = surroundings(values);
  return drawnAs({
    turn: turnOf(values),
    trim: trimOf(values),
    areas: [rectangle(values), nearer(values)],
    size: sizeOf(values) ?? hintsOf(values),
    effects: effectsOf(values),
    // A canvas colours all that is transparent.
    background: around.some((written) => written?.includes('c_lpad') === true) ? undefined : colourIn(values, 'bg'),
    finish: [...around, maskOf(values), ...markOf(values, options), ...textOf(values), attachmentOf(values)],
    output: outputOf(values),
  });
}

/**
 * Who has one signature of a secret in front of a text can make those of longer texts, which hold what MD5 pads with: bytes that no
 * URL has.
 */
const isPrintable = /^[\x21-\x7e]*$/;

/** Path and query as they came, without the signature. */
function signedText({ segments, query }: RawTarget): string {
  const rest = pairsOf(query).filter((pair) => !pair.startsWith('s='));
  const path = `/${segments.join('/')}`;
  return rest.length === 0 ? path : `${path}?${rest.join('&')}`;
}

function endOf(text: string, values: ImgixValues): number {
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw refuse(values.program, `expires=${text}`, 'expected seconds since 1970');
}
