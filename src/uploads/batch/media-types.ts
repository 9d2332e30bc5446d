import { formatOfExtension, formatOfMediaType, type MediaType, mediaTypeOf } from '../../formats.ts';

/** Spellings that browsers and tools use for the same types. */
const aliases: ReadonlyMap<string, MediaType> = new Map<string, MediaType>([
  ['image/jpg', 'image/jpeg'],
  ['image/pjpeg', 'image/jpeg'],
  ['image/x-png', 'image/png'],
  ['image/tif', 'image/tiff'],
  ['image/heif', 'image/heic'],
  ['image/x-bmp', 'image/bmp'],
  ['image/x-ms-bmp', 'image/bmp'],
  ['image/x-icon', 'image/vnd.microsoft.icon'],
]);

/** Endings that browsers and cameras give to JPEGs, and that no URL here may ask for. */
const jpegEndings: ReadonlySet<string> = new Set(['jfif', 'jpe', 'pjpeg', 'pjp']);

/**
 * What is said of bytes by programs that do not know what they are: S3's tools, forms without a type (which is `text/plain`,
 * RFC 7578 §4.4), and names of pictures that nobody registered. Who names a registered kind that is not read here is told so
 * before the bytes are sent.
 */
const vagueTypes: ReadonlySet<string> = new Set([
  ...['', 'application/octet-stream', 'binary/octet-stream', 'text/plain'],
  ...['image/*', 'image/jfif', 'image/pipeg', 'image/apng', 'image/vnd.mozilla.apng'],
]);

/** The media type that a claim stands for; undefined for what is no picture that is read here. */
export function claimedMediaType(claim: string | undefined): MediaType | undefined {
  const type = essenceOf(claim);
  const format = formatOfMediaType(aliases.get(type) ?? type);
  return format && mediaTypeOf(format);
}

/** True for a claim that says at most that it is a picture: the bytes tell. */
export function isVague(claim: string | undefined): boolean {
  return vagueTypes.has(essenceOf(claim));
}

/** What a file's name says of its type, for clients that know no better. */
export function mediaTypeOfName(filename: string | undefined): MediaType | undefined {
  const extension = /\.([a-z]{3,5})$/i.exec(filename ?? '')?.[1]?.toLowerCase() ?? '';
  const format = jpegEndings.has(extension) ? 'jpeg' : formatOfExtension(extension);
  return format && mediaTypeOf(format);
}

/** A media type in lower case, without its parameters. */
function essenceOf(claim: string | undefined): string {
  return (claim ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
