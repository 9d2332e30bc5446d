import type { GrammarOptions } from '../../grammar-options.ts';
import { decodeId } from '../../ids/ids.ts';
import { type Dialect, refuse, type Translation } from '../dialect.ts';
import { drawnAs } from '../drawing.ts';
import { mappedKey } from '../source.ts';
import { type QueryLanguage, qualityOf, queryValues, sized } from './values.ts';

const language: QueryLanguage = {
  program: 'Supabase',
  drawn: ['width', 'height', 'resize', 'quality', 'format'],
  refused: [],
};

/** Its renderer never makes a picture larger. */
const modes = { cover: 'lfill', contain: 'limit', fill: 'lscale' };

/** Of an original, which is sent as it is. */
const originals: QueryLanguage = { program: language.program, drawn: [], refused: ['download'] };

/**
 * Supabase Storage: `/storage/v1/render/image/public/<bucket>/<key>?width=300&height=200`, and `/storage/v1/object/public/<bucket>/<key>`
 * for the original. A bucket is what `sources` say of `s3://<bucket>/`, else a folder. Formats are negotiated unless the URL wants
 * the original's.
 */
export const readSupabase: Dialect = ({ segments, query }, options) => {
  const isWhole = segments[0] === 'storage' && segments[1] === 'v1';
  const [first, second, ...rest] = isWhole ? segments.slice(2) : segments;
  if (first === 'render' && second === 'image') return rendered(rest, query, options);
  if (!isWhole || first !== 'object' || second === undefined) return undefined;
  const key = keyOf([second, ...rest], options);
  if (key === undefined) return undefined;
  queryValues(originals, query);
  return { key, components: [], usesQuery: true };
};

function rendered(segments: readonly string[], query: string, options: GrammarOptions): Translation | undefined {
  const key = keyOf(segments, options);
  if (key === undefined) return undefined;
  const values = queryValues(language, query);
  const c = values.word('resize', modes) ?? 'lfill';
  const sides = [values.number('width', [0, 65_535]), values.number('height', [0, 65_535])] as const;
  const f = values.text('format') === undefined ? 'auto' : values.word('format', { origin: undefined });
  const components = drawnAs({ size: sized(c, sides), output: { f, q: qualityOf(values, 'quality') } });
  return { key, components, usesQuery: true };
}

/** Behind who may have it come a bucket and its path. */
function keyOf([access = '', bucket = '', ...path]: readonly string[], options: GrammarOptions): string | undefined {
  if (path.length === 0) return undefined;
  if (access === 'sign') throw refuse(language.program, access, 'what its tokens open is not known here');
  if (access !== 'public' && access !== 'authenticated') return undefined;
  const key = decodeId(path);
  const mapped = mappedKey(`s3://${bucket}/`, options);
  return mapped === undefined ? decodeId([bucket, ...path]) : `${mapped}${key}`;
}
