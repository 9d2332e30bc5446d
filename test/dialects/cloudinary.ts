import type { Size } from '../../src/grammar/index.ts';
import { cloudinarySize, componentsOf } from './cloudinary-geometry.ts';
import type { System } from './system.ts';

/** What a model would draw or find, add-ons of others, and looks of which nobody says how they come about. */
const models =
  /gen_|background_removal|bgremoval|bl_bg_|style_transfer|e_(?:extract|theme|dropshadow|anti_removal|enhance|art|viesus|lightroom|vectorize|(?:adv_)?redeye)|f_ai|g_liquid|_region[^/]*ocr_text/;
/** Videos, functions of one's own, layers of documents, tables of colours, and what is kept with an original at Cloudinary. */
const elsewhere =
  /[/,](?:fn|dl|fps|so|vc|ac)_|e_noise|b_frames|idu_|du_|[/,][lu]_lut|cs_icc|pg_(?:name|embedded|all)|f_(?:pdf|svg|wdp|flif|jxl)|(?:_|%20)(?:n?in)(?:_|%20)tags|ctx:|md:|ref:|ils_|vars_/;
/** Signatures by other secrets, and one of a suite that is none. */
const signedElsewhere = /s--(?!Ai4Znfl3|v2fTPYTu|ZlgFLQcO|--SjmNDA|JLG7R2Cz|2hbrSMPO|J0MtfbfK|hH_YcbiS)/;
/** Pages that the one original has not, and fonts that an operator would bring. */
const absent = /pg_(?!1\b)|l_text:(?:Parisienne|Unkempt|roboto%20condensed|Verdana|Neucha|Cookie|Impact)_/i;
/** More than a server draws. */
const tooLarge = /w_4321,h_8765|pow_2|\$aheight_300/;
/** Templates, placeholders of documents, and parts of what their suites put together, which Cloudinary itself refuses. */
const fragments = new RegExp(
  [
    ...[
      '%(?:25)?[sd]',
      'NNpx',
      'b_color',
      'font_size',
      's--signature--',
      'w_abc',
      'z_index',
      'c_vasi',
      'bo_solid',
      'bo_10px_dotted',
      'e_kuku',
      'green1',
    ],
    ...[
      'fl_(?:abc|bar|myFlag|single_flag|whatever|a,)',
      'e_sepia:-',
      'if_/',
      'if_expression',
      '/ar_(?:eq|gt)_',
      'dpr_2:3',
      'a___',
      'a_b_c',
      'q_75:qmax_123',
    ],
    ...[
      'q_0\\.4',
      'y_-0\\.75',
      'b_2,',
      'c_scale,g_auto',
      'recognized%20as',
      '\\$(?:\\$|foo_bar|vacay_eq|small_!b|a_!bbb!_|foo_gt)',
      'include%20shortcuts',
    ],
    // A variable that nothing before gives a value, and a layer that begins or ends in another part.
    ...[
      'upload/(?:r_[0-9:]*\\$v|c_thumb,g_\\$value|c_scale,w_\\$big|e_blur_region:\\$var1|l_text:\\$style|bo_\\$width)',
    ],
    ...[
      '/[a-z_,0-9:]*\\$(?:v|value|big|small|var1|styleExpected|width_solid)[/:,_][^/]*/?(?:sample|test)$',
      'w_\\$small,',
      'upload/\\$big_\\$small_pow',
      '\\$\\(start\\)',
      '\\$t_expected',
    ],
    ...[
      'upload/(?:e_vignette/.*)?(?:c_scale,w_100/r_max/)?fl_layer_apply',
      '[lu]_text(?::[a-z]+)?(?:[,/]|$)',
      'b_blue,co_red,l_text:arial_1_bold',
      'l_my_image,o_90',
      'l_nice_couple/c_crop',
      'l_cloudinary_icon(?:_white)?/e_red',
    ],
    ...['/fetch/https?://[a-z.]+$', 'a_(?:22\\.23|90\\.80)', 'b_3BA67D68'],
  ].join('|'),
);

function isBeyond(target: string): boolean {
  return [models, elsewhere, fragments, signedElsewhere, absent, tooLarge].some((one) => one.test(target));
}

function sizeOf(target: string, source: Size): Size | undefined {
  const components = componentsOf(target);
  return components && cloudinarySize(components, source);
}

// biome-ignore format: a list
const accounts = ['CLOUD_NAME', 'MY_CLOUD_NAME', 'cloudinary-training', 'colbycloud-examples', 'colbycloud-next-cloudinary', 'customtestcloud', 'demo', 'demo2', 'demoInInstance', 'dub20ptvt', 'example', 'ginidev', 'm', 'mayashavin', 'mobiledemoapp', 'mycloud', 'nextjsnpm', 'nuxt', 'nuxt-cloudinary', 'sdk-test', 'test', 'test-cloud', 'test123', 'test321', 'testcloud', 'unique-boutique'];
// biome-ignore format: a list
const named = ['_foobar', 'auto-400-xform', 'blip', 'blip blop', 'blop', 'e_s_t_s_t_r_i_n_g', 'fit_100x150', 'grid-maker', 'highqual-if-tagged', 'image_ratings', 'jpg_with_quality_30', 'main', 'media_lib', 'name1', 'name2', 'named with spaces 1', 'named with spaces 2', 'sample_named_transform', 'my_named_mul_trans', 'my_named_transformation', 'my_transformation', 'passport_photo', 'sample_named_transform2', 'vignette_angle'];
// biome-ignore format: a list
const hosts = ['blah.com', 'cloudinary.com', 'example.com', 'google.com', 'icatcare.org', 'res.cloudinary.com', 'test', 'upload.wikimedia.org'];

export const cloudinary: System = {
  name: 'cloudinary',
  lists: ['cloudinary'],
  file: {
    accountNames: accounts,
    presets: Object.fromEntries(named.map((name) => [name, 'c_scale,w_100'])),
    // Of the suites of its libraries.
    dialectSecrets: { cloudinary: [{ key: 'b' }] },
    sources: Object.fromEntries(
      hosts.flatMap((host) => ['http', 'https'].map((scheme) => [`${scheme}://${host}/`, ''])),
    ),
  },
  leastShare: 0.97,
  isBeyond,
  sizeOf,
};
