import { refuse } from '../dialect.ts';

/** `name(argument,argument)`; the arguments are decoded. */
export interface Filter {
  readonly name: string;
  readonly args: readonly string[];
  /** As it was written. */
  readonly text: string;
}

/** No URL has as many. */
const maxFilters = 64;
/** Pictures over pictures take one each, and what is drawn of them another: of layers there are fewer. */
const maxDepth = 16;

/** The filters that a text begins with, and what follows the slash behind them. */
export function filtersIn(text: string, program: string): readonly [filters: readonly Filter[], rest: string] {
  // Some clients escape brackets.
  const written = text.replace(/%28/gi, '(').replace(/%29/gi, ')');
  const filters: Filter[] = [];
  let start = 0;
  while (start < written.length) {
    const end = endOfFilter(written, start, program);
    const filter = end === undefined ? undefined : filterOf(written.slice(start, end));
    if (end === undefined || filter === undefined) break;
    if (filters.push(filter) > maxFilters)
      throw refuse(program, filter.text, `at most ${maxFilters} filters are taken`);
    const rest = written.slice(end);
    if (rest.startsWith('/')) return [filters, rest.slice(1)];
    const separator = /^(?::|%3a)/i.exec(rest)?.[0];
    if (separator === undefined) break;
    start = end + separator.length;
  }
  throw refuse(program, 'filters', 'each is written name(arguments), parted by ":", and a slash follows the last');
}

/** Behind the bracket that closes the first one. */
function endOfFilter(text: string, start: number, program: string): number | undefined {
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    if (text[index] === '(') {
      depth += 1;
      if (depth > maxDepth) throw refuse(program, 'filters', `brackets lie at most ${maxDepth} deep`);
    } else if (text[index] === ')') {
      depth -= 1;
      if (depth === 0) return index + 1;
    } else if (depth === 0 && text[index] === '/') return undefined;
  }
  return undefined;
}

function filterOf(text: string): Filter | undefined {
  const [, name, inside] = /^([\w\\-]{1,40})\((.*)\)$/s.exec(text) ?? [];
  if (name === undefined || inside === undefined) return undefined;
  return { name: name.replaceAll('\\', ''), args: inside === '' ? [] : argumentsIn(inside), text };
}

/** Commas inside brackets part nothing. */
function argumentsIn(text: string): readonly string[] {
  const args: string[] = [];
  let [start, depth] = [0, 0];
  for (let index = 0; index <= text.length; index += 1) {
    if (text[index] === '(') depth += 1;
    if (text[index] === ')') depth -= 1;
    if (index === text.length || (text[index] === ',' && depth === 0)) {
      args.push(decodeURIComponent(text.slice(start, index)).trim());
      start = index + 1;
    }
  }
  return args;
}

/** A number of an argument; the standard where there is none. */
export function numberOf(
  filter: Filter,
  program: string,
  { index = 0, min, max, standard }: { index?: number; min: number; max: number; standard?: number },
): number {
  const text = filter.args[index] ?? '';
  if (text === '' && standard !== undefined) return standard;
  const value = /^-?\d{1,15}(?:\.\d{1,12})?$|^-?\.\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw refuse(program, filter.text, `expected a number from ${min} to ${max}, got "${text.slice(0, 40)}"`);
}
