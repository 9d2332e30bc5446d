import { meaningIn, refuse } from '../dialect.ts';
import { atMost, hexColour } from './arguments.ts';
import { type ImgproxyOption, isTrue, numberIn, program } from './options.ts';
import { compass } from './places.ts';
import type { Wishes } from './wishes.ts';

export function readBackground(option: ImgproxyOption, wishes: Wishes): Wishes {
  const { args } = option;
  if (args.length === 1) {
    return { ...wishes, background: args[0] === '' ? undefined : hexColour(option, args[0] ?? '') };
  }
  if (args.length !== 3) throw refuse(program, option.text, 'expected a colour, or red, green and blue');
  const channels = [0, 1, 2].map((index) => numberIn(option, index, { min: 0, max: 255 }) ?? 0);
  return { ...wishes, background: channels.map((value) => value.toString(16).padStart(2, '0')).join('') };
}

export function readAdjust(option: ImgproxyOption, wishes: Wishes): Wishes {
  atMost(option, 3);
  const [brightness, contrast, saturation] = [
    numberIn(option, 0, { min: -255, max: 255 }),
    numberIn(option, 1, { min: 0, max: 2 }),
    numberIn(option, 2, { min: 0, max: 2 }),
  ];
  return {
    ...wishes,
    ...(brightness !== undefined && { brightness }),
    ...(contrast !== undefined && { contrast }),
    ...(saturation !== undefined && { saturation }),
  };
}

export function readMonochrome(option: ImgproxyOption, wishes: Wishes): Wishes {
  const [, colour = ''] = option.args;
  const share = numberIn(option, 0, { min: 0, max: 1 }) ?? 0;
  return { ...wishes, monochrome: { share, colour: colour === '' ? undefined : hexColour(option, colour) } };
}

export function readColorize(option: ImgproxyOption, wishes: Wishes): Wishes {
  const [, colour = '', keepAlpha] = option.args;
  const share = numberIn(option, 0, { min: 0, max: 1 }) ?? 0;
  if (share > 0 && keepAlpha !== undefined && keepAlpha !== '' && !isTrue(keepAlpha)) {
    throw refuse(program, option.text, 'what is transparent stays so');
  }
  return { ...wishes, colorize: { share, colour: colour === '' ? '000' : hexColour(option, colour) } };
}

export function readWatermark(option: ImgproxyOption, wishes: Wishes): Wishes {
  atMost(option, 5);
  const [, position = ''] = option.args;
  const named = position === '' ? 'center' : position === 're' ? 're' : meaningIn(compass, position);
  if (named === undefined) {
    throw refuse(program, option.text, `a watermark lies at ${Object.keys(compass).join(', ')} or re`);
  }
  const limits = { min: -65_535, max: 65_535 };
  return {
    ...wishes,
    watermark: {
      opacity: numberIn(option, 0, { min: 0, max: 1 }) ?? 0,
      position: named,
      x: numberIn(option, 2, limits) ?? 0,
      y: numberIn(option, 3, limits) ?? 0,
      scale: numberIn(option, 4, { min: 0, max: 100 }) ?? 0,
    },
  };
}
