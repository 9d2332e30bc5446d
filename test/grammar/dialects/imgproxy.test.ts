import { describe, expect, it } from 'vitest';
import { defaultGrammarOptions, type GrammarOptions, parseTarget } from '../../../src/grammar/index.ts';
import { cpuTimeMs } from '../../support/cpu-time.ts';
import { itReads, itRefuses } from '../../support/dialects.ts';
import { spell } from '../../support/grammar.ts';

const options: GrammarOptions = {
  ...defaultGrammarOptions,
  dialects: [...defaultGrammarOptions.dialects, 'imgproxy'],
  presets: { card: 'c_fit,w_300' },
  sources: { 'https://old.example/': 'old/', 'local:///': '', 's3://bucket/': 'b/' },
  imgproxy: {
    argumentsSeparator: ':',
    watermark: 'marks/logo.png',
    openSource: (sealed) => (sealed === 'c2VhbGVk' ? 'local:///opened.jpg' : undefined),
  },
};

/** Rows of options in a URL of one picture, and what they come to. */
function itDraws(rows: readonly (readonly [written: string, canonical: string])[]) {
  it.each(rows)('%s', (written, canonical) => {
    expect(spell(`/unsafe/${written}/plain/local:///a`, options)).toBe(canonical);
  });
}

const encoded = Buffer.from('https://old.example/a.jpg').toString('base64url');

describe('imgproxy’s sources', () => {
  itReads(
    [
      ['/unsafe/w:9/plain/local:///a%20b.jpg', 'a b.jpg', 'c_limit,w_9/f_jpeg'],
      ['/unsafe/w:9/plain/https://old.example/a.jpg%3Fv=2@webp', 'old/a.jpg', 'c_limit,w_9/f_webp'],
      ['/unsafe/w:9/plain/https:/old.example/a.jpg', 'old/a.jpg', 'c_limit,w_9/f_jpeg'],
      ['/unsafe/w:9/plain/s3://bucket/a.jpg@', 'b/a.jpg', 'c_limit,w_9/f_jpeg'],
      ['/unsafe/w:9/plain/folder/a.jpg', 'folder/a.jpg', 'c_limit,w_9/f_jpeg'],
      [`/_/w:9/${encoded}`, 'old/a.jpg', 'c_limit,w_9/f_jpeg'],
      [`/_/w:9/${encoded}.png`, 'old/a.jpg', 'c_limit,w_9/f_png'],
      [`/insecure/w:9/${encoded.slice(0, 12)}/${encoded.slice(12)}==.png`, 'old/a.jpg', 'c_limit,w_9/f_png'],
      [`/insecure/${encoded}`, 'old/a.jpg', 'f_jpeg'],
      ['/unsafe/w:9/enc/c2VhbGVk.webp', 'opened.jpg', 'c_limit,w_9/f_webp'],
      ['/unsafe/plain/local:///a.jpg', 'a.jpg', 'f_jpeg'],
      // What stands before the options signs, where a key asks for it.
      ['/AbC-123_x/w:9/plain/local:///a.jpg', 'a.jpg', 'c_limit,w_9/f_jpeg'],
      ['/w:9/plain/local:///a.jpg', 'a.jpg', 'c_limit,w_9/f_jpeg'],
      // Keys of ours.
      ['/unsafe/a.jpg', 'unsafe/a.jpg', 'original'],
      ['/plain/a.jpg', 'plain/a.jpg', 'original'],
      ['/w_9/plain/a.jpg', 'plain/a.jpg', 'c_fill,w_9/f_jpeg'],
      ['/unsafe/trim:10/300x200/smart/a.jpg', 'unsafe/trim:10/300x200/smart/a.jpg', 'original'],
      ['/photos/a:b/c.jpg', 'photos/a:b/c.jpg', 'original'],
    ],
    options,
  );
  itRefuses(
    [
      ['/unsafe/w:9/plain/https://elsewhere.example/a.jpg', 'fetchHosts'],
      ['/unsafe/w:9/plain/gs://bucket/a.jpg', 'sources name no beginning of it'],
      ['/unsafe/w:9/plain/local:///../a.jpg', 'dot segments'],
      ['/unsafe/w:9/plain/local:///%252e%252e/a.jpg', 'dot segments'],
      ['/unsafe/w:9/plain/local:///a.jpg@png@webp', 'one format is taken'],
      ['/unsafe/w:9/plain/local:///a.jpg@bmp', 'the output formats are'],
      ['/unsafe/w:9/b*d', 'no URL-safe base64'],
      ['/unsafe/w:9/enc/b3RoZXI', 'cannot be decrypted'],
      ['/no:signature/w:9/plain/local:///a.jpg', 'the signature comes first'],
    ],
    options,
  );
});

describe('imgproxy’s options', () => {
  itDraws([
    ['rs:fill:300:400', 'c_lfill,h_400,w_300'],
    ['rs:fill:300:400:1', 'c_fill,h_400,w_300'],
    ['resize:fit:300:400:t', 'c_fit,h_400,w_300'],
    ['rs:fit:300:400:0:1', 'c_lpad,h_400,w_300'],
    ['rs:fit:300:400:1:1/bg:FFCC00', 'b_rgb:ffcc00,c_pad,h_400,w_300'],
    ['rs:fill:300:400/ex:1:nowe:5:6', 'c_lfill,h_400,w_300/c_lpad,g_north_west,h_400,w_300,x_5,y_6'],
    ['rs:fill-down:300:400', 'c_fill_down,h_400,w_300'],
    ['rs:auto:300:400', 'c_loriented,h_400,w_300'],
    ['rs:auto:300:400:1', 'c_oriented,h_400,w_300'],
    ['rs:force:300:400', 'c_lscale,h_400,w_300'],
    ['rs:force:300::1', 'c_scale,h_h,w_300'],
    ['s:300', 'c_limit,w_300'],
    ['w:300/h:0', 'c_limit,w_300'],
    ['w:300/dpr:2', 'c_limit,w_600'],
    ['rs:fill:300:400/dpr:2', 'c_lfill,h_400,ldpr_2,w_300'],
    ['rs:fill:300:400:1/dpr:1.5', 'c_fill,h_600,w_450'],
    ['w:75/z:1.5', 'c_limit,w_75_mul_1.5'],
    ['z:0.5', 'c_limit,h_0.5,w_0.5'],
    ['mw:150/mh:90', 'c_limit,mh_90,mw_150'],
    ['w:100/mh:90', 'c_limit,mh_90,w_100/c_crop,w_100'],
    ['exar:1:so/rs:fit:300:200', 'c_limit,h_200,w_300/ar_3:2,c_pad,g_south'],
    ['rs:fill:300:400/g:no', 'c_lfill,g_north,h_400,w_300'],
    ['rs:fill:300:400/g:sm', 'c_lfill,g_auto,h_400,w_300'],
    ['rs:fill:300:400/g:fp:0.25:0.75', 'c_lfill,g_xy_center,h_400,w_300,x_0.25,y_0.75'],
    ['rs:fill:300:400:1/g:soea:10:0.1/dpr:2', 'c_fill,g_south_east,h_800,w_600,x_20,y_0.1'],
    ['rs:fill:300:400/g:ce:-10', 'c_lfill,h_400,w_300,x_0_sub_10'],
    ['rs:fill:300:400/g:obj:face', 'c_lfill,g_faces:auto,h_400,w_300'],
    ['c:100:0.5:nowe:3:4/w:50', 'c_crop,g_north_west,h_0.5,w_100,x_3,y_4/c_limit,w_50'],
    ['c:100', 'c_crop,w_100'],
    ['car:1.5', 'ar_3:2,c_crop'],
    ['t:20:ff0000:1:1', 'e_trim:8:rgb:ff0000,te_both'],
    ['t:10::0:1', 'e_trim:4,te_ver'],
    ['pd:10:20', 'c_lpad,g_north_west,h_h_add_20,w_w_add_40,x_20,y_10'],
    ['pd:1:2:3:4/bg:000', 'b_rgb:000000,c_lpad,g_north_west,h_h_add_4,w_w_add_6,x_4,y_1'],
    ['ar:0/rot:90/fl:1:1', 'a_ignore.270'],
    ['rot:-90', 'a_270'],
    ['bg:0:128:0', 'b_rgb:008000'],
    ['bg:fff/bga:0.5', 'b_rgb:ffffff80'],
    ['bg:', 'a_0'],
    ['bl:5/sh:0.5/pix:7', 'e_blur:188/e_sharpen:50/e_pixelate:7'],
    ['a:51:1.5:0.5', 'e_brightness:20/e_contrast:50/e_saturation:-50'],
    ['bd:10:face', 'e_blur_faces:388'],
    ['mc:1', 'e_grayscale'],
    ['col:0.5:f00', 'co_rgb:ff0000,e_colorize:50'],
    [
      'wm:0.5:soea:10:0.1:0.2/w:9',
      'c_limit,w_9/fl_relative,l_marks:logo.png/c_fit,h_0.2,w_0.2/o_50/fl_layer_apply.no_overflow,g_south_east,x_10,y_0.1',
    ],
    ['wm:1:re', 'l_marks:logo.png/fl_layer_apply.tiled'],
    ['wm:0', 'a_0'],
    ['q:80/f:webp', 'f_webp,q_80'],
    ['fq:jpg:80:webp:70', 'q_jpg:80.webp:70'],
    ['mb:20000', 'mb_20000'],
    ['kcr:1/scp:0/dpi:150', 'cs_copy,dn_150,fl_keep_attribution'],
    ['jpgo:1/f:jpg', 'f_jpeg,fl_progressive'],
    ['da:1', 'pg_1'],
    ['pr:card/q:70', 'c_fit,w_300/q_70'],
    ['w:100/-/bl:5/-/rot:90', 'c_limit,w_100/e_blur:188/a_90'],
    ['w:100/w:200/cb:abc', 'c_limit,w_200'],
    ['sm:1/eth:0/dd:0/gr:0', 'a_0'],
    ['raw:1/w:100', 'original'],
  ]);

  it.each([
    ['nosuch:1/w:9', 'there is no option nosuch'],
    ['w:wide', 'expected a number from 0'],
    ['w:1.5', 'expected a whole number'],
    ['w:1:2', 'it takes 1 argument(s) at most'],
    ['rt:crop', 'the resizing types are fit, fill'],
    ['g:up/w:9', 'gravity takes ce, no'],
    ['g:fp:2:0', 'expected a number from 0 to 1'],
    ['g:obj:cat', 'no detector but for faces'],
    ['bd:10:cat', 'no detector but for faces'],
    ['bd:10', 'no detector but for faces'],
    ['rot:45', 'only quarter turns'],
    ['bg:red', 'a colour has three or six'],
    ['q:101', 'expected a whole number to 100'],
    ['sm:0', 'metadata is always left out'],
    ['aq:dssim', 'write quality'],
    ['gr:0.5', 'it is not supported'],
    ['wm:1:ch', 'a watermark lies at'],
    ['exp:soon', 'expected seconds since 1970'],
    ['rs:fill:9:9/ex:1/dpr:2', 'it needs enlarge'],
    ['pr:nosuch', 'nosuch'],
  ])('refuses %s', (written, message) => {
    expect(() => parseTarget(`/unsafe/${written}/plain/local:///a`, options)).toThrow(message);
  });

  it('send what is stored in a format to skip as it is, unless another is asked for', () => {
    expect(spell('/unsafe/w:9/skp:png/plain/local:///a.png', options)).toBe('original');
    expect(spell('/unsafe/w:9/skp:png/plain/local:///a.png@webp', options)).toBe('c_limit,w_9/f_webp');
    expect(spell('/unsafe/w:9/skp:png/plain/local:///a.jpg', options)).toBe('c_limit,w_9/f_jpeg');
  });

  it('say what the file is called, and how long its URL holds', () => {
    const name = Buffer.from('clouds').toString('base64url');
    const { dialect, transform } = parseTarget(`/unsafe/fn:${name}:1/att:1/exp:99/plain/local:///a.jpg`, options);
    expect(dialect).toMatchObject({ name: 'imgproxy', filename: 'clouds', expires: 99 });
    expect(transform?.delivery.attachment).toEqual({ filename: 'clouds' });
  });

  it('may have another separator', () => {
    const commas: GrammarOptions = { ...options, imgproxy: { argumentsSeparator: ',' } };
    expect(spell('/unsafe/rs,fill,300,400/plain/local:///a', commas)).toBe('c_lfill,h_400,w_300');
    expect(spell('/w_10,h_10/a', commas)).toBe('c_fill,h_10,w_10');
  });

  it('need a picture for a watermark', () => {
    const bare: GrammarOptions = { ...options, imgproxy: { argumentsSeparator: ':' } };
    expect(() => parseTarget('/unsafe/wm:1/plain/local:///a', bare)).toThrow('name its picture');
  });

  it('are read in time that grows with the length of a URL', () => {
    const read = (target: string) => {
      try {
        parseTarget(target, options);
      } catch {
        // Too many: how long it took to say so is what counts.
      }
    };
    const hostile = [
      `/unsafe/${'w:9/'.repeat(4000)}plain/local:///a`,
      `/unsafe/w${':9'.repeat(8000)}/plain/local:///a`,
      `/unsafe/w:9/${'aGVs/'.repeat(3000)}`,
      `/unsafe/w:9/plain/${'@'.repeat(16_000)}`,
      `/unsafe/skp:${'png:'.repeat(4000)}/plain/local:///a`,
      `/unsafe/${'-/'.repeat(8000)}plain/local:///a`,
    ];
    for (const target of hostile) expect(cpuTimeMs(() => read(target))).toBeLessThan(50);
  });
});
