import { afterAll, describe, expect, it, vi } from 'vitest';
import { inspect } from '../../src/image/index.ts';
import { box } from '../support/avif.ts';
import {
  type AvifItem,
  type AvifReference,
  alphaProperty,
  avifOf,
  colourItem,
  grayItem,
  gridItem,
  sizeProperty,
} from '../support/avif-items.ts';
import { decode, distance, paint } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer, draw } = startRenderer();
afterAll(() => renderer.close());

const colour = [200, 60, 30];
const picture = await colourItem(paint(64, 48, () => colour));
const larger = await colourItem(paint(128, 96, () => [0, 0, 255]));
const depthMap = await grayItem(
  paint(128, 96, () => [90]),
  12,
);
const alpha = saying(await grayItem(paint(64, 48, () => [128])), alphaProperty);
const depthProperty = box('auxC', Buffer.from('\0\0\0\0urn:mpeg:mpegB:cicp:systems:auxiliary:depth\0', 'latin1'));

function saying(item: AvifItem, ...properties: readonly Buffer[]): AvifItem {
  return { ...item, properties: [...item.properties, ...properties] };
}

async function middle(file: Uint8Array): Promise<readonly number[]> {
  const drawn = await decode((await draw(file, 'f_png')).bytes);
  expect([drawn.width, drawn.height]).toEqual([64, 48]);
  return drawn.at(32, 24);
}

describe('an AVIF is its picture, whatever lies beside it:', () => {
  it.each<readonly [string, Buffer]>([
    ['a thumbnail that is larger', avifOf([picture, larger], [['thmb', 2, [1]]])],
    ['another picture that is larger', avifOf([picture, larger])],
    ['another picture that comes first', avifOf([larger, picture], [], 2)],
    ['a hidden one', avifOf([{ ...larger, isHidden: true }, picture], [], 2)],
    ['a map of depths', avifOf([picture, saying(depthMap, depthProperty)], [['auxl', 2, [1]]])],
    [
      'a map of gains',
      avifOf(
        [picture, { ...larger, isHidden: true }, { data: Buffer.alloc(60), type: 'tmap', properties: [] }],
        [['dimg', 3, [1, 2]]],
      ),
    ],
    ['another picture that has alpha', avifOf([picture, larger, alpha], [['auxl', 3, [2]]])],
  ])('%s', async (_, file) => {
    expect(distance(await middle(file), colour)).toBeLessThanOrEqual(2);
    expect(await inspect(file)).toMatchObject({ hasAlpha: false, bitDepth: 8, samplesPerPixel: 3 });
  });

  it('and is refused for a part of its own that is larger', async () => {
    const references: readonly AvifReference[] = [['auxl', 2, [1]]];
    const file = avifOf([picture, saying(depthMap, alphaProperty)], references);
    await expect(draw(file, 'f_png')).rejects.toMatchObject({ kind: 'too_large' });
    const cells = avifOf([larger, gridItem(1, 1, 64, 48)], [['dimg', 2, [1]]], 2);
    await expect(draw(cells, 'f_png')).rejects.toMatchObject({ kind: 'too_large' });
  });
});

describe('a property that nobody knows', () => {
  const [strange, plain] = [box('zzzz', Buffer.alloc(4)), box('yyyy', Buffer.alloc(4))];

  /** The box of that kind is what an item may not be shown without. */
  function essential(file: Buffer, kind: string): Buffer {
    const properties = file.indexOf('ipco');
    let number = 0;
    for (let at = properties + 4; file.toString('latin1', at + 4, at + 8) !== kind; at += file.readUInt32BE(at))
      number += 1;
    const associations = file.indexOf('ipma');
    const entry = file.indexOf(number + 1, associations + 12 + 3);
    file.writeUInt8(0x80 | (number + 1), entry);
    return file;
  }

  it('is passed over where it is not essential', async () => {
    expect(distance(await middle(avifOf([saying(picture, plain)])), colour)).toBeLessThanOrEqual(2);
  });

  it.each<readonly [string, () => Buffer]>([
    ['the picture', () => avifOf([saying(picture, strange)])],
    ['its alpha', () => avifOf([picture, saying(alpha, strange)], [['auxl', 2, [1]]])],
    [
      'a cell',
      () =>
        avifOf(
          [saying(picture, strange), { ...gridItem(1, 1, 64, 48), properties: [sizeProperty(64, 48)] }],
          [['dimg', 2, [1]]],
          2,
        ),
    ],
  ])('is named where it is essential to %s', async (_, file) => {
    await expect(draw(essential(file(), 'zzzz'), 'f_png')).rejects.toMatchObject({
      kind: 'unsupported',
      message: 'A picture with an essential property of the kind "zzzz" in AVIF is not read.',
    });
  });

  it('is passed over where it is essential to something else', async () => {
    const thumbnail = saying(await colourItem(paint(32, 24, () => [0, 0, 255])), strange);
    const file = essential(avifOf([picture, thumbnail], [['thmb', 2, [1]]]), 'zzzz');
    expect(distance(await middle(file), colour)).toBeLessThanOrEqual(2);
  });
});

it('an AVIF with more references than are looked at is refused', async () => {
  const cells = Array.from({ length: 250 }, () => 1);
  const references = Array.from({ length: 81 }, (): AvifReference => ['dimg', 2, cells]);
  await expect(inspect(avifOf([picture, gridItem(1, 1, 64, 48)], references, 2))).rejects.toMatchObject({
    kind: 'too_large',
  });
});

describe('an AVIF that says a thing very many times', () => {
  it('is looked at no oftener for it', async () => {
    const other = saying(depthMap, ...Array.from({ length: 200 }, () => depthProperty));
    const file = avifOf([picture, other], [['auxl', 2, Array.from({ length: 19_000 }, () => 1)]]);
    const reads = vi.spyOn(Buffer.prototype, 'toString');
    try {
      expect(await inspect(file)).toMatchObject({ hasAlpha: false });
      expect(reads.mock.calls.length).toBeLessThan(5_000);
    } finally {
      reads.mockRestore();
    }
  });

  it('is refused for properties of items without number', async () => {
    const busy = saying(picture, ...Array.from({ length: 200 }, () => depthProperty));
    const items = (count: number) => avifOf(Array.from({ length: count }, () => busy));
    await expect(inspect(items(101))).rejects.toMatchObject({
      kind: 'too_large',
      message: expect.stringContaining('too many properties of items'),
    });
  });
});
