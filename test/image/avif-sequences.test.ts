import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { contentTypeOf, inspect } from '../../src/image/inspect/inspect.ts';
import { box } from '../support/avif.ts';
import { from, paint, quarters } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const picture = paint(64, 48, (x, y) => [4 * x, 5 * y, 90]);
const still = () => from(picture).avif({ lossless: true }).toBuffer();

/** The frames of a sequence: what is inside is passed over. */
const track = box('moov', Buffer.concat([box('mvhd', Buffer.alloc(100)), box('trak', Buffer.alloc(300, 7))]));

function ftyp(...brands: readonly string[]): Buffer {
  const [major = '', ...others] = brands;
  return box('ftyp', Buffer.from(`${major}\0\0\0\0${others.join('')}`, 'latin1'));
}

/** Under another first brand; of the others `avif` stays. */
async function named(major: string): Promise<Buffer> {
  const avif = await still();
  avif.write(major, 8, 'latin1');
  return avif;
}

/** As libavif writes them: a sequence by three brands, whose still picture comes first. */
async function sequence(): Promise<Buffer> {
  const avif = await named('avis');
  const end = avif.readUInt32BE(0);
  avif.write('avifavismsf1', 16, 'latin1');
  expect(end).toBeGreaterThanOrEqual(28);
  return Buffer.concat([avif, track]);
}

async function drawnPixels(file: Uint8Array, text: string, layers?: ReadonlyMap<string, Uint8Array>): Promise<Buffer> {
  const { bytes } = await draw(file, text, layers && { layers });
  return sharp(bytes).raw().toBuffer();
}

describe('of an AVIF sequence the still picture is drawn', () => {
  it('as if it were alone', async () => {
    const expected = await drawnPixels(await still(), 'c_scale,w_32,f_png');
    expect((await drawnPixels(await sequence(), 'c_scale,w_32,f_png')).equals(expected)).toBe(true);
  });

  it.each(['avis', 'MA1A', 'MA1B', 'miaf', 'mif1', 'msf1'])('whose first brand is %s', async (brand) => {
    const file = await named(brand);
    expect(contentTypeOf(file.subarray(0, 40))).toBe('image/avif');
    expect((await drawnPixels(file, 'f_png')).equals(await drawnPixels(await still(), 'f_png'))).toBe(true);
  });

  it('as a layer', async () => {
    const base = await from(quarters(200, 150)).png().toBuffer();
    const shown = (layer: Buffer) => drawnPixels(base, 'l_photo/fl_layer_apply/f_png', new Map([['photo', layer]]));
    expect((await shown(await sequence())).equals(await shown(await still()))).toBe(true);
  });

  it('as an upload, whose placeholder is taken', async () => {
    const how = { signal: new AbortController().signal, fingerprint: 'upload' };
    const hash = await renderer.thumbHash(await sequence(), how);
    expect(Buffer.from(hash).equals(await renderer.thumbHash(await still(), how))).toBe(true);
  });

  it('and nothing is when its frames are asked for', async () => {
    await expect(draw(await sequence(), 'fl_animated,f_webp')).rejects.toMatchObject({
      kind: 'invalid',
      message: 'fl_animated asks for an animation, and of an AVIF only the still picture is read.',
    });
    expect(await draw(await still(), 'fl_animated,f_webp')).toMatchObject({ frames: 1 });
  });

  it('and damage stays damage', async () => {
    const file = await sequence();
    const end = file.length - track.length;
    file.fill(0, end - 200, end);
    await expect(draw(file, 'f_png')).rejects.toMatchObject({ kind: 'corrupt' });
  });
});

describe('what is of the family of AVIF and not read is named:', () => {
  it('a sequence without a still picture', async () => {
    const film = Buffer.concat([ftyp('avis', 'avis', 'msf1', 'miaf'), track, box('mdat', Buffer.alloc(50))]);
    await expect(draw(film, 'f_png')).rejects.toMatchObject({
      kind: 'unsupported',
      message: 'An AVIF sequence without a still picture is not read.',
    });
  });

  it.each([
    [['hevc', 'msf1', 'hevc'], 'HEIC sequence without a still picture'],
    [['jpeg', 'mif1'], 'HEIF picture coded as JPEG'],
    [['j2ki', 'mif1'], 'HEIF picture coded as JPEG 2000'],
    [['avci', 'mif1'], 'HEIF picture coded as H.264'],
    [['crx ', 'isom'], 'raw picture of a camera (CR3)'],
    [['mif1', 'miaf'], 'HEIF picture'],
    [['isom', 'iso2', 'mp41'], 'film'],
    [['qt  '], 'film'],
  ])('%j', async (brands, name) => {
    const file = Buffer.concat([ftyp(...brands), box('meta', Buffer.alloc(40))]);
    await expect(inspect(file)).rejects.toMatchObject({
      kind: 'unsupported',
      message: `A ${name} is not read: of its family only AVIF and HEIC are.`,
    });
  });

  it('as a layer too', async () => {
    const base = await from(quarters(20, 15)).png().toBuffer();
    const layers = new Map([['photo', Buffer.concat([ftyp('avci', 'mif1'), box('meta', Buffer.alloc(40))])]]);
    await expect(draw(base, 'l_photo/fl_layer_apply/f_png', { layers })).rejects.toMatchObject({
      kind: 'unsupported',
      message: 'A HEIF picture coded as H.264 is not read: of its family only AVIF and HEIC are.',
    });
  });
});
