import { describe, expect, it } from 'vitest';
import { isFailure } from '../../src/failure.ts';
import { ignoredFlags } from '../../src/grammar/index.ts';
import { spellText } from '../support/grammar.ts';

/** How a text is read: its canonical spelling, or the message of its refusal. */
function read(text: string): { readonly spelling: string } | { readonly refusal: string } {
  try {
    return { spelling: spellText(text) };
  } catch (error) {
    if (isFailure(error, 'invalid')) return { refusal: error.message };
    throw error;
  }
}

const words = (text: string) => text.trim().split(/\s+/);
/** A chain in which every parameter has something to do. */
const context = 'b_red,c_pad,g_face,h_90,w_90/c_thumb,g_face,h_50,w_50';

/** What the official language has, by what becomes of it here. */
const taken = words(`
  a_10 a_hflip a_vflip a_auto_left a_auto_right a_ignore a_90.hflip ar_16:9,c_fill,w_10 b_red b_rgb:fff b_rgb_ff0000 b_auto
  b_auto:predominant b_blurred b_blurred:400:15 bo_4px_solid_red c_scale,w_1 c_fit,w_1 c_limit,w_1 c_mfit,w_1 c_fill,w_1
  c_lfill,w_1 c_outside,w_1 c_loutside,w_1 c_pad,w_1 c_lpad,w_1 c_mpad,w_1 c_crop,w_1 c_thumb,w_1 c_auto,w_1 co_red,e_colorize:50 cs_srgb cs_tinysrgb
  cs_no_cmyk cs_keep_cmyk cs_copy dn_150 dpr_2,w_10 f_auto f_jpg f_jpeg f_png f_webp f_avif f_gif f_auto:image f_auto:animated
  h_10 o_50 pg_2 q_1 q_100 q_80:420 q_80:444 q_auto q_auto:best q_auto:good q_auto:eco q_auto:low q_auto:sensitive q_jpegmini
  r_10 r_max r_1:2 r_1:2:3 r_1:2:3:4 w_10 w_0.5 w_1.0 w_iw w_iw_div_2 w_iw_add_1_sub_2_mul_3_div_4_mod_5_pow_1 z_0.7,c_thumb,g_face,w_9
  c_fill,g_north_west,h_9,w_8 c_fill,g_north,h_9,w_8 c_fill,g_north_east,h_9,w_8 c_fill,g_west,h_9,w_8 c_fill,g_east,h_9,w_8
  c_fill,g_south_west,h_9,w_8 c_fill,g_south,h_9,w_8 c_fill,g_south_east,h_9,w_8 c_crop,g_xy_center,w_9,x_5,y_5
  c_fill,g_auto,h_9,w_8 c_fill,g_auto:subject,h_9,w_8 c_fill,g_face,h_9,w_8 c_fill,g_faces,h_9,w_8 c_fill,g_face:center,h_9,w_8
  c_fill,g_faces:auto,h_9,w_8 c_fill,g_custom,h_9,w_8 c_fill,g_custom:face,h_9,w_8 c_fill,g_body,h_9,w_8 c_fill,g_ocr_text,h_9,w_8
  c_fill,g_adv_face,h_9,w_8 c_fill,g_adv_eyes,h_9,w_8 c_fill,g_auto:face,h_9,w_8 c_fill,g_auto:faces,h_9,w_8 c_fill,g_auto:no_faces,h_9,w_8
  c_fill,g_auto:classic,h_9,w_8 c_fill,g_auto:classic:thirds_0,h_9,w_8 c_crop,g_face c_thumb,g_faces,z_2 ar_2,c_crop,g_face,z_0.5
  e_blur_faces e_blur_faces:2000 e_pixelate_faces e_pixelate_faces:9
  e_blur e_blur:2000 e_grayscale e_sharpen e_sharpen:400 e_pixelate e_trim e_trim:20:white e_brightness e_brightness:-99 e_contrast:50
  e_saturation e_hue e_gamma:50 e_vibrance e_sepia e_blackwhite e_negate e_colorize e_tint:50:red e_auto_brightness
  e_outline e_outline:outer:20:200 e_outline:inner,co_red e_make_transparent:30 e_gradient_fade:symmetric:50,x_0.3 e_tint:equalize:80:red:50p:blue:60p
  e_shear:20.0:0.0 e_shear:100:200 e_oil_paint:8 e_cartoonify e_cartoonify:20:60 e_cartoonify:50:bw e_tint:50:red:blue e_brightness_hsb e_recolor:1:0:0:0:1:0:0:0:1 e_simulate_colorblind e_simulate_colorblind:tritanopia
  e_auto_contrast e_auto_color e_unsharp_mask e_opacity_threshold e_vignette e_shadow e_improve e_improve:outdoor:50
  fl_progressive fl_progressive:none fl_progressive:semi fl_progressive:steep fl_lossy fl_force_strip fl_keep_iptc
  fl_keep_attribution fl_strip_profile fl_preserve_transparency fl_getinfo fl_ignore_aspect_ratio,c_scale,w_9 fl_awebp fl_apng
  fl_animated fl_png8 fl_png24 fl_png32 fl_any_format fl_force_icc fl_hdr
  l_logo l_folder:logo l_text:Arial_20:Hi l_text:Arial_20_bold_italic_letter_spacing_4:Hi u_logo l_logo,g_south_east,x_5,y_5
  fl_relative,l_logo,w_0.5 fl_tiled,l_logo fl_no_overflow,l_logo fl_region_relative,l_logo,w_0.5 l_logo,e_multiply l_logo,e_screen
  l_logo,e_overlay x_5,c_crop,w_9 y_5,c_crop,w_9 if_w_gt_500,e_sepia if_ar_gt_3:4_and_fc_lt_2,e_sepia
`);

/** Of these the value is a hint, or says what happens anyway; delivery hints are kept beside the key. */
const withoutEffectOnPixels = words(`
  a_0 a_auto a_exif c_scale c_fill o_100 r_0 bo_0px_solid_red x_5 y_5 g_north z_2 co_red dpr_1 dpr_auto w_auto w_auto:100:400
  w_auto:breakpoints d_avatar.png fl_attachment fl_attachment:name fl_relative fl_ignore_aspect_ratio e_brightness:0 e_colorize:0
`);

const refused: readonly (readonly [text: string, message: string])[] = [
  ...words('bl_x dl_100 fn_wasm:x fps_24 so_1 eo_2 du_3 vc_h264 sp_hd ac_none af_44100 br_1m ki_2 vs_20').map(
    (text): [string, string] => [
      text,
      text.startsWith('fn')
        ? 'functions (fn_) are not supported'
        : `the parameter ${text.split('_')[0]}_ is not supported`,
    ],
  ),
  ['$w_ctx:!a!', 'what is kept with an original'],
  ['w_$w', 'nothing before it gives $w a value'],
  ['if_!sale!_in_tags', 'what Cloudinary keeps with an original is not kept here'],
  ...words('liquid').map((mode): [string, string] => [`c_${mode},w_9`, `the crop mode ${mode} is not supported`]),
  ...words('tiff svg heic jxl bmp ico pdf mp4 webm').map((format): [string, string] => [
    `f_${format}`,
    'the output formats are auto, jpg, png, webp, avif and gif',
  ]),
  ...words(
    'gen_remove gen_replace gen_recolor gen_restore gen_background_replace background_removal bgremoval upscale enhance dropshadow extract',
  ).map((effect): [string, string] => [`e_${effect}`, `the effect ${effect} is not supported`]),
  ...words('displace distort mask red_eye adv_redeye art ordered_dither assist_colorblind fill_light').map(
    (effect): [string, string] => [`e_${effect}`, `the effect ${effect} is not supported yet`],
  ),
  ['b_gen_fill', 'the background gen_fill is not supported'],
  ['b_gen_fill:prompt_x', 'the background gen_fill is not supported'],
  ['g_liquid', 'g_liquid is not supported'],
  ...words('fetch video subtitles lut').map((kind): [string, string] => [
    `l_${kind}:x`,
    `layers of the kind ${kind} are not supported`,
  ]),
  ['cs_icc:x.icc', 'cs_ takes srgb or copy'],
  ['e_nosuch', 'e_ takes the name of an effect'],
  ['fl_nosuch', 'there is no flag "nosuch"'],
  ['c_nosuch', 'c_ takes scale'],
  ['g_nosuch', 'g_ takes a compass point'],
];

describe('the whole language', () => {
  it.each(taken)('%s is taken and changes what is drawn', (text) => {
    const own = read(text);
    expect(own).toHaveProperty('spelling');
    expect(own).not.toEqual(read('a_0'));
    expect(read(`${context}/${text}`)).not.toEqual(read(context));
  });

  it.each(withoutEffectOnPixels)('%s is taken and changes no pixel', (text) => {
    expect(read(`${context}/${text}`)).toEqual(read(context));
  });

  it.each(ignoredFlags)('fl_%s is taken and ignored, as the reference lists it', (flag) => {
    expect(read(`${context}/fl_${flag}`)).toEqual(read(context));
  });

  it.each(refused)('%s is refused by name', (text, message) => {
    const own = read(text);
    expect(own).toHaveProperty('refusal');
    const said = 'refusal' in own ? own.refusal : '';
    expect(said).toContain(message);
    // The message names what was written, so that it can be found.
    expect(said).toContain(text.split(',')[0]);
  });
});
