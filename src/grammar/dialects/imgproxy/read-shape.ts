import { refuse } from '../dialect.ts';
import { atMost, from, hexColour, whole } from './arguments.ts';
import { type ImgproxyOption, isTrue, numberIn, program } from './options.ts';
import { placeIn } from './places.ts';
import type { Extension, Wishes } from './wishes.ts';

export const resizingTypes = ['fit', 'fill', 'fill-down', 'force', 'auto'] as const;

export function readSize(option: ImgproxyOption, wishes: Wishes): Wishes {
  atMost(option, 7);
  const [width, height] = [whole(option, 0), whole(option, 1)];
  const [, , enlarge = '', extend = ''] = option.args;
  return {
    ...wishes,
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    ...(enlarge !== '' && { enlarge: isTrue(enlarge) }),
    ...(extend !== '' && { extend: extensionIn(from(option, 3)) }),
  };
}

export function extensionIn(option: ImgproxyOption): Extension {
  atMost(option, 4);
  const place = option.args[1] === undefined ? undefined : placeIn(from(option, 1));
  if (place?.gravity === 'auto') throw refuse(program, option.text, 'extend takes no sm gravity');
  return { isOn: isTrue(option.args[0]), place };
}

export function readType(option: ImgproxyOption, wishes: Wishes): Wishes {
  const type = resizingTypes.find((known) => known === option.args[0]);
  if (type === undefined) {
    throw refuse(program, option.text, `the resizing types are ${resizingTypes.join(', ')}`);
  }
  return { ...wishes, type };
}

export function readResize(option: ImgproxyOption, wishes: Wishes): Wishes {
  atMost(option, 8);
  return readSize(from(option, 1), option.args[0] === '' ? wishes : readType(option, wishes));
}

export function readCrop(option: ImgproxyOption, wishes: Wishes): Wishes {
  const limits = { min: 0, max: 65_535 };
  const [width, height] = [numberIn(option, 0, limits) ?? 0, numberIn(option, 1, limits) ?? 0];
  const place = option.args[2] === undefined ? undefined : placeIn(from(option, 2));
  return { ...wishes, crop: { width, height, place } };
}

export function readTrim(option: ImgproxyOption, wishes: Wishes): Wishes {
  atMost(option, 4);
  const [, colour = '', horizontal, vertical] = option.args;
  const tolerance = numberIn(option, 0, { min: 0, max: 255 });
  if (tolerance === undefined) return wishes;
  const [hor, ver] = [isTrue(horizontal), isTrue(vertical)];
  const equal = hor ? (ver ? 'both' : 'hor') : ver ? 'ver' : undefined;
  return { ...wishes, trim: { tolerance, colour: colour === '' ? '' : hexColour(option, colour), equal } };
}

export function readPadding(option: ImgproxyOption, wishes: Wishes): Wishes {
  atMost(option, 4);
  const [top = 0, right = top, bottom = top, left = right] = [0, 1, 2, 3].map((index) => whole(option, index));
  return { ...wishes, padding: [top, right, bottom, left] };
}

export function readZoom(option: ImgproxyOption, wishes: Wishes): Wishes {
  atMost(option, 2);
  const limits = { min: 0.000001, max: 1000 };
  const x = numberIn(option, 0, limits);
  if (x === undefined) throw refuse(program, option.text, 'expected a number above 0');
  return { ...wishes, zoom: [x, numberIn(option, 1, limits) ?? x] };
}

export function readRotate(option: ImgproxyOption, wishes: Wishes): Wishes {
  atMost(option, 1);
  const degrees = numberIn(option, 0, { min: -360_000, max: 360_000 }) ?? 0;
  if (degrees % 90 !== 0) throw refuse(program, option.text, 'only quarter turns are taken');
  return { ...wishes, rotate: ((degrees % 360) + 360) % 360 };
}

export function readFlip(option: ImgproxyOption, wishes: Wishes): Wishes {
  atMost(option, 2);
  const flips = [isTrue(option.args[0]) ? 'hflip' : '', isTrue(option.args[1]) ? 'vflip' : ''];
  return { ...wishes, flips: flips.filter((flip) => flip !== '') };
}
