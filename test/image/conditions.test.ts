import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Region } from '../../src/grammar/index.ts';
import { animate, blue, decode, distance, from, type Pixel, paint, red } from '../support/pictures.ts';
import { startRenderer, transformOf } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const plain = (colour: Pixel, width: number, height: number) =>
  from(paint(width, height, () => colour))
    .png()
    .toBuffer();

let wide = Buffer.alloc(0);
let tall = Buffer.alloc(0);
const layers = new Map<string, Buffer>();
beforeAll(async () => {
  [wide, tall] = [await plain(blue, 100, 60), await plain(blue, 60, 100)];
  layers.set('logo', await plain(red, 20, 10)).set('broken', Buffer.from('no picture'));
});

async function sizeOf(original: Buffer, text: string) {
  const { width, height } = await sharp((await draw(original, text)).bytes).metadata();
  return [width, height];
}

describe('a picture with conditions', () => {
  it('is drawn as the branch says that its original meets', async () => {
    const text = 'if_ar_gte_1.0/c_scale,w_50/if_else/c_fill,h_20,w_40/if_end';
    expect(await sizeOf(wide, text)).toEqual([50, 30]);
    expect(await sizeOf(tall, text)).toEqual([40, 20]);
  });

  it('goes by the size as people see it, and by pages', async () => {
    const turned = await sharp(wide).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await sizeOf(turned, 'if_h_gt_w,c_scale,w_30')).toEqual([30, 50]);
    expect(await sizeOf(wide, 'if_pc_gt_1,c_scale,w_30')).toEqual([100, 60]);
    const pages = await animate(100, 60, [red, blue]).gif().toBuffer();
    expect(await sizeOf(pages, 'if_pc_gt_1,c_scale,w_30')).toEqual([30, 18]);
  });

  it('has the layers of that branch, and needs none of the other', async () => {
    const text = 'if_w_gt_h,l_logo,g_north_west/if_else,l_broken,g_north_west';
    const picture = await decode((await draw(wide, text, { layers })).bytes);
    expect(distance(picture.at(2, 2), red)).toBeLessThanOrEqual(3);
    await expect(draw(tall, text, { layers })).rejects.toMatchObject({ kind: 'unsupported' });
  });

  it('counts the faces that are known in it', async () => {
    const face: Region = { x: 0.2, y: 0.2, width: 0.3, height: 0.3 };
    const transform = transformOf('if_fc_gte_2/c_scale,w_20/if_else/c_scale,w_40/if_end');
    const widthWith = async (faces: readonly Region[]) => {
      const { bytes } = await renderer.render({ original: wide, faces }, transform, {
        signal: new AbortController().signal,
        fingerprint: `faces ${faces.length}`,
        claim: undefined,
      });
      return (await sharp(bytes).metadata()).width;
    };
    expect(await widthWith([])).toBe(40);
    expect(await widthWith([face, { ...face, x: 0.6 }])).toBe(20);
  });

  it('is refused where its condition asks for what nobody knows yet', async () => {
    await expect(draw(wide, 'e_trim/if_w_gt_5,a_90')).rejects.toThrow('ask for iw, ih or iar');
  });
});
