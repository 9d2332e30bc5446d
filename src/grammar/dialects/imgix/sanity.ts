import type { Dialect } from '../dialect.ts';
import { inLanguageOf } from './imgix.ts';

const readOptions = inLanguageOf('Sanity');

/** The name of a stored file says its size; a name for readers may follow it. */
const stored = /-\d{1,5}x\d{1,5}\.[a-z]{3,4}$/i;

/**
 * Sanity's images: `/images/<project>/<dataset>/<hash>-300x200.jpg?w=100&rect=…`, a name for readers behind them or not. Its options
 * are some of imgix', and mean the same.
 */
export const readSanity: Dialect = (target, options) => {
  const { segments } = target;
  if (segments[0] !== 'images') return undefined;
  const at = segments.findIndex((segment) => stored.test(segment));
  if (at < 2 || at < segments.length - 2) return undefined;
  return { rawId: segments.slice(0, at + 1), components: [], ...readOptions(target, options), usesQuery: true };
};
