import { describe, expect, it } from 'vitest';
import { defaultGrammarOptions, dialectClashes, type GrammarOptions, parseTarget } from '../../../src/grammar/index.ts';
import { itRefuses } from '../../support/dialects.ts';
import { spell } from '../../support/grammar.ts';

const options: GrammarOptions = {
  ...defaultGrammarOptions,
  dialects: [...defaultGrammarOptions.dialects, 'weserv'],
  sources: { 'https://old.example/': 'old/', 'http://plain.example/': 'plain/' },
};
const target = (query: string) => `/?url=old.example/a&n=-1&${query}`;

describe('weserv’s queries', () => {
  it.each([
    ['w=300', 'c_fit,w_300'],
    ['w=300&h=200', 'c_fit,h_200,w_300'],
    ['w=300&h=200&we', 'c_limit,h_200,w_300'],
    ['w=300&h=200&we=false', 'c_fit,h_200,w_300'],
    ['w=300&h=200&t=squaredown', 'c_lfill,h_200,w_300'],
    ['width=300&height=200&fit=cover&align=top-left', 'c_fill,g_north_west,h_200,w_300'],
    ['w=300&h=200&fit=cover&a=attention', 'c_fill,g_auto,h_200,w_300'],
    ['w=300&h=200&fit=cover&a=focal&fpx=0.6', 'ar_3:2,c_crop,g_xy_center,x_0.6,y_0.5/c_fill,h_200,w_300'],
    ['w=300&h=200&fit=cover&a=crop-10-20', 'ar_3:2,c_crop,g_xy_center,x_0.1,y_0.2/c_fill,h_200,w_300'],
    ['w=300&h=200&fit=outside', 'c_outside,h_200,w_300'],
    ['w=300&fit=fill', 'c_scale,h_h,w_300'],
    ['w=300&h=200&fit=contain&cbg=black', 'b_rgb:000000,c_pad,h_200,w_300'],
    ['w=300&h=200&fit=contain', 'b_rgb:00000000,c_pad,h_200,w_300/fl_preserve_transparency'],
    ['w=50%25&dpr=2', 'c_fit,w_1.0'],
    ['w=80&dpr=1.5', 'c_fit,w_120'],
    ['cx=20&cy=10&cw=280&ch=380', 'c_crop,g_north_west,h_390,w_300/c_crop,g_south_east,h_h_sub_10,w_w_sub_20'],
    ['crop=280,380,0,0', 'c_crop,g_north_west,h_380,w_280'],
    ['cx=10%&cw=50%', 'c_crop,g_north_west,w_0.6/c_crop,g_south_east,w_0.833333'],
    ['cx=10&cw=50%', 'c_crop,g_north_west,w_w_mul_0.5_add_10/c_crop,g_south_east,w_w_sub_10'],
    ['cw=-10&ch=x&w=300', 'c_fit,w_300'],
    ['ro=90&w=300&flop', 'a_90.hflip/c_fit,w_300'],
    ['ro=30&w=300&rbg=red&output=jpg', 'c_fit,w_300/a_30,b_rgb:ff0000/f_jpeg'],
    ['precrop&cw=9&w=300', 'c_crop,g_north_west,w_9/c_fit,w_300'],
    ['bri=-30&con=30&sat=0.5&hue=90', 'e_brightness:-30/e_saturation:-50/e_hue:50/e_contrast:30'],
    ['mod=1.2,0.5,90', 'e_brightness:20/e_saturation:-50/e_hue:50'],
    ['mod=-1,-1,-1,-1&bri=999&con=999&gam=1', 'e_hue:-1'],
    ['gam=1.25&sharp=0.5,2.5,1.5&filt=sepia&blur=2', 'e_gamma:-20/e_sharpen:150/e_sepia:80/e_blur:68'],
    ['blur&sharp', 'e_sharpen:30/e_blur:28'],
    ['tint=00FF00&trim=25', 'e_trim:10/e_tint:100:rgb:00ff00'],
    ['bg=80FF8C00', 'b_rgb:ff8c0080'],
    ['bg=0FFF', 'b_rgb:ffffff00'],
    ['bg=%23abc', 'b_rgb:aabbcc'],
    ['mask=circle&output=webp', 'msk_circle/f_webp'],
    ['mask=ellipse&mbg=red', 'b_rgb:ff0000,r_max/fl_preserve_transparency'],
    ['shape=hexagon&mtrim', 'ar_34641:40000,c_crop/msk_hexagon/fl_preserve_transparency'],
    ['output=png&q=70&il', 'f_png,fl_progressive,q_70'],
    ['output=json', 'fl_getinfo'],
    ['page=2&n=1', 'pg_3'],
    ['n=1', 'pg_1'],
    ['default=1&maxage=1d&encoded=1', 'original'],
  ])('%s', (query, canonical) => {
    const written = query.includes('n=1') ? `/?url=old.example/a&${query}` : target(query);
    expect(spell(written, options)).toBe(canonical);
  });

  it.each([
    ['/?url=old.example/b/a.jpg&url=https://else.example/', 'old/b/a.jpg'],
    ['/?url=https%3A%2F%2Fold.example%2Fb%20c%2Fa.jpg', 'old/b c/a.jpg'],
    ['/?url=ssl:old.example/a', 'old/a'],
    ['/?url=plain.example/a', 'plain/a'],
  ])('%s names a picture', (written, id) => {
    expect(parseTarget(written, options).id).toBe(id);
  });

  itRefuses(
    [
      ['/?url=', 'Invalid url'],
      ['/?url=else.example/a', 'fetch'],
      ['/?url=old.example/../a', 'dot segments'],
      [target('output=tiff'), 'TIFF'],
      [target('filt=duotone'), 'Invalid filt=duotone'],
      [target('encoding=base64'), 'Invalid encoding'],
      [target('page=-2'), 'the smallest page'],
      ['/?url=old.example/a&n=3', 'all frames, or one'],
      [target('w=300&h=200&fit=fill&we'), 'beside fit=fill'],
      [target('w=300&h=200&fit=cover&we&a=focal'), 'Invalid a=focal'],
      [target('default=else.example/a'), 'fetch'],
    ],
    options,
  );

  it('name a picture for when there is none', () => {
    const { transform } = parseTarget(target('w=9&default=old.example/b/none:1.png'), options);
    expect(transform?.delivery.defaultImage).toBe('old/b/none:1.png');
  });

  it('give a file its name, and clash with Amplify’s at the root', () => {
    expect(parseTarget(target('filename=cat.png'), options).dialect?.filename).toBe('cat');
    expect(dialectClashes({ dialects: ['amplify', 'weserv'], dialectPrefixes: {} })).toHaveLength(1);
    expect(dialectClashes({ dialects: ['amplify', 'weserv'], dialectPrefixes: { weserv: 'w/' } })).toEqual([]);
  });
});
