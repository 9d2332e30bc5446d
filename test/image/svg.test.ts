import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { inspect } from '../../src/image/inspect/inspect.ts';
import { decode, distance, from, noise, type Pixel, paint } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { svg } from '../support/svgs.ts';

const its = startRenderer();
afterAll(() => its.renderer.close());

const namespaces = 'xmlns="http://www.w3.org/2000/svg"';

const [red, green, blue]: readonly Pixel[] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
];
/** Red to the left, blue to the right. */
const halves = '<rect width="50%" height="100%" fill="red"/><rect x="50%" width="50%" height="100%" fill="blue"/>';

async function drawn(original: Uint8Array, text = 'f_png') {
  return decode((await its.draw(original, text)).bytes);
}

describe('an SVG has the size', () => {
  it.each([
    ['that it says', 'width="120" height="80"', [120, 80]],
    ['of its viewBox where it says none', 'viewBox="0 0 24 12"', [24, 12]],
    ['of its width, in the shape of its viewBox', 'width="100" viewBox="0 0 20 10"', [100, 50]],
    ['of its height, in the shape of its viewBox', 'height="100" viewBox="0 0 20 10"', [200, 100]],
    ['of its viewBox where it says shares', 'width="100%" height="100%" viewBox="5 5 20 10"', [20, 10]],
    ['in CSS pixels of 96 to the inch', 'width="1in" height="25.4mm"', [96, 96]],
    ['in CSS pixels of points', 'width="72pt" height="6pc"', [96, 96]],
    ['that browsers give it where nothing is said', '', [300, 150]],
    ['rounded to whole pixels', 'width="10.4" height="0.2"', [10, 1]],
    ['of nothing negative', 'width="-5" height="10" viewBox="0 0 20 10"', [20, 10]],
  ])('%s', async (_, attributes, [width, height]) => {
    const file = svg(attributes, '<rect width="5" height="5"/>');
    expect((await inspect(file)).size).toEqual({ width, height });
    const picture = await drawn(file);
    expect([picture.width, picture.height]).toEqual([width, height]);
  });
});

it('is looked at in no longer time for what is written to be looked at in many ways', async () => {
  const [digits, blanks] = ['1'.repeat(2_000_000), ' '.repeat(2_000_000)];
  const css = `<style>${'font:'.repeat(100_000)}${'url('.repeat(100_000)}${'opacity '.repeat(100_000)}</style>`;
  expect((await inspect(svg(`width="${digits}!" height="1${blanks}x" viewBox="0 0 20 10"`, css))).size).toEqual({
    width: 20,
    height: 10,
  });
});

describe('an SVG is drawn', () => {
  it('with its colours and its alpha', async () => {
    const picture = await drawn(
      svg('width="10" height="10"', '<rect width="5" height="10" fill="#ff8000" opacity="0.5"/>'),
    );
    expect(distance(picture.at(2, 5), [255, 128, 0, 128])).toBeLessThanOrEqual(2);
    expect(picture.at(8, 5)[3]).toBe(0);
  });

  it('as a PNG where nothing else is asked for, and as what its client takes', async () => {
    const file = svg('width="40" height="40"', halves);
    expect((await its.draw(file, 'w_20')).contentType).toBe('image/png');
    expect((await its.draw(file, 'w_20,f_auto', { accept: 'image/avif' })).contentType).toBe('image/avif');
    const { at } = await drawn(file, 'f_jpg');
    expect(distance(at(5, 5), red ?? [])).toBeLessThan(8);
  });

  // A pixel beside the edge would be a mixture if a small picture had been made larger.
  it.each([
    ['c_scale,w_400', [400, 200], 200],
    ['c_fill,w_300,h_300', [300, 300], 150],
    ['c_fit,w_600,h_600', [600, 300], 300],
    ['c_pad,w_300,h_300', [300, 300], 150],
    ['c_scale,w_400,h_40', [400, 40], 200],
    ['c_scale,w_20.0', [200, 100], 100],
    ['c_scale,w_100,dpr_2.0', [200, 100], 100],
    ['c_fill,w_300,h_300,g_west', [300, 300], 300],
  ])('sharp at the size that is asked for: %s', async (text, [width = 0, height = 0], edge) => {
    const picture = await drawn(svg('width="10" height="5"', halves), `${text},f_png`);
    expect([picture.width, picture.height]).toEqual([width, height]);
    const middle = Math.floor(height / 2);
    if (edge < width) expect(picture.at(edge, middle).slice(0, 3)).toEqual(blue);
    expect(picture.at(edge - 1, middle).slice(0, 3)).toEqual(red);
  });

  it.each([
    ['in single quotes', `fill="url('#g')"`],
    ['in double quotes', `fill='url( "#g" )'`],
    ['in quotes that are spelt out', 'style="fill:url(&quot;#g&quot;)"'],
    ['in quotes of a style sheet', 'class="a"'],
  ])('with its own parts named %s, as browsers write them', async (_, fill) => {
    const parts = '<style>.a{fill:url("#g")}</style><linearGradient id="g"><stop stop-color="lime"/></linearGradient>';
    const { at } = await drawn(svg('width="10" height="10"', `${parts}<rect width="10" height="10" ${fill}/>`));
    expect(at(5, 5)).toEqual([...(green ?? []), 255]);
  });

  it.each(['fill="var(--a, red)"', 'style="fill:var(--a,red)"', 'class="a" fill="red"'])(
    'black where a variable of CSS says its colour, as the documentation says, and without such a line: %s',
    async (fill) => {
      const css = '<style>.a{fill:var(--a, lime)}</style>';
      const line = '<path d="M0 10h20" stroke="var(--a, red)" stroke-width="6"/>';
      const { at } = await drawn(svg('width="20" height="20"', `${css}${line}<rect width="5" height="5" ${fill}/>`));
      expect([at(2, 2), at(10, 10)]).toEqual([
        [0, 0, 0, 255],
        [0, 0, 0, 0],
      ]);
    },
  );

  it.each([
    ['that it says', 'width="10" height="10" opacity="0.5"', ''],
    ['of its style, in a viewBox', 'viewBox="0 0 10 10" style="opacity:0.5"', ''],
    ['of its style sheet', 'width="10" height="10"', '<style>svg{opacity:0.5}</style>'],
  ])('once with the opacity %s', async (_, attributes, css) => {
    const { at } = await drawn(svg(attributes, `${css}<rect width="10" height="10" fill="red"/>`), 'w_20,f_png');
    expect(distance(at(10, 10), [255, 0, 0, 128])).toBeLessThanOrEqual(2);
  });

  it.each([
    ['beside its viewBox', '', [0, 0, 0, 0], [255, 0, 0, 255]],
    ['up to its edges where it is stretched', 'preserveAspectRatio="none"', [255, 0, 0, 255], [255, 0, 0, 255]],
  ])('with the room that it leaves %s', async (_, attributes, edge, middle) => {
    const content = '<rect width="100%" height="100%" fill="red"/>';
    const { at } = await drawn(svg(`width="40" height="10" viewBox="0 0 10 10" ${attributes}`, content), 'w_80,f_png');
    expect([at(5, 10), at(40, 10)]).toEqual([edge, middle]);
  });

  it('no larger than it is where that is forbidden', async () => {
    const picture = await drawn(svg('width="10" height="5"', halves), 'c_limit,w_100,f_png');
    expect([picture.width, picture.height]).toEqual([10, 5]);
  });

  it('small however large it says that it is', async () => {
    const picture = await drawn(svg('width="100000" height="50000"', halves), 'c_scale,w_100,f_png');
    expect([picture.width, picture.height]).toEqual([100, 50]);
    await expect(drawn(svg('width="100000" height="50000"', halves), 'f_png')).rejects.toMatchObject({
      kind: 'too_large',
    });
  });

  it('and then whatever is asked for comes to pass', async () => {
    const file = svg('width="40" height="20"', halves);
    const turned = await drawn(file, 'a_90/c_scale,w_100,f_png');
    expect([turned.width, turned.height]).toEqual([100, 200]);
    expect(distance(turned.at(50, 20).slice(0, 3), red ?? [])).toBeLessThan(3);
    const cut = await drawn(file, 'c_crop,x_30,w_10,h_10/c_scale,w_50,f_png');
    expect([cut.width, cut.height]).toEqual([50, 50]);
    expect(cut.at(25, 25).slice(0, 3)).toEqual(blue);
    const looked = await drawn(file, 'c_fill,w_100,h_100,g_auto,f_png');
    expect([looked.width, looked.height]).toEqual([100, 100]);
  });

  it('as a layer, sharp at its own size', async () => {
    const base = await from(paint(400, 400, () => [200, 200, 200]))
      .png()
      .toBuffer();
    const layers = new Map([['logo', svg('width="10" height="5"', halves)]]);
    const { bytes } = await its.draw(base, 'l_logo,w_200/fl_layer_apply,g_north_west/f_png', { layers });
    const { at } = await decode(bytes);
    expect([at(99, 50).slice(0, 3), at(100, 50).slice(0, 3)]).toEqual([red, blue]);
    const shares = await its.draw(base, 'l_logo,w_0.5,fl_relative/fl_layer_apply,g_north_west/f_png', { layers });
    expect((await decode(shares.bytes)).at(99, 50).slice(0, 3)).toEqual(red);
  });

  it('with CSS, gradients, uses, clips, masks, patterns and filters', async () => {
    const content = `<style>.a{fill:#00ff00}</style><defs><g id="g"><rect class="a" width="10" height="10"/></g>
      <clipPath id="c"><rect width="5" height="10"/></clipPath><filter id="f"><feOffset dx="0"/></filter></defs>
      <use xlink:href="#g" clip-path="url(#c)" filter="url(#f)"/>`;
    const picture = await drawn(svg('width="10" height="10"', content));
    expect([picture.at(2, 5), picture.at(8, 5)[3]]).toEqual([[...(green ?? []), 255], 0]);
  });

  it('with pictures in it', async () => {
    const inner = await from(paint(8, 8, () => [0, 255, 0]))
      .png()
      .toBuffer();
    const address = `data:image/png;base64,${inner.toString('base64')}`;
    const picture = await drawn(svg('width="8" height="8"', `<image width="8" height="8" xlink:href="${address}"/>`));
    expect(picture.at(4, 4).slice(0, 3)).toEqual(green);
    // Longer than a reader of XML takes by itself.
    const long = await from(noise(200, 200)).png().toBuffer();
    const large = svg(
      'width="200" height="200"',
      `<image width="200" height="200" href="data:image/png;base64,${long.toString('base64')}"/>`,
    );
    expect((await drawn(large)).at(100, 100)[3]).toBe(255);
  });

  it.each(['image/png', 'img/jpg', 'image/jpeg', 'application/octet-stream'])(
    'with a JPEG in it that is called %s',
    async (type) => {
      const inner = await from(paint(8, 8, () => [0, 255, 0]))
        .jpeg()
        .toBuffer();
      const address = `data:${type};base64,${inner.toString('base64')}`;
      const { at } = await drawn(svg('width="8" height="8"', `<image width="8" height="8" href="${address}"/>`));
      expect(distance(at(4, 4).slice(0, 3), green ?? [])).toBeLessThan(8);
    },
  );

  it('with short names that drawing programs declare, a mark before it, and comments', async () => {
    const text = `\ufeff<?xml version="1.0" encoding="utf-8"?><!-- Generator --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x/svg11.dtd" [
      <!ENTITY ns_svg "http://www.w3.org/2000/svg">]><svg xmlns="&ns_svg;" width="10" height="10"><rect width="10" height="10" fill="red"/></svg>`;
    expect((await drawn(Buffer.from(text))).at(5, 5).slice(0, 3)).toEqual(red);
  });

  it('with letters, in the fonts of this machine', async () => {
    const text = (family: string) =>
      svg('width="100" height="50"', `<text y="40" font-size="40" font-family="${family}">Mm</text>`);
    const ink = async (family: string) => {
      const { data } = await sharp((await its.draw(text(family), 'f_png')).bytes)
        .extractChannel(3)
        .raw()
        .toBuffer({ resolveWithObject: true });
      return data.reduce((sum, value) => sum + value, 0);
    };
    expect(await ink('No such family')).toBeGreaterThan(10_000);
    expect(await ink('monospace')).not.toBe(await ink('sans-serif'));
  });

  it('without what lies outside of it', async () => {
    const outside = ['file:///etc/passwd', 'http://127.0.0.1:9/a.png', '/etc/hostname', 'a.png'];
    const images = outside.map((address) => `<image width="10" height="10" href="${address}"/>`).join('');
    const picture = await drawn(svg('width="10" height="10"', `<rect width="10" height="10" fill="red"/>${images}`));
    expect(picture.at(5, 5).slice(0, 3)).toEqual(red);
  });
});

describe('an SVG is refused', () => {
  const tens = (made: number, before = '') => {
    let content = '<rect id="u0" width="5" height="5"/>';
    for (let level = 1; level <= made; level += 1) {
      content += `<g id="u${level}">${`<use xlink:href="${before}#u${level - 1}"/>`.repeat(10)}</g>`;
    }
    return svg('width="10" height="10"', `<defs>${content}</defs><use xlink:href="${before}#u${made}"/>`);
  };
  const nested = (count: number, attributes: string) =>
    svg(
      'width="100" height="100"',
      `${`<g ${attributes}>`.repeat(count)}<rect width="9" height="9"/>${'</g>'.repeat(count)}`,
    );
  const chained = (count: number) =>
    Array.from({ length: count }, (_, index) => `<g id="c${index}"><use href="#c${index + 1}"/></g>`).join('');
  const filtered = (primitive: string) =>
    svg(
      'width="2000" height="2000"',
      `<filter id="f">${primitive}</filter><rect width="2000" height="2000" filter="url(#f)"/>`,
    );
  const patterns = (name: string) =>
    Array.from(
      { length: 6 },
      (_, index) =>
        `<pattern id="${name}${index}" width="9" height="9">${`<rect width="1" height="1" fill="url(#${name}${index - 1})"/>`.repeat(10)}</pattern>`,
    ).join('');
  const usedAgain = (content: string) => svg('', `${content}${'<use href="#t"/>'.repeat(60)}`);
  const inPatterns = (name: string) =>
    svg('width="10" height="10"', `${patterns(name)}<rect width="9" height="9" fill="url(#${name}5)"/>`);

  it.each([
    ['elements that are used again and again', tens(5)],
    ['patterns in patterns', inPatterns('p')],
    [
      'patterns that CSS applies',
      svg('width="10" height="10"', `<style>rect{fill:url(#p4)}</style>${patterns('p')}<rect width="9" height="9"/>`),
    ],
    [
      'marks at very many corners',
      svg(
        'width="10" height="10"',
        `<marker id="m">${'<rect width="1" height="1"/>'.repeat(500)}</marker><path marker-mid="url(#m)" d="M0 0${'h1v1'.repeat(500)}"/>`,
      ),
    ],
    ['groups in groups that each want a picture', nested(50, 'opacity="0.9"')],
    ['more levels than are read', nested(1_000, '')],
    ['uses of uses of uses', svg('width="10" height="10"', chained(1_000))],
    [
      'more attributes than are read',
      svg('width="10" height="10"', `<g ${Array.from({ length: 20_000 }, (_, index) => `a${index}=""`).join(' ')}/>`),
    ],
    [
      'rules that are held against very many elements',
      svg('', `<style>${'a{b:c}'.repeat(20_000)}</style>${'<a/>'.repeat(20_000)}`),
    ],
    [
      'a selector that may mean many ancestors',
      svg('', `<style>.a ${'* '.repeat(60)}{b:c}</style>${'<g>'.repeat(100)}${'</g>'.repeat(100)}`),
    ],
    ['a selector without an end', svg('', `<style>${',a'.repeat(1_000_000)}{b:c}</style>`)],
    ['a filter that takes too long', filtered('<feMorphology radius="100"/>')],
    ['a kernel that takes too long', filtered('<feConvolveMatrix order="200"/>')],
    [
      'more letters on a path than are laid on one',
      svg(
        '',
        `<path id="p" d="M0 0h9"/><text><textPath href="#p"><tspan>${'a'.repeat(6_000)}</tspan></textPath></text>`,
      ),
    ],
    ['elements in their millions', svg('', '<a/>'.repeat(1_500_000))],
    ['more text than is read', svg('width="10" height="10"', `<!--${' '.repeat(9_000_000)}-->`)],
  ])('too large for %s', async (_, file) => {
    await expect(its.draw(file, 'f_png')).rejects.toMatchObject({ kind: 'too_large' });
  });

  it.each([
    ['elements whose addresses begin with blanks', tens(5, ' ')],
    ['elements whose addresses begin with a line', tens(5, '&#10;')],
    ['letters that are used again', usedAgain(`<text id="t">${'a'.repeat(1_000)}</text>`)],
    ['letters of links in texts', usedAgain(`<text id="t"><a>${'a'.repeat(1_000)}</a></text>`)],
    ['patterns with a quote in their names', inPatterns("p'")],
    ['patterns with a line in their names', inPatterns('p&#10;')],
    ['patterns with long names', inPatterns('p'.repeat(1_500))],
  ])('too large before it is drawn for %s', async (_, file) => {
    await expect(inspect(file)).rejects.toMatchObject({ kind: 'too_large' });
  });

  it('too large for a kernel of so many numbers, however small the picture', async () => {
    const drawn = its.draw(filtered('<feConvolveMatrix order="33"/>'), 'w_2,f_png');
    await expect(drawn).rejects.toMatchObject({ kind: 'too_large' });
  });

  it('not at all for the style sheets of drawing programs', async () => {
    const rules = Array.from({ length: 300 }, (_, index) => `.layer .c${index},.d${index}{fill:#0f0}`).join('');
    const parts = `<g class="layer">${'<rect class="c7" width="10" height="10"/>'.repeat(2_000)}</g>`;
    const file = svg('width="10" height="10"', `<style>${rules}</style>${parts}`);
    await expect(its.draw(file, 'f_png')).resolves.toBeDefined();
  });

  it.each([
    ['a part uses itself', svg('width="10" height="10"', '<g id="a"><use href="#a"/></g>'), 'corrupt'],
    ['two parts use each other', svg('', '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>'), 'corrupt'],
    ['it ends early', Buffer.from(`<svg ${namespaces} width="10" height="10"><rect`), 'corrupt'],
    ['its tags do not match', Buffer.from(`<svg ${namespaces}><g></svg>`), 'corrupt'],
    ['it has HTML in it', svg('width="10" height="10"', '<foreignObject width="9" height="9"/>'), 'unsupported'],
    ['a picture in it is of another kind', svg('', '<image href="data:image/webp;base64,UklGRg=="/>'), 'unsupported'],
    [
      'a picture in it is an SVG',
      svg('', `<image href="data:image/svg+xml;base64,${svg('', '').toString('base64')}"/>`),
      'unsupported',
    ],
    ['it has no namespace', Buffer.from('<svg width="10" height="10"></svg>'), 'unsupported'],
    ['it is written in UTF-16', Buffer.from(`\ufeff<svg ${namespaces}/>`, 'utf16le'), 'unsupported'],
    ['it is HTML', Buffer.from('<!DOCTYPE html><html><svg></svg></html>'), 'unsupported'],
    [
      'it has entities of entities',
      Buffer.from(
        `<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><svg ${namespaces}><text>&b;</text></svg>`,
      ),
      'unsupported',
    ],
    [
      'it has entities of files',
      Buffer.from(`<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg ${namespaces}><text>&x;</text></svg>`),
      'unsupported',
    ],
  ])('when %s', async (_, file, kind) => {
    await expect(its.draw(file, 'f_png')).rejects.toMatchObject({ kind });
  });

  it('when a picture in it has very many pixels, by its memory', async () => {
    const bomb = await sharp({ create: { width: 8_000, height: 8_000, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const file = svg(
      'width="10" height="10"',
      `<image width="10" height="10" href="data:image/png;base64,${bomb.toString('base64')}"/>`,
    );
    const small = startRenderer({ maxMemoryBytes: 400 * 1024 ** 2 });
    try {
      await expect(small.draw(file, 'f_png')).rejects.toMatchObject({ kind: 'too_large' });
      for (const address of ['data:image/png;base64,%69', 'DATA:image/png;base64,i', ' da&#10;ta:image/png;base64,i']) {
        const hidden = Buffer.from(file.toString().replace('data:image/png;base64,i', address));
        await expect(small.draw(hidden, 'f_png'), address).rejects.toMatchObject({ kind: 'too_large' });
      }
    } finally {
      await small.renderer.close();
    }
  });

  // Kinds of files with which libraries that draw SVG were ended or held up, by their public reports.
  it('or drawn, without an end to its process: what has ended others', async () => {
    const rect = '<rect width="9" height="9" fill="url(#p)" stroke="url(#p)" filter="url(#f)"/>';
    const odd: readonly string[] = [
      `<style>.a{fill:url(#p)}</style><pattern id="p" width="9" height="9"><rect class="a" width="9" height="9"/></pattern>${rect}`,
      '<style>.a{mask:url(#m)}</style><mask id="m"><rect class="a" width="9" height="9"/></mask><rect class="a" width="9" height="9"/>',
      '<style>.a{clip-path:url(#m)}</style><clipPath id="m"><rect class="a" width="9" height="9"/></clipPath><rect class="a" width="9" height="9"/>',
      `<filter id="f" x="-1e10" y="-1e10" width="1e20" height="1e20"><feFlood/></filter>${rect}`,
      `<filter id="f" width="1e9" height="1e9"><feComposite operator="arithmetic" k1="1e30" in2="SourceGraphic"/></filter>${rect}`,
      `<filter id="f"><feMorphology radius="1e9 0.001"/></filter>${rect}`,
      `<filter id="f"><feTurbulence baseFrequency="1e-30 1e30" numOctaves="9" seed="-9e18"/></filter>${rect}`,
      `<filter id="f"><feSpotLight/><feDiffuseLighting surfaceScale="1e38"><feSpotLight x="1e38" z="-1e38" specularExponent="1e9"/></feDiffuseLighting></filter>${rect}`,
      `<filter id="f"><feGaussianBlur stdDeviation="1e38 -1"/><feTile/></filter>${rect}`,
      `<filter id="f"><feConvolveMatrix order="2147483647"/></filter>${rect}`,
      '<path d="m8.0096 15.01h2.0428v3.0017h-2.0163l-0.01e17 11.006h-2.0011l-8e-6 -11.006z" opacity=".3"/>',
      '<path d="M5 5l4.7071067.7071067-1.0606601.3535e34.7071067-1.4142135 1.4142136z" opacity=".66"/>',
      '<path d="M0 0L1e38 1e38-1e38 1e38" stroke="red" stroke-width="1e38" stroke-dasharray="1e-38 1e-38"/>',
      '<circle r="1e9" stroke="red" stroke-width="0.001" stroke-dasharray="0.1"/>',
      '<linearGradient id="p" gradientTransform="matrix(0 0 0 0 0 0)" href="#q"/><radialGradient id="q" r="0" fr="1e38" href="#r"/>'.concat(
        rect,
      ),
      `<pattern id="p" width="1e-9" height="1e-9"><rect width="1" height="1"/></pattern>${rect}`,
      `<pattern id="p" width="1e9" height="1e9" viewBox="0 0 1e-9 1e-9"><rect width="1" height="1"/></pattern>${rect}`,
      '<svg width="1e9" height="1e9" viewBox="0 0 1e-9 1e-9"><rect width="1" height="1"/></svg>',
      '<text font-size="1e9">M</text><text font-size="1e-9" letter-spacing="1e9" x="1e38,1e38">MM</text>',
      '<g transform="scale(1e30) scale(1e30) rotate(1e30)"><rect width="1e30" height="1e30" opacity=".5"/></g>',
      '<use href="#u" transform="skewX(90)"/><symbol id="u" viewBox="0 0 0 0"><rect width="9" height="9"/></symbol>',
      '<image width="1e9" height="1e9" href="data:image/png;base64,iVBORw0KGgo="/>',
      '<marker id="m" markerWidth="1e9" viewBox="0 0 1 1"><rect width="9" height="9"/></marker><path marker-mid="url(#m)" d="M0 0h1h0h0" stroke-width="1e9"/>',
    ];
    const outcomes = new Map<string, number>();
    for (const content of odd) {
      const outcome = await its.draw(svg('width="20" height="20"', content), 'w_40,f_png').then(
        () => 'drawn',
        (error: unknown) => (error instanceof Error && 'kind' in error ? String(error.kind) : String(error)),
      );
      expect(['drawn', 'corrupt', 'too_large'], content).toContain(outcome);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    expect(outcomes.get('drawn')).toBeGreaterThan(odd.length / 2);
    expect(its.events.filter((event) => event.type === 'render-process' && event.event === 'died')).toEqual([]);
  });

  it('by what it is, without an end to its process: bytes of it changed', async () => {
    const whole = svg('width="100" height="50"', `${halves}<g opacity="0.5"><text y="20" font-size="20">Mm</text></g>`);
    const outcomes = new Set<string>();
    for (let seed = 1; seed <= 60; seed += 1) {
      const broken = Buffer.from(whole);
      broken[(seed * 7919) % broken.length] = 32 + ((seed * 31) % 95);
      await its.draw(broken, 'f_png').then(
        () => outcomes.add('drawn'),
        (error: unknown) =>
          outcomes.add(error instanceof Error && 'kind' in error ? String(error.kind) : String(error)),
      );
    }
    for (const outcome of outcomes) expect(['drawn', 'corrupt', 'unsupported', 'too_large']).toContain(outcome);
    expect(its.events.filter((event) => event.type === 'render-process' && event.event === 'died')).toEqual([]);
  });
});
