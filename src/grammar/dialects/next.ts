import { Failure } from '../../failure.ts';
import { component, type Dialect, namedPicture, pairsOf } from './dialect.ts';

/**
 * The default loader of next/image: `/_next/image?url=%2Ffolder%2Fkey.jpg&w=128&q=75`, with `trailingSlash` `/_next/image/?…`.
 * Never larger than the original.
 */
export const readNext: Dialect = ({ segments, query }, options) => {
  const [first, second, ...rest] = segments;
  if (first !== '_next' || second !== 'image' || rest.join('/') !== '') return undefined;
  const values = new Map(
    pairsOf(query).map((pair): [string, string] => {
      const equals = pair.indexOf('=');
      return equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
  const [url, w, q] = [values.get('url'), values.get('w'), values.get('q')];
  if (url === undefined || w === undefined) {
    throw new Failure(
      'invalid',
      'A URL of next/image names its picture and width: /_next/image?url=%2Fkey.jpg&w=640&q=75.',
    );
  }
  // One level of escaping belongs to the query; what is left is a path as in any URL.
  const picture = namedPicture(pathIn(decodeURIComponent(url)).split('/'), options);
  const written = component({ c: 'limit', f: 'auto', q, w }) ?? '';
  return { ...picture, components: [written], usesQuery: true };
};

/** A file of ours is named by its path: what its own query says (`?v=2`, against caches) is no part of its key. */
function pathIn(url: string): string {
  return /^\/*https?:/i.test(url) ? url : (url.split(/[?#]/, 1)[0] ?? '');
}
