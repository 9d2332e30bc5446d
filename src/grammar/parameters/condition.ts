import { shorten } from '../ids/ids.ts';
import { type Arithmetic, parseArithmetic, workOut, writeArithmetic } from './arithmetic.ts';
import { sizeVariables } from './lengths.ts';
import { isProblem, type Problem, writeNumber } from './values.ts';

/** What a condition may compare: sizes, the page that is drawn and how many there are, and faces in the original. */
export const conditionQuantities = [...sizeVariables, 'cp', 'pc', 'fc'] as const;
export type ConditionQuantity = (typeof conditionQuantities)[number];

const comparisons = ['eq', 'ne', 'lt', 'gt', 'lte', 'gte'] as const;
type ComparisonWord = (typeof comparisons)[number];

export interface Comparison {
  readonly left: Arithmetic<ConditionQuantity>;
  readonly is: ComparisonWord;
  readonly right: Arithmetic<ConditionQuantity>;
}

/**
 * True where all comparisons of any of its lists are: `and` binds before `or`. What is known without a picture is left
 * out, so that no list at all stands for never, and an empty one for always.
 */
export type Condition = readonly (readonly Comparison[])[];

/** More of them than this says nothing that fewer could not. */
const maxComparisons = 64;

/** What the official language compares and nothing here knows. */
const unknownHere: ReadonlyMap<string, string> = new Map([
  ...['tags', 'ctx', 'md', 'ref'].map(
    (name) => [name, 'what Cloudinary keeps with an original is not kept here'] as const,
  ),
  ...['du', 'idu'].map((name) => [name, 'videos are not drawn here'] as const),
  ...['px', 'py', 'ils', 'tar'].map((name) => [name, 'it is not known of an original here'] as const),
]);

/** Reads the value of `if_` other than `else` and `end`. */
export function parseCondition(text: string): Condition | Problem {
  const lists: (readonly Comparison[])[] = [];
  let count = 0;
  for (const words of splitAt(wordsOf(text), 'or')) {
    const comparisons = splitAt(words, 'and').map(parseComparison);
    count += comparisons.length;
    if (count > maxComparisons) return { problem: `a condition makes ${maxComparisons} comparisons at most` };
    const problem = comparisons.find(isProblem);
    if (problem !== undefined) return problem;
    if (comparisons.includes(false)) continue;
    lists.push(inOrder(comparisons.filter(isComparison), writeComparison));
  }
  return lists.some((list) => list.length === 0) ? [[]] : inOrder(lists, writeList);
}

function isComparison(value: Comparison | boolean | Problem): value is Comparison {
  return typeof value === 'object' && 'is' in value;
}

/** Equal conditions are equal by value, in whatever order they were written. */
function inOrder<Part>(parts: readonly Part[], write: (part: Part) => string): readonly Part[] {
  return [...new Map(parts.map((part) => [write(part), part])).entries()]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, part]) => part);
}

/** Words between underscores, of which those of a text (`!two_words!`) part nothing. */
export function wordsOf(text: string): readonly string[] {
  const hidden = text.replace(/![^!]*!/g, (string) => string.replaceAll('_', '\0'));
  return hidden.split('_').map((word) => word.replaceAll('\0', '_'));
}

function splitAt(words: readonly string[], separator: string): readonly (readonly string[])[] {
  const parts: string[][] = [[]];
  for (const word of words) {
    if (word === separator) parts.push([]);
    else parts.at(-1)?.push(word);
  }
  return parts;
}

/** A comparison, or what it comes to where that is known without a picture. */
function parseComparison(words: readonly string[]): Comparison | boolean | Problem {
  const unknown = words
    .map((word) => [word, word.split(':', 1)[0] ?? ''] as const)
    .find(([, name]) => unknownHere.has(name));
  if (unknown !== undefined) {
    return { problem: `the condition asks for ${shorten(unknown[0])}, and ${unknownHere.get(unknown[1])}` };
  }
  const is = words.map((word) => comparisons.find((name) => name === word)).find((name) => name !== undefined);
  if (is === undefined) return { problem: `a condition compares by ${comparisons.join(', ')}, as in w_gt_500` };
  const at = words.indexOf(is);
  const sides = [words.slice(0, at), words.slice(at + 1)];
  const [one, other] = sides.map(stringIn);
  if (one !== undefined && other !== undefined) return compareTexts(one, is, other);
  const [left, right] = sides.map((side) => parseArithmetic(side.map(plainNumber), conditionQuantities));
  if (left !== undefined && right !== undefined) return settled({ left, is, right });
  const wrong = sides[left === undefined ? 0 : 1]?.join('_') ?? '';
  return { problem: `a condition compares numbers and ${conditionQuantities.join(', ')}; got ${shorten(wrong)}` };
}

function stringIn(words: readonly string[]): string | undefined {
  const text = words.join('_');
  return words.length === 1 && /^![^!]*!$/.test(text) ? text.slice(1, -1) : undefined;
}

function compareTexts(one: string, is: ComparisonWord, other: string): boolean | Problem {
  if (is === 'eq') return one === other;
  return is === 'ne' ? one !== other : { problem: 'texts are compared by eq and ne' };
}

/** `3:4` as a number. */
function plainNumber(word: string): string {
  const [, width, height] = /^(\d{1,5}(?:\.\d{1,6})?):(\d{1,5}(?:\.\d{1,6})?)$/.exec(word) ?? [];
  return width === undefined || Number(height) === 0 ? word : writeNumber(Number(width) / Number(height));
}

function settled(comparison: Comparison): Comparison | boolean {
  return quantitiesIn(comparison).length > 0 ? comparison : holds(comparison, () => 0);
}

/** Whether it holds, once each quantity has a number; never where a side has no result. */
export function holds({ left, is, right }: Comparison, valueFor: (quantity: ConditionQuantity) => number): boolean {
  // To a millionth, as ratios are written.
  const difference = Math.round((workOut(left, valueFor) - workOut(right, valueFor)) * 1e6);
  switch (is) {
    case 'eq':
      return difference === 0;
    case 'ne':
      return difference < 0 || difference > 0;
    case 'lt':
      return difference < 0;
    case 'gt':
      return difference > 0;
    case 'lte':
      return difference <= 0;
    case 'gte':
      return difference >= 0;
  }
}

/** True where it asks a picture for one of these. */
export function asksFor(condition: Condition, wanted: readonly ConditionQuantity[]): boolean {
  return condition.flat().some((comparison) => quantitiesIn(comparison).some((quantity) => wanted.includes(quantity)));
}

function quantitiesIn({ left, right }: Comparison): readonly ConditionQuantity[] {
  return [left, right]
    .flatMap(({ first, rest }) => [first, ...rest.map(({ operand }) => operand)])
    .filter((operand) => typeof operand !== 'number');
}

/** The canonical form of a condition that asks for something. */
export function writeCondition(condition: Condition): string {
  return condition.map(writeList).join('_or_');
}

function writeList(list: readonly Comparison[]): string {
  return list.map(writeComparison).join('_and_');
}

function writeComparison({ left, is, right }: Comparison): string {
  return `${writeArithmetic(left)}_${is}_${writeArithmetic(right)}`;
}
