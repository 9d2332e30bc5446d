import { dialectTraits, type GrammarOptions } from '../grammar-options.ts';
import { shorten } from '../ids/ids.ts';
import { meantComponent } from './meant-component.ts';
import { classify } from './parse-components.ts';
import { dialectsKey } from './path-hint.ts';

const maxQueryLength = 200;

/**
 * A sentence for who wrote a transformation into the query of an original, where no dialect reads queries, so that the
 * original is what comes; undefined for any other URL.
 */
export function queryHint(rawTarget: string, { dialects }: Pick<GrammarOptions, 'dialects'>): string | undefined {
  const mark = rawTarget.indexOf('?');
  if (mark < 0 || rawTarget.length - mark > maxQueryLength) return undefined;
  if (dialects.some((name) => name === 'imagekit' || dialectTraits[name].claims?.includes('query'))) return undefined;
  const query = rawTarget.slice(mark + 1);
  const parts = query.replace(/^tr=/, '').split(/[&,]/);
  const meant = parts.flatMap((part) => meantComponent(part) ?? []).filter((part) => classify(part) === 'component');
  if (meant.length === 0) return undefined;
  const component = shorten(meant.join(','));
  const path = shorten(rawTarget.slice(1, mark));
  return `The query is not read here: write /${component}/${path}, or name "query" in ${dialectsKey} of fovea.json.`;
}
