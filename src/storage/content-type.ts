import { formatOfExtension, mediaTypeOf } from '../formats.ts';

/** What a key's extension says of a plain file; undefined unless it is a known kind of picture. */
export function contentTypeByExtension(key: string): string | undefined {
  const extension = /\.([a-z]{3,4})$/i.exec(key)?.[1]?.toLowerCase() ?? '';
  const format = formatOfExtension(extension);
  return format && mediaTypeOf(format);
}
