import { describe, expect, it } from 'vitest';
import { type DialectName, defaultGrammarOptions, type GrammarOptions } from '../../../src/grammar/index.ts';
import { itReads, itRefuses } from '../../support/dialects.ts';
import { spell } from '../../support/grammar.ts';

const reading = (name: DialectName): GrammarOptions => ({
  ...defaultGrammarOptions,
  dialects: [name],
  presets: { card: 'c_fit,w_300' },
  sources: { 's3://avatars/': 'people/' },
});

function itDraws(name: DialectName, rows: readonly (readonly [target: string, canonical: string])[]) {
  it.each(rows)('%s', (target, canonical) => {
    expect(spell(target, reading(name))).toBe(canonical);
  });
}

describe('Contentful', () => {
  itDraws('contentful', [
    ['/a?w=90&h=60', 'c_limit,h_60,w_90'],
    ['/a?w=90&h=60&fit=fill&f=face', 'c_fill,g_face:center,h_60,w_90'],
    ['/a?w=90&h=60&fit=pad&bg=rgb:ff0000&f=top', 'b_rgb:ff0000,c_pad,g_north,h_60,w_90'],
    ['/a?w=90&h=60&fit=crop&f=top_left', 'c_crop,g_north_west,h_60,w_90'],
    ['/a?w=90&h=60&fit=scale', 'c_scale,h_60,w_90'],
    ['/a?w=90&fit=fill', 'c_fit,w_90'],
    ['/a?w=90&r=max&fm=png&fl=png8&q=0', 'c_limit,w_90/r_max/f_png,fl_png8,q_1'],
  ]);
  itRefuses(
    [
      ['/a?w=5000', 'expected a number from 1 to 4000'],
      ['/a?fit=nosuch', 'Invalid fit=nosuch in a URL of Contentful'],
      ['/a?fm=tiff', 'Invalid fm=tiff'],
    ],
    reading('contentful'),
  );
});

describe('Directus', () => {
  itDraws('directus', [
    ['/a?width=90&height=60', 'c_fill,h_60,w_90'],
    ['/a?width=90&height=60&withoutEnlargement=true', 'c_lfill,h_60,w_90'],
    ['/a?width=90&height=60&fit=contain&format=webp&quality=70', 'c_pad,h_60,w_90/f_webp,q_70'],
    ['/a?width=90&withoutEnlargement=true&fit=cover', 'c_limit,w_90'],
    ['/a?key=card', 'c_fit,w_300'],
  ]);
  itRefuses([['/a?transforms=[["rotate",90]]', 'Invalid transforms']], reading('directus'));
});

describe('Photon', () => {
  itDraws('photon', [
    ['/a?w=90', 'c_limit,w_90'],
    ['/a?w=90&h=60', 'c_limit,h_60,w_90'],
    ['/a?w=90&h=60&crop=1', 'c_lfill,h_60,w_90'],
    ['/a?resize=90,60&zoom=2', 'c_lfill,h_120,w_180'],
    ['/a?fit=90%2C60', 'c_limit,h_60,w_90'],
    ['/a?lb=90,60', 'b_rgb:000000,c_lpad,h_60,w_90'],
    ['/a?crop=12,25,60,60&w=90', 'c_crop,g_north_west,h_0.6,w_0.6,x_0.12,y_0.25/c_limit,w_90'],
    ['/a?crop=160px,0px,788px,60', 'c_crop,g_north_west,h_0.6,w_788,x_160'],
    ['/a?filter=grayscale&brightness=51&quality=80', 'e_grayscale/e_brightness:20/q_80'],
  ]);
  itRefuses(
    [
      ['/a?resize=90', 'expected width and height'],
      ['/a?resize=9,9&fit=9,9', 'Invalid fit in a URL of Photon'],
      ['/a?w=90&crop=1,2,3,4', 'before it is sized'],
      ['/a?crop=1,2,3,0', 'expected x, y'],
    ],
    reading('photon'),
  );
});

describe('Shopify', () => {
  itReads(
    [
      ['/files/a.jpg?width=90&height=60&v=1', 'files/a.jpg', 'c_limit,h_60,w_90/f_jpeg'],
      ['/files/a.jpg?width=90&height=60&crop=top', 'files/a.jpg', 'c_lfill,g_north,h_60,w_90/f_jpeg'],
      [
        '/files/a.jpg?width=90&height=60&pad_color=ff0000&scale=2',
        'files/a.jpg',
        'b_rgb:ff0000,c_lpad,h_120,w_180/f_jpeg',
      ],
      [
        '/files/a.jpg?crop=region&crop_left=10&crop_top=20&crop_width=300&crop_height=200&width=90',
        'files/a.jpg',
        'c_crop,g_north_west,h_200,w_300,x_10,y_20/c_limit,w_90/f_jpeg',
      ],
      ['/files/a.jpg?format=pjpg', 'files/a.jpg', 'f_jpeg,fl_progressive'],
      ['/files/a_400x300_crop_center@2x.jpg?v=1', 'files/a.jpg', 'c_lfill,h_600,w_800/f_jpeg'],
      ['/files/a_x300.progressive.jpg.webp', 'files/a.jpg', 'c_limit,h_300/f_webp,fl_progressive'],
      ['/files/a_b_grande.png', 'files/a_b.png', 'c_limit,h_600,w_600/f_png'],
      ['/files/a.jpg?v=1', 'files/a.jpg', 'original'],
      ['/files/a_b.jpg', 'files/a_b.jpg', 'original'],
    ],
    reading('shopify'),
  );
  itRefuses([['/a.jpg?crop=region', 'it needs crop_width']], reading('shopify'));
});

describe('Storyblok', () => {
  itReads(
    [
      ['/f/1/9x9/c0/a.jpg/m/', 'f/1/9x9/c0/a.jpg', 'f_auto:basic'],
      ['/f/1/a.jpg/m/90x60/smart', 'f/1/a.jpg', 'c_fill,g_auto,h_60,w_90/f_auto:basic'],
      ['/f/1/a.jpg/m/90x0/filters:quality(80):format(png)', 'f/1/a.jpg', 'c_fit,w_90/f_png,q_80'],
      [
        '/f/1/a.jpg/m/fit-in/90x60/filters:fill(CCCCCC):format(jpeg)',
        'f/1/a.jpg',
        'b_rgb:cccccc,c_pad,h_60,w_90/f_jpeg',
      ],
      ['/f/1/a.jpg/m/-90x60/filters:no_upscale():format(png)', 'f/1/a.jpg', 'a_hflip/c_lfill,h_60,w_90/f_png'],
      ['/f/1/a.jpg/m/filters:rotate(90):grayscale():format(png)', 'f/1/a.jpg', 'a_270/e_grayscale/f_png'],
      [
        '/f/1/a.jpg/m/90x60/filters:round_corner(30,255,255,255):format(png)',
        'f/1/a.jpg',
        'c_fill,h_60,w_90/b_rgb:ffffff,r_30/f_png',
      ],
      [
        '/f/1/a.jpg/m/10x20:110x80/50x0/filters:format(png)',
        'f/1/a.jpg',
        'c_crop,g_north_west,h_60,w_100,x_10,y_20/c_fit,w_50/f_png',
      ],
      ['/f/1/a.jpg/m/0x0:110x80/', 'f/1/a.jpg', 'c_crop,g_north_west,h_80,w_110/f_auto:basic'],
      ['/f/1/a.jpg', 'f/1/a.jpg', 'original'],
      ['/f/m/a.jpg', 'f/m/a.jpg', 'original'],
    ],
    reading('storyblok'),
  );
  itRefuses(
    [
      ['/f/1/a.jpg/m/fit-contain/9x9', 'Invalid fit-contain in a URL of Storyblok'],
      ['/f/1/a.jpg/m/90x20:10x80', 'a cut ends right of and below where it begins'],
      ['/f/1/a.jpg/m/filters:nosuch(1)', 'Invalid nosuch'],
      ['/f/1/a.jpg/m/filters:quality(', 'expected filters'],
      ['/f/1/a.jpg/m/9x9/filters:focal(1x1:2x2)', 'Invalid focal'],
    ],
    reading('storyblok'),
  );
});

describe('Supabase', () => {
  itReads(
    [
      [
        '/storage/v1/render/image/public/avatars/a.png?width=90&height=60',
        'people/a.png',
        'c_lfill,h_60,w_90/f_auto:basic',
      ],
      [
        '/render/image/authenticated/other/x/a.png?width=90&height=60&resize=contain&format=origin',
        'other/x/a.png',
        'c_limit,h_60,w_90/f_png',
      ],
      [
        '/render/image/public/avatars/a.png?height=60&resize=fill&quality=50',
        'people/a.png',
        'c_limit,h_60/f_auto:basic,q_50',
      ],
      // As its SDK names an original; another folder of that name is a key.
      ['/storage/v1/object/public/avatars/a%20b.png', 'people/a b.png', 'original'],
      ['/storage/v1/object/authenticated/other/x/a.png?t=2026', 'other/x/a.png', 'original'],
      ['/object/public/avatars/a.png', 'object/public/avatars/a.png', 'original'],
    ],
    reading('supabase'),
  );
  itRefuses(
    [
      ['/render/image/sign/a/b.png?token=x', 'Invalid sign'],
      ['/storage/v1/object/sign/a/b.png?token=x', 'Invalid sign'],
      ['/storage/v1/object/public/a/b.png?download=c.png', 'Invalid download'],
    ],
    reading('supabase'),
  );
});

describe('Sanity', () => {
  itReads(
    [
      ['/images/p/d/abc-300x200.jpg?w=90&h=60', 'images/p/d/abc-300x200.jpg', 'c_fit,h_60,w_90/f_jpeg'],
      [
        '/images/p/d/abc-300x200.jpg/name.jpg?rect=1,2,30,20',
        'images/p/d/abc-300x200.jpg',
        'c_crop,g_north_west,h_20,w_30,x_1,y_2/f_jpeg',
      ],
      ['/images/p/d/abc-300x200.jpg', 'images/p/d/abc-300x200.jpg', 'original'],
    ],
    reading('sanity'),
  );
  itRefuses([['/images/p/d/abc-300x200.jpg?w=wide', 'Invalid w=wide in a URL of Sanity']], reading('sanity'));
});
