import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { thumbHashToApproximateAspectRatio, thumbHashToAverageRGBA } from 'thumbhash';
import { afterAll, describe, expect, it } from 'vitest';
import { startRenderer } from '../support/renderer.ts';

const { renderer } = startRenderer();
afterAll(() => renderer.close());

let originals = 0;

/** Each original has a name of its own. */
function how() {
  originals += 1;
  return { signal: new AbortController().signal, fingerprint: `original ${originals}` };
}

describe('the placeholder of an original', () => {
  it('has the colour and the shape of the picture, in at most 25 bytes', async () => {
    const red = { create: { width: 900, height: 300, channels: 3, background: { r: 250, g: 10, b: 10 } } } as const;
    const hash = await renderer.thumbHash(await sharp(red).jpeg().toBuffer(), how());
    expect(hash.byteLength).toBeLessThanOrEqual(25);
    const { r, g, b, a } = thumbHashToAverageRGBA(hash);
    expect(r).toBeGreaterThan(0.85);
    expect(g).toBeLessThan(0.2);
    expect(b).toBeLessThan(0.2);
    expect(a).toBe(1);
    expect(thumbHashToApproximateAspectRatio(hash)).toBeGreaterThan(2);
  });

  it('knows of transparency, and of pictures that lie on their side', async () => {
    const clear = {
      create: { width: 64, height: 64, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    } as const;
    const hash = await renderer.thumbHash(await sharp(clear).png().toBuffer(), how());
    expect(thumbHashToAverageRGBA(hash).a).toBeLessThan(0.1);
    const wide = { create: { width: 400, height: 100, channels: 3, background: 'blue' } } as const;
    const turned = await sharp(wide).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(thumbHashToApproximateAspectRatio(await renderer.thumbHash(turned, how()))).toBeLessThan(1);
  });

  it.each(['gray', 'cmyk', 'sixteen bits', 'animated'])('is made of a picture that is %s', async (kind) => {
    const base = sharp({ create: { width: 120, height: 80, channels: 3, background: 'green' } });
    const pictures: Readonly<Record<string, () => Promise<Buffer>>> = {
      gray: () => base.grayscale().png().toBuffer(),
      cmyk: () => base.toColourspace('cmyk').jpeg().toBuffer(),
      'sixteen bits': () => base.toColourspace('rgb16').png().toBuffer(),
      animated: async () => {
        const raw = Buffer.alloc(8 * 24 * 3, 90);
        const page = { width: 8, height: 24, channels: 3, pageHeight: 8 } as const;
        return sharp(raw, { raw: page, animated: true }).gif().toBuffer();
      },
    };
    const hash = await renderer.thumbHash((await pictures[kind]?.()) ?? Buffer.alloc(0), how());
    expect(hash.byteLength).toBeGreaterThan(4);
  });

  it('is refused for what only looks like a picture', async () => {
    const photo = await readFile(new URL('../../data/originals/seeding.jpg', import.meta.url));
    await expect(renderer.thumbHash(photo.subarray(0, 20_000), how())).rejects.toMatchObject({ kind: 'corrupt' });
    await expect(renderer.thumbHash(Buffer.from('<svg/>'), how())).rejects.toMatchObject({ kind: 'unsupported' });
  });
});
