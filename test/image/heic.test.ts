import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { inspect } from '../../src/image/inspect/inspect.ts';
import { box, contentLight, nclx } from '../support/avif.ts';
import { cornersOf, expectColours, fourColours, height, width } from '../support/four-colours.ts';
import { codedIn, gridOf, heicFile, heifOf, imir, irot, ispe, single } from '../support/heif.ts';
import { decode, distance, exifBlock, from, quarters } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

/** The decoder is a package that who runs fovea installs; for tests it is there. */
const its = startRenderer();
const without = startRenderer({ readsHeic: false });
afterAll(() => Promise.all([its, without].map(({ renderer }) => renderer.close())));

const { red, green, blue, white } = fourColours;
const plain = heicFile('quarters');
const coded = codedIn(plain);

async function corners(original: Uint8Array, text = 'f_png') {
  return cornersOf((await its.draw(original, text)).bytes);
}

describe('a HEIC is drawn', () => {
  it.each(['quarters', 'quarters-10-bit', 'quarters-alpha'])('as it is: %s', async (name) => {
    const drawn = await corners(heicFile(name));
    expect([drawn.width, drawn.height]).toEqual([width, height]);
    expectColours(drawn.colours, [red, green, blue, white]);
  });

  it('with its alpha', async () => {
    const drawn = await corners(heicFile('quarters-alpha'));
    expect(drawn.colours.map(([, , , alpha]) => alpha)).toEqual([127, 127, 127, 127]);
  });

  it('with the colours of its profile', async () => {
    const drawn = await corners(heicFile('quarters-p3'));
    expectColours(drawn.colours, [red, green, blue, white], 6);
    const { bytes } = await its.draw(heicFile('quarters-p3'), 'cs_copy,f_png');
    const stored = await sharp(bytes, { ignoreIcc: true }).raw().toBuffer();
    expect((await sharp(bytes).metadata()).icc).toBeDefined();
    // Its green is no sRGB's.
    expect(distance([...stored.subarray(3 * 96, 3 * 96 + 3)], green)).toBeGreaterThan(15);
  });

  it('as its code points say, from screens of high dynamic range', async () => {
    const deep = codedIn(heicFile('quarters-10-bit'));
    const saying = single(deep, [ispe(width, height), nclx(9, 16), contentLight(1000, 200)]);
    const facts = await inspect(saying);
    expect(facts).toMatchObject({ bitDepth: 10, encoding: { transfer: { kind: 'pq', peak: 1000 } } });
    const { colours } = await corners(saying);
    // Its white is 0.86 of PQ, some 2,500 cd/m², and its grays are far from sRGB's.
    expect(colours[3]?.slice(0, 3)).toEqual([255, 255, 255]);
    expect(distance(colours[0] ?? [], red)).toBeGreaterThan(30);
  });

  it('in the format that its client takes, and as a JPEG or PNG where it keeps its own', async () => {
    expect((await its.draw(plain, 'w_64', { accept: 'image/avif' })).contentType).toBe('image/jpeg');
    expect((await its.draw(plain, 'w_64,f_auto', { accept: 'image/avif' })).contentType).toBe('image/avif');
    expect((await its.draw(heicFile('quarters-alpha'), 'w_64')).contentType).toBe('image/png');
  });

  it('as a layer', async () => {
    const base = await from(quarters(256, 192)).png().toBuffer();
    const { bytes } = await its.draw(base, 'l_photo/fl_layer_apply,g_north_west/f_png', {
      layers: new Map([['photo', plain]]),
    });
    expect(distance((await decode(bytes)).at(20, 20).slice(0, 3), red)).toBeLessThanOrEqual(3);
  });

  // A quarter to the left each, and then the mirror (MIAF, 7.3.6.7).
  it.each([
    ['turned once', [irot(1)], [height, width], [green, white, red, blue]],
    ['turned twice', [irot(2)], [width, height], [white, blue, green, red]],
    ['turned three times', [irot(3)], [height, width], [blue, red, white, green]],
    ['mirrored up and down', [imir(0)], [width, height], [blue, white, red, green]],
    ['mirrored left and right', [imir(1)], [width, height], [green, red, white, blue]],
    ['turned and mirrored', [irot(1), imir(1)], [height, width], [white, green, blue, red]],
  ] as const)('%s', async (_, properties, size, expected) => {
    const file = single(coded, [ispe(width, height), ...properties]);
    const facts = await inspect(file);
    expect([facts.size.width, facts.size.height]).toEqual(size);
    const drawn = await corners(file);
    expect([drawn.width, drawn.height]).toEqual(size);
    expectColours(drawn.colours, expected);
  });

  it('joined from a grid whose last cells reach beyond it', async () => {
    const file = gridOf(coded, { columns: 3, rows: 2, width: 300, height: 180, cell: [width, height] });
    const drawn = await its.draw(file, 'f_png');
    const picture = await decode(drawn.bytes);
    expect([picture.width, picture.height]).toEqual([300, 180]);
    const cells = [picture.at(20, 20), picture.at(200, 20), picture.at(270, 20), picture.at(20, 170)];
    expectColours(cells, [red, green, red, blue]);
  });

  it('from a grid that is turned', async () => {
    const grid = { columns: 2, rows: 1, width: 256, height: 96, cell: [width, height], properties: [irot(3)] } as const;
    const drawn = await corners(gridOf(coded, grid));
    expect([drawn.width, drawn.height]).toEqual([96, 256]);
  });

  it('without its EXIF orientation, which the container overrules', async () => {
    const block = exifBlock(6);
    const file = Buffer.concat([plain, box('free', block)]);
    expect((await inspect(file)).size).toEqual({ width, height });
  });
});

it('has the same bytes whether its pixels were at hand or not', async () => {
  const photo = heicFile('photo');
  const keeping = startRenderer();
  const inOnePipeline = startRenderer({ maxKeptBytes: 0 });
  try {
    for (const text of ['c_scale,w_320,f_jpg', 'c_scale,w_200,f_png', 'c_fill,w_160,h_160,f_webp']) {
      const [kept, once] = await Promise.all([keeping, inOnePipeline].map((one) => one.draw(photo, text)));
      expect(Buffer.compare(kept?.bytes ?? Buffer.alloc(0), once?.bytes ?? Buffer.alloc(1)), text).toBe(0);
    }
  } finally {
    await Promise.all([keeping, inOnePipeline].map(({ renderer }) => renderer.close()));
  }
});

describe('a HEIC is refused', () => {
  it('where its decoder is not installed, and told what to install', async () => {
    const message = expect.stringContaining(`npm install --save-prod libheif-js@${pinned()}`);
    await expect(without.draw(plain, 'f_png')).rejects.toMatchObject({ kind: 'unsupported', message });
    const layers = new Map([['photo', plain]]);
    const base = await from(quarters(20, 15)).png().toBuffer();
    const drawn = without.draw(base, 'l_photo/fl_layer_apply/f_png', { layers });
    await expect(drawn).rejects.toMatchObject({ kind: 'unsupported', message });
  });

  it('when it ends early', async () => {
    const photo = heicFile('photo');
    for (const share of [0.02, 0.3, 0.6, 0.9, 0.99]) {
      const cut = photo.subarray(0, Math.floor(photo.length * share));
      await expect(its.draw(cut, 'f_png'), `${share}`).rejects.toMatchObject({ kind: 'corrupt' });
    }
  });

  it('when its stream is larger than its header says', async () => {
    const photo = codedIn(heicFile('photo'));
    await expect(its.draw(single(photo, [ispe(64, 48)]), 'f_png')).rejects.toMatchObject({ kind: 'too_large' });
  });

  it('when its header says more pixels than are read, or than its stream has', async () => {
    const large = single(coded, [ispe(20_000, 20_000)]);
    await expect(its.draw(large, 'f_png')).rejects.toMatchObject({ kind: 'too_large' });
    await expect(its.draw(single(coded, [ispe(1280, 960)]), 'f_png')).rejects.toMatchObject({ kind: 'corrupt' });
  });

  it('when a grid names cells again and again, or cells larger than itself', async () => {
    const madeOf = Array.from({ length: 20_000 }, () => 2);
    const again = { columns: 250, rows: 80, width: 500, height: 500, cell: [width, height], madeOf } as const;
    await expect(its.draw(gridOf(coded, again), 'f_png')).rejects.toMatchObject({ kind: 'too_large' });
    const larger = { columns: 1, rows: 1, width: 16, height: 16, cell: [4000, 3000] } as const;
    await expect(its.draw(gridOf(coded, larger), 'f_png')).rejects.toMatchObject({ kind: 'too_large' });
  });

  it('when a property is essential that is not known', async () => {
    const file = Buffer.from(single(coded, [ispe(width, height), irot(0)]));
    file.write('wxyz', file.indexOf('irot'), 'latin1');
    await expect(inspect(file)).rejects.toMatchObject({ kind: 'unsupported' });
  });

  it('by what it is, without an end to its process: bytes of it changed at random', async () => {
    const photo = heicFile('photo');
    const outcomes = new Set<string>();
    for (let seed = 1; seed <= 25; seed += 1) {
      const broken = Buffer.from(photo);
      for (let change = 0; change < 4; change += 1) {
        const place = (seed * 7919 + change * 104_729) % (change % 2 === 0 ? 500 : broken.length);
        broken[place] = (seed * 31 + change * 17) & 255;
      }
      await its.draw(broken, 'w_64,f_png').then(
        () => outcomes.add('drawn'),
        (error: unknown) => outcomes.add(kindOf(error)),
      );
    }
    for (const outcome of outcomes) expect(['drawn', 'corrupt', 'unsupported', 'too_large']).toContain(outcome);
    expect(outcomes).toContain('corrupt');
    expect(its.events.filter((event) => event.type === 'render-process' && event.event === 'died')).toEqual([]);
  });
});

function kindOf(error: unknown): string {
  return error instanceof Error && 'kind' in error ? String(error.kind) : String(error);
}

/** The version that package.json asks for. */
function pinned(): unknown {
  const { peerDependencies } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return peerDependencies['libheif-js'];
}

it('is looked at no oftener for cells that are named very many times, and have very many properties', async () => {
  const properties = [ispe(16, 16), ...Array.from({ length: 100 }, () => box('free', Buffer.alloc(0)))];
  const file = heifOf([
    { type: 'grid', data: Buffer.alloc(8), properties: [ispe(4000, 3000)], madeOf: Array(19_000).fill(2) },
    { type: 'hvc1', data: coded.stream, properties: [...properties, coded.configuration] },
  ]);
  const reads = vi.spyOn(Buffer.prototype, 'readUInt32BE');
  try {
    expect(await inspect(file)).toMatchObject({ size: { width: 4000, height: 3000 } });
    expect(reads.mock.calls.length).toBeLessThan(5_000);
  } finally {
    reads.mockRestore();
  }
});

it('is described with its size, and has a ThumbHash', async () => {
  const hash = await its.renderer.thumbHash(heicFile('photo'), {
    signal: AbortSignal.timeout(30_000),
    claim: { client: 'a' },
    fingerprint: 'photo',
  });
  expect(hash.length).toBeGreaterThan(10);
  const { width: drawn } = await sharp((await its.draw(heicFile('photo'), 'w_100,f_jpg')).bytes).metadata();
  expect(drawn).toBe(100);
});
