import { refuse } from '../dialect.ts';
import { type ImgproxyOption, numberIn, program } from './options.ts';
import type { Wishes } from './wishes.ts';

export type Reader = (option: ImgproxyOption, wishes: Wishes) => Wishes;

/** Arguments from one on, as those of an option of their own. */
export function from(option: ImgproxyOption, start: number): ImgproxyOption {
  return { ...option, args: option.args.slice(start) };
}

export function whole(option: ImgproxyOption, index: number, min = 0): number | undefined {
  const value = numberIn(option, index, { min, max: 65_535 });
  if (value === undefined || Number.isInteger(value)) return value;
  throw refuse(program, option.text, 'expected a whole number');
}

export function atMost(option: ImgproxyOption, count: number): void {
  if (option.args.length > count) throw refuse(program, option.text, `it takes ${count} argument(s) at most`);
}

/** Three, four, six or eight digits. */
export function hexColour(option: ImgproxyOption, text: string): string {
  if (/^(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(text)) return text.toLowerCase();
  throw refuse(program, option.text, 'a colour has three or six hexadecimal digits');
}

/** URL-safe base64, with or without its padding. */
export function base64Text(text: string): string {
  if (!/^[A-Za-z0-9_-]*={0,2}$/.test(text)) throw refuse(program, text, 'it is no URL-safe base64');
  return Buffer.from(text, 'base64url').toString('utf8');
}
