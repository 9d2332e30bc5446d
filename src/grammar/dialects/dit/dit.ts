import type { GrammarOptions } from '../../grammar-options.ts';
import { type Dialect, type DialectProof, type QueryDialect, refuse, type Translation } from '../dialect.ts';
import { pictureInBucket } from '../source.ts';
import { drawn } from './edits.ts';
import { mapped, toned } from './filters.ts';
import { isObject, type Json, program, wrong } from './json.ts';
import { isWordy, readWords } from './path.ts';
import { type Asked, readAsked } from './query.ts';

/**
 * AWS' image handler: `/<JSON in base64>`, which has a `bucket`, a `key` and `edits` by sharp's names, or thumbor's words before a
 * key; each with a query, whose edits come in the place of those of the path.
 */
export const readDit: Dialect = ({ segments, query }, options) => {
  const path = segments.join('/');
  const request = requestIn(path);
  if (request === undefined && !isWordy(segments)) return undefined;
  const asked = readAsked(query);
  const said = request === undefined ? byWords(path, asked, options) : byJson(request, asked, options);
  return { ...said, usesQuery: true, ...inTime(path, asked) };
};

/** The same by its query alone: version 8, and what version 7 knows of it. */
export const readDitQuery: QueryDialect = ({ segments, query }, options) => {
  const asked = readAsked(query);
  if (asked.isEmpty) return undefined;
  return { components: drawn(asked.edits, options), ...inTime(segments.join('/'), asked) };
};

function byWords(path: string, asked: Asked, options: GrammarOptions): Translation {
  const { edits, filters, picture } = readWords(path, options);
  const components = drawn({ ...mapped(filters, edits), ...asked.edits }, options);
  return { ...picture, components: [...components, ...toned(filters)] };
}

function byJson(request: Json, asked: Asked, options: GrammarOptions): Translation {
  const { bucket, key, edits = {}, outputFormat, ...rest } = request;
  // What its server answers with is not for a URL to say, and a picture is no other for it.
  const other = Object.keys(rest).find((name) => !['headers', 'effort', 'reductionEffort'].includes(name));
  if (other !== undefined) throw refuse(program, other, 'bucket, key, edits and outputFormat are taken');
  if (!isObject(edits)) throw wrong('edits', 'an object');
  if (typeof key !== 'string') throw wrong('key', 'a text');
  if (bucket !== undefined && typeof bucket !== 'string') throw wrong('bucket', 'a name');
  const all = { ...edits, ...asked.edits };
  const isNamed = outputFormat !== undefined && !('toFormat' in all);
  const picture = bucket === undefined ? { key } : pictureInBucket(bucket, key, options);
  return { ...picture, components: drawn(isNamed ? { ...all, toFormat: outputFormat } : all, options) };
}

/** The request that a path is in base64; undefined for any other path. */
function requestIn(path: string): Json | undefined {
  if (!/^eyJ[\w+/%-]+={0,2}$/.test(path)) return undefined;
  try {
    const read: unknown = JSON.parse(Buffer.from(decodeURIComponent(path), 'base64').toString('utf8'));
    return isObject(read) && typeof read['key'] === 'string' ? read : undefined;
  } catch {
    return undefined;
  }
}

/** Signed are the path and what else the query says. */
function inTime(path: string, { signature, expires, text }: Asked): { proof?: DialectProof; expires?: number } {
  const signed = text === '' ? `/${path}` : `/${path}?${text}`;
  return {
    ...(signature !== undefined && text !== undefined && { proof: { value: signature, text: signed } }),
    ...(expires !== undefined && { expires }),
  };
}
