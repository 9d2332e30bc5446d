/**
 * Every format of pictures that is read here, by the name under which its media type is registered, and what names of its files end
 * in, the usual ending first. URLs ask for formats by these endings, too. The order is that in which endings are tried.
 */
const extensions = {
  jpeg: ['jpg', 'jpeg'],
  png: ['png'],
  webp: ['webp'],
  avif: ['avif'],
  heic: ['heic', 'heif'],
  gif: ['gif'],
  tiff: ['tiff', 'tif'],
  bmp: ['bmp', 'dib'],
  'vnd.microsoft.icon': ['ico'],
  'svg+xml': ['svg'],
  jxl: ['jxl'],
} as const satisfies Readonly<Record<string, readonly [string, ...string[]]>>;

/** Formats that originals may have. */
export type SourceFormat = keyof typeof extensions;
export type MediaType = `image/${SourceFormat}`;

/** Formats that variants are written in. */
export const imageFormats = ['jpeg', 'png', 'webp', 'avif', 'gif'] as const satisfies readonly SourceFormat[];
export type ImageFormat = (typeof imageFormats)[number];
/** What may stand at the end of a URL, or behind `f_`. */
export type OutputExtension = (typeof extensions)[ImageFormat][number];

/** Without a dot; the usual one of each format before its others. */
export const outputExtensions: readonly OutputExtension[] = imageFormats.flatMap((format) => extensions[format]);

// The package for pages leaves out what is marked as pure and not used there.
const sourceFormats = /* @__PURE__ */ Object.keys(extensions) as SourceFormat[];
export const mediaTypes: readonly MediaType[] = /* @__PURE__ */ sourceFormats.map(mediaTypeOf);
const byExtension: ReadonlyMap<string, SourceFormat> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ sourceFormats.flatMap((format) => extensions[format].map((extension) => [extension, format])),
);

export function mediaTypeOf<Format extends SourceFormat>(format: Format): `image/${Format}` {
  return `image/${format}`;
}

/** The usual ending of its files' names, without a dot. */
export function extensionOf(format: SourceFormat): string {
  return extensions[format][0];
}

/** The format that an ending in lower case names, without its dot. */
export function formatOfExtension(extension: string): SourceFormat | undefined {
  return byExtension.get(extension);
}

/** The format that a media type in lower case names, without its parameters. */
export function formatOfMediaType(mediaType: MediaType): SourceFormat;
export function formatOfMediaType(mediaType: string): SourceFormat | undefined;
export function formatOfMediaType(mediaType: string): SourceFormat | undefined {
  return sourceFormats.find((format) => mediaTypeOf(format) === mediaType);
}

export function isImageFormat(format: SourceFormat | undefined): format is ImageFormat {
  return imageFormats.some((known) => known === format);
}
