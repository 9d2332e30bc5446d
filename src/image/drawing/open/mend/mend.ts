import type { Facts, SourceFormat } from '../../../containers/facts.ts';
import { mendAvif } from './avif.ts';
import { withoutExifItems } from './avif-exif.ts';
import { plainAvif } from './avif-plain.ts';
import { plainGif } from './gif-plain.ts';
import { mendJpeg } from './jpeg.ts';
import { plainJpeg } from './jpeg-plain.ts';
import { mendPng } from './png.ts';
import { withPixelChecksum } from './png-checksum.ts';
import { plainPng } from './png-plain.ts';
import { mendTiff } from './tiff.ts';
import { mendWebp } from './webp.ts';
import { plainWebp } from './webp-plain.ts';

/** Ways to mend a file, the cheapest first. */
const menders: Readonly<Partial<Record<SourceFormat, readonly ((bytes: Buffer) => Buffer | undefined)[]>>> = {
  jpeg: [(bytes) => mendJpeg(bytes, 'quick'), (bytes) => mendJpeg(bytes, 'thorough')],
  png: [mendPng, withPixelChecksum],
  webp: [mendWebp],
  avif: [mendAvif],
  tiff: [mendTiff],
};

/** Attempts at mending that there are of any format. */
export const mostAttempts = 2;

/**
 * The same pixels in a file over which a decoder has nothing to grumble but what is wrong with them; undefined where
 * that attempt comes to no such file. Decoders stop at every oddity, and say only in words whether pixels suffer. So what
 * has nothing to do with pixels is put right, and the decoder, as strict as ever, is asked once more. Only for a file that
 * it has refused: a sound one is never looked at here.
 */
export function mended(file: Buffer, format: SourceFormat, attempt: number): Buffer | undefined {
  const whole = menders[format]?.[attempt]?.(file);
  return whole === undefined || whole.equals(file) ? undefined : whole;
}

/**
 * The same picture in a file that says it as the decoder reads it; undefined where the decoder reads it rightly as it is.
 * That is for what it draws otherwise than it is meant without a word: every file of those formats is looked at, but only
 * at what its parts are. Nor does EXIF get to the decoder, which has no use for it (the inspector reads the orientation,
 * `metadata/` the words) and may take 15 s over 30 kB of it: directories that point back at themselves are walked anew
 * for each pointer. A Failure (`too_large`) is thrown for an AVIF of more parts than are looked at.
 */
export function putPlainly(file: Buffer, { format, hasAlpha }: Pick<Facts, 'format' | 'hasAlpha'>): Buffer | undefined {
  switch (format) {
    case 'avif':
      return plainAvifWithoutExif(file);
    case 'gif':
      return plainGif(file);
    case 'jpeg':
      return plainJpeg(file);
    case 'png':
      return plainPng(file);
    case 'webp':
      return plainWebp(file, hasAlpha);
    default:
      return undefined;
  }
}

function plainAvifWithoutExif(file: Buffer): Buffer | undefined {
  const plain = plainAvif(file);
  return withoutExifItems(plain ?? file) ?? plain;
}
