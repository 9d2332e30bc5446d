import type { SourceFormat } from '../../image/index.ts';

/** Formats that originals may have, with the media type and the extension that say so. */
const formats = {
  jpeg: { type: 'image/jpeg', extension: 'jpg' },
  png: { type: 'image/png', extension: 'png' },
  webp: { type: 'image/webp', extension: 'webp' },
  gif: { type: 'image/gif', extension: 'gif' },
  avif: { type: 'image/avif', extension: 'avif' },
  tiff: { type: 'image/tiff', extension: 'tiff' },
} as const satisfies Readonly<Record<SourceFormat, { readonly type: string; readonly extension: string }>>;

export type MediaType = (typeof formats)[SourceFormat]['type'];

const extensions: ReadonlyMap<string, string> = new Map(
  Object.values(formats).map(({ type, extension }) => [type, extension]),
);

/** Spellings that browsers, tools and file names use for the same types. */
const aliases: ReadonlyMap<string, MediaType> = new Map<string, MediaType>([
  ['image/jpg', 'image/jpeg'],
  ['image/pjpeg', 'image/jpeg'],
  ['image/x-png', 'image/png'],
  ['image/tif', 'image/tiff'],
]);

export const mediaTypes: readonly MediaType[] = Object.values(formats).map(({ type }) => type);

/** The media type that a claim stands for; undefined for what is no picture that is read here. */
export function mediaTypeOf(claim: string | undefined): MediaType | undefined {
  const type = (claim ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return aliases.get(type) ?? mediaTypes.find((known) => known === type);
}

/** What a file's name says of its type, for clients that know no better. */
export function mediaTypeOfName(filename: string | undefined): MediaType | undefined {
  const extension = /\.([a-z]{3,4})$/i.exec(filename ?? '')?.[1]?.toLowerCase();
  if (extension === 'jpeg') return 'image/jpeg';
  if (extension === 'tif') return 'image/tiff';
  return mediaTypes.find((type) => extensions.get(type) === extension);
}

export function mediaTypeOfFormat(format: SourceFormat): MediaType {
  return formats[format].type;
}

/** Without a dot. */
export function extensionOf(type: MediaType): string {
  return extensions.get(type) ?? 'bin';
}
