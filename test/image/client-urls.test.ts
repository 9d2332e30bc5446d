import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultGrammarOptions, negotiate, originalCandidates, parseTarget } from '../../src/grammar/index.ts';
import { from, noise, paint, red } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

// What the official clients print for typical calls: each URL is read and drawn, and has the size it says.

const { renderer } = startRenderer();
afterAll(() => renderer.close());

const grammar = { ...defaultGrammarOptions, presets: { thumb: 'c_fill,w_128,h_128', bw: 'e_grayscale' } };
const layers = new Map<string, Uint8Array>();
const originals = new Map<string, Uint8Array>();
beforeAll(async () => {
  originals.set('large', await from(noise(3000, 2000)).jpeg({ quality: 40 }).toBuffer());
  originals.set('small', await from(noise(300, 200)).png().toBuffer());
  layers.set(
    'folder/logo',
    await from(paint(40, 20, () => red))
      .png()
      .toBuffer(),
  );
  layers.set(
    'bg',
    await from(paint(60, 60, () => red))
      .png()
      .toBuffer(),
  );
});

async function sizeOf(url: string, name: string): Promise<string> {
  const request = parseTarget(url, grammar);
  const [candidate] = originalCandidates(request, grammar);
  if (candidate?.transform === undefined) throw new Error(`${url} names no variant.`);
  const { transform } = negotiate(candidate.transform, { accept: undefined, foveaAccept: undefined });
  const input = { original: originals.get(name) ?? new Uint8Array(), layers };
  const { width, height, format } = await renderer.render(input, transform, {
    signal: new AbortController().signal,
    fingerprint: name,
  });
  return `${width}x${height} ${format}`;
}

/** Beginning of a path, then the size and format of what a picture of 3000 × 2000 becomes. */
const printed: readonly (readonly [string, string])[] = [
  // cloudinary
  ['/image/upload/c_fill,h_128,w_128/sample.jpg', '128x128 jpeg'],
  ['/image/upload/h_128,w_128/sample.jpg', '128x128 jpeg'],
  ['/image/upload/c_limit,f_auto,q_auto,w_800/sample.jpg', '800x533 jpeg'],
  ['/image/upload/c_scale,w_0.5/sample.jpg', '1500x1000 jpeg'],
  ['/image/upload/c_scale,dpr_auto,w_auto/sample.jpg', '3000x2000 jpeg'],
  ['/image/upload/c_scale,w_10/v1/folder/sub/img.jpg', '10x7 jpeg'],
  ['/image/upload/c_crop,g_face,h_400,w_400/r_max/c_scale,w_200/sample.png', '200x200 png'],
  ['/image/upload/t_thumb/sample.jpg', '128x128 jpeg'],
  ['/image/upload/t_thumb.bw/sample.jpg', '128x128 jpeg'],
  ['/image/upload/b_rgb:fff,c_pad,h_10,w_10/sample.jpg', '10x10 jpeg'],
  ['/image/upload/c_scale,w_100/bo_4px_solid_rgb:00390b60/sample.png', '108x75 png'],
  ['/image/upload/c_scale,w_100,r_10:20:30:40/sample.png', '100x67 png'],
  ['/image/upload/c_scale,w_100/a_auto.hflip/sample.jpg', '100x67 jpeg'],
  ['/image/upload/c_scale,dpr_2,w_10/sample.jpg', '20x13 jpeg'],
  ['/image/upload/ar_16:9,c_fill,dpr_1.5,w_320/sample.jpg', '480x270 jpeg'],
  ['/image/upload/c_fill,d_avatar.png,w_10/sample.jpg', '10x7 jpeg'],
  ['/image/upload/c_scale,w_90/fl_progressive.lossy/sample.jpg', '90x60 jpeg'],
  ['/image/upload/c_scale,w_90/l_folder:logo/fl_relative,w_0.3/fl_layer_apply,g_north_west/sample.jpg', '90x60 jpeg'],
  ['/image/upload/c_crop,h_ih_mul_0.5,w_iw_div_2/sample.jpg', '1500x1000 jpeg'],
  ['/images/c_scale,w_10/sample/seo-name', '10x7 jpeg'],
  ['/c_scale,w_10/sample', '10x7 jpeg'],
  ['/iu/c_scale,w_10/sample', '10x7 jpeg'],
  ['/image/upload/c_scale,w_10/sample.jpg?_a=BAMAROfk0', '10x7 jpeg'],
  ['/image/upload/c_scale/c_scale,w_100/sample.jpg', '100x67 jpeg'],
  // @cloudinary/url-gen
  ['/image/upload/c_scale,h_128,w_128/v1/folder/sample.jpg', '128x128 jpeg'],
  ['/image/upload/c_fit,h_128,w_128/v1/folder/sample.jpg', '128x85 jpeg'],
  ['/image/upload/c_limit,h_128,w_128/v1/folder/sample.jpg', '128x85 jpeg'],
  ['/image/upload/c_mfit,h_128,w_128/v1/folder/sample.jpg', '3000x2000 jpeg'],
  ['/image/upload/c_fill,h_128,w_128/v1/folder/sample.jpg', '128x128 jpeg'],
  ['/image/upload/c_lfill,h_128,w_128/v1/folder/sample.jpg', '128x128 jpeg'],
  ['/image/upload/c_pad,h_128,w_128/v1/folder/sample.jpg', '128x128 jpeg'],
  ['/image/upload/c_lpad,h_128,w_128/v1/folder/sample.jpg', '128x128 jpeg'],
  ['/image/upload/c_mpad,h_128,w_128/v1/folder/sample.jpg', '3000x2000 jpeg'],
  ['/image/upload/c_crop,h_128,w_128/v1/folder/sample.jpg', '128x128 jpeg'],
  ['/image/upload/c_thumb,h_128,w_128/v1/folder/sample.jpg', '128x128 jpeg'],
  ['/image/upload/c_auto,h_128,w_128/v1/folder/sample.jpg', '128x128 jpeg'],
  ['/image/upload/c_fill,g_auto,h_128,w_128/v1/folder/sample.jpg', '128x128 jpeg'],
  ['/image/upload/c_thumb,g_face,h_128,w_128,z_0.7/v1/folder/sample.jpg', '128x128 jpeg'],
  ['/image/upload/c_scale,fl_relative,w_0.5/v1/folder/sample.jpg', '1500x1000 jpeg'],
  ['/image/upload/c_scale,w_100/f_auto/q_auto/v1/folder/sample.jpg', '100x67 jpeg'],
  ['/image/upload/c_scale,w_100/dpr_2.0/v1/folder/sample.jpg', '200x133 jpeg'],
  ['/image/upload/c_scale,w_100/f_auto,fl_lossy/v1/folder/sample.jpg', '100x67 jpeg'],
  ['/image/upload/c_scale,w_100/q_80:420/v1/folder/sample.jpg', '100x67 jpeg'],
  ['/image/upload/c_scale,w_100/l_folder:logo/fl_layer_apply,g_south_east,x_5,y_5/v1/folder/sample.jpg', '100x67 jpeg'],
  // unpic
  ['/image/upload/w_128,h_128,f_auto,c_lfill/v1/folder/sample.jpg', '128x128 jpeg'],
  ['/image/upload/w_128,q_70,f_auto,c_lfill/v1/folder/sample.jpg', '128x85 jpeg'],
  ['/image/upload/c_fill,w_128,h_60,f_auto/v1/folder/sample.jpg', '128x60 jpeg'],
  ['/image/upload/c_fill,w_128,f_auto/e_grayscale/v1/folder/sample.jpg', '128x85 jpeg'],
  // @nuxt/image
  ['/image/upload/f_auto,q_auto,w_128,h_128/folder/sample', '128x128 jpeg'],
  ['/image/upload/f_auto,q_auto,w_128,h_128,c_lpad/folder/sample', '128x128 jpeg'],
  ['/image/upload/f_auto,q_auto,w_128,h_128,c_mfit/folder/sample', '3000x2000 jpeg'],
  ['/image/upload/f_auto,q_auto,w_128,h_128,c_pad,b_rgb_ff0000/folder/sample', '128x128 jpeg'],
  ['/image/upload/f_auto,q_auto,w_128,h_128,c_thumb,g_face:center/folder/sample', '128x128 jpeg'],
  ['/image/upload/f_auto,q_auto,w_128,e_blur:200/folder/sample', '128x85 jpeg'],
  ['/f_auto,q_auto,w_128,h_64/folder/sample', '128x64 jpeg'],
  // next-cloudinary
  ['/image/upload/c_limit,w_960/f_auto/q_auto/v1/sample', '960x640 jpeg'],
  ['/image/upload/c_fill,w_960,h_600,g_auto/f_auto/q_auto/v1/sample', '960x600 jpeg'],
  ['/image/upload/c_thumb,w_960,h_600,g_face/f_auto/q_auto/v1/sample', '960x600 jpeg'],
  ['/image/upload/c_crop,w_500,h_500,g_auto/c_limit,w_960/f_auto/q_auto/v1/sample', '500x500 jpeg'],
  ['/image/upload/c_limit,w_960/dpr_2.0/f_auto/q_auto/v1/sample', '1920x1280 jpeg'],
  ['/image/upload/e_blur:500/e_sepia/c_limit,w_480/f_auto/q_auto/v1/sample', '480x320 jpeg'],
  [
    '/image/upload/l_folder:logo,w_100/fl_layer_apply,fl_no_overflow,x_50,y_50,g_north_west/c_limit,w_480/f_auto/q_auto/v1/sample',
    '480x320 jpeg',
  ],
  [
    '/image/upload/u_bg,c_fill,w_1.0,h_1.0,fl_relative/fl_layer_apply,fl_no_overflow/c_limit,w_480/f_auto/q_auto/v1/sample',
    '480x320 jpeg',
  ],
  ['/image/upload/t_thumb/c_limit,w_960/f_auto/q_auto/v1/sample', '128x128 jpeg'],
  ['/images/c_limit,w_960/f_auto/q_auto/v1/sample/abc', '960x640 jpeg'],
  ['/image/upload/c_fill,w_1200,h_627,g_center/c_limit,w_1200/f_jpg/q_auto/v1/sample?_a=B', '1200x627 jpeg'],
];

/** What does not enlarge and what does, from a picture of 300 × 200. */
const enlarged: readonly (readonly [string, string])[] = [
  ['/image/upload/c_mfit,h_400,w_800/sample.png', '600x400 png'],
  ['/image/upload/c_limit,h_400,w_800/sample.png', '300x200 png'],
  ['/image/upload/c_lfill,h_400,w_800/sample.png', '300x200 png'],
  ['/image/upload/c_mpad,h_400,w_800/sample.png', '800x400 png'],
  ['/image/upload/c_lpad,h_400,w_800/sample.png', '800x400 png'],
  ['/image/upload/c_auto,h_400,w_800/sample.png', '800x400 png'],
  ['/image/upload/c_thumb,g_auto,h_400,w_800/sample.png', '800x400 png'],
  ['/image/upload/c_scale,w_1.5/sample.png', '450x300 png'],
  ['/image/upload/c_scale,w_iw_mul_2_sub_100/sample.png', '500x333 png'],
  ['/image/upload/c_crop,w_0.5,h_0.25/c_scale,w_iw/sample.png', '300x100 png'],
  ['/image/upload/a_45/sample.png', '354x354 png'],
  ['/image/upload/a_auto_right,c_fill,w_100,h_200/sample.png', '100x200 png'],
  ['/image/upload/c_fill,w_100,h_100/c_pad,w_150,h_100/sample.png', '150x100 png'],
];

describe('URLs as clients print them', () => {
  it.each(printed)('%s is %s', async (url, expected) => {
    expect(await sizeOf(url, 'large')).toBe(expected);
  });

  it.each(enlarged)('%s is %s', async (url, expected) => {
    expect(await sizeOf(url, 'small')).toBe(expected);
  });
});
