import { afterAll, describe, expect, it } from 'vitest';
import {
  animate,
  blue,
  type Decoded,
  decode,
  distance,
  from,
  green,
  type Pixel,
  paint,
  red,
} from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

/** Twelve plain patches side by side, so that what an effect makes of a colour can be read off. */
const patch = 8;
async function patches(...colours: readonly Pixel[]): Promise<Buffer> {
  return from(paint(colours.length * patch, patch, (x) => colours[Math.floor(x / patch)] ?? [0, 0, 0]))
    .png()
    .toBuffer();
}

/** What the effect makes of each colour. */
async function through(text: string, ...colours: readonly Pixel[]): Promise<Pixel[]> {
  const picture = await decode((await draw(await patches(...colours), `${text}/f_png`)).bytes);
  return colours.map((_, index) => colourAt(picture, index * patch + patch / 2, patch / 2));
}

/** Red, green and blue there, of grey pictures too. */
function colourAt(picture: Decoded, x: number, y: number): Pixel {
  const pixel = picture.at(x, y);
  return pixel.length >= 3 ? pixel.slice(0, 3) : [pixel[0] ?? 0, pixel[0] ?? 0, pixel[0] ?? 0];
}

function grey(value: number): Pixel {
  return [value, value, value];
}

const skin: Pixel = [200, 150, 120];

describe('effects on single colours', () => {
  it.each<[string, Pixel, Pixel]>([
    ['e_brightness:50', skin, [255, 225, 180]],
    ['e_brightness:-50', skin, [100, 75, 60]],
    ['e_brightness', [100, 50, 10], [180, 90, 18]],
    ['e_brightness:0', skin, skin],
    ['e_red:20', skin, [240, 150, 120]],
    ['e_green:-100', skin, [200, 0, 120]],
    ['e_blue:100', skin, [200, 150, 240]],
    ['e_red', skin, skin],
    ['e_replace_color:00ff00:100:ff0000', [255, 0, 0], [0, 255, 0]],
    ['e_replace_color:blue:30:red', [0, 160, 60], [0, 160, 60]],
    ['e_replace_color:blue:100:red', [0, 0, 0], [0, 0, 0]],
    ['e_replace_color:00f:50:white', [255, 255, 255], [0, 0, 255]],
    ['e_replace_color:00f:30:white', [60, 60, 60], [60, 60, 60]],
    ['e_replace_color:lime:30', [255, 0, 0], [0, 255, 0]],
    ['e_replace_color:lime:0:red', [255, 0, 0], [255, 0, 0]],
    ['e_contrast:50', skin, [236, 161, 116]],
    ['e_contrast:-100', skin, grey(128)],
    ['e_contrast:100', [100, 128, 160], [73, 129, 193]],
    ['e_saturation:-100', skin, grey(158)],
    ['e_saturation:100', skin, [242, 142, 82]],
    ['e_saturation', grey(90), grey(90)],
    ['e_hue:100', red, [0, 109, 109]],
    ['e_hue:-100', red, [0, 109, 109]],
    ['e_hue:0', skin, skin],
    ['e_hue', grey(77), grey(77)],
    ['e_gamma:100', grey(64), grey(128)],
    ['e_gamma:-50', grey(128), grey(64)],
    ['e_gamma:150', grey(0), grey(0)],
    ['e_gamma:150', grey(255), grey(255)],
    ['e_vibrance:100', red, red],
    ['e_vibrance:100', [140, 130, 120], [148, 130, 113]],
    ['e_vibrance:-100', [140, 130, 120], [132, 131, 130]],
    ['e_sepia:100', grey(128), [172, 154, 119]],
    ['e_sepia:50', grey(128), [150, 141, 124]],
    ['e_blackwhite', grey(126), grey(0)],
    ['e_blackwhite', grey(130), grey(255)],
    ['e_blackwhite:0', grey(0), grey(255)],
    ['e_blackwhite:100', grey(255), grey(0)],
    ['e_blackwhite:30', green, grey(255)],
    ['e_blackwhite:30', blue, grey(0)],
    ['e_negate', skin, [55, 105, 135]],
    ['e_colorize:40,co_rgb:0000ff', grey(100), [60, 60, 162]],
    ['e_colorize,co_rgb:204060', skin, [32, 64, 96]],
    ['e_colorize:50', grey(0), grey(64)],
    ['e_tint:100:rgb:00ff00', grey(64), [0, 128, 0]],
    ['e_tint:100:rgb:00ff00', grey(255), grey(255)],
    ['e_tint:100:rgb:00ff00', grey(0), grey(0)],
    ['e_tint:50:rgb:0000ff', grey(128), [64, 64, 191]],
    ['e_tint:100', grey(128), [255, 1, 1]],
    ['e_tint:100:red:20p', grey(51), [255, 0, 0]],
    ['e_tint:100:0000FF:0p:FF1493:100p', grey(0), [0, 0, 255]],
    ['e_tint:100:0000FF:0p:FF1493:100p', grey(255), [255, 20, 147]],
    ['e_tint:100:0000FF:0p:FF1493:100p', grey(128), [128, 10, 201]],
    ['e_tint:100:black:red:white', grey(128), [255, 1, 1]],
    ['e_tint:100:lime:50p:blue:60p', grey(20), [0, 255, 0]],
    ['e_tint:100:lime:50p:blue:60p', grey(200), [0, 0, 255]],
    ['e_tint:equalize:100:black:white', grey(20), grey(128)],
    ['e_tint:50:red:blue', grey(255), [128, 128, 255]],
    ['e_brightness_hsb:100', [100, 60, 20], [200, 120, 40]],
    ['e_brightness_hsb:100', [200, 100, 50], [255, 128, 64]],
    ['e_brightness_hsb:-50', [100, 60, 20], [50, 30, 10]],
    ['e_recolor:0:1:0:0:0:1:1:0:0', [10, 20, 30], [20, 30, 10]],
    ['e_recolor:0.5:0.5:0:0:1:0:0:0:2', [10, 20, 30], [15, 20, 60]],
    ['e_recolor:0:1:0:0:0:0:1:0:1:0:0:0:0:0:0:1', [10, 20, 30], [20, 30, 10]],
    ['e_oil_paint', grey(140), grey(140)],
    ['e_cartoonify:50:bw', grey(14), grey(255)],
    ['e_cartoonify:50:100', grey(140), grey(128)],
    ['e_simulate_colorblind', grey(140), grey(140)],
    ['e_simulate_colorblind:deuteranopia', red, [163, 144, 0]],
    ['e_simulate_colorblind:protanopia', red, [109, 95, 0]],
    ['e_simulate_colorblind:rod_monochromacy', green, grey(220)],
  ])('%s makes of %j %j', async (text, colour, expected) => {
    const [found = []] = await through(text, colour);
    expect(distance(found, expected), `${found}`).toBeLessThanOrEqual(3);
  });

  it.each(['brightness', 'contrast', 'saturation', 'gamma', 'vibrance'])(
    'e_%s grows with its strength',
    async (effect) => {
      const spread = ([r = 0, g = 0, b = 0]: Pixel) => (effect === 'brightness' || effect === 'gamma' ? g : r - b);
      const values = await Promise.all(
        [-45, -20, 0, 30, 70, 100].map(async (amount) => {
          const [found = []] = await through(`e_${effect}:${amount}`, [150, 110, 95]);
          return spread(found);
        }),
      );
      expect(values).toEqual([...values].sort((one, other) => one - other));
      expect((values.at(-1) ?? 0) - (values[0] ?? 0)).toBeGreaterThan(15);
    },
  );

  it('turns the colour wheel all the way round without losing its order', async () => {
    const [third = []] = await through('e_hue:67', red);
    const [back = []] = await through('e_hue:-67', red);
    expect(third[1]).toBeGreaterThan(Math.max(third[0] ?? 0, third[2] ?? 0));
    expect(back[2]).toBeGreaterThan(Math.max(back[0] ?? 0, back[1] ?? 0));
  });
});

describe('levels', () => {
  const dull = () =>
    from(paint(64, 16, (x) => [80 + x, 60 + x / 2, 100 + x / 2]))
      .png()
      .toBuffer();

  async function decoded(text: string): Promise<Decoded> {
    return decode((await draw(await dull(), `${text}/f_png`)).bytes);
  }

  it('e_auto_contrast uses the whole range of brightness', async () => {
    const picture = await decoded('e_auto_contrast');
    expect(colourAt(picture, 0, 8)[1]).toBeLessThan(25);
    expect(colourAt(picture, 63, 8)[0]).toBeGreaterThan(240);
  });

  it('e_auto_color uses the whole range of each channel, which takes out the cast', async () => {
    const picture = await decoded('e_auto_color');
    expect(distance(colourAt(picture, 0, 8), grey(0))).toBeLessThan(12);
    expect(distance(colourAt(picture, 63, 8), grey(255))).toBeLessThan(12);
    expect(distance(colourAt(picture, 32, 8), grey(128))).toBeLessThan(15);
  });

  it('e_improve goes half of both ways', async () => {
    const [plain, contrast, colour, both] = await Promise.all(
      ['a_0', 'e_auto_contrast', 'e_auto_color', 'e_improve'].map(decoded),
    );
    if (!plain || !contrast || !colour || !both) throw new Error('Four pictures were drawn.');
    for (const x of [0, 20, 50]) {
      const mean = colourAt(contrast, x, 8).map(
        (value, channel) => (value + (colourAt(colour, x, 8)[channel] ?? 0)) / 2,
      );
      expect(distance(colourAt(both, x, 8), mean)).toBeLessThanOrEqual(2);
    }
    expect(distance(colourAt(both, 63, 8), colourAt(plain, 63, 8))).toBeGreaterThan(40);
  });

  it.each([
    ['dark', 40],
    ['bright', 215],
  ])('e_auto_brightness brings a %s picture to the middle', async (_, value) => {
    const [found = []] = await through('e_auto_brightness', grey(value));
    expect(Math.abs((found[0] ?? 0) - 127)).toBeLessThan(Math.abs(value - 127) / 2);
  });

  it('mixes in as much as is asked for', async () => {
    const [none, half, all] = await Promise.all(['a_0', 'e_auto_contrast:50', 'e_auto_contrast:100'].map(decoded));
    if (!none || !half || !all) throw new Error('Three pictures were drawn.');
    const mean = colourAt(none, 60, 8).map((value, channel) => (value + (colourAt(all, 60, 8)[channel] ?? 0)) / 2);
    expect(distance(colourAt(half, 60, 8), mean)).toBeLessThanOrEqual(2);
  });

  it.each(['auto_contrast', 'auto_color', 'improve'])('e_%s leaves a plain picture as it is', async (effect) => {
    expect(await through(`e_${effect}`, skin)).toEqual([skin]);
  });
});

describe('e_unsharp_mask', () => {
  it('raises edges, the more the stronger it is, and leaves flat areas alone', async () => {
    const original = await from(paint(80, 40, (x) => (x < 40 ? grey(80) : grey(170))))
      .png()
      .toBuffer();
    const found = await Promise.all(
      [20, 100, 300].map(async (amount) => decode((await draw(original, `e_unsharp_mask:${amount}`)).bytes)),
    );
    const depths = found.map((picture) => colourAt(picture, 39, 20)[0] ?? 255);
    expect(depths[0]).toBeLessThan(80);
    expect(depths).toEqual([...depths].sort((one, other) => other - one));
    for (const picture of found) expect(distance(colourAt(picture, 10, 20), grey(80))).toBeLessThanOrEqual(1);
  });
});

describe('e_vignette', () => {
  it('darkens the corners and leaves the middle', async () => {
    const original = await from(paint(100, 60, () => grey(200)))
      .png()
      .toBuffer();
    const [weak, strong] = await Promise.all(
      ['e_vignette', 'e_vignette:100'].map(async (text) => decode((await draw(original, text)).bytes)),
    );
    if (!weak || !strong) throw new Error('Two pictures were drawn.');
    expect(colourAt(weak, 50, 30)).toEqual(grey(200));
    expect(colourAt(weak, 0, 0)[0]).toBeGreaterThan(155);
    expect(colourAt(weak, 0, 0)[0]).toBeLessThan(170);
    expect(colourAt(strong, 0, 0)[0]).toBeLessThan(10);
    expect(colourAt(strong, 99, 59)).toEqual(colourAt(strong, 0, 0));
    expect(colourAt(strong, 99, 30)[0]).toBeGreaterThan(colourAt(strong, 99, 5)[0] ?? 255);
  });
});

describe('e_opacity_threshold', () => {
  it('leaves nothing half clear', async () => {
    const original = await from(paint(40, 10, (x) => [200, 100, 50, x * 6]))
      .png()
      .toBuffer();
    const picture = await decode((await draw(original, 'e_opacity_threshold:50')).bytes);
    const alphas = Array.from({ length: 40 }, (_, x) => picture.at(x, 5)[3]);
    expect(new Set(alphas)).toEqual(new Set([0, 255]));
    expect([alphas[21], alphas[22]]).toEqual([0, 255]);
  });
});

describe('effects and what is beside the colours', () => {
  const effects = [
    ...[
      'brightness:30',
      'contrast:30',
      'saturation',
      'hue:30',
      'gamma:40',
      'vibrance',
      'sepia',
      'blackwhite',
      'negate',
    ],
    ...[
      'colorize:40',
      'tint',
      'auto_brightness',
      'auto_contrast',
      'auto_color',
      'unsharp_mask',
      'vignette:50',
      'improve',
    ],
  ];

  it.each(effects)('e_%s keeps transparency', async (effect) => {
    const original = await from(paint(30, 20, (x, y) => [x * 8, y * 12, 90, x < 10 ? 0 : x < 20 ? 128 : 255]))
      .png()
      .toBuffer();
    const picture = await decode((await draw(original, `e_${effect}`)).bytes);
    expect([picture.at(3, 10).at(-1), picture.at(15, 10).at(-1), picture.at(25, 10).at(-1)]).toEqual([0, 128, 255]);
  });

  it.each(effects)('e_%s takes a grey picture', async (effect) => {
    const original = await from(paint(30, 20, (x) => [x * 8]))
      .png()
      .toBuffer();
    expect(await draw(original, `e_${effect}`)).toMatchObject({ width: 30, height: 20 });
  });

  it.each(effects)('e_%s draws every frame of an animation as it would draw a picture', async (effect) => {
    const original = await animate(24, 24, [
      [180, 90, 60],
      [40, 160, 200],
    ])
      .webp({ lossless: true })
      .toBuffer();
    const rendered = await draw(original, `e_${effect}/f_webp,q_100`);
    expect(rendered).toMatchObject({ width: 24, height: 24, frames: 2 });
    const moving = await decode(rendered.bytes);
    expect(moving.height).toBe(48);
    if (effect.startsWith('auto_') || effect === 'improve') return;
    const [first = [], second = []] = await through(`e_${effect}`, [180, 90, 60], [40, 160, 200]);
    if (effect.startsWith('vignette')) return;
    expect(distance(colourAt(moving, 12, 12), first)).toBeLessThan(12);
    expect(distance(colourAt(moving, 12, 36), second)).toBeLessThan(12);
  });
});
