import { Failure } from '../../failure.ts';
import type { GrammarOptions } from '../grammar-options.ts';
import { component, type Dialect, type NamedPicture, namedPicture, valuesOf } from './dialect.ts';
import { pictureAt } from './source.ts';

/**
 * The default loader of next/image: `/_next/image?url=%2Ffolder%2Fkey.jpg&w=128&q=75`, with `trailingSlash` `/_next/image/?…`.
 * Never larger than the original.
 */
export const readNext: Dialect = ({ segments, query }, options) => {
  const [first, second, ...rest] = segments;
  if (first !== '_next' || second !== 'image' || rest.join('/') !== '') return undefined;
  const values = valuesOf(query);
  const [url, w, q] = [values.get('url'), values.get('w'), values.get('q')];
  if (url === undefined || w === undefined) {
    throw new Failure(
      'invalid',
      'A URL of next/image names its picture and width: /_next/image?url=%2Fkey.jpg&w=640&q=75.',
    );
  }
  const picture = pictureOf(url, options);
  const written = component({ c: 'limit', f: 'auto', q, w }) ?? '';
  return { ...picture, components: [written], usesQuery: true };
};

/** The picture that the option `url` of a query names, once that is decoded: a path as in any URL, or a whole URL. */
export function pictureOf(url: string, options: GrammarOptions): NamedPicture {
  if (/^\/*https?:/i.test(url)) return pictureAt(url.replace(/^\/+/, ''), 'key', options);
  // What its own query says (`?v=2`, against caches) is no part of a key.
  return namedPicture((url.split(/[?#]/, 1)[0] ?? '').split('/'), options);
}
