import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { Region } from '../../src/grammar/index.ts';
import type { SecondLook } from '../../src/image/index.ts';
import { startRenderer, transformOf } from '../support/renderer.ts';

const { renderer } = startRenderer();
afterAll(() => renderer.close());

const astronaut = readFileSync(new URL('../../data/originals/astronaut.jpg', import.meta.url));
const { signal } = new AbortController();
const fingerprintOf = (original: Uint8Array) => createHash('sha256').update(original).digest('hex');

async function seen(original: Uint8Array, options: { secondLook?: SecondLook; page?: number } = {}) {
  return renderer.faces(
    { original, secondLook: 'never', ...options },
    { signal, fingerprint: fingerprintOf(original) },
  );
}

/** The astronaut's face, as shares of her picture, by a ruler. */
const ruled: Region = { x: 0.345, y: 0.14, width: 0.2, height: 0.21 };

function expectNear(found: Region | undefined, wanted: Region, tolerance = 0.03): void {
  expect(found).toBeDefined();
  for (const side of ['x', 'y', 'width', 'height'] as const) {
    expect(Math.abs((found?.[side] ?? Number.NaN) - wanted[side])).toBeLessThan(tolerance);
  }
}

/** Her picture at a place of a grey one, at that size. */
async function on(width: number, height: number, place: { left: number; top: number; size: number }): Promise<Buffer> {
  const input = await sharp(astronaut).resize(place.size, place.size).toBuffer();
  return sharp({ create: { width, height, channels: 3, background: '#808080' } })
    .composite([{ input, left: place.left, top: place.top }])
    .jpeg({ quality: 90 })
    .toBuffer();
}

describe('looking for faces', () => {
  it('uses the very network that was tried', () => {
    const model = new URL('../../src/image/drawing/seeing/model/', import.meta.url);
    const readme = readFileSync(new URL('README.md', model), 'utf8');
    for (const file of ['blazeface.graph', 'blazeface.bin']) {
      expect(readme).toContain(fingerprintOf(readFileSync(new URL(file, model))));
    }
  });

  it('finds a face where it is, and says how sure it is', async () => {
    const { faces, small } = await seen(astronaut);
    expect(faces).toHaveLength(1);
    expectNear(faces[0], ruled);
    expect(faces[0]?.score).toBeGreaterThan(0.8);
    expect(small).toBeUndefined();
  });

  it.each(['png', 'webp', 'avif', 'gif', 'tiff'] as const)('finds it in %s', async (format) => {
    const { faces } = await seen(await sharp(astronaut).resize(240).toFormat(format).toBuffer());
    expectNear(faces[0], ruled);
  });

  it('finds it in four inks, in grey and behind what is half seen', async () => {
    const inks = await sharp(astronaut).toColourspace('cmyk').jpeg().toBuffer();
    const gray = await sharp(astronaut).grayscale().png().toBuffer();
    const half = await sharp(astronaut).ensureAlpha(0.6).png().toBuffer();
    for (const original of [inks, gray, half]) expectNear((await seen(original)).faces[0], ruled);
  });

  it.each([2, 3, 4, 5, 6, 7, 8])('means the picture as people see it (EXIF orientation %d)', async (orientation) => {
    // Stored so that the orientation brings it upright.
    const back = { 2: [0, true], 3: [180], 4: [180, true], 5: [90, true], 6: [270], 7: [270, true], 8: [90] }[
      orientation
    ];
    const [degrees, mirrored] = back ?? [];
    const turned = sharp(await sharp(astronaut).rotate(Number(degrees)).toBuffer()).flop(mirrored === true);
    const stored = await turned.withMetadata({ orientation }).jpeg({ quality: 90 }).toBuffer();
    expectNear((await seen(stored)).faces[0], ruled);
  });

  it('finds small ones at a second look, and only where the first saw none', async () => {
    const far = await on(1600, 1200, { left: 1250, top: 60, size: 220 });
    expect(await seen(far)).toEqual({ faces: [], small: undefined });
    const { faces, small } = await seen(far, { secondLook: 'if-none' });
    expect(faces).toEqual([]);
    expect(small).toHaveLength(1);
    const [x, y] = [(1250 + 220 * ruled.x) / 1600, (60 + 220 * ruled.y) / 1200];
    expectNear(small?.[0], { x, y, width: (220 * 0.2) / 1600, height: (220 * 0.21) / 1200 }, 0.015);
    expect((await seen(astronaut, { secondLook: 'if-none' })).small).toBeUndefined();
  });

  it('finds small ones beside large ones where all are wanted, and each once', async () => {
    const input = await sharp(astronaut).resize(220, 220).toBuffer();
    const both = await sharp({ create: { width: 1600, height: 1200, channels: 3, background: '#808080' } })
      .composite([
        { input: await sharp(astronaut).resize(900, 900).toBuffer(), left: 20, top: 150 },
        { input, left: 1250, top: 60 },
      ])
      .jpeg({ quality: 90 })
      .toBuffer();
    expect((await seen(both, { secondLook: 'if-none' })).small).toBeUndefined();
    const { faces, small } = await seen(both, { secondLook: 'always' });
    expect([faces.length, small?.length]).toEqual([1, 1]);
    expect(small?.[0]?.x).toBeGreaterThan(0.75);
  });

  it('sees none where there is none, however odd the picture', async () => {
    const plain = (width: number, height: number) =>
      sharp({ create: { width, height, channels: 3, background: '#c08060' } })
        .png()
        .toBuffer();
    for (const [width, height] of [
      [1, 1],
      [2, 3],
      [1, 3000],
      [5000, 1],
      [700, 20],
    ] as const) {
      expect(await seen(await plain(width, height), { secondLook: 'if-none' })).toEqual({ faces: [], small: [] });
    }
  });

  it('looks at the page that is asked for, and at the first frame of an animation', async () => {
    const size = 200;
    const frame = (await sharp(astronaut).resize(size, size).removeAlpha().raw().toBuffer()) as Buffer;
    const blank = Buffer.alloc(frame.length, 128);
    const moving = await sharp(Buffer.concat([blank, frame]), {
      raw: { width: size, height: size * 2, channels: 3, pageHeight: size },
      animated: true,
    })
      .webp({ loop: 0, delay: [100, 100] })
      .toBuffer();
    expect((await seen(moving)).faces).toEqual([]);
    expectNear((await seen(moving, { page: 2 })).faces[0], ruled);
  });

  it('fails as a render does', async () => {
    await expect(seen(Buffer.from('no picture'))).rejects.toMatchObject({ kind: 'unsupported' });
    const broken = Buffer.concat([astronaut.subarray(0, 700), Buffer.alloc(300)]);
    await expect(seen(broken)).rejects.toMatchObject({ kind: 'corrupt' });
  });
});

/** Draws by what was seen, and looks again: where is the face now? */
async function faceAfter(text: string, original: Uint8Array = astronaut, options: { small?: boolean } = {}) {
  const { faces } = await seen(original);
  const { bytes, width, height } = await renderer.render({ original, faces }, transformOf(`${text}/f_png`), {
    signal,
    fingerprint: fingerprintOf(original),
  });
  const found = await seen(bytes, { secondLook: options.small === true ? 'always' : 'never' });
  return { width, height, faces: found.faces.length > 0 ? found.faces : (found.small ?? []), bytes };
}

const middleOf = (face: Region | undefined) => ({
  x: (face?.x ?? Number.NaN) + (face?.width ?? 0) / 2,
  y: (face?.y ?? Number.NaN) + (face?.height ?? 0) / 2,
});

describe('a cut round a face', () => {
  it.each([
    ['c_crop,g_face,w_150,h_150', 150, 150],
    ['c_crop,g_faces,w_120,h_160', 120, 160],
    ['c_fill,g_face,w_100,h_300', 100, 300],
    ['c_fill,g_face:center,w_150,h_300', 150, 300],
    ['c_crop,g_custom:face,w_150,h_150', 150, 150],
    ['c_auto,g_face,w_100,h_300', 100, 300],
    ['c_thumb,g_face,w_200,h_200', 200, 200],
    ['c_thumb,g_face,w_128,h_256', 128, 256],
    ['c_thumb,g_faces:auto,w_256,h_100', 256, 100],
    // Offsets move nothing: the face is what is meant.
    ['c_crop,g_face,w_150,h_150,x_40,y_40', 150, 150],
  ])('%s has it in the middle', async (text, width, height) => {
    const drawn = await faceAfter(text);
    expect(drawn).toMatchObject({ width, height });
    expect(drawn.faces).toHaveLength(1);
    expect(Math.abs(middleOf(drawn.faces[0]).x - 0.5)).toBeLessThan(0.1);
  });

  it('brings a thumb nearer and further away with z_, as far as there is picture', async () => {
    const sizes: number[] = [];
    for (const zoom of ['0.1', '0.6', '1', '1.3']) {
      sizes.push((await faceAfter(`c_thumb,g_face,w_200,h_200,z_${zoom}`)).faces[0]?.width ?? 0);
    }
    expect(sizes).toEqual(sizes.toSorted((one, other) => one - other));
    expect(sizes[0]).toBeCloseTo(ruled.width, 1);
    expect(sizes[3]).toBeGreaterThan(0.6);
  });

  it('without a size is the head, or as much as z_ and ar_ say', async () => {
    const head = await faceAfter('c_crop,g_face');
    expect(head.width).toBeGreaterThan(110);
    expect(head.width).toBeLessThan(160);
    const wide = await faceAfter('ar_2,c_crop,g_face,z_0.7');
    expect(wide.width / wide.height).toBeCloseTo(2, 1);
    expect(wide.width).toBeGreaterThan(head.width * 1.2);
    expect((await faceAfter('c_thumb,g_face')).width).toBe(head.width);
  });

  it.each([
    'a_90/c_crop,g_face,w_150,h_150/a_270',
    'a_hflip/c_crop,g_face,w_150,h_150',
    'a_20/c_crop,g_face,w_190,h_190/a_-20',
    'c_crop,g_north_west,w_300,h_250/c_crop,g_face,w_150,h_150',
    'c_scale,w_0.8/bo_20px_solid_blue/c_crop,g_face,w_120,h_120',
    'c_pad,w_600,h_500,b_white/c_crop,g_face,w_150,h_150',
    'e_shadow:40,x_-20,y_-9/c_crop,g_face,w_150,h_150',
    'c_fill,g_auto,w_200,h_380/c_crop,g_face,w_140,h_140',
    'c_pad,w_600,h_500,b_white/e_trim/c_crop,g_face,w_150,h_150',
    'u_back,w_700/fl_layer_apply/c_crop,g_face,w_150,h_150',
  ])('is where the face is after all that came before: %s', async (text) => {
    const { faces } = await seen(astronaut);
    const layers = new Map([['back', await sharp(astronaut).resize(8, 8).negate().png().toBuffer()]]);
    const { bytes } = await renderer.render(
      { original: astronaut, faces, ...(text.includes('u_') && { layers }) },
      transformOf(`${text}/f_png`),
      { signal, fingerprint: text },
    );
    const [face, ...others] = (await seen(bytes)).faces;
    expect(others).toEqual([]);
    expect(Math.abs(middleOf(face).x - 0.5)).toBeLessThan(0.12);
    expect(Math.abs(middleOf(face).y - 0.5)).toBeLessThan(0.12);
  });

  it('knows where it is in a picture that is drawn as it is stored', async () => {
    const stored = await sharp(await sharp(astronaut).rotate(180).toBuffer())
      .withMetadata({ orientation: 3 })
      .jpeg()
      .toBuffer();
    const { bytes } = await faceAfter('a_ignore/c_crop,g_face,w_150,h_150/a_180', stored);
    expect(Math.abs(middleOf((await seen(bytes)).faces[0]).y - 0.5)).toBeLessThan(0.1);
  });

  it('falls back to what was asked for where there is none', async () => {
    const draw = async (text: string) =>
      (
        await renderer.render({ original: astronaut, faces: [] }, transformOf(`${text}/f_png`), {
          signal,
          fingerprint: text,
        })
      ).bytes;
    expect(await draw('c_fill,g_face,w_200,h_100')).toEqual(await draw('c_fill,g_north,w_200,h_100'));
    expect(await draw('c_fill,g_faces:center,w_200,h_100')).toEqual(await draw('c_fill,g_center,w_200,h_100'));
    expect(await draw('c_fill,g_face:auto,w_200,h_100')).toEqual(await draw('c_fill,g_auto,w_200,h_100'));
    expect(await draw('c_thumb,g_face,w_200,h_100')).toEqual(await draw('c_fill,g_north,w_200,h_100'));
    expect(await draw('c_crop,g_face')).toEqual(await draw('a_0'));
    expect(await draw('e_blur_faces')).toEqual(await draw('a_0'));
  });
});

describe('hiding faces', () => {
  it.each(['e_blur_faces', 'e_blur_faces:1', 'e_pixelate_faces', 'e_pixelate_faces:1', 'c_scale,w_800/e_blur_faces:1'])(
    '%s leaves none that is seen, and everything else as it is',
    async (text) => {
      const { faces, bytes, width, height } = await faceAfter(text, astronaut, { small: true });
      expect(faces).toEqual([]);
      const corner = (picture: Uint8Array) =>
        sharp(picture)
          .resize(width, height)
          .extract({ left: 0, top: Math.round(height * 0.6), width: Math.round(width / 4), height: 20 })
          .raw()
          .toBuffer();
      const [before, after] = [await corner(astronaut), await corner(bytes)];
      const worst = before.reduce((most, value, at) => Math.max(most, Math.abs(value - (after[at] ?? 0))), 0);
      expect(worst).toBeLessThan(width === 400 ? 3 : 12);
    },
  );

  it('hides what a cut has left of one, however little', async () => {
    // From the right end of her face on: an ear and a cheek.
    const cut = 'c_crop,x_205,y_40,w_120,h_120';
    const [plain, hidden] = [await faceAfter(cut), await faceAfter(`${cut}/e_blur_faces`)];
    const strip = async (picture: Uint8Array) =>
      sharp(
        await sharp(picture).extract({ left: 0, top: 25, width: 12, height: 50 }).greyscale().png().toBuffer(),
      ).stats();
    const [before, after] = [await strip(plain.bytes), await strip(hidden.bytes)];
    expect(after.channels[0]?.stdev).toBeLessThan((before.channels[0]?.stdev ?? 0) / 2);
  });

  it('is done with a strong blur of a large face before the deadline of a render', async () => {
    const large = await sharp(astronaut).resize(4000, 4000).jpeg({ quality: 60 }).toBuffer();
    const { faces } = await faceAfter('e_blur_faces:2000/c_scale,w_400', large, { small: true });
    expect(faces).toEqual([]);
  });

  it('hides them in every frame, in grey and with alpha too', async () => {
    const frame = await sharp(astronaut).resize(200, 200).ensureAlpha().raw().toBuffer();
    const later = Buffer.from(frame).map((value) => Math.max(0, value - 20));
    const moving = await sharp(Buffer.concat([frame, later]), {
      raw: { width: 200, height: 400, channels: 4, pageHeight: 200 },
      animated: true,
    })
      .webp({ loop: 0, delay: [100, 100], quality: 90 })
      .toBuffer();
    const { faces } = await seen(moving);
    const { bytes, frames } = await renderer.render({ original: moving, faces }, transformOf('e_blur_faces/f_webp'), {
      signal,
      fingerprint: 'moving',
    });
    expect(frames).toBe(2);
    for (const page of [1, 2]) expect((await seen(bytes, { page })).faces).toEqual([]);
    const gray = await sharp(astronaut).grayscale().png().toBuffer();
    expect((await faceAfter('e_pixelate_faces', gray)).faces).toEqual([]);
  });
});
