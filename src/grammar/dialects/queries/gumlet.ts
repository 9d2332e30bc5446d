import { meaningIn, pairsOf, type QueryDialect, refuse } from '../dialect.ts';
import { inLanguageOf } from '../imgix/imgix.ts';

const program = 'Gumlet';
const readAsImgix = inLanguageOf(program);

/** Names that it has instead of imgix', whose others it takes. */
const names: Readonly<Record<string, string>> = {
  ...{ mode: 'fit', format: 'fm', quality: 'q', rotate: 'rot', sharpen: 'sharp' },
  ...{ brightness: 'bri', contrast: 'con', saturation: 'sat', gamma: 'gam', width: 'w', height: 'h' },
};
const modes: Readonly<Record<string, string>> = { fit: 'clip', inside: 'clip', cover: 'crop', contain: 'fill' };
const refused: readonly string[] = ['extract', 'overlay', 'text', 'ignore_faces', 'face_blur'];

/** `crop=smart` looks where imgix' entropy does. */
function smartly(name: string, value: string): string {
  return name === 'crop' && value === 'smart' ? 'entropy' : value;
}

/** Gumlet: `/a.jpg?w=300&h=200&mode=crop&format=auto`. It reads imgix' options, beside names of its own. */
export const readGumlet: QueryDialect = (target, options) => {
  const written = pairsOf(target.query).filter((pair) => pair !== '');
  const pairs = written.map((pair) => {
    const equals = pair.indexOf('=');
    const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
    if (refused.includes(name)) throw refuse(program, name, 'it is not supported');
    const theirs = Object.hasOwn(names, name) ? (names[name] ?? name) : name;
    return [theirs, theirs === 'fit' ? (meaningIn(modes, value) ?? value) : smartly(theirs, value)] as const;
  });
  const isAutomatic = pairs.some(([name, value]) => name === 'fm' && value === 'auto');
  const isCompressed = pairs.some(([name, value]) => name === 'compress' && value === 'true');
  const rest = pairs.filter(([name, value]) => !((name === 'fm' && value === 'auto') || name === 'compress'));
  const automatic = [isAutomatic ? 'format' : '', isCompressed ? 'compress' : ''].filter((word) => word !== '');
  const kept =
    automatic.length > 0 ? rest.filter(([name]) => name !== 'auto').concat([['auto', automatic.join(',')]]) : rest;
  const said = readAsImgix({ ...target, query: kept.map(([name, value]) => `${name}=${value}`).join('&') }, options);
  return said && { components: said.components };
};
