import { namespaces, rdf } from './namespaces.ts';
import type { XmpItem, XmpProperty, XmpValue } from './xmp-read.ts';

/** Bytes of a packet. A segment of a JPEG, the smallest place there is, holds twice as much. */
const mostBytes = 32 * 1024;

/** A packet that says that, property by property; those that no longer fit are left out. Undefined where none is. */
export function writeXmp(properties: readonly XmpProperty[]): string | undefined {
  const written: string[] = [];
  let bytes = 0;
  for (const property of properties) {
    const text = elementOf(property);
    const more = Buffer.byteLength(text);
    if (bytes + more > mostBytes) continue;
    bytes += more;
    written.push(text);
  }
  if (written.length === 0) return undefined;
  return `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="${rdf}"><rdf:Description rdf:about=""${declared(properties)}>${written.join('')}</rdf:Description></rdf:RDF></x:xmpmeta>`;
}

/** The namespaces, each once: a structure's fields are of its own. */
function declared(properties: readonly XmpProperty[]): string {
  const used = new Set(properties.map(({ prefix }) => prefix));
  return [...used].map((prefix) => ` xmlns:${prefix}="${namespaces[prefix]}"`).join('');
}

function elementOf({ prefix, name, value }: XmpProperty): string {
  return element(`${prefix}:${name}`, '', value);
}

function element(name: string, attributes: string, value: XmpValue): string {
  switch (value.kind) {
    case 'text':
      return `<${name}${attributes}>${escaped(value.text)}</${name}>`;
    case 'resource':
      return `<${name}${attributes} rdf:resource="${escaped(value.uri)}"/>`;
    case 'list':
      return `<${name}${attributes}><rdf:${value.order}>${value.items.map(itemOf).join('')}</rdf:${value.order}></${name}>`;
    case 'struct':
      return `<${name}${attributes} rdf:parseType="Resource">${value.fields.map(elementOf).join('')}</${name}>`;
  }
}

function itemOf({ value, language }: XmpItem): string {
  return element('rdf:li', language === undefined ? '' : ` xml:lang="${escaped(language)}"`, value);
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // Which a reader would make another kind of white space of.
  '\r': '&#13;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => escapes[character] ?? character);
}
