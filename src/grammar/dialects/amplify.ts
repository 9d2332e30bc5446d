import { type Dialect, readOptions } from './dialect.ts';
import { sharpModes, writeModifiers } from './ipx.ts';
import { pictureOf } from './next.ts';

const program = 'Amplify Hosting';

/** Its options, as the modifiers of IPX: both hand sharp's own words on. */
const modifiers = {
  width: 'width',
  w: 'width',
  height: 'height',
  h: 'height',
  fit: 'fit',
  position: 'position',
  format: 'format',
  quality: 'quality',
  q: 'quality',
  trim: 'trim',
  rotate: 'rotate',
  flip: 'flip',
  flop: 'flop',
  sharpen: 'sharpen',
  blur: 'blur',
  negate: 'negate',
  normalize: 'normalize',
  normalise: 'normalize',
  grayscale: 'grayscale',
  greyscale: 'grayscale',
  background: 'background',
} as const;

const drawn = Object.keys(modifiers) as readonly (keyof typeof modifiers)[];

/**
 * Amplify Hosting's image optimization: `/_amplify/image?url=%2Fa.jpg&w=640&q=75`. Its path is the application's to say, so that
 * `/?url=…` is read as well.
 */
export const readAmplify: Dialect = ({ segments, query }, options) => {
  const path = segments.join('/');
  const isEndpoint = /^_amplify\/image\/?$/.test(path) || (path === '' && /(?:^|&)url=/.test(query));
  if (!isEndpoint) return undefined;
  const { url = '', ...values } = readOptions(query, { program, known: ['url', ...drawn], required: 'url' });
  const written = new Map<string, string>();
  for (const name of drawn) {
    const value = values[name];
    // Written so, a turn or an effect is left out.
    if (value !== undefined && value !== 'false') written.set(modifiers[name], value);
  }
  if (!written.has('format')) written.set('format', 'auto');
  return {
    ...pictureOf(url, options),
    components: writeModifiers(written, { program, modes: sharpModes }),
    usesQuery: true,
  };
};
