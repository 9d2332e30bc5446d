import { loopingApplications } from '../../formats/gif-blocks.ts';

const headBytes = 13;
const descriptorBytes = 10;
const loopingBytes = 19;
/** Three bytes follow, of which the first is 1. */
const loopingWord = 0x0301;

const trailer = 0x3b;
const image = 0x2c;
const extension = 0x21;
const [graphicControl, application, comment] = [0xf9, 0xff, 0xfe];

/** A GIF's frames as they are coded, and how they run. */
export function bareGif(bytes: Buffer): Buffer | undefined {
  let at = headBytes + tableBytes(bytes.readUInt8(10));
  const pieces = [bytes.subarray(0, at)];
  for (;;) {
    const kind = bytes.readUInt8(at);
    if (kind === trailer) return Buffer.concat([...pieces, bytes.subarray(at, at + 1)]);
    const label = kind === extension ? bytes.readUInt8(at + 1) : undefined;
    if (kind !== image && label === undefined) return undefined;
    const end = afterSubBlocks(bytes, kind === image ? afterHead(bytes, at) : at + 2);
    const block = bytes.subarray(at, end);
    if (kind === image || label === graphicControl || isLooping(block)) pieces.push(block);
    // Text that is drawn, which browsers do not; or what nobody knows.
    else if (label !== application && label !== comment) return undefined;
    at = end;
  }
}

/** Behind an image's descriptor, its colours and how many bits its codes begin with. */
function afterHead(bytes: Buffer, at: number): number {
  return at + descriptorBytes + tableBytes(bytes.readUInt8(at + 9)) + 1;
}

function tableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

/** Throws a RangeError where the file ends before they do. */
function afterSubBlocks(bytes: Buffer, from: number): number {
  let at = from;
  for (let length = bytes.readUInt8(at); length !== 0; length = bytes.readUInt8(at)) at += 1 + length;
  return at + 1;
}

/** How often it runs, and nothing else. */
function isLooping(block: Buffer): boolean {
  const names = loopingApplications.includes(block.toString('latin1', 3, 14));
  return names && block.length === loopingBytes && block.readUInt16BE(14) === loopingWord;
}
