import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, defaultGrammarOptions, negotiate, parseTarget, type Transform } from '../../src/grammar/index.ts';
import { cpuTimeMs } from '../support/cpu-time.ts';

function transformOf(text: string): Transform {
  const { transform } = parseTarget(`/${text}/v1/sample`, defaultGrammarOptions);
  if (transform === undefined) throw new Error('no transformation');
  return transform;
}

function formatFor(accept: string | undefined, foveaAccept?: string): string {
  return negotiate(transformOf('f_auto,w_100'), { accept, foveaAccept }).transform.format;
}

describe('f_auto', () => {
  it.each([
    [undefined, 'auto-basic'],
    ['', 'auto-basic'],
    ['*/*', 'auto-basic'],
    ['image/*', 'auto-basic'],
    ['image/*,*/*;q=0.8', 'auto-basic'],
    ['text/html', 'auto-basic'],
    ['image/webp', 'auto-webp'],
    ['image/avif', 'auto-avif'],
    ['image/webp,image/avif', 'auto-avif'],
    ['IMAGE/AVIF', 'auto-avif'],
    ['image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', 'auto-avif'],
    ['image/jxl,image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', 'auto-avif'],
    ['image/jxl,image/webp,*/*;q=0.8', 'auto-webp'],
    ['image/jxl', 'auto-basic'],
    ['image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5', 'auto-avif'],
    [
      'image/webp,image/avif,image/jxl,image/heic,image/heic-sequence,video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5',
      'auto-avif',
    ],
    ['image/avif;q=0,image/webp', 'auto-webp'],
    ['image/avif;q=0.0,image/webp;q=0.000,*/*', 'auto-basic'],
    ['image/avif;q=0.5,image/webp;q=0.9', 'auto-webp'],
    ['image/avif;q=0.5,image/webp;q=0.5', 'auto-avif'],
    ['image/avif;q=0.5,*/*', 'auto-basic'],
    ['image/webp;q=0.5,image/jpeg', 'auto-basic'],
    ['image/webp;q=0.5,image/jpeg;q=0.2,image/*;q=1.0', 'auto-basic'],
    ['image/webp;q=0.5,image/*;q=0.4', 'auto-webp'],
    ['image/avif ; Q=0.9 , image/webp;q=0.1', 'auto-avif'],
    ['image/avif;level="1,2;q=0";q=0.4,image/webp;q=0.3', 'auto-avif'],
    ['image/avif;q=2,image/webp;q=0.3', 'auto-webp'],
    ['image/avif;q=abc', 'auto-basic'],
    ['image/avif;q=0.1234', 'auto-basic'],
    ['not-image/avif', 'auto-basic'],
    ['image/avif-sequence', 'auto-basic'],
    ['text/plain;x="image/avif"', 'auto-basic'],
    [',,;;=,"', 'auto-basic'],
  ])('Accept: %s gets %s', (accept, format) => {
    expect(formatFor(accept)).toBe(format);
  });

  it.each([
    ['avif', 'auto-avif'],
    ['avif-lite', 'auto-avif'],
    ['webp', 'auto-webp'],
    ['webp-lite', 'auto-webp'],
    ['none', 'auto-basic'],
    ['none-lite', 'auto-basic'],
  ])("the edge's token %s wins over Accept", (token, format) => {
    expect(formatFor('image/avif,image/webp', token)).toBe(format);
    expect(formatFor(undefined, token)).toBe(format);
  });

  it('an unknown token of the edge is as good as none', () => {
    expect(formatFor('image/webp', 'jxl')).toBe('auto-webp');
    expect(formatFor('image/webp', '')).toBe('auto-webp');
  });

  it('follows RFC 9110 over generated headers', () => {
    const range = fc.constantFrom(
      'image/avif',
      'image/webp',
      'image/jpeg',
      'image/png',
      'image/*',
      '*/*',
      'image/jxl',
      'text/html',
    );
    const weight = fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined });
    const spacing = fc.constantFrom(',', ', ', ' ,\t');
    const header = fc.tuple(
      fc.uniqueArray(fc.tuple(range, weight), { selector: ([name]) => name, maxLength: 8 }),
      spacing,
    );
    fc.assert(
      fc.property(header, ([elements, separator]) => {
        const text = elements
          .map(([name, q]) => (q === undefined ? name : `${name};q=${(q / 1000).toFixed(3)}`))
          .join(separator);
        const weights = new Map(elements.map(([name, q]) => [name, q ?? 1000]));
        const wildcard = weights.get('image/*') ?? weights.get('*/*') ?? 0;
        const avif = weights.get('image/avif') ?? 0;
        const webp = weights.get('image/webp') ?? 0;
        const basic = Math.max(weights.get('image/jpeg') ?? wildcard, weights.get('image/png') ?? wildcard);
        const best = Math.max(avif, webp, basic);
        const format = formatFor(text);
        if (format === 'auto-avif') expect([avif, avif > 0]).toEqual([best, true]);
        else if (format === 'auto-webp') expect([webp, webp > 0, avif < webp]).toEqual([best, true, true]);
        else
          expect([format, basic === best || best === 0, best === 0 || (avif < best && webp < best)]).toEqual([
            'auto-basic',
            true,
            true,
          ]);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    'image/avif;q=0.5,'.repeat(1000),
    '"\\'.repeat(8000),
    ';'.repeat(16_000),
    ','.repeat(16_000),
    'a=b;'.repeat(4000),
  ])('reads a hostile header of 16 kB within 5 ms (#%#)', (header) => {
    expect(cpuTimeMs(() => formatFor(header))).toBeLessThan(5);
    expect(cpuTimeMs(() => formatFor(header.slice(0, 2048)))).toBeLessThan(5);
  });

  it('does not read a header that no browser sends', () => {
    expect(formatFor(`image/avif,${'a/b,'.repeat(500)}`)).toBe('auto-avif');
    expect(formatFor(`image/avif,${'a/b,'.repeat(600)}`)).toBe('auto-basic');
  });
});

describe('what an answer varies by', () => {
  const varies = (text: string, foveaAccept?: string) =>
    negotiate(transformOf(text), { accept: 'image/webp', foveaAccept }).varies;

  it('is Accept where the format is negotiated, and nothing where it is in the URL', () => {
    expect(varies('f_auto,w_100')).toEqual(['Accept']);
    expect(varies('f_auto,w_100', 'webp')).toEqual(['Accept']);
    expect(varies('f_webp,w_100')).toEqual([]);
    expect(varies('w_100')).toEqual([]);
    expect(varies('f_auto:avif,w_100')).toEqual([]);
  });

  it('is Save-Data too where the quality is automatic', () => {
    expect(varies('f_auto,q_auto', 'avif-lite')).toEqual(['Accept', 'Save-Data']);
    expect(varies('f_auto,q_auto', 'avif')).toEqual(['Accept', 'Save-Data']);
    expect(varies('f_webp,q_auto', 'avif')).toEqual(['Save-Data']);
    expect(varies('f_auto,q_auto')).toEqual(['Accept', 'Save-Data']);
    expect(varies('f_auto,q_80', 'avif-lite')).toEqual(['Accept']);
  });
});

describe('saving data', () => {
  it.each([
    ['q_auto', { kind: 'auto', level: 'eco' }],
    ['q_auto:best', { kind: 'auto', level: 'good' }],
    ['q_auto:eco', { kind: 'auto', level: 'low' }],
    ['q_auto:low', { kind: 'auto', level: 'low' }],
    ['q_80', { kind: 'fixed', value: 80 }],
    ['w_1', undefined],
  ])('turns %s into %j', (text, quality) => {
    expect(negotiate(transformOf(text), { accept: undefined, foveaAccept: 'webp-lite' }).transform.quality).toEqual(
      quality,
    );
    const plain = negotiate(transformOf(text), { accept: undefined, foveaAccept: 'webp' }).transform.quality;
    expect(plain).toEqual(transformOf(text).quality);
  });

  it.each([
    ['on', undefined, 'eco'],
    [' On ', undefined, 'eco'],
    ['off', undefined, 'good'],
    ['on', 'avif', 'good'],
    ['off', 'avif-lite', 'eco'],
  ])('is asked for by Save-Data: %s, unless the edge has said %s', (saveData, foveaAccept, level) => {
    const { transform } = negotiate(transformOf('q_auto'), { accept: undefined, foveaAccept, saveData });
    expect(transform.quality).toEqual({ kind: 'auto', level });
  });
});

describe('client hints', () => {
  const ladder = [100, 200, 400, 800];
  interface Given {
    readonly dpr?: string;
    readonly width?: string;
    readonly viewportWidth?: string;
  }

  function hinted(text: string, { dpr, width, viewportWidth }: Given) {
    const { transform, varies } = negotiate(transformOf(text), {
      accept: undefined,
      foveaAccept: undefined,
      hints: { dpr, width, viewportWidth, ladder },
    });
    return { text: canonical(transform), varies };
  }

  const widths = ['Sec-CH-Width', 'Width', 'Sec-CH-Viewport-Width', 'Viewport-Width'];
  const dprs = ['Sec-CH-DPR', 'DPR'];

  it.each([
    ['c_limit,w_auto', { width: '150' }, 'c_limit,w_200'],
    ['c_limit,w_auto', { width: '200.0' }, 'c_limit,w_200'],
    ['c_limit,w_auto', { width: '5000' }, 'c_limit,w_800'],
    ['c_limit,w_auto', { viewportWidth: '390' }, 'c_limit,w_400'],
    ['c_limit,w_auto', { viewportWidth: '390', dpr: '2' }, 'c_limit,w_400'],
    ['c_limit,dpr_auto,w_auto', { viewportWidth: '390', dpr: '2' }, 'c_limit,w_800'],
    ['c_limit,w_auto/dpr_auto', { viewportWidth: '90', dpr: '2' }, 'c_limit,w_200'],
    ['c_limit,dpr_2,w_auto', { viewportWidth: '90' }, 'c_limit,w_200'],
    ['c_limit,dpr_auto,w_auto', { width: '190', dpr: '2' }, 'c_limit,w_200'],
    ['c_fill,ar_1:1,w_auto:100:400', { width: '150' }, 'ar_1:1,c_fill,w_200'],
    ['c_fill,dpr_auto,h_10,w_20', { dpr: '2' }, 'c_fill,h_20,w_40'],
    ['c_fill,dpr_auto,h_10,w_20', { dpr: '1.25' }, 'c_fill,h_15,w_30'],
    ['c_fill,dpr_auto,h_10,w_20', { dpr: '2.625' }, 'c_fill,h_30,w_60'],
    ['c_fill,dpr_auto,h_10,w_20', { dpr: '12' }, 'c_fill,h_40,w_80'],
    ['c_fill,h_10,w_20/dpr_auto', { dpr: '2' }, 'c_fill,h_20,w_40'],
    ['c_limit,w_auto', {}, 'a_0'],
    ['c_fill,dpr_auto,h_10,w_20', {}, 'c_fill,h_10,w_20'],
    ['c_fill,dpr_auto,h_10,w_20', { dpr: 'many' }, 'c_fill,h_10,w_20'],
    ['c_fill,dpr_auto,h_10,w_20', { dpr: '0' }, 'c_fill,h_10,w_20'],
    ['c_limit,w_auto', { width: '-3' }, 'a_0'],
    ['c_limit,w_50', { width: '150', dpr: '3' }, 'c_limit,w_50'],
  ])('%s with %j is %s', (text, given, expected) => {
    expect(hinted(text, given).text).toBe(expected);
  });

  it('are what an answer varies by, where it asks for them', () => {
    expect(hinted('c_limit,w_auto', {}).varies).toEqual(widths);
    expect(hinted('c_limit,w_9,dpr_auto', { dpr: '2' }).varies).toEqual(dprs);
    expect(hinted('c_limit,w_auto/dpr_auto', {}).varies).toEqual([...widths, ...dprs]);
    expect(hinted('c_limit,w_9', { dpr: '2' }).varies).toEqual([]);
  });

  it('mean nothing where they are not used', () => {
    const { transform, varies } = negotiate(transformOf('c_limit,w_auto/dpr_auto'), {
      accept: undefined,
      foveaAccept: undefined,
    });
    expect([canonical(transform), varies]).toEqual(['a_0', []]);
  });
});

describe('dpr', () => {
  const steps = (text: string) =>
    negotiate(transformOf(text), { accept: undefined, foveaAccept: undefined }).transform.steps;
  const pixels = (value: number) => ({ unit: 'pixels', value });

  it('beside a size multiplies the whole pixels of its component only', () => {
    expect(steps('c_fill,dpr_2,g_west,h_0.5,w_100,x_3,r_5/r_7')).toEqual([
      {
        crop: 'fill',
        width: pixels(200),
        height: { unit: 'share', value: 0.5 },
        gravity: { kind: 'compass', point: 'west' },
        x: pixels(6),
        radius: { kind: 'corners', corners: [10, 10, 10, 10] },
      },
      { radius: { kind: 'corners', corners: [7, 7, 7, 7] } },
    ]);
  });

  it('alone multiplies every component but c_crop, wherever it stands, and layers with them', () => {
    const chain = 'c_crop,w_100,x_10,y_10,h_9/dpr_1.5/bo_3px_solid_red,c_fit,w_101/l_logo,w_10/fl_layer_apply,x_-3';
    expect(steps(chain)).toEqual([
      {
        crop: 'crop',
        width: pixels(100),
        height: pixels(9),
        gravity: { kind: 'compass', point: 'north_west' },
        x: pixels(10),
        y: pixels(10),
      },
      { crop: 'fit', width: pixels(152), border: { width: 5, colour: 'ff0000' } },
      {
        layer: {
          source: { kind: 'image', id: 'logo' },
          position: 'over',
          steps: [{ crop: 'fill', width: pixels(15) }],
          x: pixels(-4),
        },
      },
    ]);
  });

  it('the last one alone counts, and one beside a size before it', () => {
    expect(steps('dpr_3/c_fit,w_10/dpr_2/c_fit,w_10,dpr_1')).toEqual([
      { crop: 'fit', width: pixels(20) },
      { crop: 'fit', width: pixels(10) },
    ]);
  });

  it('auto is 1 and an automatic width none without hints', () => {
    expect(steps('c_fill,dpr_auto,h_10,w_20')).toEqual([{ crop: 'fill', width: pixels(20), height: pixels(10) }]);
    expect(steps('c_scale,dpr_auto,w_auto')).toEqual([]);
    expect(steps('c_fill,ar_1:1,w_auto:100:400')).toEqual([{ crop: 'fill', aspectRatio: 1 }]);
    expect(transformOf('c_scale,dpr_auto,w_auto').steps).toEqual([{ crop: 'scale', dpr: 'auto', autoWidth: true }]);
  });

  it('refuses products past the largest number', () => {
    expect(() => steps('w_65535,dpr_2')).toThrow('dpr 2 makes 65535 pixels 131070; at most 65535 are taken.');
  });
});
