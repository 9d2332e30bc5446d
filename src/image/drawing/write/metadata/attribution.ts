import type { Metadata } from '../../../containers/metadata/metadata.ts';
import { clipped, decodeText } from '../../../containers/metadata/text.ts';
import { type IptcTexts, readIptc } from './iptc.ts';
import type { Prefix } from './namespaces.ts';
import { readXmp, type XmpProperty, type XmpValue } from './xmp-read.ts';

/** Who made a picture and who has rights to it, in both forms that files have for it. */
export interface Attribution {
  readonly properties: readonly XmpProperty[];
  /** For EXIF, which has a text for each. */
  readonly artist: string | undefined;
  readonly copyright: string | undefined;
}

/** The properties of XMP that say it; nothing else of a packet comes along: no place, no device, no history. */
const kept: Readonly<Record<Prefix, readonly string[]>> = {
  dc: ['creator', 'rights', 'publisher', 'contributor'],
  photoshop: ['Credit', 'Source', 'AuthorsPosition'],
  xmpRights: ['WebStatement', 'UsageTerms', 'Marked', 'Owner', 'Certificate'],
  cc: ['license', 'attributionName', 'attributionURL', 'morePermissions', 'useGuidelines'],
  plus: [
    'Licensor',
    'CopyrightOwner',
    'CopyrightStatus',
    'ImageCreator',
    'ImageSupplier',
    'CreditLineRequired',
    'DataMining',
  ],
  Iptc4xmpCore: [],
  Iptc4xmpExt: [],
  tiff: [],
  hdrgm: [],
};

/**
 * Reads it wherever it is said. Of what is said twice XMP's word counts, then IPTC's, then EXIF's; EXIF's own goes on in
 * EXIF too.
 */
export function attributionIn(metadata: Metadata): Attribution {
  const properties = new Map<string, XmpProperty>();
  const add = (property: XmpProperty | undefined) => {
    if (property === undefined) return;
    const name = `${property.prefix}:${property.name}`;
    if (!properties.has(name)) properties.set(name, property);
  };
  for (const property of metadata.xmp.flatMap(readXmp)) if (isKept(property)) add(property);
  for (const property of metadata.iptc.map(readIptc).flatMap(iptcProperties)) add(property);
  const { creator, rights } = metadata;
  add(creators(creator === undefined ? [] : [creator]));
  add(rightsOf(rights));
  return {
    properties: [...properties.values()],
    artist: creator ?? plainText(properties.get('dc:creator')?.value),
    copyright: rights ?? plainText(properties.get('dc:rights')?.value),
  };
}

function isKept({ prefix, name }: XmpProperty): boolean {
  return kept[prefix].includes(name);
}

/** IPTC's records as the properties of XMP that stand for them (IPTC Photo Metadata Standard). */
function iptcProperties(texts: IptcTexts): readonly (XmpProperty | undefined)[] {
  return [
    creators(texts.creators.map(decodeText)),
    rightsOf(decodedText(texts.rights)),
    photoshop('Credit', texts.credit),
    photoshop('Source', texts.source),
    photoshop('AuthorsPosition', texts.title),
  ];
}

function decodedText(bytes: Buffer | undefined): string | undefined {
  return bytes === undefined ? undefined : decodeText(bytes);
}

function photoshop(name: string, bytes: Buffer | undefined): XmpProperty | undefined {
  const text = decodedText(bytes);
  return text === undefined || text === '' ? undefined : { prefix: 'photoshop', name, value: { kind: 'text', text } };
}

function creators(names: readonly string[]): XmpProperty | undefined {
  const items = names
    .filter((name) => name !== '')
    .map((text) => ({ value: { kind: 'text', text } as const, language: undefined }));
  return items.length === 0
    ? undefined
    : { prefix: 'dc', name: 'creator', value: { kind: 'list', order: 'Seq', items } };
}

function rightsOf(text: string | undefined): XmpProperty | undefined {
  if (text === undefined || text === '') return undefined;
  const items = [{ value: { kind: 'text', text } as const, language: 'x-default' }];
  return { prefix: 'dc', name: 'rights', value: { kind: 'list', order: 'Alt', items } };
}

/** A value in one text: of alternatives the first, which is the default, of several names all. */
function plainText(value: XmpValue | undefined): string | undefined {
  switch (value?.kind) {
    case 'text':
      return value.text;
    case 'resource':
      return value.uri;
    case 'list': {
      const texts = value.items.flatMap((item) => plainText(item.value) ?? []);
      return value.order === 'Alt' ? texts[0] : clipped(texts.join('; '));
    }
    default:
      return undefined;
  }
}
