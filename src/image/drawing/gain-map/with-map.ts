import { mediaTypeOf } from '../../../formats.ts';
import { applicationSegment, segmentsOf, withSecond } from '../../containers/mpf.ts';
import { type Gains, isoBlock, isoName, type Triple, xmpName } from './gains.ts';

const rdfStart = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">';
const rdfEnd = '</rdf:RDF>';
const hdrgm = 'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"';

function packetOf(description: string): string {
  return `<x:xmpmeta xmlns:x="adobe:ns:meta/">${rdfStart}${description}${rdfEnd}</x:xmpmeta>`;
}

/**
 * What a base says in XMP of a map of so many bytes behind it (Ultra HDR 1.0, for readers of before ISO 21496-1), beside what else
 * it says: a JPEG has one packet.
 */
export function packetWithMap(packet: string | undefined, mapBytes: number): string {
  const item = (said: string) =>
    `<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="${mediaTypeOf('jpeg')}" ${said}/></rdf:li>`;
  const places =
    'xmlns:Container="http://ns.google.com/photos/1.0/container/" xmlns:Item="http://ns.google.com/photos/1.0/container/item/"';
  const items = `${item('Item:Semantic="Primary"')}${item(`Item:Semantic="GainMap" Item:Length="${mapBytes}"`)}`;
  const description = `<rdf:Description rdf:about="" ${places} ${hdrgm}><Container:Directory><rdf:Seq>${items}</rdf:Seq></Container:Directory></rdf:Description>`;
  return packet === undefined ? packetOf(description) : packet.replace(rdfEnd, `${description}${rdfEnd}`);
}

/** A map as it lies in a file: its pixels, and what they mean, in both ways. */
export function withGains(jpeg: Buffer, gains: Gains): Buffer {
  const at = behindApplications(jpeg);
  return Buffer.concat([
    jpeg.subarray(0, at),
    applicationSegment(0xe1, xmpName, Buffer.from(packetOf(described(gains)))),
    applicationSegment(0xe2, isoName, isoBlock(gains)),
    jpeg.subarray(at),
  ]);
}

/** A base and its map as one file. */
export function withMap(base: Buffer, map: Buffer): Buffer {
  const at = behindApplications(base);
  // Of a base only the versions of the standard are said: 0, as the least to read it by and as the one it is written by.
  const version = applicationSegment(0xe2, isoName, Buffer.alloc(4));
  const stated = Buffer.concat([base.subarray(0, at), version, base.subarray(at)]);
  return withSecond(stated, at + version.length, map);
}

/** Where the first segment stands that is not an application's. */
function behindApplications(jpeg: Buffer): number {
  for (const { code, at } of segmentsOf(jpeg)) if (code < 0xe0 || code > 0xef) return at;
  return 2;
}

/** Numbers that are alike in all channels as attributes, which is all that some readers know. */
function described(gains: Gains): string {
  const { least, most, gamma, baseOffset, brightOffset, baseHeadroom, brightHeadroom } = gains;
  const all: readonly (readonly [string, Triple | number])[] = [
    ['GainMapMin', least],
    ['GainMapMax', most],
    ['Gamma', gamma],
    ['OffsetSDR', baseOffset],
    ['OffsetHDR', brightOffset],
    ['HDRCapacityMin', baseHeadroom],
    ['HDRCapacityMax', brightHeadroom],
  ];
  const one = all.flatMap(([name, value]) =>
    typeof value === 'number' || areAlike(value) ? [attribute(name, value)] : [],
  );
  const three = all.flatMap(([name, value]) =>
    typeof value === 'number' || areAlike(value) ? [] : [element(name, value)],
  );
  return `<rdf:Description rdf:about="" ${hdrgm} hdrgm:BaseRenditionIsHDR="False"${one.join('')}>${three.join('')}</rdf:Description>`;
}

function areAlike([red, green, blue]: Triple): boolean {
  return red === green && red === blue;
}

function attribute(name: string, value: Triple | number): string {
  return ` hdrgm:${name}="${numeral(typeof value === 'number' ? value : value[0])}"`;
}

function element(name: string, value: Triple): string {
  const items = value.map((one) => `<rdf:li>${numeral(one)}</rdf:li>`).join('');
  return `<hdrgm:${name}><rdf:Seq>${items}</rdf:Seq></hdrgm:${name}>`;
}

function numeral(value: number): string {
  return String(Number(value.toFixed(6)));
}
