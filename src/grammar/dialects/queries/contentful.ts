import type { QueryDialect } from '../dialect.ts';
import { compass, drawnAs } from '../drawing.ts';
import { type QueryLanguage, qualityOf, queryValues, sized } from './values.ts';

const language: QueryLanguage = {
  program: 'Contentful',
  drawn: ['w', 'h', 'fit', 'f', 'r', 'q', 'fm', 'fl', 'bg'],
  refused: [],
};

const modes = { pad: 'pad', fill: 'fill', scale: 'scale', crop: 'crop', thumb: 'fill' };
const formats = { jpg: 'jpg', png: 'png', webp: 'webp', gif: 'gif', avif: 'avif' };
const places = { ...compass, face: 'face:center', faces: 'faces:center' };

/** Contentful's Images API: `/a.jpg?w=300&h=200&fit=fill&f=face&fm=webp`. Without `fit` a picture fits, and never becomes larger. */
export const readContentful: QueryDialect = ({ query }) => {
  const values = queryValues(language, query);
  if (values.size === 0) return undefined;
  const c = values.word('fit', modes) ?? 'limit';
  const g = values.word('f', places);
  const b = values.colour('bg');
  const isPlaced = c === 'fill' || c === 'crop' || (c === 'pad' && g?.includes('face') !== true);
  const sides = [values.number('w', [1, 4000]), values.number('h', [1, 4000])] as const;
  const radius = values.text('r');
  const components = drawnAs({
    size: sized(c, sides, { g: isPlaced ? g : undefined, b: c === 'pad' ? b : undefined }),
    background: b,
    effects: [{ r: radius === 'max' || radius === undefined ? radius : String(values.number('r', [0, 4000])) }],
    output: {
      f: values.word('fm', formats),
      fl: values.word('fl', { progressive: 'progressive', png8: 'png8' }),
      q: qualityOf(values, 'q'),
    },
  });
  return { components };
};
