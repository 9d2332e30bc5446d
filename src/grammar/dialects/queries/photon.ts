import { pairsOf, type QueryDialect, refuse } from '../dialect.ts';
import { areaAt, decimal, drawnAs } from '../drawing.ts';
import { type QueryLanguage, type QueryValues, qualityOf, queryValues, sized } from './values.ts';

const language: QueryLanguage = {
  program: 'Photon',
  drawn: ['w', 'h', 'crop', 'resize', 'fit', 'lb', 'filter', 'brightness', 'contrast', 'quality', 'zoom', 'strip'],
  refused: ['colorize', 'smooth', 'ulb', 'unletterbox', 'letterbox', 'crop_offset'],
};

const filters = {
  negate: 'negate',
  grayscale: 'grayscale',
  sepia: 'sepia',
  blurgaussian: 'blur:100',
  blurselective: 'blur:100',
  pixelate: 'pixelate:5',
};

/**
 * WordPress' Photon: `/a.jpg?resize=300,200`, `?fit=300,200`, `?w=300&h=200&crop=1`, `?crop=12,25,60,60` in per cent or pixels. No
 * picture becomes larger than it was.
 */
export const readPhoton: QueryDialect = ({ query }) => {
  const values = queryValues(language, query);
  if (values.size === 0) return undefined;
  const zoom = values.number('zoom', [0, 10]) ?? 1;
  const [brightness, contrast] = [values.number('brightness', [-255, 255]), values.number('contrast', [-100, 100])];
  const area = values.text('crop');
  const isArea = area?.includes(',') === true;
  if (isArea && firstOf(query) !== 'crop') throw refuse(language.program, 'crop', 'it is cut before it is sized');
  const components = drawnAs({
    areas: [isArea ? areaOf(area ?? '') : undefined],
    size: sizeOf(values, Math.max(1, zoom), isArea),
    effects: [
      values.word('filter', filters),
      brightness ? `brightness:${Math.round(Math.max(-99, brightness / 2.55))}` : undefined,
      contrast ? `contrast:${Math.round(contrast)}` : undefined,
    ],
    output: { q: qualityOf(values, 'quality') },
  });
  return { components };
};

/** Options are worked there in the order in which they are written. */
function firstOf(query: string): string | undefined {
  const names = pairsOf(query).map((pair) => pair.split('=', 1)[0] ?? '');
  return names.find((name) => ['w', 'h', 'crop', 'resize', 'fit', 'lb'].includes(name));
}

function sizeOf(values: QueryValues, zoom: number, isArea: boolean) {
  const given = ['resize', 'fit', 'lb'].filter((name) => values.text(name) !== undefined);
  const [first, second] = given;
  if (second !== undefined) throw refuse(language.program, second, 'beside another size it is not supported');
  if (first !== undefined) {
    const [width, height] = pairOf(first, values.text(first) ?? '');
    const [c, b] = first === 'lb' ? ['lpad', 'black'] : [first === 'fit' ? 'limit' : 'lfill', undefined];
    return sized(c ?? 'limit', [width * zoom, height * zoom], { b });
  }
  const [w, h] = [values.number('w', [1, 65_535]), values.number('h', [1, 65_535])];
  const isCut = !isArea && values.text('crop') === '1';
  return sized(isCut ? 'lfill' : 'limit', [w && w * zoom, h && h * zoom]);
}

function pairOf(name: string, text: string): readonly [number, number] {
  const [, width, height] = /^(\d{1,5}),(\d{1,5})$/.exec(text) ?? [];
  if (width === undefined || height === undefined) {
    throw refuse(language.program, `${name}=${text}`, 'expected width and height, as in 300,200');
  }
  return [Number(width), Number(height)];
}

/** `12,25,60,60` in per cent, `160px,25,1400px,60` in pixels where it says so. */
function areaOf(text: string) {
  const lengths = text.split(',', 5).map((part) => {
    const [, number, unit] = /^(\d{1,5}(?:\.\d{1,4})?)(px)?$/.exec(part) ?? [];
    if (number === undefined) return undefined;
    return unit === 'px' || Number(number) === 0 ? String(Math.round(Number(number))) : decimal(Number(number) / 100);
  });
  const [x, y, w, h] = lengths;
  if (
    lengths.length !== 4 ||
    x === undefined ||
    y === undefined ||
    w === undefined ||
    h === undefined ||
    w === '0' ||
    h === '0'
  ) {
    throw refuse(language.program, `crop=${text}`, 'expected x, y, width and height');
  }
  return areaAt(x, y, w, h);
}
