import { nearest } from '../../nearest.ts';
import { shorten } from '../ids/ids.ts';
import { type Colour, parseColour, writeColour } from './colours.ts';
import { type Parsed, parseInteger } from './values.ts';

/** What an effect takes: its strength, and where a colour comes from. */
export interface EffectRule {
  readonly doc: string;
  readonly amount?: {
    readonly min: number;
    readonly max: number;
    readonly standard: number;
    readonly neutral?: number;
  };
  /**
   * `value`: an optional last part of the value; `first`: before the strength, and another may follow it; `qualifier`: `co_` of the same
   * component, grey when absent.
   */
  readonly colour?: 'value' | 'first' | 'qualifier';
  /** Width, height and offsets beside it say where it works. */
  readonly isOfRegion?: true;
}

/** Every effect, with ranges and defaults as the official clients document them. */
const rules = {
  blur: { doc: 'Blurs the picture.', amount: { min: 1, max: 2000, standard: 100 } },
  grayscale: { doc: 'Removes colour.' },
  sharpen: { doc: 'Sharpens the picture.', amount: { min: 1, max: 2000, standard: 100 } },
  pixelate: { doc: 'Shows the picture as squares of this many pixels.', amount: { min: 1, max: 2000, standard: 100 } },
  blur_faces: {
    doc: 'Blurs faces, at least so far that they are hidden.',
    amount: { min: 1, max: 2000, standard: 500 },
  },
  pixelate_faces: {
    doc: 'Shows faces as squares of this many pixels, at least so large that they are hidden.',
    amount: { min: 1, max: 200, standard: 20 },
  },
  blur_region: {
    doc: 'Blurs the part that x_, y_, w_ and h_ say, without w_ and h_ all to the right and below.',
    amount: { min: 1, max: 2000, standard: 100 },
    isOfRegion: true,
  },
  pixelate_region: {
    doc: 'Shows the part that x_, y_, w_ and h_ say as squares of this many pixels.',
    amount: { min: 1, max: 200, standard: 20 },
    isOfRegion: true,
  },
  trim: {
    doc: 'Cuts off borders of one colour, with this tolerance.',
    amount: { min: 0, max: 100, standard: 10 },
    colour: 'value',
  },
  brightness: { doc: 'Changes brightness.', amount: { min: -99, max: 100, standard: 80, neutral: 0 } },
  red: { doc: 'Changes the red in each colour.', amount: { min: -100, max: 100, standard: 0, neutral: 0 } },
  green: { doc: 'Changes the green in each colour.', amount: { min: -100, max: 100, standard: 0, neutral: 0 } },
  blue: { doc: 'Changes the blue in each colour.', amount: { min: -100, max: 100, standard: 0, neutral: 0 } },
  contrast: { doc: 'Changes contrast.', amount: { min: -100, max: 100, standard: 0, neutral: 0 } },
  saturation: { doc: 'Changes saturation.', amount: { min: -100, max: 100, standard: 80, neutral: 0 } },
  hue: { doc: 'Turns the colours round the wheel.', amount: { min: -100, max: 100, standard: 80, neutral: 0 } },
  gamma: { doc: 'Changes the gamma curve.', amount: { min: -50, max: 150, standard: 0, neutral: 0 } },
  vibrance: { doc: 'Strengthens the weak colours.', amount: { min: -100, max: 100, standard: 20, neutral: 0 } },
  sepia: { doc: 'Tones the picture brown.', amount: { min: 1, max: 100, standard: 80 } },
  blackwhite: { doc: 'Black or white by this threshold.', amount: { min: 0, max: 100, standard: 50 } },
  negate: { doc: 'Inverts the colours.' },
  colorize: {
    doc: 'Mixes in the colour of co_.',
    amount: { min: 0, max: 100, standard: 100, neutral: 0 },
    colour: 'qualifier',
  },
  tint: {
    doc: 'Tints the picture with a colour (red when none is given).',
    amount: { min: 0, max: 100, standard: 60, neutral: 0 },
    colour: 'value',
  },
  replace_color: {
    doc: 'Makes what is like one colour, within a tolerance, like another, as in `e_replace_color:teal:50:red`: the new colour, the tolerance, and the old one, else the strongest.',
    amount: { min: 0, max: 100, standard: 50, neutral: 0 },
    colour: 'first',
  },
  auto_brightness: { doc: 'Evens out brightness.', amount: { min: 0, max: 100, standard: 100, neutral: 0 } },
  auto_contrast: { doc: 'Evens out contrast.', amount: { min: 0, max: 100, standard: 100, neutral: 0 } },
  auto_color: { doc: 'Evens out the colour balance.', amount: { min: 0, max: 100, standard: 100, neutral: 0 } },
  unsharp_mask: { doc: 'Sharpens with an unsharp mask.', amount: { min: 1, max: 2000, standard: 100 } },
  opacity_threshold: {
    doc: 'Makes pixels opaque or clear by this threshold.',
    amount: { min: 1, max: 100, standard: 50 },
  },
  vignette: { doc: 'Darkens the corners.', amount: { min: 0, max: 100, standard: 20, neutral: 0 } },
  shadow: {
    doc: 'Adds a shadow in the colour of co_, at x_ and y_.',
    amount: { min: 0, max: 100, standard: 40 },
    colour: 'qualifier',
  },
  improve: {
    doc: 'Stretches levels, mixed in by this share.',
    amount: { min: 0, max: 100, standard: 100, neutral: 0 },
  },
} as const satisfies Readonly<Record<string, EffectRule>>;

export type EffectName = keyof typeof rules;
export const effectRules: Readonly<Record<EffectName, EffectRule>> = rules;
export const effectNames = Object.keys(rules) as readonly EffectName[];

export interface Effect {
  readonly name: EffectName;
  /** Always set where the effect has a strength: the parser fills in the default. */
  readonly amount?: number;
  readonly colour?: Colour;
  /** Of `replace_color`: the colour that goes. */
  readonly replaced?: Colour;
}

/** The colour of `co_` effects when none is written. */
export const standardEffectColour = '808080';

/** How a layer mixes with what is beneath it: effects of the layer's own components. */
const blendModes = ['multiply', 'screen', 'overlay'] as const;
export type BlendMode = (typeof blendModes)[number];

const neverSupported = ['background_removal', 'upscale', 'enhance', 'bgremoval', 'dropshadow', 'extract'];
const notYetSupported = [
  'cartoonify',
  'oil_paint',
  'outline',
  'displace',
  'distort',
  'mask',
  'red_eye',
  'adv_redeye',
  'art',
  'make_transparent',
];

/** An effect of the picture, or the blend mode of a layer. */
export type EffectValue = Effect | { readonly blend: BlendMode };

/** Reads the value of `e_`: a name, then its strength and colour. */
export function parseEffect(text: string): Parsed<EffectValue> {
  const [first = '', ...args] = text.split(':', 8);
  const blend = blendModes.find((mode) => mode === first);
  if (blend !== undefined) return args.length === 0 ? { blend } : { problem: `e_${blend} takes no value` };
  const name = effectNames.find((known) => known === first);
  if (name === undefined) return unknownEffect(first);
  const rule = effectRules[name];
  // The mode of e_improve (indoor, outdoor) names a recipe that is not published: only the mix is taken.
  if (name === 'improve' && (args[0] === 'indoor' || args[0] === 'outdoor')) args.shift();
  if (rule.colour === 'first') return parseReplacement(name, args);
  const amount = rule.amount;
  if (amount === undefined) return args.length === 0 ? { name } : { problem: `e_${name} takes no value` };
  const [amountText, ...colourParts] = args;
  const value = amountText === undefined ? amount.standard : parseInteger(amountText, amount.min, amount.max);
  if (value === undefined) return { problem: `e_${name} takes a whole number from ${amount.min} to ${amount.max}` };
  if (colourParts.length === 0) return { name, amount: value };
  const colour = rule.colour === 'value' ? parseBareColour(colourParts.join(':')) : undefined;
  if (colour !== undefined) return { name, amount: value, colour };
  return { problem: rule.colour === 'value' ? `e_${name} takes one colour at most` : `e_${name} takes one number` };
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

/** Colours in the value of an effect may do without `rgb:`. */
function parseBareColour(text: string): Colour | undefined {
  return parseColour(text) ?? parseColour(`rgb:${text}`);
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
  const colour = effectRules[effect.name].colour === 'value' ? effect.colour : undefined;
  const parts = [effect.name, effect.amount, colour === undefined ? undefined : writeColour(colour)];
  return parts.filter((part) => part !== undefined).join(':');
}

/** True when the effect changes nothing. */
export function isNeutral(effect: Effect): boolean {
  const neutral = effectRules[effect.name].amount?.neutral;
  return neutral !== undefined && effect.amount === neutral;
}
