import { chain, component, meaningIn, refuse } from '../dialect.ts';
import { decimal } from '../drawing.ts';
import { numberIn, program, type Words } from './words.ts';

type Mode = 'inside' | 'outside' | 'cover' | 'fill' | 'contain';

/** By `fit`, older words among them; any other is the first. */
const modes: Readonly<Record<string, Mode>> = {
  ...{ inside: 'inside', outside: 'outside', cover: 'cover', fill: 'fill', contain: 'contain' },
  ...{ square: 'cover', squaredown: 'cover', absolute: 'fill', letterbox: 'contain' },
};
const ours: Readonly<Record<Mode, { readonly enlarged: string; readonly bounded: string }>> = {
  inside: { enlarged: 'fit', bounded: 'limit' },
  outside: { enlarged: 'outside', bounded: 'loutside' },
  cover: { enlarged: 'fill', bounded: 'lfill' },
  fill: { enlarged: 'scale', bounded: '' },
  contain: { enlarged: 'pad', bounded: 'lpad' },
};

const places: Readonly<Record<string, string>> = {
  ...{ top: 'north', left: 'west', right: 'east', bottom: 'south', t: 'north', l: 'west', r: 'east', b: 'south' },
  ...{ 'top-left': 'north_west', 'top-right': 'north_east', 'bottom-left': 'south_west' },
  ...{ 'bottom-right': 'south_east', entropy: 'auto', attention: 'auto' },
};

/** Pixels, or a share from 0 to 1. */
interface Coordinate {
  readonly value: number;
  readonly isShare: boolean;
}

const most = 10_000_000;

/** Undefined for what says nothing there. */
function coordinate(text: string | undefined): Coordinate | undefined {
  const [, percent] = /^(.*?)%(?:25)?$/.exec(text ?? '') ?? [];
  if (percent === undefined) {
    const pixels = /^\d+$/.test(text ?? '') ? numberIn(text, [0, most]) : undefined;
    return pixels === undefined ? undefined : { value: pixels, isShare: false };
  }
  const share = numberIn(percent, [0, 100]);
  return share === undefined ? undefined : { value: share / 100, isShare: true };
}

/** Turns, cuts and the size, in the order in which it works. */
export function shaped(words: Words): readonly string[] {
  const turn = Math.round(words.number('ro', [-36_000, 36_000]) ?? 0) % 360;
  const isQuarter = turn % 90 === 0;
  const turns = [
    isQuarter && turn !== 0 ? String(turn) : '',
    words.isOn('flip') ? 'vflip' : '',
    words.isOn('flop') ? 'hflip' : '',
  ].filter((word) => word !== '');
  const cut = cutOut(words);
  const isFirst = words.isOn('precrop');
  if (cut.length > 0 && !isFirst && modeOf(words) === 'contain') {
    throw refuse(program, 'cx', 'a cut beside fit=contain is not supported');
  }
  const tolerance = words.has('trim') ? (words.number('trim', [1, 254]) ?? 10) : undefined;
  return chain(
    tolerance === undefined ? undefined : `e_trim:${Math.round(tolerance / 2.55)}`,
    ...(isFirst ? cut : []),
    turns.length === 0 ? undefined : component({ a: turns.join('.') }),
    ...sizedTo(words),
    ...(isFirst ? [] : cut),
    isQuarter ? undefined : component({ a: String(turn), b: words.colour('rbg') }),
  );
}

function modeOf(words: Words): Mode {
  const fit = words.text('fit') ?? '';
  return meaningIn(modes, fit) ?? (fit.startsWith('crop') ? 'cover' : 'inside');
}

/** True where the picture may become transparent around what is left of it. */
export function leavesRoom(words: Words): boolean {
  const isTurned = Math.round(words.number('ro', [-36_000, 36_000]) ?? 0) % 90 !== 0;
  return isTurned || (modeOf(words) === 'contain' && words.colour('cbg') === undefined);
}

function sizedTo(words: Words): readonly string[] {
  const dpr = words.number('dpr', [0.01, 8]) ?? 1;
  const [w, h] = [sideOf(words, 'w', dpr), sideOf(words, 'h', dpr)];
  if (w === undefined && h === undefined) return [];
  const mode = modeOf(words);
  const isBounded = words.isOn('we') || ['fit', 'squaredown'].includes(words.text('fit') ?? '');
  const c = isBounded ? ours[mode].bounded : ours[mode].enlarged;
  if (c === '') throw refuse(program, 'we', 'beside fit=fill it is not supported');
  // A picture that is stretched keeps the side that nothing is said of.
  if (mode === 'fill') return chain(component({ c, w: w ?? 'w', h: h ?? 'h' }));
  if (w === undefined || h === undefined) return chain(component({ c: isBounded ? 'limit' : 'fit', w, h }));
  const focus = focusOf(words);
  if (focus !== undefined && mode === 'cover' && !isBounded) {
    return chain(component({ c: 'crop', ar: `${w}:${h}`, g: 'xy_center', ...focus }), component({ c, w, h }));
  }
  if (focus !== undefined && (mode === 'cover' || mode === 'contain')) {
    throw refuse(program, 'a=focal', 'it is drawn with fit=cover and without we');
  }
  return chain(component({ c, w, h, ...placed(words, mode) }));
}

function placed(words: Words, mode: Mode): { readonly g?: string | undefined; readonly b?: string } {
  const g = meaningIn(places, words.text('a') ?? '');
  if (mode === 'cover') return { g };
  if (mode !== 'contain') return {};
  return { g: g === 'auto' ? undefined : g, b: words.colour('cbg') ?? 'transparent' };
}

function sideOf(words: Words, name: 'w' | 'h', dpr: number): string | undefined {
  const side = coordinate(words.text(name));
  if (side === undefined || side.value === 0) return undefined;
  return side.isShare ? decimal(side.value * dpr) : String(Math.max(1, Math.round(side.value * dpr)));
}

/** What has to stay in sight, in shares; of an older form in per cent. */
function focusOf(words: Words): { readonly x: string; readonly y: string } | undefined {
  const place = words.text('a') ?? '';
  if (!/^(?:focal|crop-)/.test(place)) return undefined;
  const [, across, down] = place.split('-', 3);
  const share = (name: string, percent: string | undefined) => {
    const older = numberIn(percent?.replace(/%$/, ''), [0, 100]);
    return decimal(older === undefined ? (words.number(name, [0, 1]) ?? 0.5) : older / 100);
  };
  return { x: share('fpx', across), y: share('fpy', down) };
}

/** What is right of and below a box goes first, and then what is before it: it reaches as far as the picture does. */
function cutOut(words: Words): readonly string[] {
  const old = (words.text('crop') ?? '').split(',', 5);
  const [oldWidth, oldHeight, oldLeft, oldTop] = old.length === 4 ? old : [];
  const [left, top] = [coordinate(words.text('cx') ?? oldLeft), coordinate(words.text('cy') ?? oldTop)];
  const [width, height] = [coordinate(words.text('cw') ?? oldWidth), coordinate(words.text('ch') ?? oldHeight)];
  const across = { from: left, length: width, name: 'w' } as const;
  const down = { from: top, length: height, name: 'h' } as const;
  const ends = { w: endOf(across), h: endOf(down) };
  const rest = { w: restOf(across), h: restOf(down) };
  return chain(
    ends.w === undefined && ends.h === undefined ? undefined : component({ c: 'crop', g: 'north_west', ...ends }),
    rest.w === undefined && rest.h === undefined ? undefined : component({ c: 'crop', g: 'south_east', ...rest }),
  );
}

interface Span {
  readonly from: Coordinate | undefined;
  readonly length: Coordinate | undefined;
  readonly name: 'w' | 'h';
}

function isSaid(coordinate: Coordinate | undefined): coordinate is Coordinate {
  return coordinate !== undefined && coordinate.value > 0;
}

/** How far a span reaches from the edge of the picture. */
function endOf({ from, length, name }: Span): string | undefined {
  if (!isSaid(length)) return undefined;
  const start = from ?? { value: 0, isShare: length.isShare };
  if (length.isShare) {
    if (start.isShare) return decimal(Math.min(1, start.value + length.value));
    return start.value === 0 ? decimal(length.value) : `${name}_mul_${decimal(length.value)}_add_${start.value}`;
  }
  if (start.isShare && start.value > 0) throw refuse(program, `c${name}`, 'beside a place in per cent it is one, too');
  return String(start.value + length.value);
}

/** What is left of that once what is before the span is gone. */
function restOf({ from, length, name }: Span): string | undefined {
  if (!isSaid(from)) return undefined;
  if (!from.isShare) return `${name}_sub_${from.value}`;
  const end = isSaid(length) ? Math.min(1, from.value + length.value) : 1;
  if (from.value >= 1) return undefined;
  return decimal(1 - from.value / end);
}
