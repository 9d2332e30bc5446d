import { chain, component, meaningIn, refuse } from '../dialect.ts';
import { decimal } from '../drawing.ts';
import { colour, fieldsOf, isObject, isOn, type Json, numberIn, program, wrong } from './json.ts';

const modes: Readonly<Record<string, { readonly enlarged: string; readonly bounded: string }>> = {
  cover: { enlarged: 'fill', bounded: 'lfill' },
  contain: { enlarged: 'pad', bounded: 'lpad' },
  fill: { enlarged: 'scale', bounded: '' },
  inside: { enlarged: 'fit', bounded: 'limit' },
  outside: { enlarged: 'outside', bounded: 'loutside' },
};

const places: Readonly<Record<string, string>> = {
  ...{ top: 'north', right: 'east', bottom: 'south', left: 'west', centre: 'center', center: 'center' },
  ...{ north: 'north', east: 'east', south: 'south', west: 'west', attention: 'auto', entropy: 'auto' },
  ...{ northeast: 'north_east', 'right top': 'north_east', southeast: 'south_east', 'right bottom': 'south_east' },
  ...{ southwest: 'south_west', 'left bottom': 'south_west', northwest: 'north_west', 'left top': 'north_west' },
};

const known = ['width', 'height', 'fit', 'position', 'background', 'withoutEnlargement', 'ratio', 'kernel'];

/** Without a `fit` a box is covered, as sharp does it, and a ratio alone keeps the shape. */
function resize(value: unknown, name: string): string | undefined {
  const { width, height, fit, position, background, withoutEnlargement, ratio, kernel } = fieldsOf(value, name, known);
  if (kernel !== undefined && kernel !== 'lanczos3') throw refuse(program, `${name}.kernel`, 'it is always lanczos3');
  const sides = [side(width, `${name}.width`), side(height, `${name}.height`)] as const;
  if (ratio !== undefined && ratio !== null) return byRatio(numberIn(ratio, `${name}.ratio`, [0.001, 100]), sides);
  const [w, h] = sides.map((one) => (one === undefined ? undefined : String(Math.round(one))));
  if (w === undefined && h === undefined) return undefined;
  const word = fit ?? 'cover';
  const mode = typeof word === 'string' ? meaningIn(modes, word) : undefined;
  if (mode === undefined) throw wrong(`${name}.fit`, Object.keys(modes).join(', '));
  const isBounded = withoutEnlargement !== undefined && isOn(withoutEnlargement, `${name}.withoutEnlargement`);
  if (w === undefined || h === undefined) return component({ c: isBounded ? 'limit' : 'fit', w, h });
  const c = isBounded ? mode.bounded : mode.enlarged;
  if (c === '') throw refuse(program, `${name}.withoutEnlargement`, 'beside fit fill it is not supported');
  const b = word === 'contain' ? colour(background ?? '000', `${name}.background`) : undefined;
  return component({ c, w, h, g: word === 'cover' || word === 'contain' ? place(position, name) : undefined, b });
}

function side(given: unknown, name: string): number | undefined {
  return given === undefined || given === null ? undefined : numberIn(given, name, [0.5, 65_535]);
}

/** Of both sides that there are, and else of the picture; inside of what that comes to. */
function byRatio(ratio: number, [width, height]: readonly [number | undefined, number | undefined]) {
  if (width === undefined || height === undefined) {
    return ratio === 1 ? undefined : `c_scale,w_w_mul_${decimal(ratio)},h_h_mul_${decimal(ratio)}`;
  }
  const [w, h] = [width, height].map((one) => String(Math.max(1, Math.round(one * ratio))));
  return component({ c: 'fit', w, h });
}

function place(position: unknown, name: string): string | undefined {
  if (position === undefined) return undefined;
  const found = typeof position === 'string' ? meaningIn(places, position) : undefined;
  if (found === undefined) throw wrong(`${name}.position`, Object.keys(places).join(', '));
  return found === 'center' ? undefined : found;
}

function cut(value: unknown, name: string): string | undefined {
  const area = fieldsOf(value, name, ['left', 'top', 'width', 'height']);
  const pixels = (of: string, min: number) => String(Math.round(numberIn(area[of], `${name}.${of}`, [min, 65_535])));
  const [x, y, w, h] = [pixels('left', 0), pixels('top', 0), pixels('width', 1), pixels('height', 1)];
  return component({ c: 'crop', g: 'north_west', w, h, x, y });
}

/** The largest face, as ours finds them. */
function smartCrop(value: unknown, name: string): string | undefined {
  const {
    faceIndex,
    index = faceIndex,
    padding,
  } = isObject(value)
    ? fieldsOf(value, name, ['faceIndex', 'index', 'padding'])
    : { faceIndex: undefined, padding: undefined, index: undefined };
  if (!isObject(value) && !isOn(value, name)) return undefined;
  if ((index ?? 0) !== 0) throw refuse(program, `${name}.faceIndex`, 'the largest face alone is known, as 0');
  if ((padding ?? 0) !== 0) throw refuse(program, `${name}.padding`, 'there is nothing around a face');
  return 'c_crop,g_face';
}

/** By null the picture stays as it is stored. */
function rotate(value: unknown, name: string): string | undefined {
  if (value === null) return 'a_ignore';
  const degrees = numberIn(value, name, [-3600, 3600]) % 360;
  if (degrees === 0) return undefined;
  return component({ a: String(degrees), b: degrees % 90 === 0 ? undefined : 'rgb:000' });
}

const cuts: Readonly<Record<string, (value: unknown, name: string) => string | undefined>> = {
  crop: cut,
  extract: cut,
  smartCrop,
};

/** Names of edits that turn, cut or size. */
export const shapeNames: readonly string[] = ['rotate', 'flip', 'flop', 'resize', ...Object.keys(cuts)];

/**
 * Turns, cuts and the size. sharp works in an order of its own: what is cut before the size is written, what is turned by quarters,
 * the size, other turns, and what is cut behind it. A turn that is written before a cut comes before it.
 */
export function shaped(edits: Json): readonly string[] {
  const names = Object.keys(edits).filter((name) => shapeNames.includes(name));
  const isBefore = (name: string) => !names.slice(names.indexOf('resize') + 1 || names.length).includes(name);
  const cutting = names.filter((name) => Object.hasOwn(cuts, name));
  const first = cutting.filter(isBefore);
  const draw = (name: string) => cuts[name]?.(edits[name], name);
  const turned = placeOfTurn(names, edits['rotate'], first[0]);
  const turn = 'rotate' in edits ? rotate(edits['rotate'], 'rotate') : undefined;
  return chain(
    turned === 'first' ? turn : undefined,
    ...first.map(draw),
    turned === 'before the size' ? turn : undefined,
    'flip' in edits && isOn(edits['flip'], 'flip') ? 'a_vflip' : undefined,
    'flop' in edits && isOn(edits['flop'], 'flop') ? 'a_hflip' : undefined,
    'resize' in edits ? resize(edits['resize'], 'resize') : undefined,
    turned === 'behind the size' ? turn : undefined,
    ...cutting.filter((name) => !isBefore(name)).map(draw),
  );
}

function placeOfTurn(names: readonly string[], turn: unknown, firstCut: string | undefined) {
  const isWrittenFirst = firstCut !== undefined && names.indexOf('rotate') < names.indexOf(firstCut);
  if (turn === null || isWrittenFirst) return 'first';
  return Number(turn) % 90 === 0 ? 'before the size' : 'behind the size';
}
