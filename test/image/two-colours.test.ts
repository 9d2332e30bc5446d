import { afterAll, expect, it } from 'vitest';
import { decode, noise } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const [width, height] = [70, 50];
const short = (value: number) => [value & 255, value >> 8];

/** LZW as GIF has it, codes growing as the table does. */
function lzw(pixels: readonly number[], smallest: number): Buffer {
  const clear = 1 << smallest;
  let [bits, next, width] = ['', clear + 2, smallest + 1];
  const table = new Map(Array.from({ length: clear }, (_, code) => [`${code}`, code]));
  // Lowest bit first.
  const put = (code: number) => {
    for (let bit = 0; bit < width; bit += 1) bits += (code >> bit) & 1;
  };
  put(clear);
  let found = '';
  for (const pixel of pixels) {
    const longer = found === '' ? `${pixel}` : `${found},${pixel}`;
    if (!table.has(longer)) {
      put(table.get(found) ?? 0);
      table.set(longer, next);
      next += 1;
      if (next > 1 << width) width += 1;
      found = `${pixel}`;
    } else found = longer;
  }
  put(table.get(found) ?? 0);
  put(clear + 1);
  const bytes = (bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt([...byte].reverse().join(''), 2));
  const blocks: number[] = [];
  for (let at = 0; at < bytes.length; at += 255) {
    const block = bytes.slice(at, at + 255);
    blocks.push(block.length, ...block);
  }
  return Buffer.from([smallest, ...blocks, 0]);
}

/** Black and white. */
function gif(frames: readonly (readonly number[])[], smallest: number): Buffer {
  const size = [...short(width), ...short(height)];
  return Buffer.concat([
    Buffer.from('GIF89a'),
    Buffer.from([...size, 0x80, 0, 0, 0, 0, 0, 255, 255, 255]),
    ...frames.flatMap((pixels) => [
      Buffer.from([0x21, 0xf9, 4, 0, 10, 0, 0, 0, 0x2c, 0, 0, 0, 0, ...size, 0]),
      lzw(pixels, smallest),
    ]),
    Buffer.from([0x3b]),
  ]);
}

const speckled = Array.from(noise(width, height).data.subarray(0, width * height), (value) => value & 1);
const halves = Array.from({ length: width * height }, (_, place) => (place % width < 30 ? 1 : 0));

it.each([1, 2])('a GIF of two colours is drawn whose codes begin with %i bits and one more', async (smallest) => {
  for (const pixels of [speckled, halves]) {
    const drawn = await decode((await draw(gif([pixels], smallest), 'f_png')).bytes);
    const seen = pixels.map((_, place) => (drawn.at(place % width, Math.floor(place / width))[0] === 255 ? 1 : 0));
    expect(seen).toEqual(pixels);
  }
});

it('and so is an animation of such frames', async () => {
  const drawn = await draw(gif([speckled, halves], 1), 'f_gif');
  expect(drawn.frames).toBe(2);
  const picture = await decode(drawn.bytes);
  expect([picture.at(5, height + 5)[0], picture.at(60, height + 5)[0]]).toEqual([255, 0]);
});

it('pixels that are missing among such codes are not made up', async () => {
  const whole = gif([speckled], 1);
  const cut = Buffer.concat([whole.subarray(0, -300), Buffer.from([0, 0x3b])]);
  await expect(draw(cut, 'f_png')).rejects.toMatchObject({ kind: 'corrupt' });
});
