import { chain, component, type Dialect, readOptions } from './dialect.ts';
import { pictureOf } from './next.ts';

const program = 'Vercel';
/** `dpl` names a deployment there: which files are meant, and we have one of each. */
const known = ['url', 'w', 'q', 'dpl'] as const;

/** Vercel's image optimization: `/_vercel/image?url=%2Fa.jpg&w=640&q=75`. Never larger than the original. */
export const readVercel: Dialect = ({ segments, query }, options) => {
  const [first, second, ...rest] = segments;
  if (first !== '_vercel' || second !== 'image' || rest.join('') !== '') return undefined;
  const { url, w, q } = readOptions(query, { program, known, required: 'url' });
  const components = chain(component({ c: w && 'limit', w }), component({ f: 'auto', q }));
  return { ...pictureOf(url ?? '', options), components, usesQuery: true };
};
