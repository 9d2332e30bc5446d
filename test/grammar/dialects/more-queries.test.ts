import { describe } from 'vitest';
import { type DialectName, defaultGrammarOptions, type GrammarOptions } from '../../../src/grammar/index.ts';
import { itReads, itRefuses } from '../../support/dialects.ts';

const reading = (name: DialectName): GrammarOptions => ({
  ...defaultGrammarOptions,
  dialects: [name],
  presets: { card: 'c_fill,w_9,h_9' },
});

/** Rows of a query, and what it comes to. */
function itDraws(rows: readonly (readonly [query: string, canonical: string])[], options: GrammarOptions) {
  itReads(
    rows.map(([query, canonical]) => [`/a?${query}`, 'a', canonical] as const),
    options,
  );
}

describe('Bunny’s queries', () => {
  itDraws(
    [
      ['width=300&height=200', 'c_limit,h_200,w_300'],
      ['width=300&upscaling=resampling', 'c_fit,w_300'],
      ['aspect_ratio=16:9&width=256', 'ar_16:9,c_crop/c_limit,w_256'],
      ['crop=300,200&crop_gravity=northeast', 'c_crop,g_north_east,h_200,w_300'],
      ['crop=300,200,10,20', 'c_crop,g_north_west,h_200,w_300,x_10,y_20'],
      ['focus_crop=300,200,0.5,0.25', 'c_crop,g_xy_center,h_200,w_300,x_0.5,y_0.25'],
      ['face_crop=300,200', 'c_crop,g_faces:center,h_200,w_300'],
      ['face_crop=false&width=300', 'c_limit,w_300'],
      ['flip=true&flop=true&blur=5&sharpen=true&quality=70', 'a_180/e_blur:50/e_sharpen:100/q_70'],
      ['brightness=-100&sepia=50&auto_optimize=high', 'e_brightness:-99/e_sepia:50/q_auto:eco'],
      ['class=card&output=webp', 'c_fill,h_9,w_9/f_webp'],
      ['v=3', 'original'],
    ],
    reading('bunny'),
  );
  itRefuses(
    [
      ['/a?crop=750', 'Invalid crop=750'],
      ['/a?face_crop=true', 'here it takes a size, as in face_crop=300,200'],
      ['/a?aspect_ratio=wide', 'Invalid aspect_ratio'],
      ['/a?width=x', 'Invalid width'],
      ['/a?class=none', 'no preset'],
    ],
    reading('bunny'),
  );
});

describe('Fastly’s queries', () => {
  itDraws(
    [
      ['width=300&height=200', 'c_lscale,h_200,w_300'],
      ['width=300&height=200&enable=upscale', 'c_scale,h_200,w_300'],
      ['width=300&height=200&fit=bounds&dpr=2', 'c_limit,h_400,w_600'],
      ['width=300&height=200&fit=cover', 'c_loutside,h_200,w_300'],
      ['width=0.5', 'c_limit,w_0.5'],
      ['width=50p&dpr=1.5', 'c_limit,w_0.75'],
      ['crop=4:3,smart', 'ar_4:3,c_crop,g_auto'],
      ['crop=300,200,offset-x0,offset-y100', 'c_crop,g_south_west,h_200,w_300'],
      ['precrop=300,200,x10,y20', 'c_crop,g_north_west,h_200,w_300,x_10,y_20'],
      ['trim=10,20', 'c_crop,g_north_west,h_h_sub_20,w_w_sub_40,x_20,y_10'],
      [
        'width=9&pad=1,2&bg-color=255,0,0',
        'c_limit,w_9/b_rgb:ff0000/b_rgb:ff0000,c_lpad,g_north_west,h_h_add_2,w_w_add_4,x_2,y_1',
      ],
      ['canvas=30,20', 'c_crop,h_20,w_30/c_lpad,h_20,w_30'],
      ['orient=r&sharpen=a5,r2,t1&blur=3', 'a_90/e_sharpen:500/e_blur:108'],
      ['format=pjpg&quality=80,70', 'f_jpeg,fl_progressive,q_jpg:80.png:80.webp:70'],
      ['auto=webp&frame=1', 'f_auto:basic,pg_1'],
    ],
    reading('fastly'),
  );
  itRefuses(
    [
      ['/a?overlay=b.png', 'Invalid overlay'],
      ['/a?resize-filter=nearest', 'Invalid resize-filter'],
      ['/a?format=mp4', 'Invalid format=mp4'],
      ['/a?crop=300,200,offset-x10', 'offsets are 0, 50 or 100'],
      ['/a?blur=1p', 'Invalid blur'],
      ['/a?crop=300,200,40', 'Invalid crop=40'],
    ],
    reading('fastly'),
  );
});

describe('Glide’s queries', () => {
  itDraws(
    [
      ['w=300&h=200', 'c_fit,h_200,w_300'],
      ['w=300&h=200&fit=max&dpr=2', 'c_limit,h_400,w_600'],
      ['w=300&h=200&fit=fill&bg=5f00', 'b_rgb:ff000080,c_lpad,h_200,w_300'],
      ['w=300&h=200&fit=crop-top-left', 'c_fill,g_north_west,h_200,w_300'],
      ['w=300&h=200&fit=crop-25-75', 'ar_3:2,c_crop,g_xy_center,x_0.25,y_0.75/c_fill,h_200,w_300'],
      ['crop=100,90,15,20', 'c_crop,g_north_west,h_90,w_100,x_15,y_20'],
      [
        'or=90&flip=h&gam=1.5&sharp=15&filt=greyscale&blur=5&pixel=3',
        'a_90.vflip/e_gamma:50/e_sharpen:150/e_grayscale/e_blur:100/e_pixelate:3',
      ],
      ['border=10,ff0000,shrink', 'c_scale,h_h_sub_20,w_w_sub_20/bo_10px_solid_rgb:ff0000'],
      ['p=card&fm=pjpg&q=60', 'c_fill,h_9,w_9/f_jpeg,fl_progressive,q_60'],
    ],
    reading('glide'),
  );
  itRefuses(
    [
      ['/a?mark=logo.png', 'Invalid mark'],
      ['/a?w=3&h=3&fit=crop-x', 'behind crop comes'],
      ['/a?w=3&h=3&fit=crop-10-10-2', 'without a zoom'],
      ['/a?border=a,b', 'Invalid border'],
      ['/a?fm=tiff', 'Invalid fm'],
    ],
    reading('glide'),
  );
});

describe('Gumlet’s queries', () => {
  itDraws(
    [
      ['w=300&h=200&mode=crop', 'c_fill,h_200,w_300'],
      ['w=300&h=200&mode=crop&crop=smart', 'c_fill,g_auto,h_200,w_300'],
      ['width=300&height=200&mode=fit&rotate=180', 'a_180/c_fit,h_200,w_300'],
      ['w=300&format=auto&compress=true', 'c_fit,w_300/f_auto:basic,q_auto:good'],
    ],
    reading('gumlet'),
  );
  itRefuses(
    [
      ['/a?extract=1,2,3,4', 'Invalid extract'],
      ['/a?duotone=1', 'Invalid duotone in a URL of Gumlet'],
      ['/a?w=3&mode=nosuch', 'Invalid fit=nosuch in a URL of Gumlet'],
      [`/a?compress=true${'&w=3'.repeat(64)}`, 'At most 64 options'],
    ],
    reading('gumlet'),
  );
});

describe('Sirv’s queries', () => {
  itDraws(
    [
      ['w=300&h=200', 'c_fit,h_200,w_300/f_auto:basic'],
      ['w=300&h=200&scale.option=fill', 'c_fill,h_200,w_300/f_auto:basic'],
      ['scale.width=50%25&scale.option=noup', 'c_limit,w_0.5/f_auto:basic'],
      ['s=200&format=original', 'c_fit,h_200,w_200'],
      ['thumbnail=128&format=webp', 'c_fill,h_128,w_128/f_webp'],
      ['cw=200&ch=50%25&cx=10&cy=20', 'c_crop,g_north_west,h_0.5,w_200,x_10,y_20/f_auto:basic'],
      ['cw=200&ch=100&cx=center&cy=top', 'c_crop,g_north,h_100,w_200/f_auto:basic'],
      ['canvas.width=400&canvas.color=red', 'b_rgb:ff0000,c_lpad,h_h,w_400/f_auto:basic'],
      ['rotate=90&flop=true&opacity=50&greyscale=true&blur=5', 'a_90.hflip/o_50/e_grayscale/e_blur:100/f_auto:basic'],
      ['crop.type=face&profile=card&page=2', 'c_fill,h_9,w_9/c_crop,g_face/f_auto:basic,pg_2'],
    ],
    reading('sirv'),
  );
  itRefuses(
    [
      ['/a?text=hello', 'Invalid text'],
      ['/a?exposure=9', 'Invalid exposure'],
      ['/a?crop.type=poi', 'Invalid crop.type'],
      ['/a?w=3&scale.option=other', 'it takes fit, fill'],
    ],
    reading('sirv'),
  );
});
