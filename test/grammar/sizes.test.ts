import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import {
  defaultGrammarOptions,
  layout,
  layoutSteps,
  negotiate,
  parseTarget,
  placeLayer,
  type ResolvedTransform,
  type Size,
  turnedBounds,
} from '../../src/grammar/index.ts';

const large: Size = { width: 3000, height: 2000 };
const small: Size = { width: 300, height: 200 };

function resolve(text: string): ResolvedTransform {
  const { transform } = parseTarget(`/image/upload/${text}/v1/sample.jpg`, defaultGrammarOptions);
  if (transform === undefined) throw new Error(`${text} is no transformation`);
  return negotiate(transform, { accept: undefined, foveaAccept: undefined }).transform;
}

/** `w×h`, and the picture's own size inside a larger canvas: `w×h (w×h)`. */
function sizesOf(text: string, original: Size): string {
  const last = layoutSteps(resolve(text), original).at(-1);
  const size = last?.size ?? original;
  const scaled = last?.placement.canvas === undefined ? undefined : last.placement.scaled;
  const inside = scaled === undefined ? '' : ` (${scaled.width}×${scaled.height})`;
  return `${size.width}×${size.height}${inside}`;
}

const modes = ['scale', 'fit', 'limit', 'mfit', 'fill', 'lfill', 'pad', 'lpad', 'mpad', 'crop', 'thumb'] as const;

type Row = readonly [parameters: string, ...sizes: string[]];

const largeRows: readonly Row[] = [
  [
    'w_128',
    ...Array<string>(3).fill('128×85'),
    '3000×2000',
    ...Array<string>(4).fill('128×85'),
    '3000×2000',
    '128×2000',
    '128×85',
  ],
  [
    'w_128,h_128',
    '128×128',
    '128×85',
    '128×85',
    '3000×2000',
    '128×128',
    '128×128',
    '128×128 (128×85)',
    '128×128 (128×85)',
    '3000×2000',
    '128×128',
    '128×128',
  ],
  [
    'w_800,h_400',
    '800×400',
    '600×400',
    '600×400',
    '3000×2000',
    '800×400',
    '800×400',
    '800×400 (600×400)',
    '800×400 (600×400)',
    '3000×2000',
    '800×400',
    '800×400',
  ],
  [
    'w_4000,h_4000',
    '4000×4000',
    '4000×2667',
    '3000×2000',
    '4000×2667',
    '4000×4000',
    '3000×2000',
    '4000×4000 (4000×2667)',
    '4000×4000 (3000×2000)',
    '4000×4000 (4000×2667)',
    '3000×2000',
    '4000×4000',
  ],
  [
    'w_0.5',
    '1500×1000',
    '1500×1000',
    '1500×1000',
    '3000×2000',
    '1500×1000',
    '1500×1000',
    '1500×1000',
    '1500×1000',
    '3000×2000',
    '1500×2000',
    '1500×1000',
  ],
  [
    'w_0.5,h_0.5',
    '1500×1000',
    '1500×1000',
    '1500×1000',
    '3000×2000',
    '1500×1000',
    '1500×1000',
    '1500×1000',
    '1500×1000',
    '3000×2000',
    '1500×1000',
    '1500×1000',
  ],
  [
    'w_128,h_128,dpr_2.0',
    '256×256',
    '256×171',
    '256×171',
    '3000×2000',
    '256×256',
    '256×256',
    '256×256 (256×171)',
    '256×256 (256×171)',
    '3000×2000',
    '256×256',
    '256×256',
  ],
  [
    'ar_16:9,w_960',
    '960×540',
    '810×540',
    '810×540',
    '3000×2000',
    '960×540',
    '960×540',
    '960×540 (810×540)',
    '960×540 (810×540)',
    '3000×2000',
    '960×540',
    '960×540',
  ],
  [
    'ar_1:1',
    '2000×2000',
    '2000×1333',
    '2000×1333',
    '3000×2000',
    '2000×2000',
    '2000×2000',
    '3000×3000 (3000×2000)',
    '3000×3000 (3000×2000)',
    '3000×3000 (3000×2000)',
    '2000×2000',
    '2000×2000',
  ],
  [
    'ar_16:9',
    '3000×1688',
    '2531×1688',
    '2531×1688',
    '3000×2000',
    '3000×1688',
    '3000×1688',
    '3556×2000 (3000×2000)',
    '3556×2000 (3000×2000)',
    '3556×2000 (3000×2000)',
    '3000×1688',
    '3000×1688',
  ],
];

const smallModes = ['fit', 'limit', 'mfit', 'fill', 'lfill', 'pad', 'lpad', 'crop'] as const;
const smallRows: readonly Row[] = [
  [
    'w_128,h_128',
    '128×85',
    '128×85',
    '300×200',
    '128×128',
    '128×128',
    '128×128 (128×85)',
    '128×128 (128×85)',
    '128×128',
  ],
  [
    'w_800,h_400',
    '600×400',
    '300×200',
    '600×400',
    '800×400',
    '300×200',
    '800×400 (600×400)',
    '800×400 (300×200)',
    '300×200',
  ],
  [
    'w_128,h_128,dpr_2.0',
    '256×171',
    '256×171',
    '300×200',
    '256×256',
    '256×200',
    '256×256 (256×171)',
    '256×256 (256×171)',
    '256×200',
  ],
  [
    'ar_1:1',
    '200×133',
    '200×133',
    '300×200',
    '200×200',
    '200×200',
    '300×300 (300×200)',
    '300×300 (300×200)',
    '200×200',
  ],
];

function cases(rows: readonly Row[], columns: readonly string[]) {
  return rows.flatMap(([parameters, ...sizes]) =>
    columns.map((mode, index) => ({ parameters, mode, size: sizes[index] ?? '' })),
  );
}

describe('sizes of the crop modes', () => {
  it.each(cases(largeRows, modes))('c_$mode,$parameters makes $size of 3000×2000', ({ parameters, mode, size }) => {
    expect(sizesOf(`c_${mode},${parameters}`, large)).toBe(size);
  });

  it.each(cases(smallRows, smallModes))('c_$mode,$parameters makes $size of 300×200', ({ parameters, mode, size }) => {
    expect(sizesOf(`c_${mode},${parameters}`, small)).toBe(size);
  });

  it.each([
    ['w_128,h_128', '192×128', '192×128'],
    ['w_800,h_400', '800×533', '800×533'],
    ['w_4000,h_1000', '4000×2667', '3000×2000'],
    ['w_4000,h_4000', '6000×4000', '3000×2000'],
    ['w_128', '128×85', '128×85'],
    ['h_3000', '4500×3000', '3000×2000'],
    ['w_0.5,h_0.1', '1500×1000', '1500×1000'],
    ['w_128,h_128,dpr_2.0', '384×256', '384×256'],
    ['w_128,ar_1:1', '192×128', '192×128'],
    ['ar_16:9', '3000×2000', '3000×2000'],
  ])('c_outside,%s makes %s of 3000×2000, and c_loutside %s', (parameters, outside, bounded) => {
    expect(sizesOf(`c_outside,${parameters}`, large)).toBe(outside);
    expect(sizesOf(`c_loutside,${parameters}`, large)).toBe(bounded);
  });

  it('c_outside covers any box, by one side exactly, and c_loutside does where the picture can', () => {
    const side = fc.integer({ min: 1, max: 4_000 });
    fc.assert(
      fc.property(side, side, side, side, (width, height, boxWidth, boxHeight) => {
        const size = (mode: string) =>
          layoutSteps(resolve(`c_${mode},w_${boxWidth},h_${boxHeight}`), { width, height }).at(-1)?.size;
        const outside = size('outside') ?? { width: 0, height: 0 };
        expect(outside.width >= boxWidth && outside.height >= boxHeight).toBe(true);
        expect(outside.width === boxWidth || outside.height === boxHeight).toBe(true);
        const fits = boxWidth <= width && boxHeight <= height;
        expect(size('loutside')).toEqual(fits ? outside : { width, height });
      }),
    );
  });

  it('a dpr in a component of its own does not reach c_crop', () => {
    expect(sizesOf('c_crop,w_128,h_128/dpr_2.0', large)).toBe('128×128');
    expect(sizesOf('c_limit,w_960/dpr_2.0', large)).toBe('1920×1280');
  });

  it('pins the readings the documentation leaves open', () => {
    expect(sizesOf('c_lfill,w_500,h_500', { width: 3000, height: 200 })).toBe('500×200');
    expect(sizesOf('c_lpad,w_800,h_400', small)).toBe('800×400 (300×200)');
    expect(sizesOf('c_mpad,w_100,h_100', small)).toBe('300×200');
    expect(sizesOf('c_crop,w_4000,h_4000', small)).toBe('300×200');
  });

  it.each([
    ['c_scale,w_1.5', '4500×3000'],
    ['c_scale,w_iw_div_2', '1500×1000'],
    ['c_scale,w_500,fl_ignore_aspect_ratio', '500×2000'],
    ['c_scale,w_1', '1×1'],
    ['a_90', '2000×3000'],
    ['a_45', '3536×3536'],
    ['a_10', '3302×2491'],
    ['c_crop,w_400,h_400/r_max/c_scale,w_200', '200×200'],
    ['c_crop,ar_1:1,w_1000', '1000×1000'],
    ['c_fill,w_300,h_300/c_pad,w_400,h_300', '400×300 (300×300)'],
    ['c_fill,w_960,h_600/c_limit,w_480', '480×300'],
    ['bo_10px_solid_black', '3020×2020'],
    ['a_90,c_fill,w_100', '100×150'],
    ['a_auto_right,c_fill,h_300,w_200', '200×300'],
  ])('%s makes %s of 3000×2000', (text, size) => {
    expect(sizesOf(text, large)).toBe(size);
  });

  it('gives the size after every component', () => {
    expect(layoutSteps(resolve('c_fill,w_300,h_300/a_90/c_pad,w_400,h_300'), large).map(({ size }) => size)).toEqual([
      { width: 300, height: 300 },
      { width: 300, height: 300 },
      { width: 400, height: 300 },
    ]);
  });

  it('refuses arithmetic that has no size for this picture', () => {
    expect(() => sizesOf('c_scale,w_iw_sub_3000', large)).toThrow(/width iw_sub_3000 comes to 0/);
    expect(() => sizesOf('c_scale,w_iw_div_0', large)).toThrow(/has no result/);
  });
});

describe('places of cuts', () => {
  it.each([
    ['c_crop,g_north_west,x_10,y_20,w_400,h_300', { left: 10, top: 20, width: 400, height: 300 }],
    ['c_crop,x_10,y_20,w_400,h_300', { left: 10, top: 20, width: 400, height: 300 }],
    ['c_crop,g_south_east,x_10,y_20,w_400,h_300', { left: 2590, top: 1680, width: 400, height: 300 }],
    ['c_crop,g_xy_center,x_1000,y_500,w_400,h_300', { left: 800, top: 350, width: 400, height: 300 }],
    ['c_crop,g_center,w_0.5,h_0.5', { left: 750, top: 500, width: 1500, height: 1000 }],
    ['c_crop,w_0.5,h_0.5', { left: 750, top: 500, width: 1500, height: 1000 }],
    ['c_fill,g_west,w_500,h_500', { left: 0, top: 0, width: 500, height: 500 }],
    ['c_fill,g_face,w_500,h_1000', { left: 500, top: 0, width: 500, height: 1000 }],
    ['c_crop,g_south_east,x_9000,y_9000,w_400,h_300', { left: 0, top: 0, width: 400, height: 300 }],
    ['c_crop,g_center,x_0.1,y_-0.0,w_400,h_300', { left: 1600, top: 850, width: 400, height: 300 }],
    ['c_fill,g_auto,w_500,h_500', { auto: true, gravity: { kind: 'auto' }, width: 500, height: 500 }],
  ])('%s cuts where it says', (text, cut) => {
    expect(layoutSteps(resolve(text), large).at(-1)?.placement.cut).toEqual(cut);
  });

  it('scales before the cut by the larger factor', () => {
    expect(layoutSteps(resolve('c_fill,g_west,w_500,h_500'), large)[0]?.placement.scaled).toEqual({
      width: 750,
      height: 500,
    });
  });

  it.each([
    ['c_pad,w_400,h_400', { width: 400, height: 400, left: 0, top: 66 }],
    ['c_pad,g_south,w_400,h_400', { width: 400, height: 400, left: 0, top: 133 }],
    ['c_pad,g_north,w_400,h_400,y_5', { width: 400, height: 400, left: 0, top: 5 }],
  ])('%s puts the picture on the canvas where it says', (text, canvas) => {
    expect(layoutSteps(resolve(text), large)[0]?.placement.canvas).toEqual(canvas);
  });
});

describe('turned sizes', () => {
  it.each([1, 10, 30, 45, 60, 89, 90, 135, 180, 200, 270, 359])(
    'agree with the renderer at %d degrees',
    async (degrees) => {
      for (const size of [
        { width: 300, height: 200 },
        { width: 17, height: 391 },
        { width: 1, height: 64 },
      ]) {
        const input = sharp({ create: { ...size, channels: 3, background: 'red' } });
        const { info } = await input.rotate(degrees).raw().toBuffer({ resolveWithObject: true });
        expect(turnedBounds(size, degrees)).toEqual({ width: info.width, height: info.height });
      }
    },
  );
});

describe('places of layers', () => {
  const base: Size = { width: 300, height: 200 };
  const place = (text: string, overlay: Size) => {
    const layer = resolve(text).steps[0]?.layer;
    if (layer === undefined) throw new Error(`${text} is no layer`);
    return placeLayer(layer, base, overlay);
  };

  it.each([
    ['l_a/fl_layer_apply', { left: 100, top: 50 }],
    ['l_a/fl_layer_apply,g_south_east,x_5,y_6', { left: 195, top: 94 }],
    ['l_a/fl_layer_apply,g_north_west,x_0.1,y_0.1', { left: 30, top: 20 }],
    ['l_a/fl_layer_apply,g_xy_center,x_60,y_70', { left: 10, top: 20 }],
    ['l_a/fl_layer_apply,x_10,y_-10', { left: 110, top: 40 }],
  ])('%s lies inside', (text, placement) => {
    expect(place(text, { width: 100, height: 100 })).toEqual(placement);
  });

  it('one that reaches beyond enlarges the canvas, unless told not to', () => {
    const overlay = { width: 100, height: 100 };
    expect(place('l_a/fl_layer_apply,g_north_west,x_-20,y_-30', overlay)).toEqual({
      left: 0,
      top: 0,
      canvas: { width: 320, height: 230, left: 20, top: 30 },
    });
    expect(place('l_a/fl_layer_apply,g_south_east,x_-20', overlay)).toEqual({
      left: 220,
      top: 100,
      canvas: { width: 320, height: 200, left: 0, top: 0 },
    });
    expect(place('l_a/fl_layer_apply.no_overflow,g_south_east,x_-20', overlay)).toEqual({ left: 220, top: 100 });
  });

  it('shares of a relative layer are of the base', () => {
    const [step] = resolve('l_a/fl_relative,w_0.5/fl_layer_apply').steps[0]?.layer?.steps ?? [];
    if (step === undefined) throw new Error('no step');
    expect(layout(step, { width: 40, height: 20 }, { original: base, shares: base }).scaled).toEqual({
      width: 150,
      height: 75,
    });
    expect(layout(step, { width: 40, height: 20 }, { original: base }).scaled).toEqual({ width: 20, height: 10 });
  });
});
