import type { QueryDialect } from '../dialect.ts';
import { drawnAs } from '../drawing.ts';
import { type QueryLanguage, qualityOf, queryValues, sized } from './values.ts';

const language: QueryLanguage = {
  program: 'Directus',
  drawn: ['width', 'height', 'fit', 'quality', 'format', 'withoutEnlargement', 'download', 'key'],
  refused: ['transforms', 'focal_point_x', 'focal_point_y'],
};

const modes = { cover: 'fill', contain: 'pad', inside: 'fit', outside: 'outside' };
const boundedModes = { cover: 'lfill', contain: 'lpad', inside: 'limit', outside: 'loutside' };
const formats = { auto: 'auto', jpg: 'jpg', png: 'png', webp: 'webp', avif: 'avif' };

/** Directus' assets: `/assets/<id>?width=300&height=200&fit=cover`; `key` names a preset of ours. */
export const readDirectus: QueryDialect = ({ query }) => {
  const values = queryValues(language, query);
  if (values.size === 0) return undefined;
  const isBounded = values.word('withoutEnlargement', { true: 'true', false: undefined }) === 'true';
  const c = values.word('fit', isBounded ? boundedModes : modes) ?? (isBounded ? 'lfill' : 'fill');
  const sides = [values.number('width', [1, 65_535]), values.number('height', [1, 65_535])] as const;
  const components = drawnAs({
    areas: [{ t: values.text('key') }],
    size: sized(c, sides),
    output: {
      f: values.word('format', formats),
      fl: values.text('download') === undefined ? undefined : 'attachment',
      q: qualityOf(values, 'quality'),
    },
  });
  return { components };
};
