import { describe, expect, it } from 'vitest';
import { defaultGrammarOptions, parseTarget } from '../../src/grammar/index.ts';
import { spell, spellText } from '../support/grammar.ts';

const options = {
  ...defaultGrammarOptions,
  accountNames: ['demo'],
  presets: { thumb: 'c_thumb,g_face,h_100,w_100', bw: 'e_grayscale', x: 'c_fill,h_10,w_10/q_70' },
};

type Row = readonly [target: string, id: string, spelling: string];

function itReads(rows: readonly Row[]) {
  it.each(rows)('%s', (target, id, spelling) => {
    expect(parseTarget(target, options).id).toBe(id);
    expect(spell(target, options)).toBe(spelling);
  });
}

describe('URLs printed by cloudinary (node)', () => {
  itReads([
    ['/image/upload/c_fill,h_128,w_128/sample.jpg', 'sample.jpg', 'c_fill,h_128,w_128/f_jpeg'],
    ['/image/upload/h_128,w_128/sample.jpg', 'sample.jpg', 'c_scale,h_128,w_128/f_jpeg'],
    ['/image/upload/c_limit,f_auto,q_auto,w_800/sample.jpg', 'sample.jpg', 'c_limit,w_800/f_auto:basic,q_auto:good'],
    ['/image/upload/c_scale,w_0.5/sample.jpg', 'sample.jpg', 'c_scale,w_0.5/f_jpeg'],
    ['/image/upload/c_scale,dpr_auto,w_auto/sample.jpg', 'sample.jpg', 'f_jpeg'],
    ['/image/upload/c_scale,w_10/v1/folder/sub/img.jpg', 'folder/sub/img.jpg', 'c_scale,w_10/f_jpeg'],
    [
      '/image/upload/c_crop,g_face,h_400,w_400/r_max/c_scale,w_200/sample.jpg',
      'sample.jpg',
      'c_crop,g_face,h_400,w_400/r_max/c_scale,w_200/f_jpeg',
    ],
    ['/image/upload/t_thumb/sample.jpg', 'sample.jpg', 'c_thumb,g_face,h_100,w_100/f_jpeg'],
    ['/image/upload/t_thumb.bw/sample.jpg', 'sample.jpg', 'c_thumb,g_face,h_100,w_100/e_grayscale/f_jpeg'],
    ['/image/upload/b_rgb:fff,c_pad,h_10,w_10/sample.jpg', 'sample.jpg', 'b_rgb:ffffff,c_pad,h_10,w_10/f_jpeg'],
    ['/image/upload/bo_4px_solid_rgb:00390b60/sample.jpg', 'sample.jpg', 'bo_4px_solid_rgb:00390b60/f_jpeg'],
    ['/image/upload/r_10:20:30:40/sample.jpg', 'sample.jpg', 'r_10:20:30:40/f_jpeg'],
    ['/image/upload/a_auto.hflip/sample.jpg', 'sample.jpg', 'a_hflip/f_jpeg'],
    ['/image/upload/c_scale,dpr_2,w_10/sample', 'sample', 'c_scale,w_20'],
    ['/image/upload/ar_16:9,c_fill,dpr_1.5,w_320/sample', 'sample', 'ar_16:9,c_fill,w_480'],
    ['/image/upload/c_fill,d_avatar.png,w_10/x.jpg', 'x.jpg', 'c_fill,w_10/f_jpeg'],
    ['/image/upload/fl_progressive.lossy/sample.jpg', 'sample.jpg', 'f_jpeg,fl_lossy.progressive'],
    [
      '/image/upload/l_folder:logo/fl_relative,w_0.3/fl_layer_apply,g_north_west/sample.jpg',
      'sample.jpg',
      'fl_relative,l_folder:logo/c_scale,w_0.3/fl_layer_apply,g_north_west/f_jpeg',
    ],
    [
      '/image/upload/co_rgb:ff0000,l_text:Arial_20:Hi%252C%20there%252Fyou%20100%25/sample.jpg',
      'sample.jpg',
      'co_rgb:ff0000,l_text:Arial_20:Hi%252C%2520there%252Fyou%2520100%2525/fl_layer_apply/f_jpeg',
    ],
    // A folder that is called as a kind of layers is none of that kind.
    ['/image/upload/l_%74ext:Arial_20:hi/sample', 'sample', 'l_%74ext:Arial_20:hi/fl_layer_apply'],
    ['/image/upload/l_logos:a%3Ab.png/sample', 'sample', 'l_logos:a%3Ab.png/fl_layer_apply'],
    ['/image/upload/g_south_east,l_logo,x_5/sample', 'sample', 'l_logo/fl_layer_apply,g_south_east,x_5'],
    ['/image/upload/c_crop,h_ih_mul_0.5,w_iw_div_2/sample', 'sample', 'c_crop,h_ih_mul_0.5,w_iw_div_2'],
    ['/image/upload/pg_2/doc.pdf.png', 'doc.pdf.png', 'f_png,pg_2'],
    ['/images/c_scale,w_10/sample/seo-name', 'sample', 'c_scale,w_10'],
    ['/c_scale,w_10/sample', 'sample', 'c_scale,w_10'],
    ['/iu/c_scale,w_10/sample', 'sample', 'c_scale,w_10'],
    ['/image/upload/c_scale,w_10/sample.jpg', 'sample.jpg', 'c_scale,w_10/f_jpeg'],
    ['/demo/image/upload/c_scale,w_10/sample.jpg', 'sample.jpg', 'c_scale,w_10/f_jpeg'],
    ['/image/upload/sample.jpg?_a=BAMAROfk0', 'sample.jpg', 'original'],
    ['/image/upload/c_scale/c_scale,w_100/sample.jpg', 'sample.jpg', 'c_scale,w_100/f_jpeg'],
    ['/image/private/s--9JEQE4VU--/secret.jpg', 'secret.jpg', 'original'],
    ['/image/upload/s--uP-ZC9Rj--/c_fill,w_100/sample.jpg', 'sample.jpg', 'c_fill,w_100/f_jpeg'],
    [
      '/image/upload/s--xjGi2O1CKmikmXDBqV3zBPJsk2DFG4RG--/c_fill,w_100/sample.jpg',
      'sample.jpg',
      'c_fill,w_100/f_jpeg',
    ],
  ]);

  it.each([
    ['$w_100/c_scale,w_$w*2', /gives \$w\*2 a value/],
    ['c_scale,w_$w*2', /gives \$w\*2 a value/],
    ['if_!sale!_in_tags,c_scale,w_100', /asks for tags/],
    ['fn_wasm:x.wasm', /functions .* not supported/],
    ['g_south_east,l_folder/logo,w_100', /"logo" is no parameter/],
  ])('%s is refused by name', (text, message) => {
    expect(() => parseTarget(`/image/upload/${text}/sample.jpg`, options)).toThrow(message);
  });

  it('keeps what only headers show out of the spelling', () => {
    const { transform } = parseTarget(
      '/image/upload/c_fill,d_a:avatar.png,fl_attachment:my%2Ename,w_10/x.jpg',
      options,
    );
    expect(transform?.delivery).toEqual({ defaultImage: 'a/avatar.png', attachment: { filename: 'my.name' } });
  });
});

describe('URLs printed by @cloudinary/url-gen', () => {
  itReads([
    ...['scale', 'fit', 'limit', 'mfit', 'fill', 'lfill', 'pad', 'lpad', 'mpad', 'crop', 'thumb'].map(
      (mode): Row => [
        `/image/upload/c_${mode},h_128,w_128/v1/folder/sample.jpg`,
        'folder/sample.jpg',
        `c_${mode},h_128,w_128/f_jpeg`,
      ],
    ),
    ['/image/upload/c_auto,h_128,w_128/sample', 'sample', 'c_auto,g_auto,h_128,w_128'],
    ['/image/upload/c_fill,g_auto,h_128,w_128/sample', 'sample', 'c_fill,g_auto,h_128,w_128'],
    ['/image/upload/c_thumb,g_face,h_128,w_128,z_0.7/sample', 'sample', 'c_thumb,g_face,h_128,w_128,z_0.7'],
    ['/image/upload/c_scale,fl_relative,w_0.5/sample', 'sample', 'c_scale,w_0.5'],
    ['/image/upload/c_scale,w_100/f_auto/q_auto/sample', 'sample', 'c_scale,w_100/f_auto:basic,q_auto:good'],
    ['/image/upload/c_scale,w_100/dpr_2.0/sample', 'sample', 'c_scale,w_200'],
    ['/image/upload/f_auto,fl_lossy/sample', 'sample', 'f_auto:basic,fl_lossy'],
    ['/image/upload/q_80:420/sample', 'sample', 'q_80:420'],
    [
      '/image/upload/l_folder:logo/fl_layer_apply,g_south_east,x_5,y_5/sample',
      'sample',
      'l_folder:logo/fl_layer_apply,g_south_east,x_5,y_5',
    ],
    [
      '/image/upload/co_rgb:ff0000,l_text:Arial_20_bold:Hi%252C%20there/fl_layer_apply/sample',
      'sample',
      'co_rgb:ff0000,l_text:Arial_20_bold:Hi%252C%2520there/fl_layer_apply',
    ],
    ['/image/upload/s--abcd1234--/c_scale,w_10/v1/folder/sample.jpg', 'folder/sample.jpg', 'c_scale,w_10/f_jpeg'],
    ['/images/c_scale,w_10/v1/folder/sample.jpg/seo', 'folder/sample.jpg', 'c_scale,w_10/f_jpeg'],
  ]);

  it.each(['liquid'])('c_%s is refused as not supported', (mode) => {
    expect(() => spellText(`c_${mode},g_auto,h_128,w_128`)).toThrow(`the crop mode ${mode} is not supported`);
  });
});

describe('URLs printed by unpic', () => {
  itReads([
    [
      '/image/upload/w_128,h_128,f_auto,c_lfill/v1/folder/sample.jpg',
      'folder/sample.jpg',
      'c_lfill,h_128,w_128/f_auto:basic',
    ],
    ['/image/upload/w_128,q_70,f_auto,c_lfill/sample', 'sample', 'c_lfill,w_128/f_auto:basic,q_70'],
    ['/image/upload/c_fill,w_128,h_60,f_auto/sample', 'sample', 'c_fill,h_60,w_128/f_auto:basic'],
    ['/image/upload/c_fill,w_128,f_auto/e_grayscale/sample', 'sample', 'c_fill,w_128/e_grayscale/f_auto:basic'],
    ['/sample.jpg', 'sample.jpg', 'original'],
  ]);

  it('its glued signature is named', () => {
    expect(() => parseTarget('/image/upload/s--ab-d12_4--,w_128,f_auto,c_lfill/sample.jpg', options)).toThrow(
      /^Invalid signature "s--ab-d12_4--,w_128,f_auto,c_lfill"/,
    );
  });

  it('a folder taken for a parameter is named, with the way out', () => {
    expect(() => parseTarget('/image/upload/my_folder,w_128,f_auto,c_lfill/sample.jpg', options)).toThrow(
      '"my_folder" is no parameter, but its neighbours are. If it is a folder of the id, insert v1/ before the id.',
    );
  });
});

describe('URLs printed by @nuxt/image', () => {
  itReads([
    [
      '/image/upload/f_auto,q_auto,w_128,h_128/folder/sample',
      'folder/sample',
      'c_scale,h_128,w_128/f_auto:basic,q_auto:good',
    ],
    [
      '/image/upload/f_auto,q_auto,c_pad,b_rgb_ff0000,w_128,h_128/sample',
      'sample',
      'b_rgb:ff0000,c_pad,h_128,w_128/f_auto:basic,q_auto:good',
    ],
    [
      '/image/upload/f_auto,q_auto,c_thumb,g_face:center,w_128,h_128/sample',
      'sample',
      'c_thumb,g_face:center,h_128,w_128/f_auto:basic,q_auto:good',
    ],
    ['/image/upload/f_auto,q_auto,e_blur:200/sample', 'sample', 'e_blur:200/f_auto:basic,q_auto:good'],
    [
      '/image/upload/f_auto,q_auto,w_128/my/folder/sample.jpg',
      'my/folder/sample.jpg',
      'c_scale,w_128/f_auto:basic,q_auto:good',
    ],
    ['/f_auto,q_auto,w_128,h_128/folder/sample', 'folder/sample', 'c_fill,h_128,w_128/f_auto:basic,q_auto:good'],
  ]);
});

describe('URLs printed by next-cloudinary', () => {
  itReads([
    [
      '/image/upload/b_blueviolet/c_pad,w_960,h_600/f_auto/q_auto/v1/sample',
      'sample',
      'b_rgb:8a2be2/b_rgb:8a2be2,c_pad,h_600,w_960/f_auto:basic,q_auto:good',
    ],
    ['/image/upload/c_limit,w_960/f_auto/q_auto/v1/sample', 'sample', 'c_limit,w_960/f_auto:basic,q_auto:good'],
    [
      '/image/upload/c_fill,w_960,h_600,g_auto/f_auto/q_auto/v1/sample',
      'sample',
      'c_fill,g_auto,h_600,w_960/f_auto:basic,q_auto:good',
    ],
    [
      '/image/upload/c_crop,w_500,h_500,g_auto/c_limit,w_960/v1/sample',
      'sample',
      'c_crop,g_auto,h_500,w_500/c_limit,w_960',
    ],
    [
      '/image/upload/c_limit,w_960/dpr_2.0/f_auto/q_auto/v1/sample',
      'sample',
      'c_limit,w_1920/f_auto:basic,q_auto:good',
    ],
    ['/image/upload/e_blur:500/e_sepia/c_limit,w_960/v1/sample', 'sample', 'e_blur:500/e_sepia:80/c_limit,w_960'],
    [
      '/image/upload/l_folder:logo,w_100/fl_layer_apply,fl_no_overflow,x_50,y_50,g_north_west/c_limit,w_960/v1/sample',
      'sample',
      'l_folder:logo/c_scale,w_100/fl_layer_apply.no_overflow,g_north_west,x_50,y_50/c_limit,w_960',
    ],
    [
      '/image/upload/l_text:Source%20Sans%20Pro_200_bold:Hi%252C%20there%252Fyou,co_white/fl_layer_apply,fl_no_overflow,g_south/c_limit,w_960/v1/sample',
      'sample',
      'co_rgb:ffffff,l_text:Source%20Sans%20Pro_200_bold:Hi%252C%2520there%252Fyou/fl_layer_apply.no_overflow,g_south/c_limit,w_960',
    ],
    [
      '/image/upload/u_bg,c_fill,w_1.0,h_1.0,fl_relative/fl_layer_apply,fl_no_overflow/c_limit,w_960/v1/sample',
      'sample',
      'fl_relative,u_bg/c_fill,h_1.0,w_1.0/fl_layer_apply.no_overflow/c_limit,w_960',
    ],
    ['/image/upload/t_thumb/c_limit,w_960/v1/sample', 'sample', 'c_thumb,g_face,h_100,w_100/c_limit,w_960'],
    ['/image/upload/t_x/sample', 'sample', 'c_fill,h_10,w_10/q_70'],
    ['/image/upload/d_avatar.png/c_limit,w_960/v1/sample', 'sample', 'c_limit,w_960'],
    ['/images/c_limit,w_960/f_auto/q_auto/v1/sample/abc', 'sample', 'c_limit,w_960/f_auto:basic,q_auto:good'],
    [
      '/image/upload/c_fill,w_1200,h_627,g_center/c_limit,w_1200/f_jpg/q_auto/v1/sample?_a=BAVAZGDX0',
      'sample',
      'c_fill,h_627,w_1200/c_limit,w_1200/f_jpeg,q_auto:good',
    ],
  ]);

  it.each(['e_background_removal', 'b_gen_fill,ar_960:960,c_pad', 'e_enhance', 'e_gen_restore', 'e_upscale'])(
    '%s is refused as not supported',
    (text) => {
      expect(() => spellText(text)).toThrow(/is not supported/);
    },
  );

  it('strict presets leave nothing but the preset in the text', () => {
    const request = parseTarget('/image/upload/t_thumb.bw/v1/sample', options);
    expect(request).toMatchObject({ transformationText: 't_thumb.bw', presets: ['thumb', 'bw'] });
  });
});
