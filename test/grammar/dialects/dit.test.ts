import { describe, expect, it } from 'vitest';
import { defaultGrammarOptions, type GrammarOptions, parseTarget } from '../../../src/grammar/index.ts';
import { itReads, itRefuses } from '../../support/dialects.ts';
import { spell } from '../../support/grammar.ts';

const options: GrammarOptions = {
  ...defaultGrammarOptions,
  dialects: [...defaultGrammarOptions.dialects, 'dit'],
  sources: { 's3://pictures/': 'p/', 'https://old.example/': 'old/' },
};
const path = (request: unknown) => `/${Buffer.from(JSON.stringify(request)).toString('base64')}`;
const edited = (edits: unknown) => path({ key: 'a', edits });

describe('what AWS’ image handler is asked in JSON', () => {
  itReads(
    [
      [path({ bucket: 'pictures', key: 'b c/a.jpg' }), 'p/b c/a.jpg', 'original'],
      [path({ bucket: 'pictures', key: '中文', outputFormat: 'jpeg' }), 'p/中文', 'f_jpeg'],
      [
        '/eyJrZXkiOiJzYW1wbGVJbWFnZUtleTAwMS5qcGciLCJlZGl0cyI6eyJncmF5c2NhbGUiOiJ0cnVlIn19==',
        'sampleImageKey001.jpg',
        'e_grayscale/f_jpeg',
      ],
      [path(['key']), path(['key']).slice(1), 'original'],
    ],
    options,
  );
  it.each([
    [{ resize: { width: 300, height: 200 } }, 'c_fill,h_200,w_300'],
    [{ resize: { width: 300, height: null, fit: 'cover' } }, 'c_fit,w_300'],
    [{ resize: { width: 300, height: 200, fit: 'cover', position: 'right top' } }, 'c_fill,g_north_east,h_200,w_300'],
    [{ resize: { width: 300, height: 200, fit: 'inside', withoutEnlargement: true } }, 'c_limit,h_200,w_300'],
    [{ resize: { width: '99.1', height: '99.9' } }, 'c_fill,h_100,w_99'],
    [{ resize: { ratio: 0.5 } }, 'c_scale,h_h_mul_0.5,w_w_mul_0.5'],
    [{ resize: { ratio: 0.5, width: 300, height: 200 } }, 'c_fit,h_100,w_150'],
    [
      { resize: { width: 3, height: 2, fit: 'contain', background: { r: 1, g: 2, b: 3 } } },
      'b_rgb:010203,c_pad,h_2,w_3',
    ],
    [{ blur: 2, rotate: 90, resize: { width: 9 } }, 'a_90/c_fit,w_9/e_blur:68'],
    [{ rotate: 45, resize: { width: 9 } }, 'c_fit,w_9/a_45,b_rgb:000000'],
    [
      { crop: { left: 1, top: 2, width: 3, height: 4 }, rotate: 90, resize: { width: 9 } },
      'c_crop,g_north_west,h_4,w_3,x_1,y_2/a_90/c_fit,w_9',
    ],
    [{ rotate: 90, extract: { left: 1, top: 2, width: 3, height: 4 } }, 'a_90/c_crop,g_north_west,h_4,w_3,x_1,y_2'],
    [
      { resize: { width: 9 }, extract: { left: 1, top: 2, width: 3, height: 4 }, rotate: 90 },
      'a_90/c_fit,w_9/c_crop,g_north_west,h_4,w_3,x_1,y_2',
    ],
    [{ grayscale: false, toFormat: 'webp', webp: { quality: 60 } }, 'f_webp,q_webp:60'],
    [{ jpeg: { quality: 60, progressive: true, mozjpeg: true } }, 'f_jpeg,fl_progressive,q_jpg:60'],
    [{ trim: { threshold: 25 }, threshold: 128 }, 'e_trim:10/e_blackwhite:50'],
    [{ tint: { r: 255, g: 0, b: 0 } }, 'e_tint:100:rgb:ff0000'],
    [{ modulate: { brightness: 1.2, saturation: 0.5, hue: 90 } }, 'e_brightness:20/e_saturation:-50/e_hue:50'],
    [
      { extend: { top: 1, left: 2, background: 'white' } },
      'b_rgb:ffffff,c_lpad,g_north_west,h_h_add_1,w_w_add_2,x_2,y_1',
    ],
    [{ flatten: { background: { r: 1, g: 2, b: 3 } } }, 'b_rgb:010203'],
    [{ animated: false }, 'pg_1'],
    [{ blur: true, sharpen: true }, 'e_blur:28/e_sharpen:30'],
    [{ smartCrop: true }, 'c_crop,g_face'],
    [{ roundCrop: true }, 'ar_1:1,c_crop/r_max'],
    [{ roundCrop: { rx: 10, ry: 20, left: 30, top: 40 } }, 'c_crop,g_xy_center,h_40,w_20,x_30,y_40/r_max'],
    [
      {
        overlayWith: {
          bucket: 'pictures',
          key: 'text/a:b.png',
          alpha: 20,
          wRatio: '50',
          options: { left: '10p', top: -5 },
        },
      },
      'fl_relative,l_p:text:a%3Ab.png/c_fit,w_0.5/o_80/fl_layer_apply.no_overflow,g_south_west,x_0.1,y_5',
    ],
  ])('%j', (edits, canonical) => {
    expect(spell(edited(edits), options)).toBe(canonical);
  });
  itRefuses(
    [
      [edited({ wrongFilter: true }), 'Invalid wrongFilter'],
      [edited({ smartCrop: { faceIndex: 1 } }), 'Invalid smartCrop.faceIndex'],
      [edited({ smartCrop: { padding: 4 } }), 'Invalid smartCrop.padding'],
      [edited({ contentModeration: true }), 'Invalid contentModeration'],
      [edited({ resize: { width: 9, kernel: 'cubic' } }), 'Invalid resize.kernel'],
      [edited({ resize: { width: 'x' } }), 'Invalid resize.width'],
      [edited({ resize: { width: 0 } }), 'Invalid resize.width'],
      [edited({ toFormat: 'heif' }), 'Invalid toFormat'],
      [edited({ overlayWith: { bucket: 'elsewhere', key: 'a' } }), 'have no s3://elsewhere/'],
      [edited({ overlayWith: { bucket: 'pictures', key: '../a' } }), 'dot segments'],
      [path({ bucket: 'elsewhere', key: 'a' }), 'have no s3://elsewhere/'],
      [path({ key: '../a' }), 'dot segments'],
    ],
    options,
  );

  it('comes with the signature of its query, which is of all else that stands there', () => {
    const target = path({ key: 'a' });
    expect(parseTarget(`${target}?signature=ab`, options).dialect?.proof).toEqual({ value: 'ab', text: target });
    expect(parseTarget(`${target}?width=9&signature=ab&expires=20300101T000000Z`, options).dialect).toMatchObject({
      proof: { value: 'ab', text: `${target}?expires=20300101T000000Z&width=9` },
      expires: Date.UTC(2030, 0, 1) / 1000,
    });
  });
});

describe('what AWS’ image handler is asked in thumbor’s words', () => {
  itReads(
    [
      ['/300x200/a.jpg', 'a.jpg', 'c_fill,h_200,w_300/f_jpeg'],
      ['/300x0/a.jpg', 'a.jpg', 'c_fit,w_300/f_jpeg'],
      ['/0x0/a.jpg', 'a.jpg', 'original'],
      ['/fit-in/300x200/b/a.jpg', 'b/a.jpg', 'c_fit,h_200,w_300/f_jpeg'],
      ['/fit-in/300x200/filters:no_upscale()/a.jpg', 'a.jpg', 'c_limit,h_200,w_300/f_jpeg'],
      ['/300x200/filters:stretch()/a.jpg', 'a.jpg', 'c_scale,h_200,w_300/f_jpeg'],
      ['/300x200/filters:fill(ff0000)/a.jpg', 'a.jpg', 'b_rgb:ff0000,c_pad,h_200,w_300/f_jpeg'],
      ['/300x200/filters:proportion(0.5)/a.jpg', 'a.jpg', 'c_fill,h_100,w_150/f_jpeg'],
      ['/10x20:110x220/a.jpg', 'a.jpg', 'c_crop,g_north_west,h_200,w_100,x_10,y_20/f_jpeg'],
      ['/filters:rotate(90)/filters:grayscale()/b%20(1).jpg', 'b (1).jpg', 'a_90/e_grayscale/f_jpeg'],
      ['/filters:quality(50)/filters:format(png)/a', 'a', 'f_png,q_50'],
      ['/filters:blur(8):sharpen(1,2,true):rgb(100,0,0)/a', 'a', 'e_blur:148/e_sharpen:200/e_tint:100:rgb:ff0000'],
      ['/unsafe/filters:brightness(10):contrast(30)/https://old.example/a', 'old/a', 'e_brightness:10/e_contrast:30'],
      ['/filters:rotate(90)/s3:pictures/filters:grayscale()/a.jpg', 'p/a.jpg', 'a_90/e_grayscale/f_jpeg'],
      ['/s3:none/s3:pictures/a', 'p/a', 'original'],
      ['/filters:animated(false)/a.gif', 'a.gif', 'f_gif,pg_1'],
      [
        '/filters:watermark(pictures,b/logo.png,-10,20p,30,40)/a',
        'a',
        'fl_relative,l_p:b:logo.png/c_fit,w_0.4/o_70/fl_layer_apply.no_overflow,g_north_east,x_10,y_0.2',
      ],
      ['/300x200', '300x200', 'original'],
      ['/filters-rotate(90)/filters-grayscale()/a.jpg', 'a.jpg', 'a_90/e_grayscale/f_jpeg'],
      ['/filters-a/b(1).jpg', 'filters-a/b(1).jpg', 'original'],
    ],
    options,
  );
  itRefuses(
    [
      ['/filters:noise(9)/a.jpg', 'there is no filter noise'],
      ['/s3:none/a.jpg', 'The bucket none is not known'],
      ['/300x200/', 'none is named'],
      [`/${'1x1/'.repeat(40)}a.jpg`, 'at most 32 words'],
      ['/200x100:100x50/a.jpg', 'Invalid crop.width'],
      ['/fit-in/300x200/filters:smart_crop(1,40)/a.jpg', 'Invalid smartCrop'],
    ],
    options,
  );
});

describe('what AWS’ image handler is asked in a query', () => {
  itReads(
    [
      ['/a.jpg?width=300&height=200&format=webp', 'a.jpg', 'c_fill,h_200,w_300/f_webp'],
      ['/a?width=300&height=0&grayscale=1', 'a', 'c_fit,w_300/e_grayscale'],
      ['/fit-in/30x20/a?width=300&height=200', 'a', 'c_fill,h_200,w_300'],
      [
        '/a?resize.width=300&resize.height=200&resize.fit=contain&resize.background=red',
        'a',
        'b_rgb:ff0000,c_pad,h_200,w_300',
      ],
      ['/a?quality=80&rotate=90&blur=2&stripExif=true', 'a', 'a_90/e_blur:68/q_80'],
      [
        '/a?resize.ratio=0.5&extract=10,20,110,220',
        'a',
        'c_crop,g_north_west,h_200,w_100,x_10,y_20/c_scale,h_h_mul_0.5,w_w_mul_0.5',
      ],
      ['/a?tint=[255,0,0]&sharpen.sigma=2', 'a', 'e_sharpen:200/e_tint:100:rgb:ff0000'],
      [
        '/a?watermark=[old.example/logo.png,[10,20p,0.5,0.2]]',
        'a',
        'fl_relative,l_old:logo.png/c_scale,w_0.2/o_50/fl_layer_apply.no_overflow,g_north_west,x_0.2,y_10',
      ],
      ['/a?v=3', 'a', 'original'],
    ],
    options,
  );
  itRefuses(
    [
      ['/a?smartCrop.index=2', 'Invalid smartCrop'],
      ['/a?convolve.width=3', 'Invalid convolve'],
      ['/a?resize.fit=x&resize.width=3&resize.height=3', 'Invalid resize.fit'],
      ['/a?expires=tomorrow', 'Invalid expires'],
      ['/a?format=tiff', 'Invalid toFormat'],
    ],
    options,
  );
});
