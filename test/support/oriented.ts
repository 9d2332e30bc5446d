import { exifBlockOf } from './notices.ts';
import { from, jpegSegment, type Pixels, paint, pngChunk, pngWithChunks, red } from './pictures.ts';
import { numbers, type Order, tiffOf } from './tiffs.ts';

/** Where the EXIF standard stores the pixel that people see at (x, y). */
const storedAt: Readonly<
  Record<number, (x: number, y: number, width: number, height: number) => readonly [number, number]>
> = {
  1: (x, y) => [x, y],
  2: (x, y, width) => [width - 1 - x, y],
  3: (x, y, width, height) => [width - 1 - x, height - 1 - y],
  4: (x, y, _, height) => [x, height - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, width) => [y, width - 1 - x],
  7: (x, y, width, height) => [height - 1 - y, width - 1 - x],
  8: (x, y, _, height) => [height - 1 - y, x],
};

/** The picture as a camera held that way stores it. */
export function stored(picture: Pixels, orientation: number): Pixels {
  const { width, height, channels, data } = picture;
  const lies = orientation >= 5;
  const place = storedAt[orientation] ?? storedAt[1];
  const target = paint(lies ? height : width, lies ? width : height, () => red);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [left, top] = place?.(x, y, width, height) ?? [x, y];
      const at = (y * width + x) * channels;
      target.data.set(data.subarray(at, at + channels), (top * target.width + left) * channels);
    }
  }
  return target;
}

type Tag = readonly [tag: number, value: number];

/** A directory of short numbers at byte 8, as EXIF blocks and TIFFs begin. */
function directory(order: Order, tags: readonly Tag[]): Buffer {
  return Buffer.concat([
    Buffer.from(order),
    numbers(order, [42, 2], [8, 4], [tags.length, 2]),
    ...tags.map(([tag, value]) => numbers(order, [tag, 2], [3, 2], [1, 4], [value, 2], [0, 2])),
    numbers(order, [0, 4]),
  ]);
}

const orientationTag = (orientation: number | undefined): readonly Tag[] =>
  orientation === undefined ? [] : [[0x0112, orientation]];
/** An EXIF block that says that. */
export const exif = (order: Order, orientation: number) => directory(order, orientationTag(orientation));

/** A JPEG with that APP1 before everything else. */
export async function jpegOf(pixels: Pixels, segment?: Buffer): Promise<Buffer> {
  const jpeg = await from(pixels).jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
  return segment === undefined
    ? jpeg
    : Buffer.concat([jpeg.subarray(0, 2), jpegSegment(0xe1, segment), jpeg.subarray(2)]);
}

export async function pngOf(pixels: Pixels, block?: Buffer): Promise<Buffer> {
  const png = await from(pixels).png().toBuffer();
  return block === undefined ? png : pngWithChunks(png, [pngChunk('eXIf', block)]);
}

/** An extended WebP around the lossless picture, with what stands beside it in a chunk of its own. */
export async function webpOf(pixels: Pixels, type: 'EXIF' | 'XMP ', content: Buffer): Promise<Buffer> {
  const webp = await from(pixels).webp({ lossless: true }).toBuffer();
  const header = Buffer.alloc(10);
  header.writeUInt8(type === 'EXIF' ? 0x08 : 0x04, 0);
  header.writeUIntLE(pixels.width - 1, 4, 3);
  header.writeUIntLE(pixels.height - 1, 7, 3);
  const chunk = (name: string, body: Buffer) =>
    Buffer.concat([Buffer.from(name), numbers('II', [body.length, 4]), body, Buffer.alloc(body.length % 2)]);
  const chunks = Buffer.concat([chunk('VP8X', header), webp.subarray(12), chunk(type, content)]);
  return Buffer.concat([Buffer.from('RIFF'), numbers('II', [chunks.length + 4, 4]), Buffer.from('WEBP'), chunks]);
}

export const inApp1 = (block: Buffer) => Buffer.concat([Buffer.from('Exif\0\0'), block]);

/** The same picture, stored in that orientation, in each kind of file that can say so, beside who made it. */
export async function orientedKinds(upright: Pixels, orientation: number): Promise<Readonly<Record<string, Buffer>>> {
  const pixels = stored(upright, orientation);
  const block = exifBlockOf({ artist: 'Ada', copyright: '(c) Ada', orientation });
  return {
    JPEG: await jpegOf(pixels, inApp1(block)),
    PNG: await pngOf(pixels, block),
    WebP: await webpOf(pixels, 'EXIF', block),
    TIFF: tiffOf([{ pixels, orientation }]),
    BigTIFF: tiffOf([{ pixels, orientation }], { isBig: true, order: 'MM' }),
    // Turned by boxes of its own, and by EXIF, which says it once more.
    AVIF: await from(pixels).withMetadata({ orientation }).avif({ quality: 90, effort: 0 }).toBuffer(),
  };
}
