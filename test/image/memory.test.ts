import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import { upToNow } from '../../src/image/containers/header.ts';
import type { Facts } from '../../src/image/index.ts';
import { estimateBytes, readablePixels } from '../../src/image/plan/estimate.ts';
import { mostRenderBytes } from '../../src/image/processes/memory-fit.ts';
import { from, quarters } from '../support/pictures.ts';
import { startRenderer, transformOf } from '../support/renderer.ts';

const megabyte = 1024 ** 2;

/** What a server on two cores has when nothing is configured. */
const { renderMemoryBytes: maxMemoryBytes, renderers: processes } = readConfig({ FOVEA_RENDERERS: '2' });
const pool = startRenderer({ processes, maxMemoryBytes, timeoutMs: 60_000 });
afterAll(() => pool.renderer.close());

/** A small AVIF whose header says another size: nothing of it is decoded. */
async function avifDeclaring(width: number, height: number, chromaSubsampling: '4:2:0' | '4:4:4'): Promise<Buffer> {
  const avif = await from(quarters(64, 48)).avif({ effort: 0, chromaSubsampling }).toBuffer();
  const at = avif.indexOf('ispe', 0, 'latin1');
  avif.writeUInt32BE(width, at + 8);
  avif.writeUInt32BE(height, at + 12);
  return avif;
}

const refusalOf = (original: Buffer, text: string) =>
  pool.draw(original, text).then(
    () => 'drawn',
    (reason: unknown) => String(reason),
  );

/** The limit that a refusal tells, in pixels. */
function toldLimit(refusal: string): number {
  return Number(/at most ([\d.]+) megapixels/.exec(refusal)?.[1]) * 1_000_000;
}

describe('a picture that decodes to more than there is memory', () => {
  it('is refused with the limit of its kind and the setting that decides it', async () => {
    const refusal = await refusalOf(await avifDeclaring(7_000, 7_000, '4:4:4'), 'w_1400,f_avif');
    expect(refusal).toMatch(
      /^Failure: The original has 7000 × 7000 pixels; of its kind \(AVIF of 8 bits and 3 samples a pixel\) at most 4\d\.\d megapixels are read with 864 MB of memory for a render\. FOVEA_RENDER_MEMORY_MB says how much there is\.$/,
    );
    // What was said to be allowed is: the same one with as many pixels gets past the limits, as far as its damage.
    const side = Math.floor(Math.sqrt(toldLimit(refusal)));
    const allowed = await refusalOf(await avifDeclaring(side, side, '4:4:4'), 'w_1400,f_avif');
    expect(allowed).toMatch(/damage/);
  });

  it('may have as many pixels as any original where colour is kept at a quarter', async () => {
    expect(await refusalOf(await avifDeclaring(7_070, 7_070, '4:2:0'), 'w_1400,f_avif')).toMatch(/damage/);
  });

  it('is read when it is asked for small enough, and when more memory is given', async () => {
    const { renderMemoryBytes } = readConfig({ FOVEA_RENDERERS: '2', FOVEA_RENDER_MEMORY_MB: '1400' });
    const roomy = startRenderer({ processes, maxMemoryBytes: renderMemoryBytes });
    const original = await avifDeclaring(7_000, 7_000, '4:4:4');
    await expect(roomy.draw(original, 'w_1400,f_avif')).rejects.toThrow(/damage/);
    await roomy.renderer.close();
  });

  it('is told from one that only leads to too much', async () => {
    const original = await from(quarters(64, 48)).png().toBuffer();
    expect(await refusalOf(original, 'c_scale,w_6300,h_6300,f_avif,q_50:444')).toMatch(
      /^Failure: Making this picture of this original would take some \d+ MB of memory; a render has 864 MB.*FOVEA_RENDER_MEMORY_MB/,
    );
  });
});

const kinds: fc.Arbitrary<Facts> = fc
  .record({
    format: fc.constantFrom('jpeg', 'png', 'webp', 'gif', 'avif', 'tiff'),
    coding: fc.constantFrom('plain', 'progressive', 'interlaced', 'lossless'),
    samplesPerPixel: fc.constantFrom(1, 1.5, 2, 2.5, 3, 4),
    bitDepth: fc.constantFrom(1, 8, 10, 12, 16, 32),
    hasAlpha: fc.boolean(),
    isPremultiplied: fc.boolean(),
    range: fc.constantFrom(undefined, { black: 0, white: 1 }),
    alphaRange: fc.constantFrom(undefined, { black: 0, white: 1 }),
  } as const)
  .map((kind) => ({
    ...upToNow,
    ...kind,
    ...sized(1_000),
    bytes: 1_000,
    orientation: 1,
  }));

function sized(side: number): Pick<Facts, 'stored' | 'size'> {
  return { stored: { width: side, height: side }, size: { width: side, height: side } };
}

it('an original of any kind that has as many pixels as are said to be read fits into memory, and no larger kind does', () => {
  fc.assert(
    fc.property(kinds, fc.integer({ min: 160, max: 4_000 }), fc.integer({ max: 20_000_000 }), (facts, room, bytes) => {
      const inputBytes = Math.max(1, bytes);
      const memoryBytes = room * megabyte;
      const side = Math.floor(Math.sqrt(readablePixels(facts, { frames: 1, inputBytes, memoryBytes })));
      const transform = transformOf('c_fill,w_1600,h_1250,f_avif');
      const taken = (of: number) =>
        estimateBytes({ facts: { ...facts, ...sized(of) }, transform, format: 'avif', frames: 1, inputBytes });
      if (side > 0) expect(taken(side)).toBeLessThanOrEqual(memoryBytes);
      expect(taken(Math.ceil(1.01 * side) + 2_000)).toBeGreaterThan(memoryBytes);
    }),
  );
});

it('a server is given no configuration with which it could draw next to nothing', () => {
  expect(() => readConfig({ FOVEA_RENDERERS: '8', FOVEA_RENDER_MEMORY_MB: '512' })).toThrow(
    /FOVEA_RENDER_MEMORY_MB: expected at least 1280, which is 160 for each of FOVEA_RENDERERS and no less than 256; came 512/,
  );
  const { renderMemoryBytes, renderers } = readConfig({ FOVEA_RENDERERS: '8', FOVEA_RENDER_MEMORY_MB: '1280' });
  expect(mostRenderBytes({ processes: renderers, maxMemoryBytes: renderMemoryBytes })).toBeGreaterThan(160 * megabyte);
});
