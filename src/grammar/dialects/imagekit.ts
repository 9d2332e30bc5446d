import { maxComponents } from '../parameters/values.ts';
import { chain, colourOf, component, pairsOf, type QueryDialect, refuse } from './dialect.ts';

const crops: Readonly<Record<string, string>> = {
  maintain_ratio: 'fill',
  force: 'scale',
  at_max: 'limit',
  at_max_enlarge: 'fit',
};
const cropModes: Readonly<Record<string, string>> = { extract: 'crop', pad_resize: 'pad' };
const places: Readonly<Record<string, string>> = {
  center: 'center',
  top: 'north',
  left: 'west',
  bottom: 'south',
  right: 'east',
  top_left: 'north_west',
  top_right: 'north_east',
  bottom_left: 'south_west',
  bottom_right: 'south_east',
  auto: 'auto',
  face: 'face',
};

/** ImageKit's query; undefined without `tr`. */
export const readImageKit: QueryDialect = ({ query }) => {
  const components = readComponents(query);
  return components && { components };
};

/** `?tr=w-128,h-128,c-maintain_ratio,f-webp,q-80`, steps joined by `:`. */
function readComponents(query: string): readonly string[] | undefined {
  const written = pairsOf(query).find((pair) => pair.startsWith('tr='));
  if (written === undefined) return undefined;
  // One more than a chain may have, so that a longer one is refused and not cut.
  return decodeURIComponent(written.slice('tr='.length))
    .split(':', maxComponents + 1)
    .flatMap(readStep);
}

function readStep(step: string): readonly string[] {
  const parts: Record<string, string | undefined> = {};
  for (const part of step.split(',', 64)) {
    const dash = part.indexOf('-');
    const [name, value] = dash < 0 ? [part, ''] : [part.slice(0, dash), part.slice(dash + 1)];
    Object.assign(parts, readPart(name, value, part));
  }
  const { f, q, e, a, ...size } = parts;
  const isSized = size['w'] !== undefined || size['h'] !== undefined || size['ar'] !== undefined;
  const sized = isSized ? { ...size, c: size['c'] ?? 'fill' } : { b: size['b'], r: size['r'] };
  return chain(component({ a }), component(sized), component({ e }), component({ f, q }));
}

function readPart(name: string, value: string, part: string): Readonly<Record<string, string>> {
  switch (name) {
    case 'w':
    case 'h':
    case 'q':
    case 'f':
    case 'dpr':
    case 'x':
    case 'y':
    case 'r':
      return { [name]: value };
    case 'ar':
      return { ar: value.replace('-', ':') };
    case 'c':
      return { c: crops[value] ?? missing(part) };
    case 'cm':
      return { c: cropModes[value] ?? missing(part) };
    case 'fo':
      return { g: places[value] ?? missing(part) };
    case 'bg':
      return { b: colourOf(value) };
    case 'rt':
      return { a: value };
    case 'bl':
      return { e: `blur:${value}` };
    case 'e':
      return value === 'grayscale' ? { e: value } : missing(part);
    default:
      return missing(part);
  }
}

function missing(part: string): never {
  throw refuse('ImageKit', part, 'it is not supported');
}
