import { meaningIn, refuse } from '../dialect.ts';
import { atMost } from './arguments.ts';
import { type ImgproxyOption, numberIn, program } from './options.ts';
import type { Place } from './wishes.ts';

export const compass: Readonly<Record<string, string>> = {
  ce: 'center',
  no: 'north',
  so: 'south',
  ea: 'east',
  we: 'west',
  noea: 'north_east',
  nowe: 'north_west',
  soea: 'south_east',
  sowe: 'south_west',
};

export function placeIn(option: ImgproxyOption): Place {
  const [type = ''] = option.args;
  if (type === 'sm') {
    atMost(option, 1);
    return { gravity: 'auto', x: 0, y: 0 };
  }
  if (type === 'fp') {
    const [x, y] = [numberIn(option, 1, { min: 0, max: 1 }), numberIn(option, 2, { min: 0, max: 1 })];
    if (x === undefined || y === undefined || option.args.length > 3) {
      throw refuse(program, option.text, 'fp takes two numbers from 0 to 1');
    }
    return { gravity: 'point', x, y };
  }
  if (type === 'obj' || type === 'objw') return detected(option);
  const gravity = meaningIn(compass, type);
  if (gravity === undefined) {
    throw refuse(program, option.text, `gravity takes ${Object.keys(compass).join(', ')}, sm or fp`);
  }
  atMost(option, 3);
  const limits = { min: -65_535, max: 65_535 };
  return { gravity, x: numberIn(option, 1, limits) ?? 0, y: numberIn(option, 2, limits) ?? 0 };
}

/** Faces fall back as everywhere here; of other things nothing is known. */
function detected(option: ImgproxyOption): Place {
  const classes = option.args.slice(1).filter((_, index) => option.args[0] === 'obj' || index % 2 === 0);
  if (classes.length > 0 && classes.every((name) => name === 'face')) return { gravity: 'faces:auto', x: 0, y: 0 };
  throw refuse(program, option.text, 'there is no detector but for faces');
}
