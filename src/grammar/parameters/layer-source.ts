import { decodeId, decodeOnce, shorten } from '../ids/ids.ts';
import type { Colour } from './colours.ts';
import { type Parsed, parseInteger, parseRounded } from './values.ts';

/** What an overlay shows. Ids are keys of the originals. */
export type LayerSource =
  | { readonly kind: 'image'; readonly id: string }
  | {
      readonly kind: 'text';
      readonly font: string;
      /** Pixels. */
      readonly size: number;
      /** Sorted, without repeats: `bold`, `italic`, `underline`, `letter_spacing_4`, … */
      readonly styles: readonly string[];
      readonly text: string;
      /** Of the letters (`co_`); black when absent. */
      readonly colour?: Colour;
    };

const notSupported: readonly string[] = ['fetch', 'video', 'subtitles', 'lut', 'gen_fill'];

const textStyles = [
  ...['thin', 'light', 'normal', 'bold', 'italic', 'underline', 'strikethrough', 'stroke'],
  ...['left', 'center', 'right', 'start', 'end', 'justify'],
];
/** Each with a word of its own after it. */
const renderingStyles = ['antialias', 'hinting'];
const numberedStyles = ['letter_spacing', 'line_spacing'];

const maxTextLength = 1000;

/** Reads `l_` and `u_`: an id with `/` written `:`, or `text:<font>_<size>[_style…]:<text>`. */
export function parseLayerSource(raw: string): Parsed<LayerSource> {
  const colon = raw.indexOf(':');
  const word = colon < 0 ? raw : raw.slice(0, colon);
  if (notSupported.includes(word)) return { problem: `layers of the kind ${word} are not supported` };
  if (word === 'text') return parseText(decodeOnce(raw.slice(colon + 1)));
  return raw === '' ? undefined : { kind: 'image', id: decodeId(raw.split(':')) };
}

/** The canonical form of a layer's source. */
export function writeLayerSource(source: LayerSource): string {
  if (source.kind === 'image') return writeLayerId(source.id);
  const font = [source.font, String(source.size), ...source.styles].map(encodeURIComponent).join('_');
  // Twice: the text is decoded once with its component and once more on its own.
  return `text:${font}:${encodeURIComponent(encodeURIComponent(source.text))}`;
}

/** An id as a layer has it. A folder that is called as a kind of layers has its first letter escaped: it is none. */
export function writeLayerId(id: string): string {
  const [first = '', ...rest] = id.split('/').map(encodeURIComponent);
  const isKind = first === 'text' || notSupported.includes(first);
  const folder = isKind ? first.replace(/^./, (letter) => `%${letter.charCodeAt(0).toString(16)}`) : first;
  return [folder, ...rest].join(':');
}

function parseText(value: string): Parsed<LayerSource> {
  const colon = value.indexOf(':');
  if (colon < 0) return { problem: 'a text layer is l_text:<font>_<size>[_<style>...]:<text>' };
  const text = decodeAgain(value.slice(colon + 1));
  if (text === '' || text.length > maxTextLength || hasForbiddenControl(text)) {
    return { problem: `a text layer takes 1 to ${maxTextLength} characters without control characters` };
  }
  const tokens = value.slice(0, colon).split('_');
  const sizeAt = tokens.findIndex((token, index) => index > 0 && /^\d{1,4}$/.test(token));
  const size = parseInteger(tokens[sizeAt] ?? '', 1, 2000);
  const font = tokens.slice(0, Math.max(sizeAt, 0)).join('_');
  if (size === undefined || font === '' || hasForbiddenControl(font)) {
    return { problem: 'a text layer names its font and size first, as in Arial_20' };
  }
  const styles = parseStyles(tokens.slice(sizeAt + 1));
  return Array.isArray(styles) ? { kind: 'text', font, size, styles, text } : { problem: String(styles) };
}

/** Sorted styles, or the sentence that says which word is no style. */
function parseStyles(tokens: readonly string[]): readonly string[] | string {
  const styles = new Set<string>();
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index] ?? '';
    const numbered = `${token}_${tokens[index + 1]}`;
    if (renderingStyles.includes(token)) {
      // How glyphs are put on pixels is not to be chosen here.
      index += 1;
    } else if (numberedStyles.includes(numbered)) {
      const amount = parseRounded(tokens[index + 2] ?? '', -100, 1000);
      if (amount === undefined) return `the text style ${numbered} takes a number`;
      styles.add(`${numbered}_${amount}`);
      index += 2;
    } else if (textStyles.includes(token)) {
      if (token !== 'normal') styles.add(token);
    } else {
      return `there is no text style "${shorten(token)}"`;
    }
  }
  return Array.from(styles).sort();
}

/** Decodes what is an escape and leaves what is not: `100%` written with one escape is meant as it stands. */
function decodeAgain(text: string): string {
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}

// A line feed starts a new line of the text.
function hasForbiddenControl(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code !== 0x0a && (code < 0x20 || (code >= 0x7f && code <= 0x9f))) return true;
  }
  return false;
}
