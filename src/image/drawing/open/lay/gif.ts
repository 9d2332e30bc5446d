import { type GifFrame, gifCanvas, readGifBlocks } from '../../../containers/gif-blocks.ts';
import { holdsPixels } from './gif-pixels.ts';
import { damaged } from './lay.ts';
import type { StoredAnimation } from './stored-animation.ts';

const headBytes = 13;
const descriptorBytes = 10;
const closing = Buffer.from([0]);
const trailer = Buffer.from([0x3b]);

/** The frames of a GIF that has at least one. */
export function storedGif(bytes: Buffer): StoredAnimation {
  const { screen, tableBytes, frames, repeats } = readGifBlocks(bytes);
  const [first] = frames;
  if (first === undefined) throw damaged();
  const head = bytes.subarray(0, headBytes + tableBytes);
  return {
    size: gifCanvas(screen, first.box),
    // How often it runs, which is once where nothing is said.
    loop: repeats === undefined ? 1 : repeats === 0 ? 0 : repeats + 1,
    isWhole: true,
    frames: frames.map((frame) => ({
      box: frame.box,
      delayMs: frame.delay * 10,
      disposal: frame.disposal,
      blends: true,
      file: () => fileOf(bytes, head, frame),
    })),
  };
}

/** A GIF of one frame that fills its screen. */
function fileOf(bytes: Buffer, head: Buffer, frame: GifFrame): Buffer {
  const { box, transparentIndex, from, pixelsFrom, to, isClosed } = frame;
  if (!isClosed && !holdsPixels(bytes, pixelsFrom, box.width * box.height)) throw damaged();
  const screen = Buffer.from(head);
  screen.writeUInt16LE(box.width, 6);
  screen.writeUInt16LE(box.height, 8);
  const descriptor = Buffer.from(bytes.subarray(from, from + descriptorBytes));
  descriptor.fill(0, 1, 5);
  const control = transparentIndex === undefined ? [] : [0x21, 0xf9, 4, 1, 0, 0, transparentIndex, 0];
  return Buffer.concat([
    screen,
    Buffer.from(control),
    descriptor,
    bytes.subarray(from + descriptorBytes, to),
    ...(isClosed ? [] : [closing]),
    trailer,
  ]);
}
