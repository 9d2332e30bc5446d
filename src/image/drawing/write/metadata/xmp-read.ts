import { clipped } from '../../../containers/metadata/text.ts';
import { namespaces, type Prefix, prefixes, rdf, xml } from './namespaces.ts';
import { readXml, type XmlElement } from './xmp-tree.ts';

/** A value of XMP, whichever of RDF's ways it was written in. */
export type XmpValue =
  | { readonly kind: 'text'; readonly text: string }
  /** An address (`rdf:resource`). */
  | { readonly kind: 'resource'; readonly uri: string }
  | { readonly kind: 'list'; readonly order: ListOrder; readonly items: readonly XmpItem[] }
  | { readonly kind: 'struct'; readonly fields: readonly XmpProperty[] };

export type ListOrder = 'Seq' | 'Bag' | 'Alt';

export interface XmpItem {
  readonly value: XmpValue;
  /** Of one of several alternatives, such as `x-default`. */
  readonly language: string | undefined;
}

export interface XmpProperty {
  readonly prefix: Prefix;
  readonly name: string;
  readonly value: XmpValue;
}

/** Items of a list or fields of a structure that are kept. */
const mostItems = 100;

/** Reads the properties of those namespaces from a packet. Where one is there twice, the first counts. */
export function readXmp(packet: Buffer): readonly XmpProperty[] {
  const descriptions = readXml(decoded(packet)).children.flatMap(descriptionsIn);
  const properties = new Map<string, XmpProperty>();
  for (const property of descriptions.flatMap(propertiesOf)) {
    const name = `${property.prefix}:${property.name}`;
    if (!properties.has(name)) properties.set(name, property);
  }
  return [...properties.values()];
}

/** UTF-8 as a rule; the standard allows UTF-16, which shows in its first characters. */
function decoded(packet: Buffer): string {
  const [first, second] = packet;
  const isWide = first === 0xff || first === 0xfe || first === 0 || second === 0;
  const isBigEndian = first === 0xfe || first === 0;
  return new TextDecoder(isWide ? (isBigEndian ? 'utf-16be' : 'utf-16le') : 'utf-8').decode(packet);
}

/** In `rdf:RDF`, which may stand in `x:xmpmeta` or alone. */
function descriptionsIn(element: XmlElement): readonly XmlElement[] {
  if (element.uri === rdf && element.local === 'RDF') return element.children;
  return element.children.flatMap((child) => (child.uri === rdf && child.local === 'RDF' ? child.children : []));
}

/** As attributes of the description, and as its elements. */
function propertiesOf({ attributes, children }: XmlElement): readonly XmpProperty[] {
  return prefixes.flatMap((prefix) => propertiesIn(prefix, attributes, children));
}

/** Those of one namespace: what a structure holds of another is not about the same. */
function propertiesIn(
  prefix: Prefix,
  attributes: XmlElement['attributes'],
  children: XmlElement['children'],
): readonly XmpProperty[] {
  const uri = namespaces[prefix];
  const short = attributes.filter((one) => one.uri === uri).map(({ local, value }) => [local, text(value)] as const);
  const long = children
    .filter((one) => one.uri === uri)
    .map((child) => [child.local, readValue(child, prefix)] as const);
  return [...short, ...long]
    .slice(0, mostItems)
    .flatMap(([name, value]) => (value === undefined ? [] : [{ prefix, name, value }]));
}

function text(value: string): XmpValue | undefined {
  const kept = clipped(value);
  return kept.trim() === '' ? undefined : { kind: 'text', text: kept };
}

/** What an element of a property holds: an address, a list, a structure or a text. */
function readValue(element: XmlElement, prefix: Prefix): XmpValue | undefined {
  const { attributes, children } = element;
  const resource = attributes.find(({ uri, local }) => uri === rdf && local === 'resource');
  if (resource !== undefined) return { kind: 'resource', uri: clipped(resource.value) };
  const inRdf = (name: string) => children.find(({ uri, local }) => uri === rdf && local === name);
  for (const order of ['Seq', 'Bag', 'Alt'] as const) {
    const list = inRdf(order);
    if (list !== undefined) return listOf(list, order, prefix);
  }
  // A value with something said about it.
  const value = inRdf('value');
  if (value !== undefined) return readValue(value, prefix);
  const description = inRdf('Description');
  if (description !== undefined) {
    const inner = description.children.find(({ uri, local }) => uri === rdf && local === 'value');
    return inner === undefined ? structOf(description, prefix) : readValue(inner, prefix);
  }
  return structOf(element, prefix) ?? text(element.text);
}

function listOf(list: XmlElement, order: ListOrder, prefix: Prefix): XmpValue | undefined {
  const items = list.children.slice(0, mostItems).flatMap((item) => {
    const value = readValue(item, prefix);
    const language = item.attributes.find(({ uri, local }) => uri === xml && local === 'lang')?.value;
    return value === undefined ? [] : [{ value, language: language?.slice(0, 100) }];
  });
  return items.length === 0 ? undefined : { kind: 'list', order, items };
}

function structOf({ attributes, children }: XmlElement, prefix: Prefix): XmpValue | undefined {
  const fields = propertiesIn(prefix, attributes, children);
  return fields.length === 0 ? undefined : { kind: 'struct', fields };
}
