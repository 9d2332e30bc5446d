import { describe, expect, it } from 'vitest';
import {
  canonical,
  defaultGrammarOptions,
  facesWanted,
  layerIds,
  parseTarget,
  withConditionsDecided,
} from '../../src/grammar/index.ts';
import { resolveTarget, spellText } from '../support/grammar.ts';

const wide = { size: { width: 800, height: 400 }, page: 1, pages: 1, faces: 0 };
const small = { ...wide, size: { width: 120, height: 160 } };

/** What is left to draw of an original, in the canonical form. */
function decided(text: string, known = wide): string {
  return canonical(withConditionsDecided(resolveTarget(`/image/upload/${text}/v1/sample`), known));
}

describe('conditions', () => {
  it.each([
    ['if_w_gt_500/c_scale,w_100/if_end', 'c_scale,w_100', 'a_0'],
    ['if_w_gt_500/c_scale,w_100/if_else/e_sepia/if_end', 'c_scale,w_100', 'e_sepia:80'],
    ['if_w_gt_500,c_scale,w_100/e_sepia', 'c_scale,w_100/e_sepia:80', 'e_sepia:80'],
    ['c_scale,w_100,if_w_gt_500/e_sepia', 'c_scale,w_100/e_sepia:80', 'e_sepia:80'],
    ['if_w_gt_500,c_scale,w_100/if_else,c_fit,w_90/e_sepia', 'c_scale,w_100/e_sepia:80', 'c_fit,w_90/e_sepia:80'],
    ['if_w_gt_500,c_scale,w_100/e_sepia/if_end/a_90', 'c_scale,w_100/e_sepia:80/a_90', 'a_90'],
    ['if_w_gt_500/c_scale,w_100/if_else/e_sepia/a_90', 'c_scale,w_100', 'e_sepia:80/a_90'],
    ['if_w_gt_500/if_h_gt_500,a_90/if_else,a_180/o_50/if_end/r_5', 'a_180/o_50/r_5', 'r_5'],
    ['if_w_gt_500/if_h_lt_500,a_90/o_50/if_end/if_end/r_5', 'a_90/o_50/r_5', 'r_5'],
    ['if_w_gt_500,a_90/if_h_gt_100,a_180', 'a_90/a_180', 'a_180'],
    ['if_w_gt_500/a_90/if_end/if_w_lt_500/a_180/if_end', 'a_90/a_180', 'a_180'],
  ])('decide by the picture what %s comes to', (text, ofWide, ofSmall) => {
    expect(decided(text)).toBe(ofWide);
    expect(decided(text, small)).toBe(ofSmall);
  });

  it.each([
    ['w_eq_800', true],
    ['w_ne_800', false],
    ['w_gte_800_and_h_lte_400', true],
    ['w_lt_800_or_h_lt_401', true],
    ['w_lt_1_and_h_lt_1_or_w_gt_1', true],
    ['w_gt_1_or_w_lt_1_and_h_lt_1', true],
    ['ar_gt_3:4', true],
    ['ar_eq_2:1', true],
    ['iar_lt_1.5', false],
    ['w_ne_h', true],
    ['h_lt_iw_div_2_add_1', true],
    ['iw_sub_400_eq_ih', true],
    ['cp_eq_1_and_pc_eq_1', true],
    ['fc_gt_0', false],
    ['w_gt_ih_div_0', false],
    ['!a_or_b!_eq_!a_or_b!', true],
    ['!red!_ne_!red!', false],
    ['1_gt_2', false],
  ])('say of a picture of 800 × 400 that %s is %s', (condition, holds) => {
    expect(decided(`if_${condition}/a_90/if_else/a_180/if_end`)).toBe(holds ? 'a_90' : 'a_180');
  });

  it('ask the picture as it is there', () => {
    expect(decided('c_scale,w_200/if_w_gt_500/a_90/if_else/a_180/if_end')).toBe('c_scale,w_200/a_180');
    expect(decided('c_scale,w_200/if_iw_gt_500/a_90/if_end')).toBe('c_scale,w_200/a_90');
    expect(decided('if_w_gt_500/c_scale,w_200/if_end/if_w_eq_200/a_90/if_end')).toBe('c_scale,w_200/a_90');
  });

  it.each(['e_trim', 'l_logo,g_north', 'c_crop,g_face'])('cannot ask for a size that %s leaves open', (before) => {
    expect(() => decided(`${before}/if_w_gt_5/a_90/if_end`)).toThrow('ask for iw, ih or iar');
    expect(decided(`${before}/if_iw_gt_5/a_90/if_end`)).toContain('/a_90');
  });

  it('multiply the sizes in their branches by the dpr of the chain', () => {
    expect(decided('if_w_gt_500/c_scale,w_100/if_end/dpr_2')).toBe('c_scale,w_200');
    expect(decided('if_w_gt_500/c_scale,w_100,dpr_3/if_end/dpr_2')).toBe('c_scale,w_300');
  });
});

describe('a condition', () => {
  it.each([
    ['if_w_gt_500,c_scale,w_100/if_else,e_sepia', 'if_w_gt_500/c_scale,w_100/if_else/e_sepia:80/if_end'],
    ['if_h_lt_9_and_w_gt_5_or_ar_gt_3:4/a_90', 'if_ar_gt_0.75_or_h_lt_9_and_w_gt_5/a_90/if_end'],
    ['if_ar_gt_0.75_or_w_gt_5_and_h_lt_9,a_90', 'if_ar_gt_0.75_or_h_lt_9_and_w_gt_5/a_90/if_end'],
    ['if_w_gt_5/if_end/r_5', 'r_5'],
    ['if_1_lt_2/a_90/if_else/a_180/if_end/r_5', 'a_90/r_5'],
    ['if_w_gt_5_and_2_lt_1/a_90/if_else/a_180/if_end', 'a_180'],
    ['if_w_gt_5/l_logo/c_scale,w_9/fl_layer_apply/if_end', 'if_w_gt_5/l_logo/c_scale,w_9/fl_layer_apply/if_end'],
    ['if_w_gt_5,l_logo,w_9,g_south', 'if_w_gt_5/l_logo/c_scale,w_9/fl_layer_apply,g_south/if_end'],
    ['if_w_gt_5,f_auto', undefined],
  ])('is spelled in one way: %s', (text, spelling) => {
    if (spelling === undefined) {
      expect(() => spellText(text)).toThrow('f_ counts for the whole picture: write it before if_ or after if_end');
      return;
    }
    expect(spellText(text)).toBe(spelling);
    expect(spellText(spelling)).toBe(spelling);
  });

  it.each([
    ['if_end', 'no if_ that is open'],
    ['if_else/a_90', 'no if_ that is open'],
    ['if_w_gt_5/a_90/if_else/a_90/if_else/if_end', 'no if_ that is open'],
    ['if_w_gt_5,if_h_gt_5,a_90', 'one condition'],
    ['if_w_gt_5/a_90/if_end,r_5', 'a component of its own'],
    ['if_/a_90', 'compares by eq, ne, lt, gt, lte, gte'],
    ['if_w_gt/a_90', 'compares numbers and'],
    ['if_w_gt_!a!', 'compares numbers and'],
    ['if_!a!_lt_!b!', 'texts are compared by eq and ne'],
    ['if_!sale!_in_tags,a_90', 'asks for tags, and what Cloudinary keeps'],
    ['if_ctx:!kind!_eq_!shoes!,a_90', 'asks for ctx:!kind!, and what Cloudinary keeps'],
    ['if_du_gt_30,a_90', 'asks for du, and videos'],
    ['if_ils_gt_0.5,a_90', 'asks for ils, and it is not known'],
    ['l_logo/if_w_gt_5/a_90/if_end/fl_layer_apply', 'no place within a layer'],
    ['if_w_gt_5/l_logo/if_end/fl_layer_apply,g_north', 'fl_layer_apply has no layer'],
    ['if_w_gt_5/q_50/if_end', 'q_ counts for the whole picture'],
    ['if_w_gt_5/dpr_2/if_end', 'dpr_ counts for the whole picture'],
    ['if_w_gt_5/fl_lossy/if_end', 'fl_ counts for the whole picture'],
    [`if_${Array.from({ length: 65 }, (_, index) => `w_gt_${index}`).join('_or_')}/a_90`, '64 comparisons at most'],
  ])('that cannot be is refused: %s', (text, why) => {
    expect(() => spellText(text)).toThrow(why);
  });

  it('shows layers of both its branches to whoever asks what is shown', () => {
    const { transform } = parseTarget(
      '/image/upload/if_w_gt_5,l_a,g_north/if_else,l_b,g_north/v1/x',
      defaultGrammarOptions,
    );
    expect(transform && layerIds({ steps: transform.steps })).toEqual(['a', 'b']);
  });

  it('wants faces where it counts them, or where a branch goes by them', () => {
    const wanted = (text: string) => facesWanted(resolveTarget(`/image/upload/${text}/v1/x`));
    expect(wanted('if_fc_gte_1/a_90/if_end')).toBe('some');
    expect(wanted('if_w_gt_1/if_fc_gte_1/a_90/if_end/if_end')).toBe('some');
    expect(wanted('if_w_gt_1/e_blur_faces/if_end')).toBe('all');
    expect(wanted('if_w_gt_1/c_fill,g_auto,w_9,h_9/if_end')).toBe('glance');
    expect(wanted('if_w_gt_1/a_90/if_end')).toBe('nothing');
  });
});

describe('variables and conditions', () => {
  it.each([
    ['$v_500/if_w_gt_$v/a_90/if_end', 'if_w_gt_500/a_90/if_end'],
    ['$v_iw_div_2/if_w_gt_$v/a_90/if_end', 'if_w_gt_iw_div_2/a_90/if_end'],
    ['$v_800_div_3_to_i/c_scale,w_$v', 'c_scale,w_266'],
    ['$v_iw_div_3_to_f/c_scale,w_$v', 'c_scale,w_iw_div_3'],
    ['$v_5/if_w_gt_100_mul_$v/a_90/if_end', 'if_w_gt_100_mul_5/a_90/if_end'],
    ['$v_!red!/if_$v_eq_!red!/a_90/if_else/a_180/if_end', 'a_90'],
    ['$v_!two_words!/if_$v_eq_!red!/a_90/if_else/a_180/if_end', 'a_180'],
    ['$v_!a!/if_$v_eq_!a!/$s_50/if_else/$s_90/if_end/c_scale,w_$s', 'c_scale,w_50'],
    ['$v_!b!/if_$v_eq_!a!/$s_50/if_else/$s_90/if_end/c_scale,w_$s', 'c_scale,w_90'],
    ['$s_7/if_1_gt_2/$s_50/if_end/c_scale,w_$s', 'c_scale,w_7'],
    [
      'if_w_gt_5/$s_50/c_scale,w_$s/if_else/$s_90/c_scale,w_$s/if_end',
      'if_w_gt_5/c_scale,w_50/if_else/c_scale,w_90/if_end',
    ],
  ])('are put together in %s', (text, spelling) => {
    expect(spellText(text)).toBe(spelling);
  });

  it('know no value behind a condition that decides it', () => {
    expect(() => spellText('$s_7/if_w_gt_5/$s_50/if_end/c_scale,w_$s')).toThrow('a condition decides what $s is');
    expect(() => spellText('if_w_gt_5/if_h_gt_5/$s_50/if_end/if_end/c_scale,w_$s')).toThrow('a condition decides');
    expect(() => spellText('$v_iw_div_2/if_w_gt_9_mul_$v/a_90/if_end')).toThrow('can only come first');
    expect(() => spellText('if_w_gt_$v/a_90/if_end')).toThrow('nothing before it gives $v a value');
  });

  it('stand in presets, which end their conditions themselves', () => {
    const presets = { small: 'if_w_gt_$most/c_scale,w_$most', plain: 'if_w_gt_5,a_90/if_else,a_180/r_5' };
    const options = { ...defaultGrammarOptions, presets };
    expect(spellText('$most_500/t_small/e_sepia', options)).toBe('if_w_gt_500/c_scale,w_500/if_end/e_sepia:80');
    expect(spellText('if_h_gt_5,t_plain/if_else,t_plain/o_50', options)).toBe(
      'if_h_gt_5/if_w_gt_5/a_90/if_else/a_180/if_end/r_5/if_else/if_w_gt_5/a_90/if_else/a_180/if_end/r_5/if_end/o_50',
    );
  });
});
