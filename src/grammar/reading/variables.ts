import { Failure } from '../../failure.ts';
import { decodeOnce, shorten } from '../ids/ids.ts';
import { knownAhead, type Mark } from '../meaning/marks.ts';
import { type ArithmeticOperator, operate, operators, parseArithmetic, workOut } from '../parameters/arithmetic.ts';
import { wordsOf } from '../parameters/condition.ts';
import { parseNumber, writeNumber } from '../parameters/values.ts';

/** Values by name; undefined where a condition decided what it is. */
type Values = ReadonlyMap<string, string | undefined>;

/** `$name_value`, by name: texts to put where `$name` stands. What they come to is part of the picture's name, they are not. */
export interface Variables {
  values: Values;
  /** Conditions that are open. */
  readonly open: OpenBranches[];
  /** Characters that were put in. */
  spent: number;
}

interface OpenBranches {
  /** Undefined: that is known with the picture. */
  readonly isMet: boolean | undefined;
  readonly before: Values;
  /** Once its else has begun: what the branch before that made of them. */
  met: Values | undefined;
  /** Names that branches give values to. */
  readonly given: Set<string>;
}

const maxVariables = 64;
/** Of one value, and of one parameter with its values put in. */
const maxValueLength = 512;
/** Of all that is put in: a short URL is to cost no more than a long one. */
const maxSpent = 8192;

const largest = 1e6;

export function noVariables(): Variables {
  return { values: new Map(), open: [], spent: 0 };
}

/** What a branch gives values to has them within that branch, and none behind its condition unless it is known already. */
export function atMark(variables: Variables, mark: Mark): void {
  const { open, values } = variables;
  if (mark.mark === 'if') {
    open.push({ isMet: knownAhead(mark.when), before: values, met: undefined, given: new Set() });
  } else if (mark.mark === 'else') {
    const last = open.at(-1);
    if (last === undefined) return;
    last.met = values;
    variables.values = last.before;
  } else {
    const last = open.pop();
    if (last === undefined) return;
    variables.values = valuesBehind(last, values);
    for (const name of last.given) open.at(-1)?.given.add(name);
  }
}

function valuesBehind({ isMet, before, met, given }: OpenBranches, last: Values): Values {
  if (isMet === true) return met ?? last;
  if (isMet === false) return met === undefined ? before : last;
  return new Map([...before, ...[...given].map((name) => [name, undefined] as const)]);
}

/** Remembers what a part such as `$width_100`, `$half_iw_div_2` or `$name_!text!` says; throws `invalid` for what has no value. */
export function define(variables: Variables, part: string): void {
  const { name, text } = definitionOf(part);
  const value = textOf(variables, { part, text });
  if (value.length > maxValueLength) throw refused(part, `a variable has at most ${maxValueLength} characters`);
  variables.values = new Map(variables.values).set(name, value);
  variables.open.at(-1)?.given.add(name);
  if (variables.values.size > maxVariables) throw refused(part, `at most ${maxVariables} variables are taken`);
}

function definitionOf(part: string): { readonly name: string; readonly text: string } {
  const underscore = part.indexOf('_');
  const name = part.slice(1, underscore);
  if (isName(name)) return { name, text: part.slice(underscore + 1) };
  throw refused(part, 'the name of a variable has letters and digits, a letter first, as in $width_100');
}

function isName(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9]{0,63}$/.test(text);
}

function textOf(variables: Variables, { part, text }: { readonly part: string; readonly text: string }): string {
  const { operand, conversion } = withoutConversion(text);
  const string = stringIn(operand);
  if (string === undefined && /^(?:ctx|md|ref):/.test(operand)) {
    throw refused(part, 'what is kept with an original (ctx:, md:, ref:) is not to be read in a URL');
  }
  const value = string ?? folded(putIn(variables, operand, part));
  if (conversion === undefined && string !== undefined) return string;
  const number = numberOf(value);
  // As a number it is what it was.
  if (conversion === 'f' && isArithmetic(value)) return value;
  if (conversion !== undefined && number === undefined) {
    throw refused(part, `${shorten(value)} is no number, which to_${conversion} takes`);
  }
  if (number !== undefined) return conversion === 'i' ? String(Math.trunc(number)) : value;
  if (isArithmetic(value)) return value;
  throw refused(part, 'a variable is a number, arithmetic such as iw_div_2, or a text between exclamation marks');
}

/** A number, or what arithmetic of numbers comes to. */
function numberOf(text: string): number | undefined {
  const arithmetic = parseArithmetic<never>(text.split('_', 64), []);
  if (arithmetic === undefined) return parseNumber(text, -largest, largest);
  const result = workOut(arithmetic, () => 0);
  return Number.isFinite(result) && Math.abs(result) <= largest ? result : undefined;
}

function withoutConversion(text: string): { readonly operand: string; readonly conversion: 'i' | 'f' | undefined } {
  if (text.endsWith('_to_i')) return { operand: text.slice(0, -5), conversion: 'i' };
  if (text.endsWith('_to_f')) return { operand: text.slice(0, -5), conversion: 'f' };
  return { operand: text, conversion: undefined };
}

function stringIn(text: string): string | undefined {
  const isString = text.length >= 2 && text.startsWith('!') && text.endsWith('!');
  return isString ? decodeOnce(text.slice(1, -1)) : undefined;
}

const sizes = ['iw', 'ih', 'iar', 'w', 'h', 'ar'];

function isArithmetic(text: string): boolean {
  return text
    .split('_')
    .every((token, index, { length }) =>
      index % 2 === 1
        ? index < length - 1 && operators.some((name) => name === token)
        : sizes.includes(token) || parseNumber(token, 0, largest) !== undefined,
    );
}

/** Arithmetic of whole numbers that comes to one; any other stays as it is, and is worked out where a length is. */
function folded(text: string): string {
  const tokens = text.split('_');
  if (tokens.length < 3 || tokens.length % 2 === 0) return text;
  let result = wholeOf(tokens[0]);
  for (let index = 1; index < tokens.length; index += 2) {
    const operator: ArithmeticOperator | undefined = operators.find((name) => name === tokens[index]);
    const operand = wholeOf(tokens[index + 1]);
    if (result === undefined || operator === undefined || operand === undefined) return text;
    result = operate(result, operator, operand);
  }
  return result !== undefined && Number.isInteger(result) && Math.abs(result) <= largest ? writeNumber(result) : text;
}

function wholeOf(token: string | undefined): number | undefined {
  return token !== undefined && /^\d{1,6}$/.test(token) ? Number(token) : undefined;
}

/** The parameters whose values are ids, names or texts in which a `$` stands for itself. */
const keysWithText: readonly string[] = ['d', 't', 'fl', 'fn'];

/** A part with the values of its variables put in, escaped as they would be written there. */
export function withValues(variables: Variables, part: string): string {
  if (!part.includes('$')) return part;
  const underscore = part.indexOf('_');
  const key = part.slice(0, underscore);
  if (keysWithText.includes(key)) return part;
  const value = part.slice(underscore + 1);
  if (key === 'if') return `if_${conditionWithValues(variables, value, part)}`;
  if (key !== 'l' && key !== 'u') return `${key}_${putIn(variables, value, part)}`;
  return `${key}_${layerWithValues(variables, value, part)}`;
}

function layerWithValues(variables: Variables, value: string, part: string): string {
  if (!value.startsWith('text:')) return value.startsWith('$') ? putIn(variables, value, part) : value;
  const end = value.indexOf(':', 'text:'.length);
  const [style, text] = end < 0 ? [value, ''] : [value.slice(0, end), value.slice(end)];
  // A text is decoded once with its component and once more on its own.
  const written = text.replace(/\$\(([A-Za-z][A-Za-z0-9]{0,63})\)/g, (_, name: string) =>
    encodeURIComponent(encodeURIComponent(take(variables, name, part))),
  );
  return putIn(variables, style, part) + written;
}

/** Numbers and arithmetic as they are, where that may stand, and everything else as a text. */
function conditionWithValues(variables: Variables, condition: string, part: string): string {
  const words = wordsOf(condition);
  const written = words.map((word, index) => {
    if (!word.startsWith('$')) return word;
    const value = take(variables, word.slice(1), part);
    if (!isArithmetic(value)) return `!${encodeURIComponent(value)}!`;
    if (value.includes('_')) checkFirst(words[index - 1], part);
    return value;
  });
  return written.join('_');
}

/** Arithmetic is worked out from left to right, and so is no operand of another. */
function checkFirst(before: string | undefined, part: string): void {
  if (before === undefined || !operators.some((name) => name === before)) return;
  throw refused(part, 'a variable that is arithmetic of its own can only come first');
}

/** `$name` at the beginning, or after what separates the words of a value. */
function putIn(variables: Variables, text: string, part: string): string {
  if (!text.includes('$')) return text;
  const pieces = text.split(/([_:.])/);
  const written = pieces.map((piece, index) => {
    if (!piece.startsWith('$')) return piece;
    const value = take(variables, piece.slice(1), part);
    const isFirst = index === 0 || pieces[index - 1] !== '_';
    if (!isFirst && isArithmetic(value) && value.includes('_')) checkFirst(pieces[index - 2], part);
    return encodeURIComponent(value).replaceAll('%3A', ':');
  });
  const all = written.join('');
  if (all.length > maxValueLength) throw refused(part, `it comes to more than ${maxValueLength} characters`);
  return folded(all);
}

function take(variables: Variables, name: string, part: string): string {
  const value = variables.values.get(name);
  if (value === undefined) {
    const why = variables.values.has(name) ? 'a condition decides what' : 'nothing before it gives';
    const end = variables.values.has(name) ? ' is, and is not known behind its if_end' : ' a value';
    throw refused(part, `${why} $${shorten(name)}${end}`);
  }
  variables.spent += value.length;
  if (variables.spent > maxSpent) throw refused(part, `variables put in more than ${maxSpent} characters`);
  return value;
}

function refused(what: string, why: string): Failure {
  return new Failure('invalid', `Invalid ${shorten(what)}: ${why}.`);
}
