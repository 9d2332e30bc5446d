import { chain, component, type Dialect, meaningIn, readOptions, refuse } from './dialect.ts';
import { pictureOf } from './next.ts';

const program = 'Netlify Image CDN';
const known = ['url', 'w', 'h', 'fit', 'position', 'fm', 'q'] as const;

/** By `fit`; nothing is made larger than the original but where it is stretched. */
const modes: Readonly<Record<string, string>> = { contain: 'limit', cover: 'lfill', fill: 'scale' };
const places: Readonly<Record<string, string>> = {
  center: 'center',
  top: 'north',
  bottom: 'south',
  left: 'west',
  right: 'east',
};

type NetlifyValues = Readonly<Partial<Record<(typeof known)[number], string>>>;

/** Netlify Image CDN: `/.netlify/images?url=/a.jpg&w=400&h=300&fit=cover`. */
export const readNetlify: Dialect = ({ segments, query }, options) => {
  const [first, second, ...rest] = segments;
  if (first !== '.netlify' || second !== 'images' || rest.join('') !== '') return undefined;
  const values = readOptions(query, { program, known, required: 'url' });
  const { url = '', fm = 'auto', q } = values;
  const components = chain(component(size(values)), component({ f: fm, q }));
  return { ...pictureOf(url, options), components, usesQuery: true };
};

function size({ w, h, fit = 'contain', position }: NetlifyValues): Record<string, string | undefined> {
  const c = meaningIn(modes, fit);
  if (c === undefined) throw refuse(program, `fit=${fit}`, `fit takes ${Object.keys(modes).join(', ')}`);
  const place = position === undefined ? undefined : meaningIn(places, position);
  if (position !== undefined && place === undefined) {
    throw refuse(program, `position=${position}`, `position takes ${Object.keys(places).join(', ')}`);
  }
  if (w === undefined && h === undefined) return {};
  // One side alone asks for no shape, so there is nothing to cut or stretch.
  const isOneSided = w === undefined || h === undefined;
  return { c: isOneSided ? 'limit' : c, g: !isOneSided && fit === 'cover' ? place : undefined, h, w };
}
