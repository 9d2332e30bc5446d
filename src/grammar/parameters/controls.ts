import { extensionOf, imageFormats } from '../../formats.ts';
import { colourNames } from './colours.ts';
import { cropModes } from './crop.ts';
import { type EffectRule, effectNames, effectRules } from './effects.ts';
import { componentFlags, deliveryFlags, outputFlags } from './flags.ts';
import { compassPoints } from './gravity.ts';
import { maskShapes } from './looks.ts';
import { content } from './rows/content.ts';
import { output } from './rows/output.ts';
import { type ParameterName, parameterNames, parameters } from './table.ts';

/** By what somebody sets a parameter who does not write it: its values come from where they are read. */
export type Control =
  | { readonly kind: 'number'; readonly min: number; readonly max: number; readonly step: number }
  /** One of these, or whatever else may be written. */
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  | { readonly kind: 'switches'; readonly values: readonly string[] }
  | { readonly kind: 'colour'; readonly values: readonly string[] }
  | { readonly kind: 'place'; readonly values: readonly string[] }
  | { readonly kind: 'effect'; readonly effects: readonly EffectControl[] }
  | { readonly kind: 'text' };

interface EffectControl extends Pick<EffectRule, 'doc' | 'amount' | 'colour'> {
  readonly name: string;
  /** What is written before the strength, or alone. */
  readonly begins: string;
}

/** One parameter, as a page offers it. */
export interface OfferedParameter {
  readonly name: ParameterName;
  readonly key: string;
  readonly doc: string;
  readonly range: string;
  readonly example: string;
  /** `output` is said once for a whole chain; `content` stands in a step for something else. */
  readonly group: 'step' | 'output' | 'content';
  readonly control: Control;
}

const effects: readonly EffectControl[] = effectNames.map((name) => {
  const { doc, amount, colour, needs }: EffectRule = effectRules[name];
  const begins = needs === undefined ? name : `${name}:${needs}`;
  return { name, begins, doc, ...(amount && { amount }), ...(colour && { colour }) };
});

/** Sides that are usual on pages: more is written into the field. */
const side: Control = { kind: 'number', min: 16, max: 2560, step: 1 };
const number = (min: number, max: number, step = 1): Control => ({ kind: 'number', min, max, step });
const choice = (...values: readonly string[]): Control => ({ kind: 'choice', values });

/** A parameter that has none does not build. */
const controls: Readonly<Record<ParameterName, Control>> = {
  angle: choice('90', '180', '270', 'hflip', 'vflip', 'auto_left', 'auto_right', 'ignore'),
  crop: choice(...cropModes),
  width: side,
  height: side,
  aspectRatio: choice('1:1', '4:5', '3:2', '4:3', '16:9', '21:9', '9:16', '2:3'),
  minWidth: side,
  minHeight: side,
  boundedDpr: number(0.5, 4, 0.5),
  gravity: {
    kind: 'place',
    values: [...compassPoints, 'auto', 'auto:face', 'face', 'faces', 'custom', 'xy_center'],
  },
  x: number(-1000, 1000),
  y: number(-1000, 1000),
  zoom: number(0.1, 4, 0.05),
  effect: { kind: 'effect', effects },
  equalTrim: choice('hor', 'ver', 'both'),
  opacity: number(0, 100),
  radius: choice('max', '8', '16', '32', '64', '40:0'),
  mask: choice(...maskShapes),
  border: choice('1px_solid_black', '4px_solid_white', '8px_solid_rgb:2f6f5e'),
  background: { kind: 'colour', values: ['auto', 'auto:predominant', 'blurred', ...colourNames] },
  overlay: { kind: 'text' },
  underlay: { kind: 'text' },
  colour: { kind: 'colour', values: colourNames },
  presets: { kind: 'text' },
  format: choice('auto', ...imageFormats.map(extensionOf)),
  quality: choice('auto:best', 'auto', 'auto:eco', 'auto:low', '90', '80', '70', '60', '50', '30'),
  maxBytes: number(1000, 500_000, 1000),
  flags: { kind: 'switches', values: [...outputFlags, ...componentFlags, ...deliveryFlags, 'attachment'] },
  dpr: choice('1.0', '1.5', '2.0', '3.0', 'auto'),
  page: number(1, 50),
  density: number(72, 600),
  colourSpace: choice('srgb', 'copy'),
  defaultImage: { kind: 'text' },
};

/** Every parameter of the table, in its order. */
export const offeredParameters: readonly OfferedParameter[] = parameterNames.map((name) => {
  const { key, doc, range, example } = parameters[name];
  return { name, key, doc, range, example, group: groupOf(name), control: controls[name] };
});

function groupOf(name: ParameterName): OfferedParameter['group'] {
  if (Object.hasOwn(output, name)) return 'output';
  return Object.hasOwn(content, name) ? 'content' : 'step';
}
