import { describe, expect, it } from 'vitest';
import { defaultGrammarOptions, type GrammarOptions, parseTarget } from '../../../src/grammar/index.ts';
import { verifyInDialect } from '../../../src/signing.ts';
import { itReads, itRefuses } from '../../support/dialects.ts';
import { spell } from '../../support/grammar.ts';

const options: GrammarOptions = {
  ...defaultGrammarOptions,
  dialects: [...defaultGrammarOptions.dialects, 'imagekit'],
  presets: { card: 'c_fit,w_300' },
};

describe('ImageKit’s steps', () => {
  it.each([
    ['w-90', 'c_fit,w_90'],
    ['w-90,h-60', 'c_fill,h_60,w_90'],
    ['w-90,h-60,c-force', 'c_scale,h_60,w_90'],
    ['w-90,h-60,c-at_max', 'c_limit,h_60,w_90'],
    ['w-90,c-at_max', 'c_limit,w_90'],
    ['w-90,h-60,c-at_max_enlarge', 'c_fit,h_60,w_90'],
    ['w-90,h-60,c-at_least', 'c_outside,h_60,w_90'],
    ['w-90,ar-3-2,fo-top_left', 'ar_3:2,c_fill,g_north_west,w_90'],
    ['w-90,h-60,fo-face', 'c_fill,g_face:auto,h_60,w_90'],
    ['w-90,h-60,fo-face,z-0.5', 'c_thumb,g_face:auto,h_60,w_90,z_0.5'],
    ['w-90,h-60,cm-extract,x-10,y-20', 'c_crop,g_north_west,h_60,w_90,x_10,y_20'],
    ['w-90,h-60,cm-extract,xc-10,yc-20', 'c_crop,g_xy_center,h_60,w_90,x_10,y_20'],
    ['w-90,h-60,cm-extract,fo-right', 'c_crop,g_east,h_60,w_90'],
    ['w-90,h-60,cm-pad_resize,bg-F3F3F3,fo-left', 'b_rgb:f3f3f3,c_pad,g_west,h_60,w_90'],
    ['w-90,h-60,cm-pad_extract,bg-FF000050', 'c_crop,h_60,w_90/b_rgb:ff000081,c_lpad,h_60,w_90'],
    ['w-90,h-60,cm-pad_resize,bg-blurred', 'b_blurred:100:0,c_pad,h_60,w_90'],
    ['w-0.5', 'c_fit,w_0.5'],
    ['w-iw_div_2,h-ch_mul_0.5,c-force', 'c_scale,h_h_mul_0.5,w_iw_div_2'],
    ['w-90,dpr-2', 'c_fit,w_180'],
    ['w-90:rt-90,fl-h', 'c_fit,w_90/a_90.hflip'],
    ['rt-N90', 'a_270'],
    ['bl-10', 'e_blur:188'],
    ['e-grayscale,e-sharpen-5', 'e_grayscale/e_sharpen:50'],
    ['e-usm-2-2-0.8-0.024', 'e_unsharp_mask:80'],
    ['e-contrast', 'e_auto_contrast:100'],
    ['r-10_0_20_0', 'r_10:0:20'],
    ['r-max,bg-FFF', 'b_rgb:ffffff,r_max'],
    ['b-5_FF0000', 'bo_5px_solid_rgb:ff0000'],
    ['t-true', 'e_trim:10'],
    ['q-80,f-webp,pr-true', 'f_webp,fl_progressive,q_80'],
    ['di-folder@@none.jpg,w-90', 'c_fit,w_90'],
    ['n-card', 'c_fit,w_300'],
    ['md-false,lo-false,cp-true', 'cs_copy'],
    [
      'w-90,l-image,i-marks@@logo.png,w-20,o-50,lx-N10,ly-5,l-end',
      'c_fit,w_90/l_marks:logo.png/c_fit,w_20/o_50/fl_layer_apply,g_north_east,x_10,y_5',
    ],
    [
      'l-image,ie-bWFya3MvbG9nby5wbmc%3D,w-20:rt-90,lfo-top,l-end',
      'l_marks:logo.png/c_fit,w_20/a_90/fl_layer_apply,g_north',
    ],
    ['l-image,i-logo.png,lm-multiply,lfo-bottom,l-end:q-50', 'l_logo.png/e_multiply,fl_layer_apply,g_south/q_50'],
    [
      'l-text,i-Hello%20you,fs-20,co-FF0000,tg-b_i,ff-Open%20Sans,al-5,l-end',
      'co_rgb:ff0000,l_text:Open%20Sans_20_bold_italic:Hello%2520you/o_50/fl_layer_apply',
    ],
  ])('%s', (written, canonical) => {
    expect(spell(`/a?tr=${written}`, options)).toBe(canonical);
    expect(spell(`/tr:${written}/a`, options)).toBe(canonical);
  });
});

describe('ImageKit’s URLs', () => {
  itReads(
    [
      ['/demo/tr:w-90/folder/a.jpg?v=2', 'demo/folder/a.jpg', 'c_fit,w_90/f_jpeg'],
      ['/tr:w-90/folder/a.jpg', 'folder/a.jpg', 'c_fit,w_90/f_jpeg'],
      ['/a.jpg?updatedAt=1&tr=w-90&ik-sdk-version=js', 'a.jpg', 'c_fit,w_90/f_jpeg'],
      ['/a.jpg?tr=orig-true', 'a.jpg', 'original'],
      ['/a.jpg?ik-s=0123', 'a.jpg', 'original'],
      ['/a.jpg?v=2', 'a.jpg', 'original'],
    ],
    options,
  );
  itRefuses(
    [
      ['/a?tr=e-bgremove', 'no model draws here'],
      ['/a?tr=w-9,vc-h264', 'no videos'],
      ['/a?tr=nosuch-1', 'Invalid nosuch-1 in a URL of ImageKit: there is no such option'],
      ['/a?tr=w-many', 'its arithmetic knows'],
      ['/a?tr=fo-cat,w-9,h-9', 'Invalid fo-cat'],
      ['/a?tr=r-10_max', 'it takes max, or pixels'],
      ['/a?tr=w-9,h-9,cm-pad_resize,bg-blurred_much', 'expected a number from 0 to 100'],
      ['/a?tr=l-image,i-a.png', 'a layer ends with l-end'],
      ['/a?tr=l-end', 'it ends no layer'],
      ['/a?tr=l-image,i-a.png,l-image,i-b.png,l-end,l-end', 'a layer in a layer'],
      ['/a?tr=l-text,i-a,pa-10,l-end', 'not drawn of a text'],
      ['/a?tr=l-text,i-a,ff-folder@@Font.ttf,l-end', 'fonts go by their names'],
      ['/a?tr=l-video,i-a,l-end', 'layers are pictures and texts'],
      ['/a?tr=l-image,i-a,lm-cutter,l-end', 'multiply alone'],
      ['/a?tr=di-..@@a,w-9', 'd'],
      [`/a?tr=${'w-1,'.repeat(2000)}`, 'it is too long'],
    ],
    options,
  );
});

describe('ImageKit’s signatures', () => {
  const signed: GrammarOptions = { ...options, dialectPrefixes: { imagekit: 'demo/' } };
  // As its own libraries have them in their tests, where the end of the URL endpoint is /demo/.
  it.each([
    '/demo/sdk-testing-files/future-search.png?version=1.0&cache=false&ik-s=f2e5a1b8b6a0b03fd63789dfc6413a94acef9fd8',
    '/demo/sdk-testing-files/future-search.png?version=2.0&tr=w-300,h-200&ik-s=601d97a7834b7554f4dabf0d3fc3a219ceeb6b31',
    '/demo/tr:w-300,h-200/sdk-testing-files/future-search.png?version=2.0&ik-s=dd1ee8f83d019bc59fd57a5fc4674a11eb8a3496',
    '/demo/sdk-testing-files/%E0%A4%B9%E0%A4%BF%E0%A4%A8%E0%A5%8D%E0%A4%A6%E0%A5%80.png?ik-s=3fff2f31da1f45e007adcdbe95f88c8c330e743c',
  ])('%s', (target) => {
    const isSigned = (written: string) => {
      const proof = parseTarget(written, signed).dialect?.proof;
      return proof !== undefined && verifyInDialect('imagekit', proof, [{ key: 'dummy-key' }]);
    };
    expect(isSigned(target)).toBe(true);
    expect(isSigned(target.replace('.png', '.jpg'))).toBe(false);
    expect(isSigned(`${target}&ik-t=2000000000`)).toBe(false);
  });
  it('tells the end of a URL, which is signed with it', () => {
    expect(parseTarget('/a.jpg?tr=w-9&ik-t=1700000000&ik-s=01', options).dialect).toMatchObject({
      expires: 1_700_000_000,
      proof: { value: '01', text: 'a.jpg?tr=w-91700000000' },
    });
    expect(parseTarget('/a.jpg?ik-t=9999999999&ik-s=01', options).dialect?.expires).toBe(undefined);
  });
  it('takes no digit of a value for one of the end, and none of the end for one of a value', () => {
    // Both would have the text of a.jpg?tr=w-128 until 1700000000.
    for (const other of ['w-12&ik-t=81700000000', 'w-1281&ik-t=700000000', 'w-128&ik-t=01700000000']) {
      expect(() => parseTarget(`/a.jpg?tr=${other}&ik-s=01`, options)).toThrow('in ten digits');
    }
  });
});
