import type { GrammarOptions } from '../../grammar-options.ts';
import { chain, component, layerOf, refuse } from '../dialect.ts';
import { decimal } from '../drawing.ts';
import { pictureAt } from '../source.ts';
import { type Filter, numberOf } from './filters.ts';

/** Where a layer lies along one axis: from which side, and how far in, in pixels or as a share. */
interface Along {
  readonly from: 'start' | 'middle' | 'end';
  readonly offset: string | undefined;
}

/** `10`, `-10`, `20p`, `0.5`, `center`, `left`, `right-20` …: a minus counts from the far side. */
function along(text: string, [start, end]: readonly [string, string]): Along | undefined {
  if (text === 'center') return { from: 'middle', offset: undefined };
  const [, word, moved] = /^([a-z]+)(?:-(\d{1,5}))?$/.exec(text) ?? [];
  if (word !== undefined && [start, start[0]].includes(word)) return { from: 'start', offset: moved };
  if (word !== undefined && [end, end[0]].includes(word)) return { from: 'end', offset: moved };
  const [, minus, digits = '', per] = /^(-)?(\d{1,5}(?:\.\d{1,6})?)(p)?$/.exec(text) ?? [];
  if (digits === '') return undefined;
  const from = minus === undefined ? 'start' : 'end';
  const value = Number(digits);
  if (value === 0) return { from, offset: undefined };
  if (per !== undefined) return { from, offset: decimal(value / 100) };
  return { from, offset: digits.includes('.') && value < 1 ? decimal(value) : String(Math.round(value)) };
}

/** `g_`, `x_` and `y_` of a layer. */
export function placeOf(filter: Filter, program: string, [x = '0', y = '0']: readonly (string | undefined)[]) {
  const [across, down] = [along(x, ['left', 'right']), along(y, ['top', 'bottom'])];
  if (across === undefined || down === undefined) {
    throw refuse(program, filter.text, 'a place is a number, a per cent such as 20p, center, or a side');
  }
  const words = [
    { start: 'north', middle: '', end: 'south' }[down.from],
    { start: 'west', middle: '', end: 'east' }[across.from],
  ];
  const g = words.filter((word) => word !== '').join('_');
  return { g: g === '' ? undefined : g, x: across.offset, y: down.offset };
}

/** The key of a layer's picture. */
export function layerKey(source: string, filter: Filter, { program, options }: LayerContext): string {
  const text = source.startsWith('b64:') ? Buffer.from(source.slice(4), 'base64url').toString('utf8') : source;
  const picture = pictureAt(text, 'key', options);
  if ('key' in picture) return picture.key;
  throw refuse(program, filter.text, 'what lies over a picture is one of our own');
}

export interface LayerContext {
  readonly program: string;
  readonly options: GrammarOptions;
}

/** `watermark(picture,x,y,transparency,width,height)`, the last two in per cent of the picture beneath. */
export function watermarked(filter: Filter, context: LayerContext): readonly string[] {
  const { program } = context;
  const [source = '', x = '0', y = '0'] = filter.args;
  const isTiled = x === 'repeat' && y === 'repeat';
  if (!isTiled && (x === 'repeat' || y === 'repeat')) {
    throw refuse(program, filter.text, 'tiles cover the whole picture, or there is one');
  }
  const clear = numberOf(filter, program, { index: 3, min: 0, max: 100, standard: 0 });
  return chain(
    layerOf(layerKey(source, filter, context)),
    relativeSize(filter, program),
    clear === 0 ? undefined : `o_${Math.round(100 - clear)}`,
    component({
      fl: isTiled ? 'layer_apply.tiled' : 'layer_apply.no_overflow',
      ...(isTiled ? {} : placeOf(filter, program, [x, y])),
    }),
  );
}

function relativeSize(filter: Filter, program: string): string | undefined {
  const share = (index: number) => {
    if ((filter.args[index] ?? 'none') === 'none') return undefined;
    const value = numberOf(filter, program, { index, min: 0, max: 1000, standard: 0 });
    return value === 0 ? undefined : decimal(value / 100);
  };
  const [w, h] = [share(4), share(5)];
  return w === undefined && h === undefined ? undefined : component({ c: 'fit', fl: 'relative', w, h });
}
