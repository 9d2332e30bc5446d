import { decodeId } from '../../ids/ids.ts';
import { type Dialect, refuse } from '../dialect.ts';
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

/**
 * Supabase Storage: `/storage/v1/render/image/public/<bucket>/<key>?width=300&height=200`. A bucket is what `sources` say of
 * `s3://<bucket>/`, else a folder. Formats are negotiated unless the URL wants the original's.
 */
export const readSupabase: Dialect = ({ segments, query }, options) => {
  const rest = segments[0] === 'storage' && segments[1] === 'v1' ? segments.slice(2) : segments;
  const [render, image, access = '', bucket = '', ...path] = rest;
  if (render !== 'render' || image !== 'image' || path.length === 0) return undefined;
  if (access === 'sign') throw refuse(language.program, access, 'what its tokens open is not known here');
  if (access !== 'public' && access !== 'authenticated') return undefined;
  const values = queryValues(language, query);
  const c = values.word('resize', modes) ?? 'lfill';
  const sides = [values.number('width', [0, 65_535]), values.number('height', [0, 65_535])] as const;
  const f = values.text('format') === undefined ? 'auto' : values.word('format', { origin: undefined });
  const components = drawnAs({ size: sized(c, sides), output: { f, q: qualityOf(values, 'quality') } });
  const key = decodeId(path);
  const mapped = mappedKey(`s3://${bucket}/`, options);
  return { key: mapped === undefined ? decodeId([bucket, ...path]) : `${mapped}${key}`, components, usesQuery: true };
};
