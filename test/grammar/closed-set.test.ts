import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultLadder } from '../../src/config/index.ts';
import { isFailure } from '../../src/failure.ts';
import {
  type ComponentValues,
  canonical,
  closedRule,
  createDeclared,
  defaultGrammarOptions,
  effectNames,
  holdToLadder,
  negotiate,
  outputFlags,
  parameterNames,
  parameters,
  parseTarget,
} from '../../src/grammar/index.ts';
import { isProblem } from '../../src/grammar/parameters/values.ts';

const ladder = { widths: [100, 200, 400], snap: false };

/** What the closed set says of a transformation: what is drawn, or why not. */
function held(text: string): string {
  const { transform } = parseTarget(`/${text}/v1/cat`, defaultGrammarOptions);
  if (transform === undefined) throw new Error(`${text} asks for nothing`);
  try {
    return canonical(holdToLadder(negotiate(transform, { accept: '*/*', foveaAccept: undefined }).transform, ladder));
  } catch (error) {
    if (isFailure(error, 'invalid')) return `refused: ${error.message}`;
    throw error;
  }
}

const refused = /^refused: /;
const names = parameterNames;

/** What each parameter needs beside it to have an effect. */
const beside: Partial<Record<keyof ComponentValues, string>> = {
  aspectRatio: 'c_fill,w_100',
  background: 'c_pad,w_100,h_100',
  boundedDpr: 'c_lfill,w_100,h_100',
  colour: 'w_100,e_colorize:40',
  crop: 'w_100,h_100',
  equalTrim: 'w_100,e_trim',
  gravity: 'c_fill,w_100,h_100',
  x: 'c_crop,w_100,h_100,g_west',
  y: 'c_crop,w_100,h_100,g_west',
  zoom: 'c_thumb,w_100,h_100,g_face',
};

function withBeside(name: keyof ComponentValues, text: string): string {
  return [beside[name] ?? 'w_100', text].join(',');
}

describe('the closed set of unsigned URLs', () => {
  it('has all it lists, with whatever they need beside them', () => {
    for (const name of names) {
      const rule = closedRule(name);
      if (rule.kind !== 'values') continue;
      for (const value of rule.values) {
        const text = withBeside(name, `${parameters[name].key}_${value}`);
        expect(held(text), text).not.toMatch(refused);
      }
    }
  });

  it('has nothing of a parameter that needs a signature', () => {
    const examples = { border: 'bo_4px_solid_black', overlay: 'l_logo', underlay: 'u_logo', colour: 'co_red' };
    for (const name of names.filter((one) => closedRule(one).kind === 'signed')) {
      const example = name in examples ? examples[name as keyof typeof examples] : parameters[name].example;
      expect(held(withBeside(name, example)), name).toMatch(refused);
    }
    for (const text of ['l_text:Arial_20:free', 'u_text:Arial_20:free', 'l_logo/w_100/fl_layer_apply,g_north']) {
      expect(held(text), text).toMatch(refused);
    }
  });

  it('has of flags those only that make no other picture', () => {
    for (const flag of outputFlags) expect(held(`w_100,fl_${flag}`), flag).toMatch(refused);
    expect(held('c_scale,w_100,fl_ignore_aspect_ratio')).toMatch(refused);
    expect(held('w_100,fl_attachment')).toBe('c_fill,w_100');
  });

  it('names what it refuses, what it would take instead, and the ways out', () => {
    expect(held('w_100,q_77')).toBe(
      'refused: Unsigned URLs may not say q_77 here: expected auto, auto:best, auto:eco, auto:low, 50, 60, 70, 75, 80, 85, 90, 100. Sign the URL, or make a preset of it.',
    );
    expect(held('w_100,h_0.5')).toContain('may not say h_0.5 here: expected pixels');
    expect(held('w_100/a_90/r_max/e_blur')).toContain('may have 3 steps that change the picture, got 4');
  });

  it('takes sizes on the ladder after everything, a height beside a width, and no other', () => {
    for (const text of ['w_100', 'w_50,dpr_2', 'w_100,h_7', 'h_400', 'h_100,dpr_2', 'w_100,h_7/c_crop,w_200,h_1']) {
      expect(held(text), text).not.toMatch(refused);
    }
    for (const text of [
      'w_99',
      'w_100,dpr_1.1',
      'h_7',
      'w_iw',
      'w_0.5',
      'h_ih_div_2',
      'w_100,h_iw',
      'w_100/w_7',
      'ar_1.77,w_100',
    ]) {
      expect(held(text), text).toMatch(refused);
    }
  });

  it('holds against values that are made up: what it lets through is in its lists', () => {
    const number = fc.integer({ min: 0, max: 3000 }).map(String);
    const share = fc.integer({ min: 1, max: 99 }).map((value) => `0.${value}`);
    const colour = fc.constantFrom('red', 'white', 'rgb:123456', 'auto', 'blurred:50:10', 'auto:predominant');
    const effect = fc.tuple(fc.constantFrom(...effectNames), fc.integer({ min: 1, max: 200 }));
    const part = fc.oneof(
      fc.tuple(fc.constantFrom('w', 'h', 'x', 'y'), fc.oneof(number, share)).map(([key, value]) => `${key}_${value}`),
      fc.tuple(fc.constantFrom('r', 'a', 'q', 'o', 'dn', 'pg'), number).map(([key, value]) => `${key}_${value}`),
      colour.map((value) => `b_${value}`),
      effect.map(([name, amount]) => `e_${name}:${amount}`),
      effect.map(([name]) => `e_${name}`),
      fc.tuple(number, number).map(([width, height]) => `ar_${width}:${height}`),
      fc.constantFrom('c_fill', 'c_pad', 'c_crop', 'c_scale', 'c_thumb', 'g_auto', 'g_west', 'g_face', 'z_2', 'r_max'),
      fc.constantFrom('w_100', 'h_100', 'w_200', 'f_auto', 'q_auto', 'f_png', 'a_90', 'ar_16:9', 'dpr_2', 'dpr_1.3'),
    );
    const chain = fc
      .array(fc.array(part, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 })
      .map((components) => components.map((parts) => parts.join(',')).join('/'));
    const listed = new Map(
      names.map((name) => {
        const rule = closedRule(name);
        const written = rule.kind === 'values' ? rule.values.map((text) => canonicalValue(name, text)) : [];
        return [parameters[name].key, new Set(written)];
      }),
    );
    let taken = 0;
    fc.assert(
      fc.property(chain, (text) => {
        const result = readOrUndefined(() => held(text));
        if (result === undefined || refused.test(result)) return;
        taken += 1;
        const components = result.split('/');
        expect(components.length).toBeLessThanOrEqual(4);
        for (const component of components) {
          const values = new Map(component.split(',').map((one) => one.split(/_(.*)/s) as [string, string]));
          for (const [key, value] of values) {
            if (key === 'a' && value === '0') continue;
            if (key === 'h' && values.has('w')) expect(value).toMatch(/^\d+$/);
            else if (key === 'w' || key === 'h') expect(ladder.widths.map(String)).toContain(value);
            else expect([key, [...(listed.get(key) ?? [])]]).toEqual([key, expect.arrayContaining([value])]);
          }
        }
      }),
      { numRuns: 3000 },
    );
    expect(taken).toBeGreaterThan(100);
  });
});

function canonicalValue<Name extends keyof ComponentValues>(name: Name, text: string): string {
  const { [name]: parameter } = parameters;
  const value = parameter.parse(text, text);
  if (value !== undefined && !isProblem(value)) return parameter.write(value);
  throw new Error(`${name} takes no ${text}`);
}

function readOrUndefined(read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    if (isFailure(error, 'invalid')) return undefined;
    throw error;
  }
}

describe('what is declared', () => {
  const isDeclared = createDeclared({
    grammar: {
      ...defaultGrammarOptions,
      presets: { card: 'w_333,h_111', best: 'c_fit,w_70,q_auto:best', png: 'w_70,f_png', broken: 'w_0' },
      aliases: { '/small/:key': 'c_fit,w_64', '/sized/:w/:key': 'w_:w', '/deep/er/:key': 'e_blur/w_9' },
    },
    warm: ['card', 'c_fill,w_40,h_30,f_auto', 't_card/f_webp'],
    widths: [100],
  });
  const spelled = (target: string, headers = {}) => {
    const { transform, id } = parseTarget(target, {
      ...defaultGrammarOptions,
      presets: { card: 'w_333,h_111', best: 'c_fit,w_70,q_auto:best', png: 'w_70,f_png' },
      aliases: { '/small/:key': 'c_fit,w_64', '/sized/:w/:key': 'w_:w', '/deep/er/:key': 'e_blur/w_9' },
    });
    if (transform === undefined) throw new Error(`${target} asks for nothing`);
    const resolved = negotiate(transform, { accept: undefined, foveaAccept: undefined, ...headers }).transform;
    // The original of a name with one extension more is the one without it.
    return isDeclared(id.replace(/\.jpg\.webp$/, '.jpg'), canonical(resolved));
  };

  it.each([
    '/w_100/a.jpg',
    '/c_scale,w_100/a',
    '/c_limit,w_50,dpr_2,f_auto,q_auto/a.jpg',
    '/image/upload/w_100,f_auto/a.png',
    '/w_100,f_jpg/a.jpg',
    '/t_card/a.jpg',
    '/t_card,f_auto,q_auto/a.jpg',
    '/t_card/q_auto/f_auto/a.jpg',
    '/image/upload/t_card/v2/a.jpg',
    '/c_fill,w_333,h_111/a.jpg',
    '/t_best/a.jpg',
    '/t_png/a.jpg',
    '/t_png/a.png',
    '/c_fill,w_40,h_30,f_auto/a.jpg',
    '/t_card/f_webp/a.jpg',
    '/small/a.jpg',
    '/deep/er/a.jpg',
  ])('%s is', (target) => {
    expect(spelled(target)).toBe(true);
    expect(spelled(target, { accept: 'image/avif', saveData: 'on' })).toBe(true);
  });

  it.each([
    '/w_101/a.jpg',
    '/w_100,h_100/a.jpg',
    '/h_100/a.jpg',
    '/c_pad,w_100/a.jpg',
    '/c_fill,w_100,g_west/a.jpg',
    '/w_100,q_auto:best/a.jpg',
    '/w_100,q_80/a.jpg',
    '/w_100,f_webp/a.jpg',
    '/w_100/a.jpg.webp',
    '/w_100/w_100/a.jpg',
    '/w_100,fl_progressive/a.jpg',
    '/w_100/pg_2/a.jpg',
    '/f_auto/a.jpg',
    '/t_card.card/a.jpg',
    '/t_card/t_best/a.jpg',
    '/t_card/w_100/a.jpg',
    '/t_card,q_80/a.jpg',
    '/t_png/f_jpg/a.png',
    '/sized/77/a.jpg',
    '/c_fill,w_40,h_30/a.jpg',
  ])('%s is not', (target) => {
    expect(spelled(target)).toBe(false);
  });

  it('is so many variants of an original, for each width and each preset', () => {
    const count = (widths: readonly number[], presets: Readonly<Record<string, string>>) => {
      const all = createDeclared({ grammar: { ...defaultGrammarOptions, presets }, warm: [], widths });
      const bases = ['c_limit', 'c_scale', 'c_fill', 'c_fit'].flatMap((mode) =>
        widths.map((width) => `${mode},w_${width}`),
      );
      const formats = [
        '',
        'f_auto:avif',
        'f_auto:basic',
        'f_auto:webp',
        'f_avif',
        'f_gif',
        'f_jpeg',
        'f_png',
        'f_webp',
      ];
      const qualities = ['', 'q_80', 'q_auto:best', 'q_auto:eco', 'q_auto:good', 'q_auto:low'];
      let declared = 0;
      for (const base of [...bases, ...Object.values(presets)])
        for (const format of formats)
          for (const quality of qualities) {
            const output = [format, quality].filter((part) => part !== '').join(',');
            if (all('a.jpg', output === '' ? base : `${base}/${output}`)) declared += 1;
          }
      return declared;
    };
    expect(count([100], {})).toBe(45);
    expect(count([], { card: 'c_fit,w_70' })).toBe(15);
    expect(count(defaultLadder, {})).toBe(45 * defaultLadder.length);
  });
});
