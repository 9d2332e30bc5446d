import { describe, expect, it } from 'vitest';
import { defaultGrammarOptions, type GrammarOptions, parseTarget } from '../../../src/grammar/index.ts';
import { itReads, itRefuses } from '../../support/dialects.ts';
import { spell } from '../../support/grammar.ts';

const options: GrammarOptions = {
  ...defaultGrammarOptions,
  dialects: [...defaultGrammarOptions.dialects, 'imagor'],
  sources: { 'https://old.example/': 'old/' },
};

/** Rows of what stands before a picture, and what it comes to. */
function itDraws(rows: readonly (readonly [written: string, canonical: string])[]) {
  it.each(rows)('%s', (written, canonical) => {
    expect(spell(`/unsafe/${written}/a`, options)).toBe(canonical);
  });
}

const encoded = Buffer.from('https://old.example/a.jpg?size=1').toString('base64url');
const truncated = 'IGEn3TxngivD0jy4uuiZim2bdUCvhcnVi1Nm0xGy';

describe('imagor’s pictures', () => {
  itReads(
    [
      [`/unsafe/9x9/b64:${encoded}`, 'old/a.jpg', 'c_fill,h_9,w_9/f_jpeg'],
      ['/unsafe/9x9/old.example/a.jpg', 'old/a.jpg', 'c_fill,h_9,w_9/f_jpeg'],
      [`/${truncated}/a.jpg`, 'a.jpg', 'f_jpeg'],
      ['/aB3-aB3-aB3/9x9/a.jpg', 'a.jpg', 'c_fill,h_9,w_9/f_jpeg'],
      // Keys of ours.
      ['/aB3-aB3-aB3/a.jpg', 'aB3-aB3-aB3/a.jpg', 'original'],
      ['/photographs/9x9/a.jpg', 'photographs/9x9/a.jpg', 'original'],
      ['/unsafe/filters:raw():blur(3)/a.jpg', 'a.jpg', 'original'],
    ],
    options,
  );

  it('come with signatures that are whole or cut short', () => {
    for (const value of [truncated, 'aB3-aB3-aB3', `${'a'.repeat(43)}=`, `${'a'.repeat(86)}==`]) {
      expect(parseTarget(`/${value}/9x9/a.jpg`, options).dialect?.proof, value).toEqual({ value, text: '9x9/a.jpg' });
    }
  });
});

describe('imagor’s sizes', () => {
  itDraws([
    ['stretch/300x200', 'c_scale,h_200,w_300'],
    ['full-fit-in/300x200', 'c_loutside,h_200,w_300'],
    ['full-fit-in/300x200/filters:upscale()', 'c_outside,h_200,w_300'],
    ['fit-in/300x200/filters:no_upscale():upscale()', 'c_fit,h_200,w_300'],
    ['fit-in/300x200/filters:upscale():no_upscale()', 'c_limit,h_200,w_300'],
    ['0x0:0x140', 'c_crop,g_north_west,h_140'],
    ['0.1x0:1x1', 'c_crop,g_north_west,h_1.0,w_0.9,x_0.1'],
    ['300x100/filters:focal(0.5x0.25)', 'ar_3:1,c_crop,g_xy_center,x_0.5,y_0.25/c_fill,h_100,w_300'],
    ['300x200/filters:orient(90)', 'a_270/c_fill,h_200,w_300'],
    [
      'fit-in/300x200/10x20:30x40/filters:fill(yellow)',
      'c_limit,h_200,w_300/b_rgb:ffff00,c_lpad,h_200,w_300/b_rgb:ffff00,c_lpad,g_north_west,h_h_add_60,w_w_add_40,x_10,y_20',
    ],
    [
      'fit-in/300x200/10x20/filters:rotate(90):fill(none)',
      'c_limit,h_200,w_300/a_270/c_crop,h_300,w_200/b_rgb:00000000,c_lpad,h_300,w_200/b_rgb:00000000,c_lpad,g_north_west,h_h_add_20,w_w_add_40,x_20,y_10',
    ],
    ['full-fit-in/300x200/filters:fill(red)', 'c_loutside,h_200,w_300/b_rgb:ff0000'],
  ]);
  itRefuses(
    [
      ['/unsafe/fit-in/300x200/10x20/a', 'it needs fill()'],
      ['/unsafe/9x9/color:ff0000', 'pictures of one colour are not drawn'],
      ['/unsafe/stretch/9x9/filters:no_upscale()/a', 'beside stretch'],
    ],
    options,
  );
});

describe('imagor’s filters', () => {
  itDraws([
    ['filters:background_color():round_corner():padding():rotate():proportion():blur()', 'a_0'],
    ['filters:blur(2):sharpen(1.5):hue(290)', 'e_blur:68/e_sharpen:150/e_hue:-39'],
    ['filters:modulate(-10,30,90)', 'e_brightness:-10/e_saturation:30/e_hue:50'],
    ['filters:proportion(50)', 'c_scale,h_h_mul_0.5,w_w_mul_0.5'],
    ['filters:round_corner(20,,green)', 'r_20/b_rgb:008000'],
    ['filters:crop(10,20,30,40)', 'c_crop,g_south_east,h_h_sub_20,w_w_sub_10/c_crop,g_north_west,h_40,w_30'],
    ['filters:crop(0.5,0,0.9,1)', 'c_crop,g_north_west,h_1.0,w_0.5,x_0.5'],
    ['filters:trim(44,bottom-right)', 'a_180/e_trim:10/a_180'],
    ['filters:page(2):palette():compression(8):preview()', 'fl_png8,pg_2'],
    ['filters:redact():redact(pixelate,20)', 'e_blur_faces:500/e_pixelate_faces:20'],
    [
      'filters:label(a+b,center,-10,20,white,30)',
      'co_rgb:ffffff,l_text:sans_20:a%2520b/o_70/fl_layer_apply.no_overflow,g_south,y_10',
    ],
    [
      'filters:text(b64:SGk,left-20,50p,serif-bold-18,red)',
      'co_rgb:ff0000,l_text:serif_18_bold:Hi/fl_layer_apply.no_overflow,g_north_west,x_20,y_0.5',
    ],
    [
      'filters:image(/100x50/filters:grayscale()/old.example/b.png,-10,20p,50,multiply)',
      'l_old:b.png/c_fill,h_50,w_100/e_grayscale/o_50/e_multiply,fl_layer_apply.no_overflow,g_north_east,x_10,y_0.2',
    ],
    ['filters:image(fxf/b.png,0,0)', 'fl_relative,l_b.png/c_fill,h_1.0,w_1.0/fl_layer_apply.no_overflow,g_north_west'],
    [
      'filters:image(/9x9/filters:image(/5x5/c.png,center,center)/b.png,center,center)',
      'l_b.png/c_fill,h_9,w_9/l_c.png/c_fill,h_5,w_5/fl_layer_apply.no_overflow/fl_layer_apply.no_overflow',
    ],
  ]);
  itRefuses(
    [
      ['/unsafe/filters:rgb(1,2,3)/a', 'Invalid rgb'],
      ['/unsafe/filters:lossless()/a', 'Invalid lossless'],
      ['/unsafe/filters:redact(white)/a', 'by blur or pixelate'],
      ['/unsafe/filters:image(f-50xf/b.png,0,0)/a', 'a side is all of the picture beneath'],
      ['/unsafe/filters:image(9x9/b.png,0,0,0,mask)/a', 'layers are mixed by'],
      ['/unsafe/filters:text(a,0,0,sans-9,red,0,,300)/a', 'text takes a place'],
      ['/unsafe/filters:max_frames(3)/a', 'all of its frames, or one'],
      ['/unsafe/filters:round_corner(20,30)/a', 'as wide as high'],
    ],
    options,
  );

  it('say when a URL ends, in milliseconds', () => {
    expect(parseTarget('/unsafe/filters:expire(1700000000500)/a', options).dialect?.expires).toBe(1_700_000_000);
  });
});
