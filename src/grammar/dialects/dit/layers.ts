import type { GrammarOptions } from '../../grammar-options.ts';
import { chain, component, layerOf, refuse } from '../dialect.ts';
import { decimal } from '../drawing.ts';
import { pictureAt, pictureInBucket } from '../source.ts';
import { placeOf } from '../thumbor/layers.ts';
import { fieldsOf, isObject, isOn, numberIn, program, wrong } from './json.ts';

/** `overlayWith`: a picture of a bucket, as large as a share of the picture beneath, and so clear, in per cent. */
export function overlay(value: unknown, name: string, options: GrammarOptions): readonly string[] {
  const parts = fieldsOf(value, name, ['bucket', 'key', 'alpha', 'wRatio', 'hRatio', 'options']);
  const { bucket, key, alpha, wRatio, hRatio } = parts;
  const { left, top } = fieldsOf(parts['options'] ?? {}, `${name}.options`, ['left', 'top']);
  if (typeof key !== 'string' || key === '') throw wrong(`${name}.key`, 'the key of a picture');
  if (bucket !== undefined && typeof bucket !== 'string') throw wrong(`${name}.bucket`, 'a name');
  const picture = bucket === undefined ? { key } : pictureInBucket(bucket, key, options);
  if (!('key' in picture)) throw wrong(`${name}.bucket`, 'one of ours');
  const share = (given: unknown, of: string) => (isNone(given) ? undefined : numberIn(given, of, [1, 100]) / 100);
  return laid({
    key: picture.key,
    mode: 'fit',
    size: [share(wRatio, `${name}.wRatio`), share(hRatio, `${name}.hRatio`)],
    clear: isNone(alpha) ? 0 : numberIn(alpha, `${name}.alpha`, [0, 100]),
    place: [offsetOf(left, `${name}.options.left`), offsetOf(top, `${name}.options.top`)],
    name,
  });
}

/** What is no number there says nothing. */
function isNone(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function offsetOf(value: unknown, name: string): string | undefined {
  if (isNone(value)) return undefined;
  if (/^-?\d{1,4}p?$/.test(String(value))) return String(value);
  throw wrong(name, 'pixels, or per cent as in 10p; below zero from the other side');
}

/** `watermark` of version 8: a source, and where, how clear and how large by shares; the picture is stretched to those. */
export function watermark(value: unknown, name: string, options: GrammarOptions): readonly string[] {
  const [source, placed] = Array.isArray(value) ? value : [];
  if (typeof source !== 'string' || !Array.isArray(placed))
    throw wrong(name, 'a source and [top,left,alpha,width,height]');
  const [top, left, alpha, width, height] = placed;
  const picture = pictureAt(source, 'host', options);
  if (!('key' in picture)) throw refuse(program, name, 'what lies over a picture is one of our own');
  const share = (given: unknown) => (isNone(given) ? undefined : numberIn(given, name, [0.001, 1]));
  return laid({
    key: picture.key,
    mode: 'scale',
    size: [share(width), share(height)],
    clear: isNone(alpha) ? 0 : numberIn(alpha, name, [0, 1]) * 100,
    place: [offsetOf(left, name) ?? '0', offsetOf(top, name) ?? '0'],
    name,
  });
}

interface Laid {
  readonly key: string;
  readonly mode: 'fit' | 'scale';
  /** Shares of the picture beneath. */
  readonly size: readonly [number | undefined, number | undefined];
  /** In per cent. */
  readonly clear: number;
  /** From the left and the top; in the middle where neither is said. */
  readonly place: readonly [string | undefined, string | undefined];
  readonly name: string;
}

function laid({ key, mode, size, clear, place: [left, top], name }: Laid): readonly string[] {
  if ((left === undefined) !== (top === undefined)) throw refuse(program, name, 'left and top come together');
  const [w, h] = size.map((share) => (share === undefined ? undefined : decimal(share)));
  const sized = w === undefined && h === undefined ? undefined : component({ c: mode, fl: 'relative', w, h });
  const filter = { name, args: [], text: name };
  return chain(
    layerOf(key),
    sized,
    clear === 0 ? undefined : `o_${Math.round(100 - clear)}`,
    component({ fl: 'layer_apply.no_overflow', ...placeOf(filter, program, [left ?? 'center', top ?? 'center']) }),
  );
}

/** An ellipse round the middle, as large as fits in, and the canvas no larger than that. */
export function roundCrop(value: unknown, name: string): readonly string[] {
  if (!isObject(value)) return isOn(value, name) ? ['c_crop,ar_1:1', 'r_max'] : [];
  const { rx, ry, left, top } = fieldsOf(value, name, ['rx', 'ry', 'left', 'top']);
  const radius = (given: unknown, of: string) => (isNone(given) ? undefined : numberIn(given, of, [1, 32_767]));
  const [across, down] = [radius(rx, `${name}.rx`), radius(ry, `${name}.ry`)];
  if ((across === undefined) !== (down === undefined)) throw refuse(program, name, 'rx and ry come together');
  if (across === undefined || down === undefined) {
    if (!isNone(left) || !isNone(top)) throw refuse(program, name, 'a place needs rx and ry');
    return ['c_crop,ar_1:1', 'r_max'];
  }
  if (isNone(left) !== isNone(top)) throw refuse(program, name, 'left and top come together');
  const at = isNone(left) ? {} : { g: 'xy_center', x: whole(left, `${name}.left`, 0), y: whole(top, `${name}.top`, 0) };
  const box = { c: 'crop', w: String(Math.round(across * 2)), h: String(Math.round(down * 2)), ...at };
  return chain(component(box), 'r_max');
}

function whole(value: unknown, name: string, min: number): string {
  return String(Math.round(numberIn(value, name, [min, 65_535])));
}
