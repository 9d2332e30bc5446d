/** Namespaces of XMP that are read and written, by the prefixes that they are written with. */
export const namespaces = {
  dc: 'http://purl.org/dc/elements/1.1/',
  photoshop: 'http://ns.adobe.com/photoshop/1.0/',
  xmpRights: 'http://ns.adobe.com/xap/1.0/rights/',
  cc: 'http://creativecommons.org/ns#',
  plus: 'http://ns.useplus.org/ldf/xmp/1.0/',
  Iptc4xmpCore: 'http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/',
  Iptc4xmpExt: 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/',
  tiff: 'http://ns.adobe.com/tiff/1.0/',
  hdrgm: 'http://ns.adobe.com/hdr-gain-map/1.0/',
} as const;

export type Prefix = keyof typeof namespaces;

export const prefixes = [
  'dc',
  'photoshop',
  'xmpRights',
  'cc',
  'plus',
  'Iptc4xmpCore',
  'Iptc4xmpExt',
  'tiff',
  'hdrgm',
] as const satisfies readonly Prefix[];

export const rdf = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';
export const xml = 'http://www.w3.org/XML/1998/namespace';
