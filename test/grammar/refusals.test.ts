import { describe, expect, it } from 'vitest';
import { isFailure } from '../../src/failure.ts';
import {
  canonical,
  checkPresets,
  defaultGrammarOptions,
  effectRules,
  parameters,
  parseTarget,
} from '../../src/grammar/index.ts';
import { cpuTimeMs } from '../support/cpu-time.ts';
import { resolveTarget, spellText } from '../support/grammar.ts';
import { hostileInDialects, hostileTargets, readOrRefuse } from '../support/hostile/targets.ts';

function refusal(text: string, presets: Record<string, string> = {}): string {
  try {
    spellText(text, { ...defaultGrammarOptions, presets });
  } catch (error) {
    if (isFailure(error, 'invalid')) return error.message;
    throw error;
  }
  throw new Error(`${text} was taken`);
}

describe('values that are refused', () => {
  it.each([
    ['w_0', 'w_ takes whole pixels'],
    ['w_-5', 'w_ takes whole pixels'],
    ['w_65536', 'w_ takes whole pixels from 1 to 65535'],
    ['w_128.5', 'w_ takes'],
    ['w_1e3', 'w_ takes'],
    ['w_0x10', 'w_ takes'],
    ['w_NaN', 'w_ takes'],
    ['w_iw_div', 'w_ takes'],
    ['w_iw_foo_2', 'w_ takes'],
    ['w_100_', 'w_ takes'],
    [`w_iw${'_add_1'.repeat(16)}`, 'w_ takes'],
    ['h_auto', 'h_ takes'],
    ['x_-5,w_1,c_crop', 'x_-5 is negative, which only layers, shadows and fades may be.'],
    ['ar_0:1', 'ar_ takes width:height'],
    ['ar_1:0', 'ar_ takes width:height'],
    ['ar_960:', 'ar_ takes width:height'],
    ['ar_5000:1', 'ar_ takes width:height'],
    ['dpr_0', 'dpr_ takes a number'],
    ['dpr_10.5', 'dpr_ takes a number from 0.01 to 4'],
    ['q_0', 'q_ takes 1 to 100'],
    ['q_101', 'q_ takes 1 to 100'],
    ['q_80:422', 'q_ takes 1 to 100'],
    ['q_auto:ultra', 'q_ takes 1 to 100'],
    ['f_jxl', 'the output formats are auto, jpg, png, webp, avif and gif'],
    ['f_heic', 'the output formats are'],
    ['f_svg', 'the output formats are'],
    ['f_pdf', 'the output formats are'],
    ['c_nosuch', 'c_ takes scale, lscale, fit, limit'],
    ['e_nosuch', 'e_ takes the name of an effect'],
    ['e_blurr', 'there is no effect blurr; did you mean e_blur?'],
    ['e_greyscale', 'did you mean e_grayscale?'],
    ['e_blur:0', 'e_blur takes a whole number from 1 to 2000'],
    ['e_blur:2001', 'e_blur takes a whole number from 1 to 2000'],
    ['e_grayscale:5', 'e_grayscale takes no value'],
    ['e_blur:5:6', 'e_blur takes one number'],
    [`e_tint:50${':rgb'.repeat(46)}:nonsense`, 'an effect has at most 48 words'],
    ['e_gen_remove:prompt_x', 'is not supported'],
    ['e_displace', 'is not supported yet'],
    ['e_screen', 'e_screen mixes a layer and needs one'],
    ['g_nort', 'g_ takes a compass point'],
    ['g_liquid', 'g_liquid is not supported'],
    ['g_face:left', 'g_face takes :center or :auto'],
    ['r_1:2:3:4:5', 'r_ takes max'],
    ['r_-1', 'r_ takes max'],
    ['a_12.5', 'a_ takes one whole number of degrees'],
    ['a_sideways', 'a_ takes degrees'],
    ['b_ff0000', 'b_ takes a colour'],
    ['b_rgb:ggg', 'b_ takes a colour'],
    ['b_rgb:12345', 'b_ takes a colour'],
    ['bo_4px_dashed_red', 'bo_ takes <n>px_solid_<colour>'],
    ['o_101', 'o_ takes a whole number from 0 to 100'],
    ['fl_nosuch', 'there is no flag "nosuch"'],
    ['fl_lossy.nosuch', 'there is no flag "nosuch"'],
    ['fl_attachment:a%0D%0Ab', 'there is no flag'],
    ['pg_0', 'pg_ takes a whole number'],
    ['cs_icc:x', 'cs_ takes srgb or copy'],
    ['z_0', 'z_ takes a number'],
    ['so_1.5', 'the parameter so_ is not supported'],
    ['l_fetch:aHR0cHM6Ly9l', 'layers of the kind fetch are not supported'],
    ['l_video:dog', 'layers of the kind video are not supported'],
    ['l_text:Arial:Hi', 'a text layer names its font and size first'],
    ['l_text:Arial_20', 'a text layer is l_text:<font>_<size>'],
    ['l_text:Arial_20:', 'a text layer takes 1 to 1000 characters'],
    ['l_text:Arial_20_wavy:Hi', 'there is no text style "wavy"'],
    ['l_text:Arial_20:a%2500b', 'without control characters'],
    ['fl_layer_apply,g_north', 'fl_layer_apply has no layer'],
    ['l_logo/e_blur', 'is not closed: end it with a component fl_layer_apply'],
    ['l_logo/fl_layer_apply,g_auto', 'g_auto cannot place a layer'],
    [Array(11).fill('l_a,fl_layer_apply').join('/'), 'At most 10 layers are taken, got 11.'],
    [Array(65).fill('e_blur').join('/'), 'At most 64 components are taken.'],
    [Array(65).fill('w_1').join(','), 'has more than 64 parameters in one component.'],
    [`fl_${Array(65).fill('lossy').join('.')}`, 'fl_ takes at most 64 flags'],
  ])('%s is refused: %s', (text, message) => {
    expect(refusal(text)).toContain(message);
  });

  it.each(['scale', 'fit', 'limit', 'mfit', 'pad', 'lpad', 'mpad'])('auto gravity does not go with c_%s', (mode) => {
    expect(refusal(`c_${mode},g_auto,h_10,w_10`)).toBe(
      `Use auto gravity only with c_fill, c_lfill, c_crop, c_thumb or c_auto; got c_${mode}.`,
    );
  });

  it('auto gravity needs a mode in the long form, whose default is scale', () => {
    expect(refusal('g_auto,h_10,w_10')).toContain('got c_scale');
  });

  it('flags of the official clients without meaning here are taken', () => {
    expect(spellText('fl_clip.cutter.mono.immutable_cache.waveform,w_10')).toBe('c_scale,w_10');
  });
});

describe('presets', () => {
  const presets = { a: 'w_10,h_10/e_blur', b: 'q_70' };

  it('are read as if written in their place', () => {
    const withPresets = { ...defaultGrammarOptions, presets };
    const long = parseTarget('/image/upload/e_sepia/t_a.b/c_fit,w_5/v1/x', withPresets);
    expect(long).toMatchObject({ presets: ['a', 'b'], transformationText: 'e_sepia/t_a.b/c_fit,w_5' });
    expect(canonical(resolveTarget('/t_a.b/x', withPresets))).toBe('c_fill,h_10,w_10/e_blur:100/q_70');
    expect(canonical(resolveTarget('/image/upload/t_a/x', withPresets))).toBe('c_scale,h_10,w_10/e_blur:100');
  });

  it('count as the components they stand for', () => {
    const long = { long: Array(40).fill('e_blur').join('/') };
    expect(refusal('t_long.long', long)).toBe('At most 64 components are taken, those of presets included.');
  });

  it.each([
    ['f_auto,w_10', 'holds f_auto'],
    ['w_auto', 'holds w_auto'],
    ['w_10,dpr_auto', 'holds dpr_auto'],
    ['t_b', 'holds another preset'],
    ['nonsense', '"nonsense" is no parameter'],
    ['w_10/folder', '"folder" is no parameter'],
    ['w_0', 'Invalid w_0'],
    ['l_logo/w_10', 'is not closed'],
  ])('holding %s are refused, at start and in a URL', (text, message) => {
    expect(refusal('t_bad', { bad: text, b: 'q_70' })).toContain(message);
    expect(() => checkPresets({ presets: { bad: text, b: 'q_70' } })).toThrow(message);
  });

  it('are found by their own names only', () => {
    expect(refusal('t_toString', presets)).toContain('There is no preset "toString".');
    expect(refusal('t_a.', presets)).toContain('There is no preset "".');
    expect(() => checkPresets({ presets })).not.toThrow();
  });
});

describe('the table of parameters', () => {
  it.each(Object.values(parameters).filter(({ key }) => key !== 't'))(
    '$example is taken and $key documented',
    (parameter) => {
      expect(parameter.doc).toMatch(/^[A-Z].*\.$/);
      expect(parameter.example.startsWith(`${parameter.key}_`)).toBe(true);
      expect(() => spellText(parameter.example)).not.toThrow();
    },
  );

  it('has every key once', () => {
    const keys = Object.values(parameters).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each(Object.entries(effectRules).filter(([, rule]) => rule.amount !== undefined))(
    'e_%s holds its range',
    (name, rule) => {
      const { min, max, standard } = rule.amount ?? { min: 0, max: 0, standard: 0 };
      const effect = rule.colour === 'first' ? `e_${name}:teal` : `e_${name}`;
      for (const value of [min, max, standard]) expect(() => spellText(`${effect}:${value}`)).not.toThrow();
      for (const value of [min - 1, max + 1])
        expect(() => spellText(`${effect}:${value}`)).toThrow(`from ${min} to ${max}`);
    },
  );
});

describe('a word that only every object of JavaScript has', () => {
  const withText: readonly string[] = ['l', 'u', 'd'];
  const keys = Object.values(parameters).map(({ key }) => key);
  it.each(keys.filter((key) => !withText.includes(key)))('is no value of %s_', (key) => {
    for (const word of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(refusal(`${key}_${word}`)).toMatch(/^(?:Invalid|There is no preset)/);
    }
  });
});

describe('hostile targets', () => {
  it.each(hostileTargets)('are answered within 5 ms (#%#)', (target) => {
    expect(cpuTimeMs(() => readOrRefuse(target))).toBeLessThan(5);
  });
  it.each(hostileInDialects)('are answered as soon in the dialect %s (#%#)', (dialect, target) => {
    expect(cpuTimeMs(() => readOrRefuse(target, dialect))).toBeLessThan(5);
  });
});
