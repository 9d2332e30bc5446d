import { colourOf, refuse } from '../dialect.ts';

export const program = 'Dynamic Image Transformation';

export type Json = Readonly<Record<string, unknown>>;

export function wrong(name: string, expected: string) {
  return refuse(program, name, `expected ${expected}`);
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A number, which some clients write as text. */
export function numberIn(value: unknown, name: string, [min, max]: readonly [number, number]): number {
  const number = typeof value === 'string' && /^-?\d{1,6}(?:\.\d{1,12})?$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && number >= min && number <= max) return number;
  throw wrong(name, `a number from ${min} to ${max}`);
}

/** Only these names of an object have a meaning. */
export function fieldsOf(value: unknown, name: string, known: readonly string[]): Json {
  if (!isObject(value)) throw wrong(name, 'an object');
  const other = Object.keys(value).find((key) => !known.includes(key));
  if (other !== undefined) throw refuse(program, `${name}.${other}`, `${known.join(', ')} are taken`);
  return value;
}

/** A name, digits, channels by name, or a list of them. */
export function colour(value: unknown, name: string): string {
  if (typeof value === 'string') return colourOf(value.toLowerCase());
  const [first, second, third, fourth] = Array.isArray(value) ? value : [];
  const named = Array.isArray(value) ? { r: first, g: second, b: third, alpha: fourth ?? 1 } : value;
  const { r, g, b, alpha = 1 } = fieldsOf(named, name, ['r', 'g', 'b', 'alpha']);
  const channels = [r, g, b].map((one) => Math.round(numberIn(one, name, [0, 255])));
  const digits = [...channels, Math.round(numberIn(alpha, name, [0, 1]) * 255)];
  return `rgb:${digits.map((one) => one.toString(16).padStart(2, '0')).join('')}`;
}

/** Whether something is switched on, as nothing does, too. */
export function isOn(value: unknown, name: string): boolean {
  if (value === true || value === 'true' || value === null) return true;
  if (value === false || value === 'false') return false;
  throw wrong(name, 'true or false');
}
