import { describe, expect, it } from 'vitest';
import { defaultGrammarOptions, dialectClashes, type GrammarOptions, parseTarget } from '../../../src/grammar/index.ts';
import { cpuTimeMs } from '../../support/cpu-time.ts';
import { itReads, itRefuses } from '../../support/dialects.ts';
import { spell } from '../../support/grammar.ts';

const options: GrammarOptions = {
  ...defaultGrammarOptions,
  dialects: [...defaultGrammarOptions.dialects, 'imgproxy', 'thumbor'],
  sources: { 'https://old.example/': 'old/', 'http://old.example/': 'old/' },
};

/** Rows of what stands before a picture, and what it comes to. */
function itDraws(rows: readonly (readonly [written: string, canonical: string])[]) {
  it.each(rows)('%s', (written, canonical) => {
    expect(spell(`/unsafe/${written}/a`, options)).toBe(canonical);
  });
}

const signature = '8ammJH8D-7tXy6kU3lTvoXlhu4o=';

describe('thumbor’s pictures', () => {
  itReads(
    [
      ['/unsafe/300x200/folder/a.jpg', 'folder/a.jpg', 'c_fill,h_200,w_300/f_jpeg'],
      ['/unsafe/300x200/https://old.example/a.jpg', 'old/a.jpg', 'c_fill,h_200,w_300/f_jpeg'],
      ['/unsafe/300x200/https:/old.example/a.jpg', 'old/a.jpg', 'c_fill,h_200,w_300/f_jpeg'],
      ['/unsafe/300x200/http%3A%2F%2Fold.example%2Fa.jpg%3Fv=2', 'old/a.jpg', 'c_fill,h_200,w_300/f_jpeg'],
      ['/unsafe/300x200/old.example/a.jpg', 'old/a.jpg', 'c_fill,h_200,w_300/f_jpeg'],
      [`/${signature}/300x200/folder/a.jpg`, 'folder/a.jpg', 'c_fill,h_200,w_300/f_jpeg'],
      ['/unsafe/a.jpg', 'a.jpg', 'f_jpeg'],
      // The last segment is a picture, whatever it is called.
      ['/unsafe/smart/image', 'image', 'a_0'],
      ['/unsafe/fit-in/300x200', '300x200', 'a_0'],
      ['/unsafe/smart/300x200/a.jpg', '300x200/a.jpg', 'f_jpeg'],
      // What imgproxy writes, and keys of ours.
      ['/unsafe/w:9/plain/https://old.example/a.jpg', 'old/a.jpg', 'c_limit,w_9/f_jpeg'],
      ['/v1/unsafe/300x200/a.jpg', 'unsafe/300x200/a.jpg', 'original'],
      ['/300x200/a.jpg', '300x200/a.jpg', 'original'],
      ['/holiday-photographs-of-2023/a.jpg', 'holiday-photographs-of-2023/a.jpg', 'original'],
    ],
    options,
  );
  itRefuses(
    [
      ['/unsafe/300x200/https://elsewhere.example/a.jpg', 'fetchHosts'],
      ['/unsafe/300x200/../a.jpg', 'dot segments'],
      ['/unsafe/300x200/%2e%2e%2fa.jpg', 'dot segments'],
      ['/unsafe/300x200/%252e%252e/a.jpg', 'dot segments'],
      ['/unsafe/300x200/', 'none is named'],
      ['/unsafe/300x200/%ZZ.jpg', 'not valid percent-encoded'],
    ],
    options,
  );

  it('come with their signature, which is of all that follows it as it was written', () => {
    expect(parseTarget(`/${signature}/300x200/a%20b.jpg`, options).dialect).toEqual({
      name: 'thumbor',
      proof: { value: signature, text: '300x200/a%20b.jpg' },
    });
    expect(parseTarget('/unsafe/300x200/a.jpg', options).dialect).toEqual({ name: 'thumbor' });
  });

  it('are read in time that grows with their length alone', () => {
    const targets = [
      `/unsafe/filters:${'('.repeat(7000)}/a`,
      `/unsafe/filters:${'a()'.repeat(2300)}/a`,
      `/unsafe/filters:${'blur(1):'.repeat(880)}/a`,
      `/unsafe/${'1x'.repeat(3500)}/a`,
    ];
    for (const target of targets) {
      expect(
        cpuTimeMs(() => {
          try {
            parseTarget(target, options);
          } catch {
            // Refused is as well.
          }
        }),
      ).toBeLessThan(60);
    }
  });
});

describe('thumbor’s sizes', () => {
  itDraws([
    ['300x0', 'c_scale,w_300'],
    ['x200', 'c_scale,h_200'],
    ['0x0', 'a_0'],
    ['-300x-200', 'c_fill,h_200,w_300/a_180'],
    ['-0x0', 'a_hflip'],
    ['origx200', 'c_fill,h_200,w_w'],
    ['300x200/left/top', 'c_fill,g_north_west,h_200,w_300'],
    ['300x200/center/middle', 'c_fill,h_200,w_300'],
    ['300x200/right/smart', 'c_fill,g_auto,h_200,w_300'],
    ['fit-in/300x200', 'c_limit,h_200,w_300'],
    ['fit-in/300x200/filters:upscale()', 'c_fit,h_200,w_300'],
    ['full-fit-in/300x200', 'c_outside,h_200,w_300'],
    ['adaptive-fit-in/300x200', 'c_limit,h_300,w_300/c_loutside,h_200,w_200'],
    ['adaptive-full-fit-in/300x300', 'c_outside,h_300,w_300'],
    ['300x200/filters:no_upscale()', 'c_lfill,h_200,w_300'],
    ['300x0/filters:no_upscale()', 'c_limit,w_300'],
    ['300x200/filters:stretch()', 'c_scale,h_200,w_300'],
    [
      '10x20:110x220/50x100',
      'c_crop,g_north_west,h_220,w_110/c_crop,g_south_east,h_h_sub_20,w_w_sub_10/c_fill,h_100,w_50',
    ],
    ['0x0:110x220', 'c_crop,g_north_west,h_220,w_110'],
    ['0.1x0.2:0.9x0.8', 'c_crop,g_north_west,h_0.6,w_0.8,x_0.1,y_0.2'],
    ['trim', 'e_trim:0'],
    ['trim:bottom-right:44/300x0', 'a_180/e_trim:10/a_180/c_scale,w_300'],
    ['300x100/filters:focal(140x200:160x220)', 'ar_3:1,c_crop,g_xy_center,x_150,y_210/c_fill,h_100,w_300'],
    [
      '100x100:500x500/300x100/filters:focal(140x200:160x220)',
      'c_crop,g_north_west,h_500,w_500/c_crop,g_south_east,h_h_sub_100,w_w_sub_100/ar_3:1,c_crop,g_xy_center,x_50,y_110/c_fill,h_100,w_300',
    ],
    ['meta/300x200', 'c_fill,h_200,w_300/fl_getinfo'],
  ]);
  itRefuses(
    [
      ['/unsafe/debug/300x200/a', 'what a detector sees is not drawn'],
      ['/unsafe/adaptive-full-fit-in/300x200/a', 'Invalid adaptive'],
      ['/unsafe/adaptive-fit-in/300x200/filters:fill(red)/a', 'beside adaptive-fit-in'],
      ['/unsafe/300x200/filters:stretch():no_upscale()/a', 'beside stretch'],
      ['/unsafe/1x1:9x9/300x200/filters:no_upscale()/a', 'beside a crop'],
      ['/unsafe/9x9:1x1/a', 'nothing lies between'],
      ['/unsafe/300x0/filters:focal(1x1:1x9)/a', 'expected edges'],
      ['/unsafe/origx200/filters:focal(1x1:9x9)/a', 'it needs a width and a height in pixels'],
    ],
    options,
  );
});

describe('thumbor’s filters', () => {
  itDraws([
    ['filters:blur(7)', 'e_blur:268'],
    ['filters:blur(7,2)', 'e_blur:68'],
    ['filters:brightness(10):contrast(-20):saturation(300)', 'e_brightness:10/e_contrast:-20/e_saturation:100'],
    ['filters:grayscale():rotate(90)', 'e_grayscale/a_270'],
    ['filters%3Agrayscale%28%29%3Ablur%281%29', 'e_grayscale/e_blur:28'],
    ['fit-in/300x200/filters:fill(fff)', 'c_limit,h_200,w_300/b_rgb:ffffff,c_lpad,h_200,w_300'],
    ['fit-in/300x0/filters:fill(blur)', 'c_limit,w_300/b_blurred:100:0,c_lpad,h_h,w_300'],
    [
      'full-fit-in/300x200/filters:fill(red)',
      'c_outside,h_200,w_300/c_crop,h_200,w_300/b_rgb:ff0000,c_lpad,h_200,w_300',
    ],
    [
      'fit-in/300x200/filters:rotate(90):fill(auto)',
      'c_limit,h_200,w_300/a_270/c_crop,h_200,w_300/b_auto:predominant,c_lpad,h_200,w_300',
    ],
    ['filters:fill(blue,1)', 'b_rgb:0000ff'],
    ['filters:background_color(f00)', 'b_rgb:ff0000'],
    ['filters:format(webp):quality(40):max_bytes(7500)', 'f_webp,mb_7500,q_40'],
    ['filters:cover():strip_icc():strip_exif():max_age(3600)', 'fl_strip_profile,pg_1'],
    ['filters:proportion(0.5)', 'c_scale,h_h_mul_0.5,w_w_mul_0.5'],
    ['filters:round_corner(20,255,0,0)', 'r_20/b_rgb:ff0000'],
    ['filters:round_corner(20,0,0,0,true)', 'r_20'],
    ['filters:sharpen(2,1.0,true)', 'e_sharpen:200'],
    [
      'filters:watermark(https://old.example/l.png,-10,20p,50)',
      'l_old:l.png/o_50/fl_layer_apply.no_overflow,g_north_east,x_10,y_0.2',
    ],
    ['filters:watermark(l.png,repeat,repeat,0)', 'l_l.png/fl_layer_apply.tiled'],
    [
      'filters:watermark(l.png,center,-0,0,30,none)',
      'fl_relative,l_l.png/c_fit,w_0.3/fl_layer_apply.no_overflow,g_south',
    ],
  ]);
  itRefuses(
    [
      ['/unsafe/filters:nosuch(1)/a', 'there is no filter nosuch here'],
      ['/unsafe/filters:convolution(1;2,3,false)/a', 'Invalid convolution'],
      ['/unsafe/filters:noise(40)/a', 'Invalid noise(40)'],
      ['/unsafe/filters:rotate(45)/a', 'only quarter turns'],
      ['/unsafe/filters:format(heic)/a', 'the formats are'],
      ['/unsafe/filters:round_corner(20|10,0,0,0)/a', 'as wide as high'],
      ['/unsafe/filters:watermark(l.png,repeat,0,0)/a', 'tiles cover the whole picture'],
      ['/unsafe/filters:watermark(https://elsewhere.example/l.png,0,0,0)/a', 'fetchHosts'],
      ['/unsafe/filters:blur(7/a', 'each is written name(arguments)'],
      ['/unsafe/filters:blur(x)/a', 'expected a number'],
      [`/unsafe/filters:${'blur(1):'.repeat(70)}blur(1)/a`, 'at most 64 filters'],
    ],
    options,
  );
});

describe('what thumbor and others write alike', () => {
  it('is told apart by a prefix, or not read', () => {
    expect(dialectClashes({ dialects: ['imgproxy', 'thumbor'], dialectPrefixes: {} })).toEqual([]);
    expect(dialectClashes({ dialects: ['thumbor', 'imagor'], dialectPrefixes: {} })).toHaveLength(1);
    expect(dialectClashes({ dialects: ['thumbor', 'imagor'], dialectPrefixes: { imagor: 'im/' } })).toEqual([]);
  });
});
