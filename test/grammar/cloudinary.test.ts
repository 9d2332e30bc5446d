import { describe, expect, it } from 'vitest';
import { isFailure } from '../../src/failure.ts';
import { checkPresets, defaultGrammarOptions, layoutSteps, parseTarget } from '../../src/grammar/index.ts';
import { resolveTarget, spell } from '../support/grammar.ts';

const options = {
  ...defaultGrammarOptions,
  accountNames: ['my_shop'],
  presets: { _hero: 'c_limit,w_300', 'blip blop': 'e_grayscale' },
};

function refusal(target: string): string {
  try {
    parseTarget(target, options);
  } catch (error) {
    if (isFailure(error, 'invalid')) return error.message;
    throw error;
  }
  throw new Error(`${target} was taken`);
}

describe('what pages write for Cloudinary, and its clients do not', () => {
  it.each([
    ['/image/upload/w_100%2Ch_50%2cc_fill/a.jpg', '/image/upload/w_100,h_50,c_fill/a.jpg'],
    ['/image/upload/c_fill,w_100%2Ch_50/f_webp/a.jpg', '/image/upload/c_fill,w_100,h_50/f_webp/a.jpg'],
    ['/image/upload/w_100,/a.jpg', '/image/upload/w_100/a.jpg'],
    ['/image/upload/w_100%2C/a.jpg', '/image/upload/w_100/a.jpg'],
    ['/image/upload/p_x,w_100/a.jpg', '/image/upload/w_100/a.jpg'],
    ['/image/upload/w_100,q_jpegmini:1/a.jpg', '/image/upload/w_100,q_auto/a.jpg'],
    ['/image/upload/w_100,q_75:qmax_90/a.jpg', '/image/upload/w_100,q_75/a.jpg'],
    ['/image/upload/w_100,q_88.8/a.jpg', '/image/upload/w_100,q_89/a.jpg'],
    ['/image/upload/w_100,q_auto:low:420/a.jpg', '/image/upload/w_100,q_auto:low/a.jpg'],
    ['/image/upload/w_100,dpr_5/a.jpg', '/image/upload/w_100,dpr_4/a.jpg'],
    ['/image/upload/w_100,dn_120.0/a.jpg', '/image/upload/w_100,dn_120/a.jpg'],
    ['/image/upload/w_100,r_32.3:24.5/a.jpg', '/image/upload/w_100,r_32:25/a.jpg'],
    ['/image/upload/pg_2-4;6;9-/a.pdf', '/image/upload/pg_2/a.pdf'],
    ['/image/upload/pg_-11;15/a.pdf', '/image/upload/pg_1/a.pdf'],
    ['/image/upload/c_crop,w_100,h_50,g_cat:dog/a.jpg', '/image/upload/c_crop,w_100,h_50,g_auto/a.jpg'],
    ['/image/upload/c_thumb,w_100,h_50,g_microwave/a.jpg', '/image/upload/c_thumb,w_100,h_50,g_auto/a.jpg'],
    ['/image/upload/c_fill,w_9,h_9,g_custom:adv_faces/a.jpg', '/image/upload/c_fill,w_9,h_9,g_custom:face/a.jpg'],
    ['/image/upload/c_imagga_scale,w_100,h_50/a.jpg', '/image/upload/c_auto,w_100,h_50/a.jpg'],
    ['/image/upload/l_text:Arial_18_antialias_best_hinting_medium:Hi/a.jpg', '/image/upload/l_text:Arial_18:Hi/a.jpg'],
  ])('%s is %s', (written, same) => {
    expect(spell(written)).toBe(spell(same));
  });

  it('keeps the full chroma that q_auto is written with', () => {
    expect(spell('/image/upload/q_auto:444/a.jpg')).toBe('f_jpeg,q_auto:good:444');
    expect(spell('/image/upload/q_auto:low:444/a.jpg')).toBe('f_jpeg,q_auto:low:444');
  });

  it.each([
    'q_auto:low:422',
    'q_75:qmax_123',
    'q_0.4',
    'dpr_11',
    'pg_2-4-6',
    'pg_;',
    'pg_0',
    'g_gadget',
    'pg_name:main',
  ])('%s is refused', (component) => {
    expect(refusal(`/image/upload/${component}/a.jpg`)).toContain(`Invalid ${component}`);
  });

  it('splits no text and no id at an escaped comma', () => {
    expect(spell('/image/upload/l_text:Arial_20:Hi%2Cw_100/a.jpg')).toContain(':Hi%252Cw_100');
    expect(parseTarget('/image/upload/w_9/a%2Cw_1.jpg', options).id).toBe('a,w_1.jpg');
  });

  it('takes no escaped comma for one in the short form', () => {
    expect(refusal('/w_100%2Ch_50/a.jpg')).toContain('Invalid w_100%2Ch_50');
    expect(refusal('/w_100,/a.jpg')).toContain('has a comma too many');
  });

  it('reads presets by the names that accounts have for them, and accounts with an underscore', () => {
    expect(parseTarget('/my_shop/image/upload/t__hero.blip%20blop/a.jpg', options)).toMatchObject({
      id: 'a.jpg',
      presets: ['_hero', 'blip blop'],
    });
  });
});

describe('an escaped slash in an id', () => {
  it.each([
    ['/image/upload/w_9/v1/folder%2Fa.jpg', 'folder/a.jpg'],
    ['/image/upload/my%2ffolder%2Fa.jpg', 'my/folder/a.jpg'],
    ['/images/folder%2Fa.jpg/red-car', 'folder/a.jpg'],
  ])('%s is a folder: %s', (target, id) => {
    expect(parseTarget(target, options).id).toBe(id);
  });

  it.each([
    'a%2F..%2Fb.jpg',
    '..%2Fb.jpg',
    'a%2F%2Fb.jpg',
    '%2Fa.jpg',
    'a%2F.fovea%2Fb',
    'a%2F.env',
    'a%5Cb.jpg',
    'a%2F',
  ])('%s breaks a rule once it is decoded', (id) => {
    expect(refusal(`/image/upload/w_9/${id}`)).toMatch(/^The id /);
  });

  it('is decoded once', () => {
    expect(parseTarget('/image/upload/a%252Fb.jpg', options).id).toBe('a%2Fb.jpg');
  });

  it('is refused in the short form', () => {
    expect(refusal('/w_9/a%2Fb.jpg')).toContain('encoded slash');
  });

  it('and escaped commas are signed as they are written', () => {
    const path = 'w_100%2Ch_50/v1/folder%2Fa.jpg';
    const { signature } = parseTarget(`/image/upload/s--abcdefgh--/${path}`, options);
    expect(signature?.signed).toContain('w_100%2Ch_50/folder%2Fa.jpg');
    expect(signature?.signed).not.toContain('w_100,h_50/folder/a.jpg');
  });
});

describe('variables', () => {
  it.each([
    ['$w_100/c_fill,w_$w,h_$w/a.jpg', 'c_fill,w_100,h_100/a.jpg'],
    ['$small_150,$big_$small_mul_2/w_$big/a.jpg', 'w_300/a.jpg'],
    ['w_$size,$size_120/a.jpg', 'w_120/a.jpg'],
    ['$half_iw_div_2/w_$half/a.jpg', 'w_iw_div_2/a.jpg'],
    ['$width_10/c_scale,w_$width_add_10_add_w/a.jpg', 'c_scale,w_10_add_10_add_w/a.jpg'],
    ['$tile_!266.67!_to_i/w_$tile/a.jpg', 'w_266/a.jpg'],
    ['$w_200,$r_0.8/w_$w,ar_$r,c_fill/a.jpg', 'w_200,ar_0.8,c_fill/a.jpg'],
    ['$v_10/r_10:20:$v/a.jpg', 'r_10:20:10/a.jpg'],
    ['$name_!blur!/e_$name:100/a.jpg', 'e_blur:100/a.jpg'],
    ['$mode_!fill!/c_$mode,w_9,h_9/a.jpg', 'c_fill,w_9,h_9/a.jpg'],
    ['$logo_!brand:logo!/l_$logo,w_9/fl_layer_apply/a.jpg', 'l_brand:logo,w_9/fl_layer_apply/a.jpg'],
    ['$style_!Arial_12!/l_text:$style:hello/a.jpg', 'l_text:Arial_12:hello/a.jpg'],
    ['$who_!A%2FB%2C%20c!/l_text:Arial_12:Hi%20$(who)/a.jpg', 'l_text:Arial_12:Hi%20A%252FB%252C%20c/a.jpg'],
  ])('%s is %s', (written, same) => {
    expect(spell(`/image/upload/${written}`)).toBe(spell(`/image/upload/${same}`));
  });

  it.each([
    ['w_$none/a.jpg', 'nothing before it gives $'],
    ['w_$late/$late_9/a.jpg', 'nothing before it gives $'],
    ['$a_ctx:!key!/w_9/a.jpg', 'what is kept with an original'],
    ['$a_!no!_to_i/w_9/a.jpg', 'no is no number'],
    ['$__w_9/a.jpg', 'the name of a variable'],
    ['$a_nosuch/w_9/a.jpg', 'a variable is a number'],
    ['$a_iw_mul_3/w_10_add_$a/a.jpg', 'can only come first'],
    ['$a_!x!/w_$a/a.jpg', 'Invalid w_x'],
  ])('%s is refused: %s', (target, why) => {
    expect(refusal(`/image/upload/${target}`)).toContain(why);
  });

  it('reach into presets, which are not named alone any more', () => {
    const withPreset = { ...options, presets: { photo: 'c_fill,w_$width,h_$width/e_grayscale' } };
    checkPresets(withPreset);
    const asked = parseTarget('/$width_140/t_photo/a.jpg', withPreset);
    expect(asked).toMatchObject({ isNamed: false, presets: ['photo'] });
    expect(spell('/$width_140/t_photo/a.jpg', withPreset)).toBe(spell('/c_fill,w_140,h_140/e_grayscale/a.jpg'));
    expect(() => parseTarget('/t_photo/a.jpg', withPreset)).toThrow('$width');
  });

  it('leave a dollar alone in texts, ids and names', () => {
    expect(spell('/l_text:Arial_20:$5%20or%20$abc/a.jpg')).toContain('%25245%2520or%2520%2524abc');
    expect(parseTarget('/w_9/pr$ice.jpg', options).id).toBe('pr$ice.jpg');
  });

  it('put in no more than a URL could have said', () => {
    const long = `$a_!${'x'.repeat(500)}!`;
    expect(refusal(`/${long}/$b_!y!/l_text:Arial_9:${'$(a)'.repeat(20)}/a.jpg`)).toContain('more than 8192 characters');
    expect(refusal(`/${long}/${'e_$a:$a/'.repeat(3)}a.jpg`)).toContain('more than 512 characters');
    const doubled = Array.from({ length: 40 }, (_, index) => `$v${index + 1}_$v${index}_mul_$v${index}`);
    expect(refusal(`/$v0_iw,${doubled.join(',')}/w_9/a.jpg`)).toMatch(/can only come first|characters/);
  });
});

describe('effects of one part, and of one colour', () => {
  it.each([
    ['e_blur_region:200,h_40,w_40,x_10,y_20', 'e_blur_region:200,h_40,w_40,x_10,y_20'],
    ['e_pixelate_region,w_40/dpr_2.0', 'e_pixelate_region:20,w_80'],
    ['e_blur_region', 'e_blur_region:100'],
    ['e_replace_color:pink:50:cyan', 'e_replace_color:ffc0cb:50:00ffff'],
    ['e_replace_color:rgb:fff:30:rgb:aaa', 'e_replace_color:ffffff:30:aaaaaa'],
    ['e_replace_color:2F4F4F', 'e_replace_color:2f4f4f:50'],
    ['e_tint:40:253f8c', 'e_tint:40:rgb:253f8c'],
  ])('%s is %s', (written, canonical) => {
    const spelling = spell(`/image/upload/f_png/${written}/v1/a.png`);
    expect(spelling).toBe(`${canonical}/f_png`);
    expect(spell(`/image/upload/${spelling}/v1/a.png`)).toBe(spelling);
  });

  it.each([
    ['e_blur_region:500,g_ocr_text', 'no text and no things are found here'],
    ['e_pixelate_region:9,g_faces', 'write e_pixelate_faces for faces'],
    ['e_blur_region,c_fill,w_9,h_9', 'needs a component without c_'],
    ['e_replace_color', 'takes a colour, a tolerance'],
    ['e_replace_color:red:101', 'takes a colour, a tolerance'],
    ['e_replace_color:red:5:blue:9', 'takes a colour, a tolerance'],
  ])('%s is refused: %s', (component, why) => {
    expect(refusal(`/image/upload/${component}/a.jpg`)).toContain(why);
  });
});

describe('c_fill_pad and c_auto_pad', () => {
  const sized = (component: string, original = { width: 600, height: 400 }) =>
    layoutSteps(resolveTarget(`/image/upload/${component}/a.jpg`), original)[0]?.placement;

  it.each(['fill_pad', 'auto_pad'])('c_%s cuts where what matters is as long as two thirds are left', (mode) => {
    expect(sized(`c_${mode},w_100,h_100`)).toMatchObject({
      scaled: { width: 150, height: 100 },
      cut: { width: 100, height: 100, auto: true },
    });
  });

  it.each(['fill_pad', 'auto_pad'])('c_%s pads where less would be left', (mode) => {
    expect(sized(`c_${mode},w_100,h_110`)).toMatchObject({
      scaled: { width: 100, height: 67 },
      canvas: { width: 100, height: 110, left: 0 },
    });
    expect(sized(`c_${mode},w_300,h_100`)).toMatchObject({ canvas: { width: 300, height: 100, top: 0 } });
  });

  it('reads back as it is written, with g_auto', () => {
    expect(spell('/image/upload/c_fill_pad,w_9,h_9,b_red/a.jpg')).toContain('b_rgb:ff0000,c_fill_pad,g_auto,h_9,w_9');
    expect(spell('/image/upload/c_auto_pad,g_auto,w_9,h_9/a.jpg')).toContain('c_auto_pad,g_auto,h_9,w_9');
  });
});
