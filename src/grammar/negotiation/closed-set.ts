import { Failure } from '../../failure.ts';
import { extensionOf, imageFormats } from '../../formats.ts';
import { shorten } from '../ids/ids.ts';
import type { Component, DeliveryHints, ResolvedTransform } from '../meaning/transform.ts';
import { cropModes } from '../parameters/crop.ts';
import { compassPoints } from '../parameters/gravity.ts';
import { type ComponentValues, options } from '../parameters/options.ts';
import { isProblem } from '../parameters/values.ts';

/**
 * What an unsigned URL may say with one parameter under `ladder`: values as a URL spells them; `held` to the ladder of
 * widths; a rule in words that is kept elsewhere (`free`); or nothing, unless it is signed or in a preset.
 */
export type ClosedRule =
  | { readonly kind: 'values'; readonly values: readonly string[] }
  | { readonly kind: 'held' | 'free'; readonly says: string }
  | { readonly kind: 'signed' };

const values = (...list: readonly string[]): ClosedRule => ({ kind: 'values', values: list });
const signed: ClosedRule = { kind: 'signed' };

/**
 * The closed set, parameter by parameter: what pages of Next, Nuxt and unpic print, and nothing that could be counted up.
 * It decides, it is the table of the reference, and tests take it to pieces.
 */
export const closedSet: { readonly [Name in keyof ComponentValues]: ClosedRule } = {
  angle: values('90', '180', '270', 'hflip', 'vflip'),
  aspectRatio: values('1:1', '2:1', '1:2', '3:2', '2:3', '4:3', '3:4', '5:4', '4:5', '16:9', '9:16', '21:9'),
  background: values('white', 'black', 'transparent', 'auto'),
  border: signed,
  colour: signed,
  colourSpace: signed,
  crop: values(...cropModes),
  defaultImage: { kind: 'free', says: 'any id: it makes no variant more' },
  density: signed,
  dpr: { kind: 'held', says: 'any: the sides that it makes are held' },
  effect: values('grayscale', 'blur'),
  flags: { kind: 'free', says: '`attachment` without a name: it makes no variant more' },
  format: values('auto', 'auto:avif', 'auto:webp', 'auto:basic', ...imageFormats.map(extensionOf)),
  gravity: values(...compassPoints, 'auto', 'face', 'face:center', 'face:auto', 'faces', 'custom', 'custom:face'),
  height: { kind: 'held', says: 'whole pixels: any beside a width, on the ladder without one' },
  opacity: signed,
  overlay: signed,
  page: signed,
  presets: {
    kind: 'free',
    says: 'up to three names, with `f_` and `q_auto` beside them; beside others as written out',
  },
  quality: values('auto', 'auto:best', 'auto:eco', 'auto:low', '50', '60', '70', '75', '80', '85', '90', '100'),
  radius: values('max'),
  underlay: signed,
  width: { kind: 'held', says: 'on the ladder, with every dpr' },
  x: signed,
  y: signed,
  zoom: signed,
};

/** A page cuts, sizes and finishes; of presets, too, it takes no more together. */
export const maxClosedSteps = 3;

type Name = keyof ComponentValues;

/** The values of the table in the canonical form of each, by parameter. */
const listed: ReadonlyMap<Name, ReadonlySet<string>> = new Map(
  Object.values(options).map((option): [Name, ReadonlySet<string>] => {
    const rule = closedSet[option.sets];
    return [option.sets, new Set(rule.kind === 'values' ? rule.values.map((text) => respell(option.sets, text)) : [])];
  }),
);

function respell<One extends Name>(name: One, text: string): string {
  const value = options[name].parse(text, text);
  if (value === undefined || isProblem(value))
    throw new Error(`the closed set has ${text}, which ${name} does not take`);
  return options[name].write(value);
}

/** Refuses what is not in the closed set; sizes are the ladder's business. Failure `invalid`, naming the part. */
export function holdToClosedSet({ steps, ...output }: ResolvedTransform): void {
  if (steps.length > maxClosedSteps) {
    throw new Failure(
      'invalid',
      `Unsigned URLs may have ${maxClosedSteps} steps that change the picture, got ${steps.length}.${wayOut}`,
    );
  }
  for (const step of steps) holdStep(step);
  const { format, quality, flags, page, density, colourSpace } = output;
  if (format !== 'source') holdValue('format', format);
  if (quality !== undefined) holdValue('quality', quality);
  if (page !== undefined) holdValue('page', page);
  if (density !== undefined) holdValue('density', density);
  if (colourSpace !== undefined) holdValue('colourSpace', colourSpace);
  if (flags.length > 0) holdValue('flags', { output: flags, component: [] });
}

/** The same for a request that names presets and nothing else: its values are the configuration's. Failure `invalid`. */
export function holdChainOfPresets(names: readonly string[]): void {
  if (names.length <= maxClosedSteps) return;
  throw new Failure(
    'invalid',
    `Unsigned URLs may name ${maxClosedSteps} presets together, got ${names.length}.${wayOut}`,
  );
}

/** Of what only the headers show, a name for the file is free text. Failure `invalid`. */
export function holdDelivery({ attachment }: DeliveryHints): void {
  if (attachment?.filename === undefined) return;
  throw new Failure('invalid', `Unsigned URLs may not name the file of fl_attachment.${wayOut}`);
}

type Parts = Required<Component>;
type Holds = { readonly [Key in keyof Parts]: (value: Parts[Key]) => void };

/** Every part that a step may have: one that is added to the grammar has to be judged here to compile. */
const holds: Holds = {
  angle: (value) => holdValue('angle', value),
  crop: (value) => holdValue('crop', value),
  // Of these two the ladder has judged what is a number of pixels, and refused the rest.
  width: () => undefined,
  height: () => undefined,
  aspectRatio: (value) => holdValue('aspectRatio', value),
  gravity: (value) => holdValue('gravity', value),
  x: (value) => holdValue('x', value),
  y: (value) => holdValue('y', value),
  zoom: (value) => holdValue('zoom', value),
  ignoreAspectRatio: () => holdValue('flags', { output: [], component: ['ignore_aspect_ratio'] }),
  effect: (value) => holdValue('effect', value),
  opacity: (value) => holdValue('opacity', value),
  radius: (value) => holdValue('radius', value),
  border: (value) => holdValue('border', value),
  background: (value) => holdValue('background', value),
  layer: ({ position, source }) => holdValue(position === 'over' ? 'overlay' : 'underlay', source),
};

function holdStep(step: Component): void {
  // The keys of a total table are those of its type.
  for (const key of Object.keys(holds) as readonly (keyof Component)[]) holdPart(key, step[key]);
}

function holdPart<Key extends keyof Component>(key: Key, value: Parts[Key] | undefined): void {
  if (value !== undefined) holds[key](value);
}

function holdValue<One extends Name>(name: One, value: ComponentValues[One]): void {
  const text = options[name].write(value);
  if (listed.get(name)?.has(text) === true) return;
  const rule = closedSet[name];
  const taken = rule.kind === 'values' ? `: expected ${rule.values.join(', ')}` : '';
  const { key } = options[name];
  throw new Failure('invalid', `Unsigned URLs may not say ${shorten(`${key}_${text}`)} here${taken}.${wayOut}`);
}

const wayOut = ' Sign the URL, or make a preset of it.';
