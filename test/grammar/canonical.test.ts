import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, defaultGrammarOptions, parseTarget } from '../../src/grammar/index.ts';
import { anything, chain, join, readsBack, resolve } from '../support/chains.ts';
import { spellText } from '../support/grammar.ts';

describe('the canonical form', () => {
  it('read again is the same transformation, in the long form and in the short one', () => {
    fc.assert(readsBack, { numRuns: 400 });
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
    ['c_fill,g_auto:faces:classic:nonsense,w_10,h_10', 'c_fill,g_auto:classic:faces,h_10,w_10'],
    ['c_fill,g_auto:thirds_0,w_10,h_10', 'c_fill,g_auto,h_10,w_10'],
    ['c_fill,g_auto:adv_face,w_10,h_10', 'c_fill,g_auto:face,h_10,w_10'],
    ['z_2.0,g_face,c_thumb', 'c_thumb,g_face,z_2'],
    ['c_fill,g_face', 'a_0'],
    ['e_blur_faces', 'e_blur_faces:500'],
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
    ['ar_16:9,c_crop,g_center,y_0', 'ar_16:9,c_crop'],
  ])('spells %s as %s', (input, spelling) => {
    expect(spellText(input)).toBe(spelling);
  });

  it('tells a pixel from a share and a mode from another', () => {
    expect(new Set(['w_1', 'w_1.0', 'c_fill,w_1', 'c_fit,w_1', 'h_1'].map((input) => spellText(input))).size).toBe(5);
  });
});
