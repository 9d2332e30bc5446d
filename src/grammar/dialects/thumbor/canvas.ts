import { chain, component, refuse } from '../dialect.ts';
import { canvasAround } from '../drawing.ts';
import { type Context, colourText, type Effect } from './effect.ts';
import type { Filter } from './filters.ts';
import type { Side } from './path.ts';

/** What programs mean by `fill` in ways of their own. */
export interface CanvasRules {
  /** What `auto` is: the colour of the most pixels, or of a corner. */
  readonly auto: string;
  /** The canvas is turned with the picture, and where the picture covers the box it is as large as that. */
  readonly followsPicture: boolean;
}

/** `fill`: the picture in the middle of a canvas that is as large as the path says, and padded by it. */
export function filled(filter: Filter, context: Context, rules: CanvasRules): Effect {
  const { ask } = context;
  const { isAdaptive = false, isFull = false } = ask.fitIn ?? {};
  if (isAdaptive && ask.width !== ask.height) {
    throw refuse(context.rules.program, filter.text, 'beside adaptive-fit-in it is not supported');
  }
  const b = behind(filter.args[0] ?? '', rules);
  const isFree = rules.followsPicture && isFull;
  const { width = 0, height = 0, padding = [0, 0, 0, 0] } = isFree ? { ...ask, width: 0, height: 0 } : ask;
  const isTurned = rules.followsPicture && context.isTurned;
  const box = isTurned
    ? { w: sideOf(height, 'w'), h: sideOf(width, 'h') }
    : { w: sideOf(width, 'w'), h: sideOf(height, 'h') };
  const [left, top, right, bottom] = isTurned ? turned(padding) : padding;
  const hasBox = width !== 0 || height !== 0;
  const isPadded = left + top + right + bottom > 0;
  const mayReachBeyond = hasBox && (context.isResized || isFull);
  return {
    drawn: chain(
      mayReachBeyond ? component({ c: 'crop', ...box }) : undefined,
      hasBox ? component({ c: 'lpad', ...box, b }) : undefined,
      canvasAround([top, right, bottom, left], b),
      !hasBox && !isPadded && b !== 'blurred' ? component({ b }) : undefined,
    ),
    isResized: isPadded,
  };
}

function turned([left, top, right, bottom]: readonly [number, number, number, number]) {
  return [top, left, bottom, right] as const;
}

function behind(colour: string, { auto }: CanvasRules): string | undefined {
  if (colour === 'blur') return 'blurred';
  return colour === 'auto' || colour === '' ? auto : colourText(colour);
}

/** A side that the path leaves free is the picture's own. */
function sideOf(side: Side, name: 'w' | 'h'): string {
  return side === 0 || side === 'orig' ? name : String(side);
}
