import { nearest } from '../../nearest.ts';
import { shorten } from '../ids/ids.ts';
import { type ColourStop, maxStops, parseBareColour, parseStops, standardPlace, writeStop } from './colour-stops.ts';
import { type Colour, writeColour } from './colours.ts';
import { type EffectName, type EffectRule, effectNames, effectRules } from './effect-rules.ts';
import { type Parsed, parseInteger, parseNumber, writeNumber } from './values.ts';

export { type EffectName, type EffectRule, effectNames, effectRules } from './effect-rules.ts';

export interface Effect {
  readonly name: EffectName;
  /** Always set where the effect has a strength: the parser fills in the default. */
  readonly amount?: number;
  readonly colour?: Colour;
  /** Of `replace_color`: the colour that goes. */
  readonly replaced?: Colour;
  /** The word that came first. */
  readonly mode?: string;
  /** Always set where the effect has a second number. */
  readonly second?: number;
  /** Of `tint`, where it has more than one colour. */
  readonly stops?: readonly ColourStop[];
  /** Of `recolor`: three rows, or four; of `shear` its two angles. */
  readonly matrix?: readonly number[];
}

/** The colour of `co_` effects when none is written. */
export function standardColourOf(name: EffectName): Colour {
  return effectRules[name].standardColour ?? '808080';
}

/** Of an effect's value; the longest has colours with places. */
const maxWords = 48;

/** How a layer mixes with what is beneath it: effects of the layer's own components. */
const blendModes = ['multiply', 'screen', 'overlay'] as const;
export type BlendMode = (typeof blendModes)[number];

const neverSupported = [
  ...['background_removal', 'upscale', 'enhance', 'bgremoval', 'dropshadow', 'extract', 'style_transfer', 'theme'],
  ...['viesus_correct', 'lightroom', 'vectorize', 'anti_removal', 'noise'],
];
const notYetSupported = [
  'displace',
  'distort',
  'mask',
  'red_eye',
  'adv_redeye',
  'art',
  'ordered_dither',
  'assist_colorblind',
  'fill_light',
];

/** An effect of the picture, or the blend mode of a layer. */
export type EffectValue = Effect | { readonly blend: BlendMode };

/** Reads the value of `e_`: a name, then its strength and colour. */
export function parseEffect(text: string): Parsed<EffectValue> {
  const [first = '', ...args] = text.split(':', maxWords + 1);
  if (args.length >= maxWords) return { problem: `an effect has at most ${maxWords} words` };
  const blend = blendModes.find((mode) => mode === first);
  if (blend !== undefined) return args.length === 0 ? { blend } : { problem: `e_${blend} takes no value` };
  const name = effectNames.find((known) => known === first);
  if (name === undefined) return unknownEffect(first);
  const rule = effectRules[name];
  // The mode of e_improve (indoor, outdoor) names a recipe that is not published: only the mix is taken.
  if (name === 'improve' && (args[0] === 'indoor' || args[0] === 'outdoor')) args.shift();
  if (rule.colour === 'first') return parseReplacement(name, args);
  if (name === 'recolor') return parseMatrix(args);
  if (name === 'shear') return parseShear(args);
  const mode = rule.modes?.find((known) => known === args[0]);
  if (mode !== undefined) args.shift();
  const found: Effect = { name, ...(mode !== undefined && { mode }) };
  return parseNumbers(found, args);
}

/** The strength of an effect and what follows it. */
function parseNumbers(found: Effect, [amountText, ...others]: readonly string[]): Parsed<EffectValue> {
  const { name } = found;
  const { amount, second, colour, modes = [], standardMode } = effectRules[name];
  if (amount === undefined) {
    const takes = modes.length === 0 ? 'no value' : `one of ${modes.join(', ')}`;
    if (amountText !== undefined) return { problem: `e_${name} takes ${takes}` };
    const mode = found.mode ?? standardMode;
    return mode === undefined ? found : { ...found, mode };
  }
  const value = amountText === undefined ? amount.standard : parseInteger(amountText, amount.min, amount.max);
  if (value === undefined) return { problem: `e_${name} takes a whole number from ${amount.min} to ${amount.max}` };
  const effect: Effect = { ...found, amount: value };
  if (colour === 'several') return withStops(effect, others);
  if (second !== undefined) return withSecond(effect, second, others);
  if (others.length === 0) return effect;
  const one = colour === 'value' ? parseBareColour(others.join(':')) : undefined;
  if (one !== undefined) return { ...effect, colour: one };
  return { problem: colour === 'value' ? `e_${name} takes one colour at most` : `e_${name} takes one number` };
}

function withSecond(
  effect: Effect,
  { min, max, standard, word }: NonNullable<EffectRule['second']>,
  [text, ...others]: readonly string[],
): Parsed<EffectValue> {
  if (word !== undefined && text === word && others.length === 0) return { ...effect, mode: word };
  const second = text === undefined ? standard : parseInteger(text, min, max);
  if (second !== undefined && others.length === 0) return { ...effect, second };
  return { problem: `e_${effect.name} takes a second number from ${min} to ${max}` };
}

function withStops(effect: Effect, words: readonly string[]): Parsed<EffectValue> {
  const stops = parseStops(words);
  if (stops === undefined) {
    return {
      problem: `e_${effect.name} takes up to ${maxStops} colours, each with its place or without, as in red:20p`,
    };
  }
  const [only, ...others] = stops;
  if (only === undefined) return effect;
  return others.length === 0 && only.at === standardPlace ? { ...effect, colour: only.colour } : { ...effect, stops };
}

/** Rows that went further across than this for each one down would be no picture. */
const steepest = 100;

function parseShear(words: readonly string[]): Parsed<EffectValue> {
  const angles = words.map((word) => parseNumber(word, -360, 360)).filter((angle) => angle !== undefined);
  const [across = 0, down = 0] = angles;
  const [wide, tall] = [across, down].map((degrees) => Math.tan((degrees * Math.PI) / 180));
  const isSteep =
    Math.max(Math.abs(wide ?? 0), Math.abs(tall ?? 0)) > steepest || Math.abs(1 - (wide ?? 0) * (tall ?? 0)) < 0.001;
  if (words.length > 2 || angles.length < words.length || isSteep) {
    return { problem: 'e_shear takes two angles in degrees, across and down, neither of 90 nor both of 45' };
  }
  return { name: 'shear', matrix: [across, down] };
}

function parseMatrix(words: readonly string[]): Parsed<EffectValue> {
  const matrix = words.map((word) => parseNumber(word, -255, 255)).filter((share) => share !== undefined);
  if ((words.length === 9 || words.length === 16) && matrix.length === words.length) return { name: 'recolor', matrix };
  return { problem: 'e_recolor takes nine numbers, three for each of red, green and blue, or 16 with alpha' };
}

/** `<new>[:<tolerance>[:<old>]]`, colours with or without `rgb:`. */
function parseReplacement(name: EffectName, args: readonly string[]): Parsed<EffectValue> {
  const words = args.filter((arg) => arg !== 'rgb');
  const [newText = '', amountText = '50', oldText] = words;
  const colour = parseBareColour(newText);
  const amount = parseInteger(amountText, 0, 100);
  const replaced = oldText === undefined ? undefined : parseBareColour(oldText);
  if (
    colour === undefined ||
    amount === undefined ||
    words.length > 3 ||
    (oldText !== undefined && replaced === undefined)
  ) {
    return {
      problem: `e_${name} takes a colour, a tolerance from 0 to 100 and the colour that goes, as in teal:50:red`,
    };
  }
  return { name, amount, colour, ...(replaced !== undefined && { replaced }) };
}

function unknownEffect(name: string): Parsed<EffectValue> {
  if (name.startsWith('gen_') || neverSupported.includes(name))
    return { problem: `the effect ${shorten(name)} is not supported` };
  if (notYetSupported.includes(name)) return { problem: `the effect ${name} is not supported yet` };
  const meant = nearest(name, effectNames);
  if (meant === undefined) return undefined;
  return { problem: `there is no effect ${shorten(name)}; did you mean e_${meant}?` };
}

/** The canonical form of an effect: its strength is always written. */
export function writeEffect(effect: EffectValue): string {
  if ('blend' in effect) return effect.blend;
  if (effectRules[effect.name].colour === 'first') {
    return [effect.name, effect.colour, effect.amount, effect.replaced].filter((part) => part !== undefined).join(':');
  }
  const { name, mode, amount, second, matrix = [], stops = [] } = effect;
  const { colour: takes, second: takesSecond } = effectRules[name];
  const colour = takes === 'value' || takes === 'several' ? effect.colour : undefined;
  const own = [colour === undefined ? undefined : writeColour(colour), ...stops.map(writeStop)];
  const isLast = mode !== undefined && takesSecond?.word === mode;
  const parts = [name, isLast ? undefined : mode, amount, isLast ? mode : second, ...matrix.map(writeNumber), ...own];
  return parts.filter((part) => part !== undefined).join(':');
}

/** True when the effect changes nothing. */
export function isNeutral(effect: Effect): boolean {
  if (effect.name === 'shear') return effect.matrix?.every((angle) => angle === 0) === true;
  const neutral = effectRules[effect.name].amount?.neutral;
  return neutral !== undefined && effect.amount === neutral;
}
