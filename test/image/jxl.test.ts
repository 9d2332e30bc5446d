import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { findMetadata } from '../../src/image/containers/metadata/metadata.ts';
import { inspect } from '../../src/image/inspect/inspect.ts';
import { box } from '../support/avif.ts';
import { cornersOf, expectColours, fourColours, height, width } from '../support/four-colours.ts';
import { jxlFile } from '../support/jxl.ts';
import { decode, distance, from, quarters } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const its = startRenderer();
afterAll(() => its.renderer.close());

const { red, green, blue, white } = fourColours;

async function corners(original: Uint8Array, text = 'f_png') {
  return cornersOf((await its.draw(original, text)).bytes);
}

describe('a JPEG XL is drawn', () => {
  it.each([
    ['quarters', 3],
    ['alpha', 3],
    ['deep', 3],
    ['p3', 6],
    ['lossy', 6],
    ['animation', 12],
  ])('as it is: %s', async (name, most) => {
    const drawn = await corners(jxlFile(name));
    expect([drawn.width, drawn.height]).toEqual([width, height]);
    expectColours(drawn.colours, [red, green, blue, white], most);
  });

  it('with its alpha, its bits and its grays', async () => {
    expect(await inspect(jxlFile('alpha'))).toMatchObject({ hasAlpha: true, samplesPerPixel: 4 });
    expect((await corners(jxlFile('alpha'))).colours.map(([, , , alpha]) => alpha)).toEqual([127, 127, 127, 127]);
    expect((await inspect(jxlFile('deep'))).bitDepth).toBe(16);
    const multiplied = await corners(jxlFile('premultiplied'));
    expect(multiplied.colours[0]).toEqual([255, 80, 80, 127]);
    const [first = []] = (await corners(jxlFile('gray'))).colours;
    expect(new Set(first.slice(0, 3)).size).toBe(1);
  });

  it('upright, by what it says of its orientation', async () => {
    const file = jxlFile('turned');
    expect((await inspect(file)).size).toEqual({ width: height, height: width });
    const drawn = await corners(file);
    expect([drawn.width, drawn.height]).toEqual([height, width]);
    expectColours(drawn.colours, [blue, red, white, green], 6);
  });

  it('with the colours of its profile, which cs_copy keeps', async () => {
    const { bytes } = await its.draw(jxlFile('p3'), 'cs_copy,f_png');
    expect((await sharp(bytes).metadata()).icc).toBeDefined();
    const stored = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer();
    expect(distance([...stored.subarray(3 * 96, 3 * 96 + 3)], green)).toBeGreaterThan(15);
    // The same numbers as those of P3, by name: more of a green than sRGB can show.
    expect((await corners(jxlFile('p3-named'))).colours[1]?.slice(0, 3)).toEqual([0, 204, 0]);
  });

  it('brought to an ordinary screen where it is meant for one of high dynamic range', async () => {
    const file = jxlFile('hdr');
    expect(await inspect(file)).toMatchObject({ encoding: { transfer: { kind: 'pq', peak: 10_000 } } });
    const { colours } = await corners(file);
    // Its white is 0.86 of PQ, some 2,500 cd/m².
    expect(Math.min(...(colours[3] ?? []).slice(0, 3))).toBeGreaterThan(200);
    expect(distance(colours[0]?.slice(0, 3) ?? [], red)).toBeGreaterThan(20);
  });

  it('small, in the format that its client takes, and as a JPEG or PNG where it keeps its own', async () => {
    const { contentType } = await its.draw(jxlFile('photo'), 'w_64');
    expect(contentType).toBe('image/jpeg');
    expect((await its.draw(jxlFile('photo'), 'w_64,f_auto', { accept: 'image/avif' })).contentType).toBe('image/avif');
    expect((await its.draw(jxlFile('alpha'), 'w_64')).contentType).toBe('image/png');
  });

  it('as a layer', async () => {
    const base = await from(quarters(256, 192)).png().toBuffer();
    const { bytes } = await its.draw(base, 'l_photo/fl_layer_apply,g_north_west/f_png', {
      layers: new Map([['photo', jxlFile('quarters')]]),
    });
    expect(distance((await decode(bytes)).at(20, 20).slice(0, 3), red)).toBeLessThanOrEqual(3);
  });

  it('and what it says in packed boxes is read', () => {
    const file = jxlFile('words');
    expect(findMetadata('jxl', file, 1).xmp.map(String)).toEqual([expect.stringContaining('trainedAlgorithmicMedia')]);
  });
});

it('has the same bytes whether its pixels were at hand or not', async () => {
  const keeping = startRenderer();
  const inOnePipeline = startRenderer({ maxKeptBytes: 0 });
  try {
    for (const text of ['c_scale,w_320,f_jpg', 'c_scale,w_200,f_png', 'c_fill,w_160,h_160,f_webp']) {
      const [kept, once] = await Promise.all([keeping, inOnePipeline].map((one) => one.draw(jxlFile('photo'), text)));
      expect(Buffer.compare(kept?.bytes ?? Buffer.alloc(0), once?.bytes ?? Buffer.alloc(1)), text).toBe(0);
    }
  } finally {
    await Promise.all([keeping, inOnePipeline].map(({ renderer }) => renderer.close()));
  }
});

describe('a JPEG XL is refused', () => {
  it('when it ends early', async () => {
    const photo = jxlFile('photo');
    for (const share of [0.0002, 0.02, 0.3, 0.6, 0.9, 0.99]) {
      const cut = photo.subarray(0, Math.floor(photo.length * share) + 2);
      await expect(its.draw(cut, 'f_png'), `${share}`).rejects.toMatchObject({ kind: 'corrupt' });
    }
  });

  it('when its header says more pixels than are read', async () => {
    // Not small, 2³⁰ high and in the shape of a square; then all as usual.
    const large = Buffer.from([0xff, 0x0a, 0b1111_1110, 0xff, 0xff, 0xff, 0b0001_0011, 0, 0]);
    await expect(its.draw(large, 'f_png')).rejects.toMatchObject({ kind: 'too_large' });
  });

  it('when it is one of those that have ended its decoder', async () => {
    const file = Buffer.from('/wr/CscOKyT///8KW0EKQQSU', 'base64');
    const kind = expect.stringMatching(/^(?:corrupt|too_large|unsupported)$/);
    await expect(its.draw(file, 'f_png')).rejects.toMatchObject({ kind });
  });

  it('when its container holds no picture', async () => {
    const head = Buffer.from('0000000c4a584c200d0a870a', 'hex');
    const empty = Buffer.concat([head, box('ftyp', Buffer.from('jxl \0\0\0\0jxl ')), box('free', Buffer.alloc(9))]);
    await expect(its.draw(empty, 'f_png')).rejects.toMatchObject({ kind: 'corrupt' });
  });

  it('by what it is, without an end to its process: bytes of it changed at random', async () => {
    const outcomes = new Set<string>();
    for (const name of ['photo', 'words', 'alpha']) {
      const whole = jxlFile(name);
      for (let seed = 1; seed <= 20; seed += 1) {
        const broken = Buffer.from(whole);
        for (let change = 0; change < 3; change += 1) {
          broken[2 + ((seed * 7919 + change * 104_729) % (broken.length - 2))] = (seed * 31 + change * 17) & 255;
        }
        await its.draw(broken, 'w_64,f_png').then(
          () => outcomes.add('drawn'),
          (error: unknown) =>
            outcomes.add(error instanceof Error && 'kind' in error ? String(error.kind) : String(error)),
        );
      }
    }
    for (const outcome of outcomes) expect(['drawn', 'corrupt', 'unsupported', 'too_large']).toContain(outcome);
    expect(outcomes).toContain('corrupt');
    expect(its.events.filter((event) => event.type === 'render-process' && event.event === 'died')).toEqual([]);
  });
});
