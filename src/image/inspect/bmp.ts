import type { Steps } from '../../turns.ts';
import { type Bmp, bmpHeadBytes, hasAlphaIn, readBmp, rowBytesOf } from '../containers/bmp.ts';
import { type Header, upToNow } from '../containers/header.ts';
import { iconPicture } from '../containers/ico.ts';
import { inspectPng } from './png.ts';

/** Reads a BMP's headers. */
export function inspectBmp(bytes: Buffer): Header {
  return headerOf(readBmp(bytes, bmpHeadBytes, bytes.readUInt32LE(10)), bytes);
}

/** Reads what an icon's largest picture says. */
export function inspectIco(bytes: Buffer): Header | Steps<Header> {
  const picture = iconPicture(bytes);
  if (picture.kind === 'png') return inspectPng(picture.file);
  return { ...headerOf(picture.bmp, picture.file), hasAlpha: true, samplesPerPixel: 4 };
}

function headerOf(bmp: Bmp, file: Buffer): Header {
  const hasAlpha = hasAlphaIn(bmp);
  return {
    ...upToNow,
    stored: bmp.size,
    hasAlpha,
    hasPalette: bmp.palette !== undefined,
    samplesPerPixel: hasAlpha ? 4 : 3,
    holdsItsPixels: bmp.coding !== 'plain' || bmp.pixelsAt + rowBytesOf(bmp) * bmp.size.height <= file.length + 3,
  };
}
