import type { GrammarOptions } from '../../grammar-options.ts';
import { chain, component, type Dialect, meaningIn, refuse, substituteOf } from '../dialect.ts';
import { pictureAt } from '../source.ts';
import { isMasked, looks } from './look.ts';
import { leavesRoom, shaped } from './shape.ts';
import { program, refuseOthers, type Words, wordsOf } from './words.ts';

const formats: Readonly<Record<string, string>> = {
  ...{ jpg: 'jpg', png: 'png', gif: 'gif', webp: 'webp', avif: 'avif', av1: 'avif' },
};

/**
 * weserv, as of wsrv.nl: `/?url=old.example/a.jpg&w=300&h=200&fit=cover`. A source without a scheme begins with its host. Values that
 * it cannot read say nothing, as there.
 */
export const readWeserv: Dialect = ({ segments, query }, options) => {
  if (segments.join('') !== '' || !/(?:^|&)url=/.test(query)) return undefined;
  const words = wordsOf(query);
  refuseOthers(words);
  const source = (words.text('url') ?? '').replace(/^ssl:/, 'https://');
  if (source === '') throw refuse(program, 'url', 'it names no picture');
  const components = chain(...shaped(words), ...looks(words), output(words), substitute(words, options));
  const filename = words.text('filename')?.replace(/\.[a-z0-9]{1,5}$/i, '');
  return {
    ...pictureAt(source, 'host', options),
    components,
    usesQuery: true,
    ...(filename !== undefined && filename !== '' && { filename }),
  };
};

/** One frame, unless all are asked for; what becomes transparent is no JPEG, unless that is asked for. */
function output(words: Words): string | undefined {
  const written = words.text('output') ?? '';
  if (written === 'tiff' || written === 'tif') throw refuse(program, 'output=tiff', 'TIFF is not written');
  const f = meaningIn(formats, written);
  const keepsAlpha = f === undefined && (isMasked(words) || leavesRoom(words));
  const flags = [
    written === 'json' ? 'getinfo' : '',
    keepsAlpha ? 'preserve_transparency' : '',
    words.isOn('il') ? 'progressive' : '',
  ].filter((flag) => flag !== '');
  const quality = words.number('q', [1, 100]);
  return component({
    f,
    fl: flags.join('.') || undefined,
    pg: pageOf(words),
    q: quality === undefined ? undefined : String(Math.round(quality)),
  });
}

function pageOf(words: Words): string | undefined {
  const frames = words.number('n', [-1, 65_535]) ?? 1;
  const page = words.number('page', [-2, 65_534]) ?? 0;
  if (page < 0) throw refuse(program, `page=${page}`, 'the largest and the smallest page are not looked for');
  if (frames === -1 && page === 0) return undefined;
  if (frames === -1 || frames > 1) throw refuse(program, `n=${frames}`, 'there are all frames, or one');
  return String(page + 1);
}

/** What is sent where there is no picture; 1 sends the browser on, which we do not. */
function substitute(words: Words, options: GrammarOptions): string | undefined {
  const source = words.text('default');
  if (source === undefined || source === '' || source === '1') return undefined;
  const picture = source.includes('?') ? undefined : pictureAt(source, 'host', options);
  if (picture !== undefined && 'key' in picture) return substituteOf(picture.key);
  throw refuse(program, 'default', 'the substitute is one of our own pictures, as it is');
}
