import { chain, component, meaningIn, refuse } from '../dialect.ts';
import { colourText } from './effect.ts';
import { type Filter, numberOf } from './filters.ts';
import { placeOf } from './layers.ts';

/** Words over a picture. */
interface Words {
  readonly text: string;
  readonly font: string;
  readonly size: number;
  readonly styles: readonly string[];
  readonly colour: string;
  /** How clear they are, in per cent. */
  readonly clear: number;
}

/** `label(text,x,y,size,colour,transparency,font)`. */
export function labelled(filter: Filter, program: string): readonly string[] {
  const [text = '', , , , colour = '', , font = ''] = filter.args;
  const size = numberOf(filter, program, { index: 3, min: 1, max: 1000, standard: 20 });
  const clear = numberOf(filter, program, { index: 5, min: 0, max: 100, standard: 0 });
  return layer({ text, font: fontOf(font), size: Math.round(size), styles: [], colour, clear }, filter, program);
}

/** `text(text,x,y,font,colour,transparency)`: a font such as `sans-bold-24`. What wraps and sets lines is not drawn. */
export function written(filter: Filter, program: string): readonly string[] {
  const [text = '', , , described = '', colour = '', , blend = '', ...setting] = filter.args;
  if (!['', 'normal'].includes(blend) || setting.some((value) => value !== '' && value !== '0')) {
    throw refuse(program, filter.text, 'text takes a place, a font, a colour and a transparency');
  }
  const words = described.split('-');
  const size = words.find((word) => /^\d{1,4}$/.test(word));
  const styles = words.filter((word) => ['bold', 'italic'].includes(word));
  const name = words.filter((word) => word !== size && !styles.includes(word)).join(' ');
  const clear = numberOf(filter, program, { index: 5, min: 0, max: 100, standard: 0 });
  return layer({ text, font: fontOf(name), size: Number(size ?? 20), styles, colour, clear }, filter, program);
}

/** Its words for kinds of fonts, by a name of ours; any other is taken by its own. */
const families: Readonly<Record<string, string>> = { '': 'sans', 'sans serif': 'sans', mono: 'monospace' };

function fontOf(name: string): string {
  return meaningIn(families, name.toLowerCase()) ?? name;
}

function layer(words: Words, filter: Filter, program: string): readonly string[] {
  const { font, size, styles, colour, clear } = words;
  const text = words.text.startsWith('b64:')
    ? Buffer.from(words.text.slice(4), 'base64url').toString('utf8')
    : words.text.replaceAll('+', ' ');
  const style = [font, String(size), ...styles].join('_');
  return chain(
    component({ l: `text:${style}:${encodeURIComponent(text)}`, co: colourText(colour) ?? 'black' }),
    clear === 0 ? undefined : `o_${Math.round(100 - clear)}`,
    component({ fl: 'layer_apply.no_overflow', ...placeOf(filter, program, filter.args.slice(1, 3)) }),
  );
}
