import { chain, component, refuse } from '../dialect.ts';
import { decimal } from '../drawing.ts';
import type { Ask, Cut, Side } from './path.ts';

/** What filters say of the size, wherever they stand among the others. */
export interface Shaping {
  readonly isUpscaled?: boolean;
  readonly isBounded?: boolean;
  readonly isStretched?: boolean;
  /** The middle of what has to be seen, in pixels of the picture before it is cut, or in shares. */
  readonly focus?: { readonly x: number; readonly y: number; readonly isShares: boolean };
  /** Turned before everything else, by degrees clockwise. */
  readonly turn?: number;
}

/** What programs that read such paths do in ways of their own. */
export interface ShapeRules {
  readonly program: string;
  /** `full-fit-in` makes a small picture larger. */
  readonly enlargesFull: boolean;
}

/** Turn, trim, cut, size and mirror, in this order. */
export function shaped(ask: Ask, shaping: Shaping, rules: ShapeRules): readonly string[] {
  const { turn = 0 } = shaping;
  return chain(
    turn === 0 ? undefined : component({ a: String(turn) }),
    ...(ask.trim === undefined ? [] : trimmed(ask.trim)),
    ...cutOut(ask.cut, rules),
    ...sized(ask, shaping, rules),
    component({ a: ask.flips?.join('.') || undefined }),
  );
}

/** Distances of colours, of which black and white have 442; ours are per cent. The corner is at the top left, so it is turned there. */
export function trimmed(trim: NonNullable<Ask['trim']>): readonly string[] {
  const cut = `e_trim:${Math.min(100, Math.round(trim.tolerance / 4.42))}`;
  return trim.from === 'bottom-right' ? ['a_180', cut, 'a_180'] : [cut];
}

/** What lies between the edges, as far as there is a picture: of pixels, first what is right of and below them goes. */
function cutOut(cut: Cut | undefined, { program }: ShapeRules): readonly string[] {
  if (cut === undefined) return [];
  const [left, top, right, bottom] = cut.edges;
  if (left === 0 && top === 0 && right === 0 && bottom === 0) return [];
  if (right !== 0 && bottom !== 0 && (right <= left || bottom <= top)) {
    throw refuse(program, `${left}x${top}:${right}x${bottom}`, 'nothing lies between these edges');
  }
  if (cut.isShares) {
    const [w, h] = [decimal(Math.min(1, right) - left), decimal(Math.min(1, bottom) - top)];
    return chain(component({ c: 'crop', g: 'north_west', w, h, x: decimal(left), y: decimal(top) }));
  }
  const side = (value: number) => (value === 0 ? undefined : String(value));
  const inner = left === 0 && top === 0 ? undefined : { w: `w_sub_${left}`, h: `h_sub_${top}` };
  return chain(
    right === 0 && bottom === 0
      ? undefined
      : component({ c: 'crop', g: 'north_west', w: side(right), h: side(bottom) }),
    inner && component({ c: 'crop', g: 'south_east', ...inner }),
  );
}

function sized(ask: Ask, shaping: Shaping, rules: ShapeRules): readonly string[] {
  const { width = 0, height = 0 } = ask;
  if (width === 0 && height === 0) return [];
  if (ask.fitIn !== undefined) return fittedIn(ask, shaping, rules);
  const sides = { w: sideText(width, 'w'), h: sideText(height, 'h') };
  const isBounded = shaping.isBounded === true;
  if (width === 0 || height === 0) return chain(component({ c: isBounded ? 'limit' : 'scale', ...sides }));
  if (ask.isStretched === true || shaping.isStretched === true) {
    if (isBounded) throw refuse(rules.program, 'no_upscale', 'beside stretch it is not supported');
    return chain(component({ c: 'scale', ...sides }));
  }
  if (shaping.focus !== undefined) return focused(ask, shaping, rules);
  return chain(component({ c: isBounded ? 'lfill' : 'fill', ...sides, g: gravityOf(ask) }));
}

function sideText(side: Side, name: 'w' | 'h'): string | undefined {
  if (side === 'orig') return name;
  return side === 0 ? undefined : String(side);
}

function gravityOf({ horizontal, vertical, isSmart }: Ask): string | undefined {
  if (isSmart === true) return 'auto';
  const down = vertical === 'top' ? 'north' : vertical === 'bottom' ? 'south' : '';
  const across = horizontal === 'left' ? 'west' : horizontal === 'right' ? 'east' : '';
  return [down, across].filter((word) => word !== '').join('_') || undefined;
}

/** Cut to the shape of the box round what has to be seen, and then brought to its size. */
function focused({ width = 0, height = 0, cut }: Ask, shaping: Shaping, { program }: ShapeRules): readonly string[] {
  const { focus, isBounded } = shaping;
  if (focus === undefined || width === 'orig' || height === 'orig') {
    throw refuse(program, 'focal', 'it needs a width and a height in pixels');
  }
  if (cut !== undefined && cut.isShares !== focus.isShares) {
    throw refuse(program, 'focal', 'beside a crop both are in pixels, or both in shares');
  }
  const [left, top] = cut === undefined ? [0, 0] : cut.edges;
  const at = cut !== undefined && focus.isShares ? shareWithin(focus, cut) : { x: focus.x - left, y: focus.y - top };
  const text = (value: number) => (focus.isShares ? decimal(value) : String(Math.round(value)));
  const [x, y] = [Math.max(0, at.x), Math.max(0, at.y)];
  return chain(
    component({ c: 'crop', ar: `${width}:${height}`, g: 'xy_center', x: text(x), y: text(y) }),
    component({ c: isBounded === true ? 'lfill' : 'fill', w: String(width), h: String(height) }),
  );
}

function shareWithin({ x, y }: { readonly x: number; readonly y: number }, { edges }: Cut) {
  const [left, top, right, bottom] = edges;
  return { x: (x - left) / (right - left), y: (y - top) / (bottom - top) };
}

function fittedIn(ask: Ask, shaping: Shaping, rules: ShapeRules): readonly string[] {
  const { width = 0, height = 0, fitIn = { isAdaptive: false, isFull: false } } = ask;
  const isEnlarged = shaping.isUpscaled === true && shaping.isBounded !== true;
  if (fitIn.isAdaptive && width !== 0 && height !== 0 && width !== height) {
    if (width === 'orig' || height === 'orig' || fitIn.isFull) {
      throw refuse(rules.program, 'adaptive', 'it is taken before fit-in, and with sides in pixels');
    }
    return adapted(Math.max(width, height), Math.min(width, height), isEnlarged);
  }
  const full = rules.enlargesFull || isEnlarged ? 'outside' : 'loutside';
  const c = fitIn.isFull ? full : isEnlarged ? 'fit' : 'limit';
  return chain(component({ c, w: sideText(width, 'w'), h: sideText(height, 'h') }));
}

/** The longer side of the picture fits the longer one of the box, and its shorter side the shorter one: a square for each. */
function adapted(long: number, short: number, isEnlarged: boolean): readonly string[] {
  return chain(
    component({ c: isEnlarged ? 'fit' : 'limit', w: String(long), h: String(long) }),
    component({ c: 'loutside', w: String(short), h: String(short) }),
  );
}
