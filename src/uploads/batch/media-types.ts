import { formatOfExtension, formatOfMediaType, type MediaType, mediaTypeOf } from '../../formats.ts';

/** Spellings that browsers and tools use for the same types. */
const aliases: ReadonlyMap<string, MediaType> = new Map<string, MediaType>([
  ['image/jpg', 'image/jpeg'],
  ['image/pjpeg', 'image/jpeg'],
  ['image/x-png', 'image/png'],
  ['image/tif', 'image/tiff'],
]);

/** The media type that a claim stands for; undefined for what is no picture that is read here. */
export function claimedMediaType(claim: string | undefined): MediaType | undefined {
  const type = (claim ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const format = formatOfMediaType(aliases.get(type) ?? type);
  return format && mediaTypeOf(format);
}

/** What a file's name says of its type, for clients that know no better. */
export function mediaTypeOfName(filename: string | undefined): MediaType | undefined {
  const extension = /\.([a-z]{3,4})$/i.exec(filename ?? '')?.[1]?.toLowerCase() ?? '';
  const format = formatOfExtension(extension);
  return format && mediaTypeOf(format);
}
