import { mediaTypeOf } from '../../formats.ts';

/** How much a client wants each thing we can send, from 0 (not at all) to 1. */
export interface Acceptance {
  /** 0 unless named: a wildcard does not promise that a client can show it. */
  readonly avif: number;
  readonly webp: number;
  /** The better of JPEG and PNG, wildcards included. */
  readonly basic: number;
}

/** No browser sends a tenth of this; what is longer is not worth reading. */
const maxHeaderLength = 2048;

/** Reads an Accept header (RFC 9110 §12.5.1). A range that is not well-formed is left out, never an error. */
export function parseAccept(header: string): Acceptance {
  if (header.length > maxHeaderLength) return { avif: 0, webp: 0, basic: 1 };
  const weights = new Map<string, number>();
  for (const element of splitOutsideQuotes(header, ',')) {
    const [range = '', ...parameters] = splitOutsideQuotes(element, ';');
    const type = range.trim().toLowerCase();
    const weight = weightOf(parameters);
    if (weight !== undefined) weights.set(type, Math.max(weight, weights.get(type) ?? 0));
  }
  const wildcard = weights.get('image/*') ?? weights.get('*/*') ?? 0;
  return {
    avif: weights.get(mediaTypeOf('avif')) ?? 0,
    webp: weights.get(mediaTypeOf('webp')) ?? 0,
    basic: Math.max(weights.get(mediaTypeOf('jpeg')) ?? wildcard, weights.get(mediaTypeOf('png')) ?? wildcard),
  };
}

function weightOf(parameters: readonly string[]): number | undefined {
  for (const parameter of parameters) {
    const [name = '', value = ''] = parameter.split('=', 2);
    if (name.trim().toLowerCase() !== 'q') continue;
    const text = value.trim();
    return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : undefined;
  }
  return 1;
}

function splitOutsideQuotes(text: string, separator: ',' | ';'): readonly string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (isQuoted && character === '\\') index += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/**
 * True where an Accept names pictures before anything else, as browsers write it for `<img>`. `image/none` is what our own
 * edge makes of an Accept that names no format.
 */
export function prefersPictures(header: string): boolean {
  if (header.length > maxHeaderLength) return false;
  let [pictures, others, anything] = [0, 0, 0];
  for (const element of splitOutsideQuotes(header, ',')) {
    const [range = '', ...parameters] = splitOutsideQuotes(element, ';');
    const type = range.trim().toLowerCase();
    const weight = weightOf(parameters) ?? 0;
    if (type === '*/*') anything = Math.max(anything, weight);
    else if (type.startsWith('image/') && type !== 'image/none') pictures = Math.max(pictures, weight);
    else if (type !== '') others = Math.max(others, weight);
  }
  return pictures > others && pictures >= anything;
}

/** True where an Accept names HTML, and nothing before it, as browsers write it for what somebody opens. */
export function prefersPages(header: string): boolean {
  if (header.length > maxHeaderLength) return false;
  let [pages, others] = [0, 0];
  for (const element of splitOutsideQuotes(header, ',')) {
    const [range = '', ...parameters] = splitOutsideQuotes(element, ';');
    const weight = weightOf(parameters) ?? 0;
    if (/^(?:text\/html|application\/xhtml\+xml)$/i.test(range.trim())) pages = Math.max(pages, weight);
    else others = Math.max(others, weight);
  }
  return pages > 0 && pages >= others;
}
