import { chain, type Dialect, type QueryDialect, refuse } from '../dialect.ts';
import { areaAt, drawnAs } from '../drawing.ts';
import { type QueryLanguage, type QueryValues, queryValues, sized } from './values.ts';

const language: QueryLanguage = {
  program: 'Shopify',
  drawn: [
    'width',
    'height',
    'crop',
    'crop_left',
    'crop_top',
    'crop_width',
    'crop_height',
    'pad_color',
    'format',
    'scale',
    'quality',
  ],
  refused: [],
};

const places = { center: 'center', top: 'north', bottom: 'south', left: 'west', right: 'east', region: 'region' };
const formats = { jpg: 'jpg', jpeg: 'jpg', pjpg: 'jpg', png: 'png', webp: 'webp', avif: 'avif', gif: 'gif' };

/** Sides of the boxes that names have a word for. */
const boxes: Readonly<Record<string, number>> = {
  pico: 16,
  icon: 32,
  thumb: 50,
  small: 100,
  compact: 160,
  medium: 240,
  large: 480,
  grande: 600,
  original: 0,
  master: 0,
};

const sizedName =
  /^(.+)_(pico|icon|thumb|small|compact|medium|large|grande|original|master|\d{1,4}x\d{0,4}|x\d{1,4})(?:_crop_(center|top|bottom|left|right))?(?:@([23])x)?(\.progressive)?(\.[a-z]{3,4})(?:\.(webp|jpg|png))?$/i;

/** Shopify's CDN: `/files/a.jpg?width=300&height=200&crop=center`. No picture becomes larger than it was. */
export const readShopify: QueryDialect = ({ query }) => {
  const values = queryValues(language, query);
  return values.size === 0 ? undefined : { components: drawnByQuery(values) };
};

/** The same by names: `/files/a_300x200_crop_center@2x.jpg`. */
export const readShopifyName: Dialect = ({ segments, query }) => {
  const named = sizedName.exec(segments.at(-1) ?? '');
  if (named === null) return undefined;
  const components = chain(...drawnByName(named), ...drawnByQuery(queryValues(language, query)));
  return { rawId: [...segments.slice(0, -1), `${named[1]}${named[6]}`], components, usesQuery: true };
};

function drawnByName([, , size = '', place, scale = '1', progressive, , format]: RegExpExecArray): readonly string[] {
  const [width, height] = sidesOf(size.toLowerCase());
  const factor = Number(scale);
  const g = place === undefined ? undefined : places[place.toLowerCase() as keyof typeof places];
  const c = g === undefined ? 'limit' : 'lfill';
  return drawnAs({
    size: sized(c, [width * factor, height * factor], { g }),
    output: { f: format?.toLowerCase(), fl: progressive === undefined ? undefined : 'progressive' },
  });
}

function sidesOf(size: string): readonly [number, number] {
  const side = boxes[size];
  if (side !== undefined) return [side, side];
  const [width = '', height = ''] = size.split('x', 2);
  return [Number(width), Number(height)];
}

function drawnByQuery(values: QueryValues): readonly string[] {
  const scale = values.number('scale', [1, 3]) ?? 1;
  const [width, height] = [values.number('width', [1, 5760]), values.number('height', [1, 5760])];
  const place = values.word('crop', places);
  const b = values.colour('pad_color');
  const isCut = place !== undefined && place !== 'region';
  const quality = values.number('quality', [1, 100]);
  return drawnAs({
    areas: [place === 'region' ? region(values) : undefined],
    size: sized(
      isCut ? 'lfill' : b === undefined ? 'limit' : 'lpad',
      [width && width * scale, height && height * scale],
      {
        g: isCut ? place : undefined,
        b: isCut ? undefined : b,
      },
    ),
    output: {
      f: values.word('format', formats),
      fl: values.text('format') === 'pjpg' ? 'progressive' : undefined,
      q: quality === undefined ? undefined : String(Math.round(quality)),
    },
  });
}

function region(values: QueryValues) {
  const [x, y, w, h] = ['crop_left', 'crop_top', 'crop_width', 'crop_height'].map((name) =>
    values.number(name, [0, 65_535]),
  );
  if (w === undefined || h === undefined || w < 1 || h < 1) {
    throw refuse(language.program, 'crop=region', 'it needs crop_width and crop_height');
  }
  return areaAt(String(Math.round(x ?? 0)), String(Math.round(y ?? 0)), String(Math.round(w)), String(Math.round(h)));
}
