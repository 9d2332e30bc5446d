import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultLadder, readConfig } from '../../src/config/index.ts';
import {
  canonical,
  cropModes,
  defaultGrammarOptions,
  effectNames,
  effectRules,
  negotiate,
  parameterNames,
  parameters,
  parseTarget,
  parseTransformation,
} from '../../src/grammar/index.ts';
import { sign as signatureOf, verify } from '../../src/signing.ts';
import {
  createNextLoader,
  createUnpicTransformer,
  createUrls,
  picture,
  type Step,
  srcset,
  standardWidths,
  url,
} from '../../src/url/index.ts';
import { createSigner } from '../../src/url/sign.ts';
import { keys } from '../../src/url/step.ts';
import { spell } from '../support/grammar.ts';

const grammar = { ...defaultGrammarOptions, presets: { card: 'c_fit,w_9', big: 'c_fit,w_900' } };

/** How the server spells what a URL asks for. */
function read(target: string) {
  const { id, transform } = parseTarget(target, grammar);
  const nobody = { accept: undefined, foveaAccept: undefined };
  return { id, text: transform === undefined ? 'original' : canonical(negotiate(transform, nobody).transform) };
}

describe('the names of the builder', () => {
  it('are those of the table, and stand for its parameters', () => {
    expect(keys).toEqual(Object.fromEntries(parameterNames.map((name) => [name, parameters[name].key])));
  });

  it.each(parameterNames.map((name) => [name, parameters[name].key, parameters[name].example] as const))(
    '%s writes %s_ as the table’s example does: %s',
    (name, key, example) => {
      const value = example.slice(key.length + 1);
      const lists: Readonly<Record<string, unknown>> = {
        flags: value.split('.'),
        presets: ['card'],
        border: { width: 4, colour: 'black' },
        overlay: value.replaceAll(':', '/'),
        radius: Number(value),
        width: Number(value),
        height: Number(value),
      };
      const built = url('a', { [name]: lists[name] ?? value });
      expect(built).toBe(`/${name === 'presets' ? 't_card' : example}/a`);
    },
  );
});

describe('a URL', () => {
  it.each<[string, Parameters<typeof url>, string]>([
    ['of the original', ['a.jpg'], '/a.jpg'],
    ['of a size', ['a.jpg', { width: 400, height: 300 }], '/h_300,w_400/a.jpg'],
    ['of a share', ['a.jpg', { width: 0.5, crop: 'scale' }], '/c_scale,w_0.5/a.jpg'],
    ['of a whole share', ['a.jpg', { width: '1.0' }], '/w_1.0/a.jpg'],
    ['with arithmetic', ['a.jpg', { width: 'iw_div_2' }], '/w_iw_div_2/a.jpg'],
    ['with a colour', ['a.jpg', { background: '#fff', crop: 'pad', width: 9 }], '/b_rgb:fff,c_pad,w_9/a.jpg'],
    ['with corners', ['a.jpg', { radius: [10, 20] }], '/r_10:20/a.jpg'],
    [
      'with flags',
      ['a.jpg', { flags: ['progressive', 'attachment:a b.jpg'] }],
      '/fl_progressive.attachment:a%20b%2Ejpg/a.jpg',
    ],
    [
      'of steps',
      ['a.jpg', { steps: [{ crop: 'crop', width: 100, gravity: 'face' }, { radius: 'max' }], format: 'webp' }],
      '/c_crop,g_face,w_100/r_max/f_webp/a.jpg',
    ],
    [
      'with a layer',
      [
        'a.jpg',
        {
          steps: [
            { overlay: 'folder/logo.png', width: 50 },
            { flags: ['layer_apply'], gravity: 'south_east', x: 5 },
          ],
        },
      ],
      '/l_folder:logo.png,w_50/fl_layer_apply,g_south_east,x_5/a.jpg',
    ],
    [
      'with text',
      [
        'a.jpg',
        { overlay: { text: 'Hi, there/you 100%', font: 'DejaVu Sans', size: 20, styles: ['bold'] }, colour: '#f00' },
      ],
      '/co_rgb:f00,l_text:DejaVu%20Sans_20_bold:Hi%252C%2520there%252Fyou%2520100%2525/a.jpg',
    ],
    ['of a folder', ['folder/a.jpg', { width: 1 }], '/w_1/folder/a.jpg'],
    ['of a folder’s original', ['folder/a.jpg'], '/v1/folder/a.jpg'],
    ['of a folder that looks like a parameter', ['w_1/a.jpg', { width: 1 }], '/w_1/v1/w_1/a.jpg'],
    ['of a folder that looks like a version', ['v2/a.jpg', { width: 1 }], '/w_1/v1/v2/a.jpg'],
    ['of a version', ['a.jpg', { width: 1, version: 7 }], '/w_1/v7/a.jpg'],
    ['on a host', ['a.jpg', { width: 1, base: 'https://img.example/' }], 'https://img.example/w_1/a.jpg'],
    ['of an odd name', ['ä b,c%d#e?f.jpg', { width: 1 }], '/w_1/%C3%A4%20b%2Cc%25d%23e%3Ff.jpg'],
  ])('%s', (_, [key, options], expected) => {
    const built = url(key, options);
    expect(built).toBe(expected);
    expect(read(built.replace('https://img.example', '')).id).toBe(key);
  });

  it.each(['', '/', 'a//b', 'a/../b', '.'])('is refused for the key "%s"', (key) => {
    expect(() => url(key)).toThrow(TypeError);
  });

  it('is refused for a number that is none', () => {
    expect(() => url('a', { width: Number.NaN })).toThrow('finite');
  });

  it.each<[object, RegExp]>([
    [{ widht: 3 }, /no option "widht"; did you mean "width"\?/],
    [{ w: 3 }, /no option "w"; did you mean "width"\?/],
    [{ nonsense: 3 }, /no option "nonsense" here: expected angle, .*width/],
    [{ steps: [{ colour: '#fff' }, { color: '#fff' }] }, /no option "color"; did you mean "colour"\?/],
    [{ format: 'wepb' }, /format: expected auto, jpg, .*got "wepb"/],
    [{ width: 0 }, /width: expected more than 0, got 0/],
    [{ width: '0' }, /width: expected more than 0/],
    [{ height: -3 }, /height: expected more than 0, got -3/],
    [{ width: 1e-7 }, /width: expected more than 0/],
    [{ quality: 0 }, /quality/],
    [{ dpr: 0 }, /dpr/],
    [{ width: null }, /width: expected a number, a text or a list, got null/],
    [{ crop: true }, /crop: expected .*got true/],
  ])('is refused for %j, for who writes it without types', (options, complaint) => {
    expect(() => url('a', options)).toThrow(complaint);
    expect(() => picture('a', options)).toThrow(complaint);
  });

  it.each<[object, RegExp]>([
    [{ widht: 800 }, /did you mean "width"/],
    [{ width: 800, widhts: [1] }, /did you mean "widths"/],
    [{ widths: '800' }, /widths: expected a list of numbers above 0, got "800"/],
    [{ widths: [] }, /widths: expected a list/],
    [{ densities: [1, 0] }, /densities: expected a list/],
  ])('is refused for %j in a srcset', (options, complaint) => {
    expect(() => srcset('a', options)).toThrow(complaint);
    expect(() => createUrls(options).srcset('a')).toThrow(complaint);
  });

  it('takes a key with a slash before it, as sites write paths', () => {
    expect(url('/cats/tom.jpg', { width: 9 })).toBe(url('cats/tom.jpg', { width: 9 }));
    expect(srcset('/a.jpg', { widths: [9] })).toBe('/w_9/a.jpg 9w');
    expect(picture('/a.jpg', { widths: [9] })).toEqual(picture('a.jpg', { widths: [9] }));
    const secret = 'x'.repeat(16) + 'y'.repeat(16);
    expect(url('/a.jpg', { sign: createSigner({ secret }) })).toBe(url('a.jpg', { sign: createSigner({ secret }) }));
  });

  it('is not refused for what is left out, or may be 0', () => {
    expect(url('a', { x: 0, angle: 0, radius: 0, opacity: 0 })).toBe('/a_0,o_0,r_0,x_0/a');
    expect(url('a', JSON.parse('{}'))).toBe('/a');
    expect(url('a', { width: 0.99999999 })).toBe('/w_1.0/a');
  });
});

const size = fc.oneof(
  fc.integer({ min: 1, max: 9000 }),
  fc.integer({ min: 1, max: 999_999 }).map((millionths) => millionths / 1e6),
  fc.constantFrom('1.0', 'iw_div_2', 'ih_mul_0.5'),
);
const colour = fc.constantFrom('#fff', '#ff000080', 'white', 'rgb:0a0b0c');
const corner = fc.nat({ max: 90 });
// One needs to be told its colour, and those of a region go with no mode and no gravity.
const everydayEffects = effectNames.filter(
  (name) => effectRules[name].needs === undefined && !name.endsWith('_region'),
);

const step: fc.Arbitrary<Step> = fc
  .record(
    {
      angle: fc.oneof(fc.integer({ min: -720, max: 720 }), fc.constantFrom('hflip', 'ignore.vflip', 'auto_left')),
      aspectRatio: fc.constantFrom('16:9', 1.5, '1.91:1'),
      background: fc.oneof(colour, fc.constantFrom('auto', 'auto:predominant', 'blurred')),
      border: fc.record({ width: corner, colour }),
      colour,
      colourSpace: fc.constantFrom('srgb', 'copy'),
      crop: fc.constantFrom(...cropModes),
      defaultImage: fc.constantFrom('avatar.png', 'folder/äöü.png'),
      density: fc.integer({ min: 1, max: 2400 }),
      dpr: fc.constantFrom<number | 'auto'>(1, 1.5, 2, 'auto'),
      boundedDpr: fc.constantFrom(0.5, 1, 2),
      equalTrim: fc.constantFrom<'hor' | 'both'>('hor', 'both'),
      mask: fc.constantFrom<'heart' | 'star'>('heart', 'star'),
      maxBytes: fc.integer({ min: 1, max: 99_999 }),
      minHeight: fc.integer({ min: 1, max: 500 }),
      minWidth: fc.integer({ min: 1, max: 500 }),
      effect: fc.constantFrom(
        ...everydayEffects,
        'replace_color:teal:50:red',
        'tint:50:red:20p:blue',
        'blur:200',
        'trim:10:white',
      ),
      flags: fc.subarray(['progressive', 'lossy', 'png8', 'attachment:a.b.jpg', 'ignore_aspect_ratio']),
      format: fc.constantFrom('auto', 'jpg', 'png', 'webp', 'avif', 'gif'),
      gravity: fc.constantFrom('north', 'center', 'xy_center', 'face', 'faces:auto', 'custom'),
      height: size,
      opacity: fc.integer({ min: 0, max: 100 }),
      page: fc.integer({ min: 1, max: 99 }),
      presets: fc.subarray(['card', 'big'], { minLength: 1 }),
      quality: fc.oneof(
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom('auto', 'auto:eco', '80:444', 'jpg:80.webp:70'),
      ),
      radius: fc.oneof(corner, fc.constant('max'), fc.array(corner, { minLength: 1, maxLength: 4 })),
      width: fc.oneof(size, fc.constant('auto')),
      x: fc.nat({ max: 500 }),
      y: fc.nat({ max: 500 }),
      zoom: fc.constantFrom(0.7, 1, 2.5),
    },
    { requiredKeys: [] },
  )
  .filter(({ flags }) => flags?.length !== 0);

/** The same by the table's own writing of what the grammar reads from it: another way to the same text. */
function spelledByTable(steps: readonly Step[]): string {
  const text = steps
    .map((one) =>
      Object.entries(one)
        .map(([name, value]) => `${keys[name as keyof Step]}_${plainly(name, value)}`)
        .join(','),
    )
    .filter((component) => component !== '')
    .join('/');
  return text;
}

function plainly(name: string, value: unknown): string {
  const rgb = (text: string) => text.replace('#', 'rgb:');
  if (Array.isArray(value)) {
    const joint = name === 'radius' ? ':' : '.';
    return value.map((part) => String(part).replace('a.b.jpg', 'a%2Eb%2Ejpg')).join(joint);
  }
  if (typeof value === 'object' && value !== null && 'width' in value && 'colour' in value) {
    return `${value.width}px_solid_${rgb(String(value.colour))}`;
  }
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Number(value.toFixed(6)));
  return name === 'defaultImage' ? encodeURIComponent(String(value)).replace('%2F', ':') : rgb(String(value));
}

const keyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        'w_1',
        'v2',
        'image',
        '_ipx',
        's_10x10',
        'a&b',
        'x-1',
        's--aaaaaaaa--',
        'e_x,y',
        '$v_1',
        '_',
        '-',
      ),
      fc.string({
        unit: fc.constantFrom('a', 'Z', '0', '-', '.', ',', ' ', 'é', '🐱', ':', '%', '_', '+', '?', '#', '&'),
        minLength: 1,
        maxLength: 6,
      }),
    ),
    { minLength: 1, maxLength: 3 },
  )
  // No key has a segment that begins with a dot.
  .filter((segments) => !segments.some((segment) => segment.startsWith('.')))
  .map((segments) => segments.join('/'));

describe('what is built is what is read', () => {
  it('for every step and every chain', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 4 }), (steps) => {
        const [last = {}, ...before] = [...steps].reverse();
        const built = url('a', { ...last, steps: before.reverse() });
        const text = spelledByTable(steps);
        const expected = text === '' ? 'original' : spell(`/${text}/a`, grammar);
        expect(read(built)).toEqual({ id: 'a', text: expected });
      }),
      { numRuns: 500 },
    );
  });

  it('for every key, with a transformation and without', () => {
    fc.assert(
      fc.property(keyText, fc.boolean(), (key, isPlain) => {
        expect(read(url(key, isPlain ? {} : { width: 10 })).id).toBe(key);
      }),
      { numRuns: 1000 },
    );
  });

  it('for text over a picture', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 20 }), (text) => {
        fc.pre(!/%[0-9a-f]{2}/i.test(text));
        const built = url('a', { overlay: { text, font: 'Arial', size: 20, styles: ['bold'] } });
        const [layered] = parseTarget(built, grammar).transform?.steps ?? [];
        expect(layered?.layer?.source).toEqual({ kind: 'text', font: 'Arial', size: 20, styles: ['bold'], text });
      }),
    );
  });

  it('for presets read as transformations', () => {
    expect(parseTransformation('t_card', grammar).steps).toEqual(parseTransformation('c_fit,w_9', grammar).steps);
    expect(read(url('a', { presets: ['card'] })).text).toBe('c_fit,w_9');
  });
});

describe('lists of candidates', () => {
  it('hold one for each width, heights in proportion', () => {
    expect(srcset('a.jpg', { width: 400, height: 300, widths: [200, 400] })).toBe(
      '/h_150,w_200/a.jpg 200w, /h_300,w_400/a.jpg 400w',
    );
    expect(srcset('a.jpg', { crop: 'limit' }).split(', ')).toHaveLength(standardWidths.length);
  });

  it('hold one for each density', () => {
    expect(srcset('a.jpg', { width: 100, densities: [1, 2] })).toBe('/dpr_1,w_100/a.jpg 1x, /dpr_2,w_100/a.jpg 2x');
  });

  it('ask for widths that the standard ladder has', () => {
    expect(standardWidths.filter((width) => !defaultLadder.includes(width))).toEqual([]);
  });

  it('make a picture element: a source for each modern format, and an img that every browser shows', () => {
    const made = picture('a.jpg', { width: 400, height: 300, widths: [200], sizes: '100vw' });
    expect(made).toEqual({
      sources: [
        { type: 'image/avif', srcset: '/f_avif,h_150,w_200/a.jpg 200w', sizes: '100vw' },
        { type: 'image/webp', srcset: '/f_webp,h_150,w_200/a.jpg 200w', sizes: '100vw' },
      ],
      img: {
        src: '/f_jpg,h_300,w_400/a.jpg',
        srcset: '/f_jpg,h_150,w_200/a.jpg 200w',
        sizes: '100vw',
        width: 400,
        height: 300,
      },
    });
  });

  it('take options that count everywhere from one place', () => {
    const at = createUrls({ base: 'https://img.example', format: 'auto' });
    expect(at.url('a.jpg', { width: 9 })).toBe('https://img.example/f_auto,w_9/a.jpg');
    expect(at.srcset('a.jpg', { widths: [9] })).toBe('https://img.example/f_auto,w_9/a.jpg 9w');
    expect(at.picture('a.jpg', { widths: [9], formats: [] }).img.src).toBe('https://img.example/f_auto/a.jpg');
  });
});

const secret = 'a signing secret of just 32 byte';

describe('a signed URL', () => {
  it('is one that the server verifies, in every scheme, with an end and without', () => {
    fc.assert(
      fc.property(
        keyText,
        step,
        fc.constantFrom('sha1', 'sha256', 'sha256-long'),
        fc.boolean(),
        (key, one, scheme, ends) => {
          const expires = ends ? new Date('2030-01-01T00:00:00Z') : undefined;
          const sign = createSigner({ secret, scheme, ...(expires && { expires }) });
          const request = parseTarget(url(key, { ...one, sign }), grammar);
          expect(request.id).toBe(key);
          expect(request.signature?.expires).toBe(expires && expires.getTime() / 1000);
          const { value = '', signed: texts = [] } = request.signature ?? {};
          expect(verify(value, { texts, secrets: [secret] })).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is that of the official clients', () => {
    const sign = (text: string) => `s--${signatureOf(text, 'b', 'sha1')}--`;
    expect(url('image.jpg', { crop: 'crop', width: 10, height: 20, sign })).toBe(
      '/s--Ai4Znfl3--/c_crop,h_20,w_10/image.jpg',
    );
    expect(url('image.jpg', { sign })).toBe('/s----SjmNDA--/image.jpg');
  });

  it.each(['', 'short', 'of thirty-one bytes, one too few'.slice(0, 31), 'ü'.repeat(15)])(
    'needs a secret such as the server takes: not "%s"',
    (short) => {
      expect(() => createSigner({ secret: short })).toThrow('at least 32 bytes');
      if (short !== '') expect(() => readConfig({ FOVEA_SIGNING_SECRETS: short })).toThrow('at least 32 bytes');
    },
  );

  it('takes every secret that is long enough for the server', () => {
    for (const long of [secret, 'äöüß und noch mehr als das hier']) {
      expect(createSigner({ secret: long })('a')).toHaveLength('s----'.length + 32);
      expect(readConfig({ FOVEA_SIGNING_SECRETS: long }).signingSecrets).toEqual([long]);
    }
  });
});

describe('loaders', () => {
  it('for next/image ask for a width that is never larger than the original', () => {
    const loader = createNextLoader({ base: 'https://img.example' });
    expect(loader({ src: '/folder/a.jpg', width: 640 })).toBe(
      'https://img.example/c_limit,f_auto,q_auto,w_640/folder/a.jpg',
    );
    expect(loader({ src: 'a.jpg', width: 640, quality: 50 })).toBe(
      'https://img.example/c_limit,f_auto,q_50,w_640/a.jpg',
    );
  });

  it('for unpic cut to the shape that is asked for', () => {
    const transform = createUnpicTransformer();
    expect(transform('/a.jpg', { width: 640, height: 360.4 })).toBe('/c_fill,f_auto,h_360,q_auto,w_640/a.jpg');
    expect(transform('a.jpg', { width: 640 })).toBe('/c_limit,f_auto,q_auto,w_640/a.jpg');
  });

  it('for unpic ask for the format and the quality that a page wants', () => {
    const transform = createUnpicTransformer({ format: 'avif' });
    const operations = { width: 300, height: 200, format: 'webp', quality: 50 };
    expect(transform('seeding.jpg', operations)).toBe('/c_fill,f_webp,h_200,q_50,w_300/seeding.jpg');
    expect(transform('seeding.jpg', { width: 300 })).toBe('/c_limit,f_avif,q_auto,w_300/seeding.jpg');
    expect(() => transform('a.jpg', { format: 'tiff' })).toThrow('format: expected auto, jpg, ');
  });

  it('take the whole URL of an original, and refuse one that is on another host', () => {
    const base = 'https://img.example/';
    const transform = createUnpicTransformer({ base });
    const expected = 'https://img.example/c_limit,f_auto,q_auto,w_9/folder/%C3%BC.jpg';
    expect(transform(new URL('https://img.example/folder/ü.jpg?x=1'), { width: 9 })).toBe(expected);
    expect(createNextLoader({ base })({ src: 'https://img.example/folder/%C3%BC.jpg', width: 9 })).toBe(expected);
    expect(() => transform('https://img.example.org/a.jpg', {})).toThrow('a URL below https://img.example/; got');
    expect(() => createUnpicTransformer()('https://img.example/a.jpg', {})).toThrow(
      'Expected the key of a picture; got',
    );
  });
});

describe('what browsers are sent', () => {
  it('depends on nothing and is small; signing is not in it', async () => {
    const result = await build({
      entryPoints: [fileURLToPath(new URL('../../src/url/index.ts', import.meta.url))],
      bundle: true,
      minify: true,
      write: false,
      metafile: true,
      platform: 'browser',
      format: 'esm',
    });
    const inputs = Object.keys(result.metafile.inputs).map((path) => path.replace(/^.*src\//, ''));
    expect(inputs.sort()).toEqual([
      'formats.ts',
      'nearest.ts',
      'url/index.ts',
      'url/loaders.ts',
      'url/step.ts',
      'url/url.ts',
    ]);
    const bytes = result.outputFiles[0]?.contents ?? new Uint8Array();
    expect(bytes.byteLength).toBeLessThan(6200);
    expect(gzipSync(bytes).byteLength).toBeLessThan(3000);
  });
});
