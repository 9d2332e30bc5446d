import { formatOfExtension, type ImageFormat, isImageFormat } from '../../formats.ts';

/** The extension of an output format at the end of a name, as written; undefined for any other ending. */
export function imageExtension(name: string): string | undefined {
  const dot = name.lastIndexOf('.');
  if (dot <= name.lastIndexOf('/') + 1) return undefined;
  const extension = name.slice(dot + 1);
  return isImageFormat(formatOfExtension(extension.toLowerCase())) ? extension : undefined;
}

/** The output format that the extension of an id asks for. */
export function extensionFormat(id: string): ImageFormat | undefined {
  const format = formatOfExtension(imageExtension(id)?.toLowerCase() ?? '');
  return isImageFormat(format) ? format : undefined;
}
