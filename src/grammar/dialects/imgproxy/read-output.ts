import { refuse } from '../dialect.ts';
import { atMost, base64Text, whole } from './arguments.ts';
import { type ImgproxyOption, isTrue, program } from './options.ts';
import type { Wishes } from './wishes.ts';

export function readQuality(option: ImgproxyOption, wishes: Wishes): Wishes {
  atMost(option, 1);
  const quality = whole(option, 0);
  if (quality === undefined || quality > 100) throw refuse(program, option.text, 'expected a whole number to 100');
  return { ...wishes, quality };
}

export function readQualities(option: ImgproxyOption, wishes: Wishes): Wishes {
  const qualities = new Map(wishes.qualities);
  if (option.args.length % 2 !== 0) throw refuse(program, option.text, 'expected formats and qualities in turns');
  for (let index = 0; index < option.args.length; index += 2) {
    const quality = whole(option, index + 1, 1);
    if (quality === undefined || quality > 100) throw refuse(program, option.text, 'a quality is from 1 to 100');
    qualities.set(option.args[index] ?? '', quality);
  }
  return { ...wishes, qualities };
}

export function readFormat(option: ImgproxyOption, wishes: Wishes): Wishes {
  atMost(option, 1);
  return { ...wishes, format: option.args[0] ?? '' };
}

export function readSkipped(option: ImgproxyOption, wishes: Wishes): Wishes {
  const unknown = option.args.find((name) => !/^(?:jpe?g|png|webp|avif|gif|jxl|ico|svg|heic|bmp|tiff?)$/.test(name));
  if (unknown !== undefined) throw refuse(program, option.text, 'it names formats');
  return { ...wishes, skipped: [...(wishes.skipped ?? []), ...option.args] };
}

export function readFilename(option: ImgproxyOption, wishes: Wishes): Wishes {
  atMost(option, 2);
  const [name = '', encoded] = option.args;
  return { ...wishes, filename: isTrue(encoded) ? base64Text(name) : name };
}

export function readExpires(option: ImgproxyOption, wishes: Wishes): Wishes {
  atMost(option, 1);
  const text = option.args[0] ?? '';
  if (!/^\d{1,12}$/.test(text)) throw refuse(program, option.text, 'expected seconds since 1970');
  return Number(text) === 0 ? wishes : { ...wishes, expires: Number(text) };
}

/** What changes the picture is drawn; what only changes how it is packed is left to us where it says no. */
export function readJpegOptions(option: ImgproxyOption, wishes: Wishes): Wishes {
  const [progressive, ...others] = option.args;
  const asked = others.filter((arg) => isTrue(arg) || /^[1-9]$/.test(arg));
  if (asked.length > 0) throw refuse(program, option.text, 'only progressive is drawn');
  return isTrue(progressive) ? withFlag(wishes, 'progressive') : wishes;
}

export function readPngOptions(option: ImgproxyOption, wishes: Wishes): Wishes {
  const [interlaced, quantize, colours = ''] = option.args;
  if (colours !== '' && isTrue(quantize)) throw refuse(program, option.text, 'a palette has as many colours as fit');
  const progressive = isTrue(interlaced) ? withFlag(wishes, 'progressive') : wishes;
  return isTrue(quantize) ? withFlag(progressive, 'png8') : progressive;
}

export function readWebpOptions(option: ImgproxyOption, wishes: Wishes): Wishes {
  const [compression = '', subsample, preset = ''] = option.args;
  if (!['', 'lossy'].includes(compression) || isTrue(subsample) || !['', 'default'].includes(preset)) {
    throw refuse(program, option.text, 'WebP is lossy here, in one way');
  }
  return wishes;
}

export function withFlag(wishes: Wishes, flag: string): Wishes {
  return { ...wishes, flags: [...(wishes.flags ?? []), flag] };
}
