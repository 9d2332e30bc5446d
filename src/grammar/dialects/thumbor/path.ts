import { refuse } from '../dialect.ts';
import { type Filter, filtersIn } from './filters.ts';

/** A side in pixels, 0 where it is left to the other, or `orig`: as long as it was. */
export type Side = number | 'orig';

/** Left, top, right and bottom, in pixels or as shares. */
export interface Cut {
  readonly edges: readonly [number, number, number, number];
  readonly isShares: boolean;
}

/** What the words before a picture say, each of which may be missing. */
export interface Ask {
  isMeta?: boolean;
  trim?: { readonly from: string; readonly tolerance: number };
  cut?: Cut;
  fitIn?: { readonly isAdaptive: boolean; readonly isFull: boolean };
  isStretched?: boolean;
  width?: Side;
  height?: Side;
  flips?: readonly string[];
  padding?: readonly [left: number, top: number, right: number, bottom: number];
  horizontal?: string;
  vertical?: string;
  isSmart?: boolean;
  filters?: readonly Filter[];
}

/** A program that reads such paths, and what it has beyond thumbor's. */
export interface PathRules {
  readonly program: string;
  /** imagor's `stretch/` and padding. */
  readonly hasPadding: boolean;
}

type Word = readonly [pattern: RegExp, read: (match: RegExpExecArray, rules: PathRules) => Ask];

const number = String.raw`(\d{1,5}|\d{0,1}\.\d{1,8})`;
const cutPattern = new RegExp(`^${number}x${number}:${number}x${number}$`);

/** In the order in which they have to come. */
const words: readonly Word[] = [
  [/^meta$/, () => ({ isMeta: true })],
  [
    /^trim(?::(top-left|bottom-right))?(?::(\d{1,3}))?$/,
    ([, from = 'top-left', tolerance = '0']) => ({ trim: { from, tolerance: Number(tolerance) } }),
  ],
  [cutPattern, readCut],
  [
    /^(adaptive-)?(full-)?fit-in$/,
    ([, adaptive, full]) => ({ fitIn: { isAdaptive: adaptive !== undefined, isFull: full !== undefined } }),
  ],
];
const stretch: Word = [/^stretch$/, () => ({ isStretched: true })];
const size: Word = [/^(-)?(\d{1,5}|orig)?x(-)?(\d{1,5}|orig)?$/, readSize];
const padding: Word = [/^(\d{1,5})x(\d{1,5})(?::(\d{1,5})x(\d{1,5}))?$/, readPadding];
const places: readonly Word[] = [
  [/^(left|right|center)$/, ([, horizontal = '']) => ({ horizontal })],
  [/^(top|bottom|middle)$/, ([, vertical = '']) => ({ vertical })],
  [/^smart$/, () => ({ isSmart: true })],
];

function wordsOf({ hasPadding }: PathRules): readonly Word[] {
  return hasPadding ? [...words, stretch, size, padding, ...places] : [...words, size, ...places];
}

/** True for a segment with which such a path may begin. */
export function isWord(segment: string, rules: PathRules): boolean {
  const written = withPlainMarks(segment);
  return /^filters:/.test(written) || wordsOf(rules).some(([pattern]) => pattern.test(written));
}

/** Words and filters, and the picture that comes behind them, as it was written. */
export function readPath(segments: readonly string[], rules: PathRules): readonly [ask: Ask, picture: string] {
  if (segments[0] === 'debug') throw refuse(rules.program, 'debug', 'what a detector sees is not drawn');
  let ask: Ask = {};
  let index = 0;
  for (const [pattern, read] of wordsOf(rules)) {
    // The last segment is the picture, whatever it is called.
    if (index >= segments.length - 1) break;
    const match = pattern.exec(withPlainMarks(segments[index] ?? ''));
    if (match === null) continue;
    ask = { ...ask, ...read(match, rules) };
    index += 1;
  }
  const rest = segments.slice(index).join('/');
  if (!/^filters(?::|%3a)/i.test(rest)) return [ask, rest];
  const [filters, picture] = filtersIn(rest.slice(rest.search(/:|%3a/i)).replace(/^(?::|%3a)/i, ''), rules.program);
  return [{ ...ask, filters }, picture];
}

/** Some clients escape what needs no escape. */
function withPlainMarks(segment: string): string {
  return segment.replace(/%3a/gi, ':');
}

function readCut([, ...texts]: RegExpExecArray, { hasPadding }: PathRules): Ask {
  const [left = 0, top = 0, right = 0, bottom = 0] = texts.map(Number);
  const isShares = texts.some((text) => text.includes('.')) || (hasPadding && left < 1 && top < 1 && right === 1);
  return { cut: { edges: [left, top, right, bottom], isShares } };
}

function sideOf(text: string | undefined): Side {
  return text === 'orig' ? text : Number(text ?? 0);
}

function readSize([, across, width, down, height]: RegExpExecArray): Ask {
  const flips = [across === undefined ? '' : 'hflip', down === undefined ? '' : 'vflip'].filter((flip) => flip !== '');
  return { width: sideOf(width), height: sideOf(height), flips };
}

function readPadding([, ...texts]: RegExpExecArray): Ask {
  const [left = 0, top = 0, right = left, bottom = top] = texts.map((text) =>
    text === undefined ? undefined : Number(text),
  );
  return { padding: [left, top, right, bottom] };
}
