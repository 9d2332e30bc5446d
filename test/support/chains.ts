import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import {
  canonical,
  defaultGrammarOptions,
  negotiate,
  parseTarget,
  parseTransformation,
  type ResolvedTransform,
} from '../../src/grammar/index.ts';

// Transformations as anybody might write them, all of which the grammar takes.

const pixels = fc.integer({ min: 1, max: 16_000 }).map(String);
const share = fc.integer({ min: 1, max: 3_000_000 }).map((millionths) => (millionths / 1_000_000).toFixed(6));
const operand = fc.oneof(
  fc.constantFrom('iw', 'ih', 'iar', 'w', 'h', 'ar'),
  fc.integer({ min: 0, max: 900 }).map(String),
  share,
);
const operator = fc.constantFrom('add', 'sub', 'mul', 'div', 'mod', 'pow');
const expression = fc
  .tuple(fc.constantFrom('iw', 'ih', 'w', 'h'), fc.array(fc.tuple(operator, operand), { maxLength: 4 }))
  .map(([first, rest]) => [first, ...rest.map(([name, value]) => `${name}_${value}`)].join('_'));
const length = fc.oneof(pixels, share, expression);
const offset = fc.oneof(length, fc.constant('0'), fc.constant('0.0'));
const hex = (size: number) =>
  fc.array(fc.constantFrom(...'0123456789abcdefABCDEF'), { minLength: size, maxLength: size });
const colour = fc.oneof(
  fc.constantFrom('white', 'Red', 'transparent', 'rebeccapurple'),
  fc
    .constantFrom(3, 4, 6, 8)
    .chain(hex)
    .map((digits) => `rgb:${digits.join('')}`),
);
const number = (min: number, max: number) => fc.integer({ min, max }).map(String);
const amount = (name: string, min: number, max: number) =>
  fc.oneof(
    fc.constant(name),
    number(min, max).map((value) => `${name}:${value}`),
  );
const effect = fc.oneof(
  fc.constantFrom('grayscale', 'negate', 'improve:outdoor', 'improve:indoor:50'),
  ...['blur', 'sharpen', 'pixelate', 'unsharp_mask'].map((name) => amount(name, 1, 2000)),
  ...['brightness', 'saturation', 'hue', 'contrast', 'vibrance'].map((name) => amount(name, -99, 100)),
  ...[
    'colorize',
    'vignette',
    'shadow',
    'auto_brightness',
    'auto_contrast',
    'auto_color',
    'trim',
    'blackwhite',
    'tint',
  ].map((name) => amount(name, 0, 100)),
  amount('gamma', -50, 150),
  amount('sepia', 1, 100),
  amount('opacity_threshold', 1, 100),
  fc.tuple(fc.constantFrom('trim', 'tint'), number(0, 100), colour).map((parts) => parts.join(':')),
);
const angle = fc
  .uniqueArray(fc.constantFrom('hflip', 'vflip', 'ignore', 'auto', 'exif', 'auto_left', 'turn'), {
    minLength: 1,
    maxLength: 5,
  })
  .chain((words) => number(-720, 720).map((turn) => words.map((word) => (word === 'turn' ? turn : word)).join('.')));
const fixedGravity = fc.constantFrom(
  'north_west',
  'north',
  'center',
  'south_east',
  'xy_center',
  'face',
  'faces:center',
  'face:auto',
  'custom',
  'custom:face',
);

/** Values by key, all of which may stand together in one component of the picture itself. */
const partsOfPicture = {
  a: angle,
  ar: fc.oneof(
    fc.tuple(number(1, 60), number(1, 60)).map((pair) => pair.join(':')),
    fc.constantFrom('1.91:1', '1.5', '1.0', '0.333'),
  ),
  b: fc.oneof(colour, fc.constantFrom('auto', 'auto:predominant', 'auto:border_gradient', 'blurred', 'blurred:400:15')),
  bo: fc.tuple(number(0, 40), colour).map(([width, name]) => `${width}px_solid_${name}`),
  c: fc.constantFrom('scale', 'fit', 'limit', 'mfit', 'fill', 'lfill', 'pad', 'lpad', 'mpad', 'crop', 'thumb', 'auto'),
  co: colour,
  e: effect,
  g: fixedGravity,
  h: length,
  o: number(0, 100),
  r: fc.oneof(
    fc.constant('max'),
    fc.array(number(0, 50), { minLength: 1, maxLength: 4 }).map((corners) => corners.join(':')),
  ),
  w: fc.oneof(length, fc.constant('auto')),
  x: offset,
  y: offset,
  z: fc.constantFrom('1', '1.0', '0.7', '2.25'),
};
const partsOfDelivery = {
  cs: fc.constantFrom('srgb', 'tinysrgb', 'copy'),
  dn: number(1, 2400),
  dpr: fc.constantFrom('1', '1.0', '2', '1.5', 'auto'),
  f: fc.constantFrom('auto', 'auto:avif', 'auto:webp', 'auto:basic', 'jpg', 'jpeg', 'png', 'webp', 'avif', 'gif'),
  fl: fc
    .uniqueArray(
      fc.constantFrom(
        'lossy',
        'progressive',
        'progressive:semi',
        'png8',
        'awebp',
        'clip',
        'ignore_aspect_ratio',
        'relative',
      ),
      { minLength: 1, maxLength: 4 },
    )
    .map((flags) => flags.join('.')),
  pg: number(1, 40),
  q: fc.oneof(
    number(1, 100),
    fc.constantFrom('80:420', '80:444', 'auto', 'auto:best', 'auto:eco', 'auto:low', 'auto:sensitive', 'jpegmini'),
  ),
};

const written = (parts: Record<string, fc.Arbitrary<string>>) =>
  fc
    .record(parts, { requiredKeys: [] })
    .map((values) => Object.entries(values).map(([key, value]) => `${key}_${value}`))
    .filter((list) => list.length > 0);

const picture = written(partsOfPicture);
/** One component, as its parts. */
export const anything = written({ ...partsOfPicture, ...partsOfDelivery });
const id = fc
  .string({
    unit: fc.constantFrom('a', 'Z', '0', '-', '.', ',', ' ', 'é', '🐱', ':', '%', '_'),
    minLength: 1,
    maxLength: 8,
  })
  .filter((text) => !text.startsWith('.'));
const layerId = fc
  .array(
    id.filter((name) => !['text', 'fetch', 'video', 'lut'].includes(name)),
    { minLength: 1, maxLength: 3 },
  )
  .map((names) => names.map(encodeURIComponent).join(':'));
const text = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 12 })
  .filter((value) => /\P{Cc}/u.test(value) && !/[\p{Cc}\p{Cs}]/u.test(value));
const textLayer = fc
  .tuple(
    fc.constantFrom('Arial', 'Source%20Sans%20Pro', 'Open_Sans'),
    number(1, 200),
    fc.subarray(['bold', 'italic', 'letter_spacing_4', 'normal']),
    text,
  )
  .map(
    ([font, size, styles, value]) =>
      `text:${[font, size, ...styles].join('_')}:${encodeURIComponent(encodeURIComponent(value))}`,
  );
const placement = written({
  g: fixedGravity,
  x: fc.oneof(offset, number(-90, 90)),
  y: offset,
  e: fc.constantFrom('multiply', 'screen', 'overlay'),
});
const layer = fc
  .tuple(
    fc.constantFrom('l', 'u'),
    fc.oneof(layerId, textLayer),
    fc.option(
      written({ w: length, o: number(0, 100), co: colour, e: effect, fl: fc.constantFrom('relative', 'tiled') }),
      { nil: [] },
    ),
    fc.array(picture, { maxLength: 2 }),
    fc.option(placement, { nil: [] }),
    fc.constantFrom('layer_apply', 'layer_apply.no_overflow', 'layer_apply.tiled.relative'),
  )
  .map(([key, source, beside, steps, placed, flags]) => [
    [`${key}_${source}`, ...beside],
    ...steps,
    [...placed, `fl_${flags}`],
  ]);

/** Chains as lists of components, each a list of parts in any order. */
export const chain = fc
  .array(fc.oneof({ weight: 4, arbitrary: anything.map((parts) => [parts]) }, { weight: 1, arbitrary: layer }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((groups) => groups.flat());

export function join(components: readonly (readonly string[])[]): string {
  return components.map((parts) => parts.join(',')).join('/');
}

/** What a text asks for, after the prefix of the long form or in the short one. */
export function resolve(textOfChain: string, isShortForm = false): ResolvedTransform {
  const { transform } = parseTarget(
    `${isShortForm ? '' : '/image/upload'}/${textOfChain}/v1/sample`,
    defaultGrammarOptions,
  );
  if (transform === undefined) throw new Error(`${textOfChain} is no transformation`);
  return negotiate(transform, { accept: 'image/avif', foveaAccept: undefined }).transform;
}

/** The canonical spelling of a chain, read again in any form, is the same transformation, and has no other spelling. */
export const readsBack = fc.property(chain, (components) => {
  const first = resolve(join(components));
  const spelling = canonical(first);
  const again = resolve(spelling);
  const alone = negotiate(parseTransformation(spelling, defaultGrammarOptions), {
    accept: undefined,
    foveaAccept: undefined,
  });
  return (
    canonical(again) === spelling &&
    [again, resolve(spelling, true), alone.transform].every((other) => isDeepStrictEqual(other, first))
  );
});
