import { chain, component, meaningIn, refuse } from '../dialect.ts';
import { blurStrength, hueOf, mildly, tone } from '../drawing.ts';
import { numberIn, program, type Words } from './words.ts';

const filters: Readonly<Record<string, string>> = { greyscale: 'grayscale', sepia: 'sepia', negate: 'negate' };

/** Shapes, and how wide they are for their height where they are cut to it. */
const masks: Readonly<Record<string, string>> = {
  circle: '1:1',
  ellipse: '',
  triangle: '1.154701',
  'triangle-180': '1.154701',
  pentagon: '1.051462',
  'pentagon-180': '1.051462',
  hexagon: '0.866025',
  square: '1:1',
  star: '1.051462',
  heart: '1.105',
};

/** What is done to the sized picture, in the order in which it works. */
export function looks(words: Words): readonly string[] {
  const [bright = -1, strong = -1, turned = 0] = (words.text('mod') ?? '')
    .split(',', 4)
    .map((part) => numberIn(part, [-10_000, 10_000]) ?? -1);
  const filter = words.text('filt') ?? '';
  if (filter === 'duotone') throw refuse(program, 'filt=duotone', 'it is not supported');
  const tint = words.colour('tint');
  return chain(
    component({ e: tone('brightness', words.number('bri', [-100, 100]) ?? 0) }),
    component({ e: tone('brightness', bright < 0 ? 0 : (bright - 1) * 100) }),
    component({ e: tone('saturation', ((words.number('sat', [0, 10_000]) ?? (strong < 0 ? 1 : strong)) - 1) * 100) }),
    component({ e: hueOf(words.number('hue', [-36_000, 36_000]) ?? turned) }),
    component({ e: tone('contrast', words.number('con', [-100, 100]) ?? 0) }),
    gamma(words),
    sharpen(words),
    meaningIn(filters, filter) && `e_${filters[filter]}`,
    blur(words),
    tint && `e_tint:100:${tint.replace(/^rgb:(.{6}|.{3}).*$/, '$1')}`,
    component({ b: words.colour('bg') }),
    ...masked(words),
  );
}

/** The exponent, 2.2 where it says nothing else; ours squares at most. */
function gamma(words: Words): string | undefined {
  if (!words.has('gam')) return undefined;
  const exponent = words.number('gam', [1, 3]) ?? 2.2;
  const amount = Math.max(-50, Math.round(100 / exponent - 100));
  return amount === 0 ? undefined : `e_gamma:${amount}`;
}

/** The deviation, alone or behind what flat and jagged parts get. */
function sharpen(words: Words): string | undefined {
  if (!words.has('sharp')) return undefined;
  const parts = (words.text('sharp') ?? '').split(',', 3);
  const deviation = numberIn(parts.at(-1), [0.000_001, 10_000]);
  if (deviation === undefined) return mildly.sharpen;
  return `e_sharpen:${Math.min(2000, Math.max(1, Math.round(deviation * 100)))}`;
}

/** By its deviation; without a number it is mild. */
function blur(words: Words): string | undefined {
  if (!words.has('blur') || words.text('blur') === 'false') return undefined;
  const deviation = words.number('blur', [0.3, 150]);
  if (deviation === undefined) return mildly.blur;
  return `e_blur:${blurStrength(deviation)}`;
}

/** True where a shape leaves what is around it clear. */
export function isMasked(words: Words): boolean {
  return meaningIn(masks, words.text('mask') ?? '') !== undefined;
}

function masked(words: Words): readonly string[] {
  const shape = words.text('mask') ?? '';
  const ratio = meaningIn(masks, shape);
  if (ratio === undefined) return [];
  const b = words.colour('mbg');
  if (shape === 'ellipse') return chain(component({ r: 'max', b }));
  return chain(words.isOn('mtrim') ? component({ ar: ratio, c: 'crop' }) : undefined, component({ msk: shape, b }));
}
