import { meaningIn, refuse } from '../dialect.ts';
import { decimal } from '../drawing.ts';
import { type ImgixValues, numberOf } from './words.ts';

type Values = Readonly<Record<string, string | undefined>>;

const compass: Readonly<Record<string, string>> = {
  top: 'north',
  bottom: 'south',
  left: 'west',
  right: 'east',
  'bottom,left': 'south_west',
  'bottom,right': 'south_east',
  'left,top': 'north_west',
  'right,top': 'north_east',
  center: 'center',
};

/** What `crop` keeps: of several words the first that finds something counts there. */
export function placed(values: ImgixValues): Values {
  const text = values.get('crop')?.toLowerCase();
  if (text === undefined) return {};
  const words = text.split(',').filter((word) => word !== '');
  if (words.includes('focalpoint')) return point(values);
  const looks = words.some((word) => word === 'entropy' || word === 'edges');
  const sides = words.filter((word) => !['faces', 'entropy', 'edges'].includes(word));
  const g = meaningIn(compass, Array.from(sides).sort().join(','));
  if (sides.length > 0 && g === undefined) throw refuse(values.program, `crop=${text}`, 'there is no such place');
  if (words.includes('faces')) {
    if (g !== undefined && g !== 'north')
      throw refuse(values.program, `crop=${text}`, 'without faces it looks at the middle or the top');
    return { g: looks ? 'faces:auto' : g === undefined ? 'faces:center' : 'faces' };
  }
  return { g: looks ? 'auto' : g };
}

function point(values: ImgixValues): Values {
  const [x, y] = [numberOf(values, 'fp-x', [0, 1]), numberOf(values, 'fp-y', [0, 1])];
  if (x === undefined && y === undefined) return {};
  return { g: 'xy_center', x: decimal(x ?? 0.5), y: decimal(y ?? 0.5) };
}

/** Nearer to the focal point: the part of the picture that is so many times smaller. */
export function nearer(values: ImgixValues): Values | undefined {
  const zoom = numberOf(values, 'fp-z', [1, 100]) ?? 1;
  const isUsed = values.get('fit') === 'crop' && (values.get('crop') ?? '').includes('focalpoint');
  if (zoom === 1 || !isUsed) return undefined;
  return { c: 'crop', w: decimal(1 / zoom), h: decimal(1 / zoom), ...point(values) };
}

/** `align` of marks and texts, from the corner in which they lie by themselves. */
export function aligned(text: string | undefined, [across, down]: readonly [string, string]): string {
  const words = new Set((text ?? '').toLowerCase().split(','));
  const row = words.has('top') ? 'north' : words.has('bottom') ? 'south' : words.has('middle') ? '' : down;
  const column = words.has('left') ? 'west' : words.has('right') ? 'east' : words.has('center') ? '' : across;
  return [row, column].filter((part) => part !== '').join('_') || 'center';
}
