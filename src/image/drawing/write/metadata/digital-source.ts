import type { Metadata } from '../../../containers/metadata/metadata.ts';
import { readXmp, type XmpProperty } from './xmp-read.ts';

/**
 * How a picture came about (IPTC's Digital Source Type): taken, drawn, or made by AI, which the law of some countries
 * wants to stay readable. Only XMP has a property for it. Its name was written in two ways before.
 */
const names = /^digitalsource(?:file)?type$/i;
/** The same in the bytes of a packet, in UTF-8 or UTF-16: a packet without it need not be read. */
const spelled = /d\0?i\0?g\0?i\0?t\0?a\0?l\0?s\0?o\0?u\0?r\0?c\0?e\0?(?:f\0?i\0?l\0?e\0?)?t\0?y\0?p\0?e/i;

/** Longer ones are no terms of a vocabulary. */
const mostCharacters = 500;

/** Its term, as it is written; undefined where the picture does not say. */
export function digitalSourceIn({ xmp }: Pick<Metadata, 'xmp'>): string | undefined {
  return xmp
    .filter((packet) => spelled.test(packet.toString('latin1')))
    .flatMap(readXmp)
    .filter(({ prefix, name }) => prefix === 'Iptc4xmpExt' && names.test(name))
    .map(termOf)
    .find((term) => term !== undefined && term.length <= mostCharacters);
}

function termOf({ value }: XmpProperty): string | undefined {
  const [first] = value.kind === 'list' ? value.items.map((item) => item.value) : [value];
  if (first?.kind === 'resource') return first.uri.trim();
  return first?.kind === 'text' ? first.text.trim() : undefined;
}

const vocabulary = 'http://cv.iptc.org/newscodes/digitalsourcetype/';

/** What a picture is that shows another one, by the other's last word on how it came about. */
const composites: Readonly<Record<string, string>> = {
  trainedAlgorithmicMedia: 'compositeWithTrainedAlgorithmicMedia',
  compositeWithTrainedAlgorithmicMedia: 'compositeWithTrainedAlgorithmicMedia',
  algorithmicMedia: 'compositeSynthetic',
  compositeSynthetic: 'compositeSynthetic',
  virtualRecording: 'compositeSynthetic',
};

/**
 * The term of a picture with layers: its own, as long as no layer was made by a machine and it was not; then that of a
 * picture put together of both.
 */
export function composedSource(own: string | undefined, layers: readonly (string | undefined)[]): string | undefined {
  const isMachines = (term: string | undefined) => term !== undefined && compositeOf(term) !== undefined;
  if (isMachines(own)) return own;
  const marks = layers.flatMap((term) => (term === undefined ? [] : (compositeOf(term) ?? [])));
  const strongest = marks.find((mark) => mark.endsWith('AlgorithmicMedia')) ?? marks[0];
  return strongest === undefined ? own : vocabulary + strongest;
}

function compositeOf(term: string): string | undefined {
  const last = term.slice(term.lastIndexOf('/') + 1);
  return Object.hasOwn(composites, last) ? composites[last] : undefined;
}

/** As a property of XMP. */
export function digitalSourceProperty(term: string): XmpProperty {
  return { prefix: 'Iptc4xmpExt', name: 'DigitalSourceType', value: { kind: 'text', text: term } };
}
