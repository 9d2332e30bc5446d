import { describe, expect, it } from 'vitest';
import { defaultGrammarOptions, type GrammarOptions, parseTarget } from '../../../src/grammar/index.ts';
import { verifyInDialect } from '../../../src/signing.ts';
import { cpuTimeMs } from '../../support/cpu-time.ts';
import { itReads, itRefuses } from '../../support/dialects.ts';
import { spell } from '../../support/grammar.ts';

const options: GrammarOptions = {
  ...defaultGrammarOptions,
  dialects: [...defaultGrammarOptions.dialects, 'imgix'],
  sources: { 'https://old.example/': 'old/' },
};

/** Rows of options of one picture, and what they come to. */
function itDraws(rows: readonly (readonly [written: string, canonical: string])[]) {
  it.each(rows)('%s', (written, canonical) => {
    expect(spell(`/a?${written}`, options)).toBe(canonical);
  });
}

describe('imgix’s sizes', () => {
  itDraws([
    ['w=90', 'c_fit,w_90'],
    ['w=90&h=60', 'c_fit,h_60,w_90'],
    ['w=90&h=60&fit=clip', 'c_fit,h_60,w_90'],
    ['w=90&h=60&fit=max', 'c_limit,h_60,w_90'],
    ['w=90&h=60&fit=crop', 'c_fill,h_60,w_90'],
    ['w=90&h=60&fit=min', 'c_fill_down,h_60,w_90'],
    ['w=90&h=60&fit=scale', 'c_scale,h_60,w_90'],
    ['w=90&h=60&fit=fill', 'b_rgb:ffffff,c_pad,h_60,w_90'],
    ['w=90&h=60&fit=fillmax&fill=solid&fill-color=80ff0000', 'b_rgb:ff000080,c_lpad,h_60,w_90'],
    ['w=90&h=60&fit=fill&fill=blur', 'b_blurred:100:0,c_pad,h_60,w_90'],
    ['w=90&h=60&fit=facearea&facepad=2', 'c_thumb,g_face,h_60,w_90,z_0.5'],
    // One side alone asks for no shape.
    ['w=90&fit=crop', 'c_fit,w_90'],
    ['h=60&fit=fillmax', 'c_limit,h_60'],
    ['w=90&fit=crop&ar=3:2', 'ar_3:2,c_fill,w_90'],
    ['fit=crop&ar=1.5', 'ar_3:2,c_fill'],
    ['w=90&ar=3:2', 'c_fit,w_90'],
    ['w=0.5', 'c_fit,w_0.5'],
    ['w=90&h=60&dpr=2', 'c_fit,h_120,w_180'],
    ['w=5000&dpr=5', 'c_fit,w_8192'],
    ['width=90&height=60&f=crop', 'c_fill,h_60,w_90'],
    ['w=900&max-w=300&h=90&min-h=100&fit=crop', 'c_fill,h_100,w_300'],
    ['rect=10,20,300,200&w=90', 'c_crop,g_north_west,h_200,w_300,x_10,y_20/c_fit,w_90'],
    ['rect=right,top,300,200', 'c_crop,g_north_east,h_200,w_300'],
    [
      'w=100&h=80&fit=crop&pad=10&dpr=2&bg=f00',
      'c_fill,h_120,w_160/b_rgb:ff0000,c_lpad,g_north_west,h_h_add_40,w_w_add_40,x_20,y_20',
    ],
    ['w=100&border=5,00f', 'c_fit,w_90/bo_5px_solid_rgb:0000ff'],
  ]);
});

describe('what imgix keeps of a picture', () => {
  itDraws([
    ['w=90&h=60&fit=crop&crop=top,left', 'c_fill,g_north_west,h_60,w_90'],
    ['w=90&h=60&fit=crop&crop=left,top', 'c_fill,g_north_west,h_60,w_90'],
    ['w=90&h=60&fit=crop&crop=entropy', 'c_fill,g_auto,h_60,w_90'],
    ['w=90&h=60&fit=crop&crop=faces', 'c_fill,g_faces:center,h_60,w_90'],
    ['w=90&h=60&fit=crop&crop=faces,edges', 'c_fill,g_faces:auto,h_60,w_90'],
    ['w=90&h=60&fit=crop&crop=faces,top', 'c_fill,g_faces,h_60,w_90'],
    ['w=90&h=60&fit=crop&crop=focalpoint', 'c_fill,h_60,w_90'],
    ['w=90&h=60&fit=crop&crop=focalpoint&fp-x=0.2', 'c_fill,g_xy_center,h_60,w_90,x_0.2,y_0.5'],
    [
      'w=90&h=60&fit=crop&crop=focalpoint&fp-x=0.2&fp-y=0.3&fp-z=2',
      'c_crop,g_xy_center,h_0.5,w_0.5,x_0.2,y_0.3/c_fill,g_xy_center,h_60,w_90,x_0.2,y_0.3',
    ],
    // Without cutting there is nothing to keep.
    ['w=90&h=60&crop=top', 'c_fit,h_60,w_90'],
  ]);
});

describe('imgix’s looks', () => {
  itDraws([
    ['flip=hv&orient=90', 'a_ignore.270'],
    ['or=0', 'a_ignore'],
    ['rot=180', 'a_180'],
    ['blur=200&sat=-100&bri=10', 'e_brightness:10/e_saturation:-100/e_blur:200'],
    ['hue=270', 'e_hue:-50'],
    ['invert=true&sepia=40', 'e_sepia:40/e_negate'],
    ['face-blur=10', 'e_blur_faces:200'],
    ['face-blur=100&face-pixelate=9', 'e_blur_faces:2000/e_pixelate_faces:9'],
    ['mono=f00', 'e_grayscale/e_tint:100:rgb:ff0000'],
    ['usm=20', 'e_unsharp_mask:200'],
    ['trim=auto', 'e_trim:10'],
    ['trim=color&trim-color=fff&trim-tol=51', 'e_trim:20:rgb:ffffff'],
    ['mask=ellipse', 'r_max'],
    ['mask=corners&corner-radius=10,0,10,0&dpr=2&mask-bg=000', 'b_rgb:000000,r_20:0'],
    ['w=100&h=50&fit=crop&mask=corners', 'c_fill,h_50,w_100/r_10'],
    ['bg=80ff0000', 'b_rgb:ff000080'],
    ['bg=imgixorange', 'b_rgb:ff8400'],
    ['auto=enhance', 'e_improve:100'],
    ['txt64=SMOkISA', 'l_text:Helvetica_12:H%25C3%25A4!%2520/fl_layer_apply,g_south_east,x_10,y_10'],
    [
      'txt=a%2Cb&txt-size=20&txt-color=f00&txt-align=top,center&txt-font=sans-serif,bold&txt-pad=0',
      'co_rgb:ff0000,l_text:sans_20_bold:a%252Cb/fl_layer_apply,g_north',
    ],
    ['mark=/marks/logo.png', 'l_marks:logo.png/fl_layer_apply.no_overflow,g_south_east,x_5,y_5'],
    [
      'mark=https%3A%2F%2Fold.example%2Flogo.png&mark-w=0.2&mark-alpha=50&mark-x=3&mark-y=4',
      'fl_relative,l_old:logo.png/c_fit,w_0.2/o_50/fl_layer_apply.no_overflow,g_north_west,x_3,y_4',
    ],
    ['mark=logo.png&mark-tile=grid&mark-scale=10', 'fl_relative,l_logo.png/c_fit,h_0.1,w_0.1/fl_layer_apply.tiled'],
  ]);
});

describe('imgix’s files', () => {
  itDraws([
    ['fm=webp&q=40', 'f_webp,q_40'],
    ['fm=pjpg', 'f_jpeg,fl_progressive'],
    ['fm=jpg&jpeg-progressive=false', spell('/a?fm=jpg&jpg-progressive=false', options)],
    ['fm=png8', 'f_png,fl_png8'],
    ['q=0&chromasub=444', 'q_1:444'],
    ['auto=compress', 'q_auto:good'],
    ['cs=strip&dpi=150&iptc=allow', 'dn_150,fl_keep_iptc.strip_profile'],
    ['page=2', 'pg_2'],
  ]);
  it('negotiates the format under auto, whatever stands beside it', () => {
    for (const query of ['auto=format', 'auto=format,compress&fm=jpg', 'fm=auto']) {
      expect(parseTarget(`/a.jpg?${query}`, options).transform?.format, query).toBe('auto');
    }
  });
});

describe('imgix’s URLs', () => {
  itReads(
    [
      ['/a.jpg', 'a.jpg', 'original'],
      ['/a.jpg?ixlib=js-3.8.0', 'a.jpg', 'original'],
      ['/file+with%20some+crazy?things.jpg', 'file+with some+crazy', 'original'],
      // What is switched off is not refused for being there.
      ['/a.jpg?w=90&upscale=false&bg-remove=false', 'a.jpg', 'c_fit,w_90/f_jpeg'],
      ['/a.jpg?w=90&v=2&ixlib=js-3.8.0', 'a.jpg', 'c_fit,w_90/f_jpeg'],
      ['/https%3A%2F%2Fold.example%2Fa.jpg?w=90', 'old/a.jpg', 'c_fit,w_90/f_jpeg'],
      ['/https://old.example/a.jpg', 'old/a.jpg', 'original'],
    ],
    options,
  );
  itRefuses(
    [
      ['/a.jpg?w=90&blend=f00', 'Invalid blend in a URL of imgix: it is not supported.'],
      ['/a.jpg?w=90&background-remove=true', 'Invalid background-remove in a URL of imgix: it is not supported.'],
      ['/a.jpg?w=90&lp-blur=50', 'Invalid lp-blur'],
      ['/a.jpg?w=90&mark=logo.png&mark-if-min-width=1000', 'Invalid mark-if-min-width'],
      ['/a.jpg?w=90&txt=Hi&txtx=10', 'Invalid txtx'],
      ['/a.jpg?w=90&video-thumbnail=3', 'Invalid video-thumbnail'],
      ['/a.jpg?w=90&skip=2', 'Invalid skip'],
      // What it has had since is refused as well.
      ['/a.jpg?w=90&video-nothing-known=1', 'Invalid video-nothing-known'],
      ['/a.jpg?duotone64=MDAw', 'Invalid duotone64 in a URL of imgix'],
      ['/a.jpg?w=90&h=60&fit=clamp', 'Invalid fit=clamp in a URL of imgix: it takes clip, max, crop'],
      ['/a.jpg?w=many', 'Invalid w=many in a URL of imgix: expected a number'],
      ['/a.jpg?rot=30', 'Invalid rot=30'],
      ['/a.jpg?fm=mp4', 'Invalid fm=mp4'],
      ['/a.jpg?auto=redeye', 'Invalid auto=redeye'],
      ['/a.jpg?bg=nothing-such', 'expected a colour'],
      ['/a.jpg?w=90&h=60&fit=crop&crop=faces,left', 'looks at the middle or the top'],
      ['/a.jpg?mask=https://old.example/m.png', 'Invalid mask=https'],
      ['/a.jpg?mask=corners', 'needs corner-radius'],
      ['/a.jpg?rect=1,2,3', 'expected x, y, width and height'],
      ['/a.jpg?w=20&pad=10', 'it leaves nothing of the picture'],
      ['/a.jpg?mark=logo.png%3Fw%3D160', 'its own query'],
      ['/a.jpg?expires=soon', 'expected seconds'],
      ['/a.jpg?w=9&blur=%zz', 'percent-encoded'],
    ],
    options,
  );
});

describe('imgix’s signatures', () => {
  // As its own libraries have them in their tests.
  const published = [
    '/image.jpg?w=8192&s=59eb881b618fed314fe30cf9e3ec7b00',
    '/image.jpg?h=800&ar=3%3A2&fit=crop&dpr=1&s=3d754a157458402fd3e26977107ade74',
    '/image.jpg?h=800&ar=3%3A2&fit=crop&dpr=4&s=df7b67aa0439588edbfc1c249b3965d6',
  ];
  const isSigned = (target: string, key: string) => {
    const proof = parseTarget(target, options).dialect?.proof;
    return proof !== undefined && verifyInDialect('imgix', proof, [{ key }]);
  };
  it.each(published)('%s', (target) => {
    expect(isSigned(target, 'my-token')).toBe(true);
    expect(isSigned(target, 'another')).toBe(false);
    expect(isSigned(target.replace('image', 'other'), 'my-token')).toBe(false);
    expect(isSigned(`${target}&w=9`, 'my-token')).toBe(false);
  });
  it('is looked at as soon where it is made of padding alone', () => {
    const proof = { value: `${'='.repeat(8000)}x`, text: '/image.jpg' };
    expect(cpuTimeMs(() => verifyInDialect('imgix', proof, [{ key: 'my-token' }]))).toBeLessThan(5);
  });
  it('signs an original, and the end of a URL with it', () => {
    expect(parseTarget('/a.jpg?s=0123', options)).toMatchObject({
      transform: undefined,
      dialect: { name: 'imgix', proof: { value: '0123', text: '/a.jpg' } },
    });
    expect(parseTarget('/a.jpg?expires=1700000000&s=0123', options).dialect).toMatchObject({
      expires: 1_700_000_000,
      proof: { text: '/a.jpg?expires=1700000000' },
    });
  });
});
