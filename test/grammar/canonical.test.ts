import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonical,
  defaultGrammarOptions,
  negotiate,
  parseTarget,
  parseTransformation,
  type ResolvedTransform,
} from '../../src/grammar/index.ts';
import { spellText } from '../support/grammar.ts';

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
const anything = written({ ...partsOfPicture, ...partsOfDelivery });
const id = fc
  .string({
    unit: fc.constantFrom('a', 'Z', '0', '-', '.', ',', ' ', 'é', '🐱', ':', '%', '_'),
    minLength: 1,
    maxLength: 8,
  })
  .filter((text) => text !== '.' && text !== '..');
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
const chain = fc
  .array(fc.oneof({ weight: 4, arbitrary: anything.map((parts) => [parts]) }, { weight: 1, arbitrary: layer }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((groups) => groups.flat());

function join(components: readonly (readonly string[])[]): string {
  return components.map((parts) => parts.join(',')).join('/');
}

function resolve(textOfChain: string, isShortForm = false): ResolvedTransform {
  const { transform } = parseTarget(
    `${isShortForm ? '' : '/image/upload'}/${textOfChain}/v1/sample`,
    defaultGrammarOptions,
  );
  if (transform === undefined) throw new Error(`${textOfChain} is no transformation`);
  return negotiate(transform, { accept: 'image/avif', foveaAccept: undefined }).transform;
}

describe('the canonical form', () => {
  it('read again is the same transformation, in the long form and in the short one', () => {
    fc.assert(
      fc.property(chain, (components) => {
        const first = resolve(join(components));
        const spelling = canonical(first);
        expect(resolve(spelling)).toStrictEqual(first);
        expect(resolve(spelling, true)).toStrictEqual(first);
        expect(canonical(resolve(spelling))).toBe(spelling);
        expect(
          negotiate(parseTransformation(spelling, defaultGrammarOptions), { accept: undefined, foveaAccept: undefined })
            .transform,
        ).toStrictEqual(first);
      }),
      { numRuns: 400 },
    );
  });

  it('does not depend on the order of keys within a component', () => {
    const shuffled = anything.chain((parts) =>
      fc.tuple(fc.constant(parts), fc.shuffledSubarray(parts, { minLength: parts.length })),
    );
    fc.assert(
      fc.property(shuffled, ([parts, other]) => {
        expect(canonical(resolve(other.join(',')))).toBe(canonical(resolve(parts.join(','))));
      }),
      { numRuns: 300 },
    );
  });

  it('holds nothing but printable ASCII that a path may hold', () => {
    fc.assert(
      fc.property(chain, (components) => {
        expect(canonical(resolve(join(components)))).toMatch(/^[A-Za-z0-9_.,:/%*'()!~-]+$/);
      }),
      { numRuns: 300 },
    );
  });

  it('has no property that is there but undefined', () => {
    const hasUndefined = (value: unknown): boolean =>
      value === undefined || (typeof value === 'object' && value !== null && Object.values(value).some(hasUndefined));
    fc.assert(
      fc.property(chain, (components) => {
        expect(hasUndefined(resolve(join(components)).steps)).toBe(false);
        const { transform } = parseTarget(`/${join(components)}/v1/a`, defaultGrammarOptions);
        expect(hasUndefined(transform)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['w_128,h_128', 'c_scale,h_128,w_128'],
    ['w_0128,h_128', 'c_scale,h_128,w_128'],
    ['c_fill,g_center,w_10,h_10', 'c_fill,h_10,w_10'],
    ['c_crop,g_center,w_10,h_10', 'c_crop,h_10,w_10'],
    ['c_crop,x_0,y_0,w_10,h_10', 'c_crop,g_north_west,h_10,w_10'],
    ['c_crop,x_5,w_10,h_10', 'c_crop,g_north_west,h_10,w_10,x_5'],
    ['c_crop,g_center,x_5,w_10,h_10', 'c_crop,g_center,h_10,w_10,x_5'],
    ['c_fill,g_auto:subject,w_10,h_10,x_3', 'c_fill,g_auto,h_10,w_10'],
    ['c_fill,g_auto:nonsense,w_10,h_10', 'c_fill,g_auto,h_10,w_10'],
    ['c_fit,g_north,x_3,z_2,w_10', 'c_fit,w_10'],
    ['ar_16:9,c_fill,w_10,h_10', 'c_fill,h_10,w_10'],
    ['ar_1.91:1,c_fill,w_10', 'ar_191:100,c_fill,w_10'],
    ['ar_1.5,c_fill,w_10', 'ar_3:2,c_fill,w_10'],
    ['w_0.50', 'c_scale,w_0.5'],
    ['w_.5', 'c_scale,w_0.5'],
    ['w_1.0', 'c_scale,w_1.0'],
    ['w_1', 'c_scale,w_1'],
    ['c_scale', 'a_0'],
    ['a_0', 'a_0'],
    ['a_360', 'a_0'],
    ['a_hflip.vflip', 'a_180'],
    ['a_-90', 'a_270'],
    ['a_hflip.90', 'a_90.vflip'],
    ['a_90.hflip', 'a_90.hflip'],
    ['a_180.hflip', 'a_vflip'],
    ['a_ignore', 'a_ignore'],
    ['r_0/o_100/e_brightness:0/bo_0px_solid_red/dpr_1.0/fl_relative', 'a_0'],
    ['r_1:2:1:2', 'r_1:2'],
    ['r_3:3:3:3', 'r_3'],
    ['r_1:2:3', 'r_1:2:3'],
    ['e_blur', 'e_blur:100'],
    ['e_trim', 'e_trim:10'],
    ['e_trim:20:white', 'e_trim:20:rgb:ffffff'],
    ['e_colorize,co_red', 'co_rgb:ff0000,e_colorize:100'],
    ['e_shadow', 'co_rgb:808080,e_shadow:40'],
    ['co_red', 'a_0'],
    ['b_WHITE', 'b_rgb:ffffff'],
    ['b_rgb:F00F', 'b_rgb:ff0000'],
    ['b_rgb:ff000080', 'b_rgb:ff000080'],
    ['b_auto', 'b_auto:border'],
    ['b_blurred', 'b_blurred:100:0'],
    ['q_auto', 'q_auto:good'],
    ['q_auto:sensitive', 'q_auto:good'],
    ['q_jpegmini:best', 'q_auto:good'],
    ['q_50/q_60', 'q_60'],
    ['f_png/f_jpg', 'f_jpeg'],
    ['fl_lossy/fl_png8.lossy', 'fl_lossy.png8'],
    ['fl_progressive:semi,fl_progressive', 'fl_progressive'],
    ['w_100,w_200', 'c_scale,w_200'],
    ['e_sepia,e_grayscale', 'e_grayscale'],
    ['fl_layer_apply,fl_no_overflow,l_logo,x_50', 'l_logo/fl_layer_apply.no_overflow,x_50'],
    ['fl_region_relative,l_logo,w_0.5/fl_layer_apply', 'fl_relative,l_logo/c_scale,w_0.5/fl_layer_apply'],
    [
      'l_logo/l_badge,w_10/fl_layer_apply,g_east/fl_layer_apply',
      'l_logo/l_badge/c_scale,w_10/fl_layer_apply,g_east/fl_layer_apply',
    ],
    ['l_logo,c_fill,g_face,w_10,h_10/fl_layer_apply,g_north', 'l_logo/c_fill,g_face,h_10,w_10/fl_layer_apply,g_north'],
    ['l_logo,e_screen,o_50/fl_layer_apply', 'l_logo/o_50/e_screen,fl_layer_apply'],
    ['l_logo,c_crop,w_10,h_10,x_5/fl_layer_apply,y_2', 'l_logo/c_crop,g_north_west,h_10,w_10,x_5/fl_layer_apply,y_2'],
    ['l_logo,c_fill,w_10,h_10,g_north', 'l_logo/c_fill,h_10,w_10/fl_layer_apply,g_north'],
    ['l_logo,g_south,w_10,x_1/e_blur/fl_layer_apply,x_2', 'l_logo/c_scale,w_10/e_blur:100/fl_layer_apply,g_south,x_2'],
    ['l_logo,g_south/e_sepia', 'l_logo/fl_layer_apply,g_south/e_sepia:80'],
    ['cs_tinysrgb/dn_72/pg_1', 'cs_srgb,dn_72,pg_1'],
    ['a_90/c_fill,w_10/e_blur', 'a_90/c_fill,w_10/e_blur:100'],
  ])('spells %s as %s', (input, spelling) => {
    expect(spellText(input)).toBe(spelling);
  });

  it('tells a pixel from a share and a mode from another', () => {
    expect(new Set(['w_1', 'w_1.0', 'c_fill,w_1', 'c_fit,w_1', 'h_1'].map((input) => spellText(input))).size).toBe(5);
  });
});
