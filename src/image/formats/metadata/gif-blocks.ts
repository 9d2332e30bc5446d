import { type Block, beginsWith } from './block.ts';

const extension = 0x21;
const image = 0x2c;
const application = 0xff;

/** XMP lies there in one piece, not in blocks; its trailer leads readers of blocks to the end from wherever they land. */
const magicTrailerBytes = 257;

/** In an application's block, which may stand anywhere between and behind the frames. */
export function* gifBlocks(file: Buffer): Generator<Block> {
  let at = 13 + tableBytes(file.readUInt8(10));
  while (at + 2 < file.length) {
    const kind = file.readUInt8(at);
    if (kind === image) {
      at = afterSubBlocks(file, at + 11 + tableBytes(file.readUInt8(at + 9)));
    } else if (kind === extension) {
      const end = afterSubBlocks(file, at + 2);
      if (file.readUInt8(at + 1) === application && beginsWith(file.subarray(at + 3), 'XMP DataXMP')) {
        yield { kind: 'xmp', bytes: file.subarray(at + 14, Math.max(at + 14, end - 1 - magicTrailerBytes)) };
      }
      at = end;
    } else if (kind === 0) {
      at += 1;
    } else {
      return;
    }
  }
}

function tableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

function afterSubBlocks(file: Buffer, from: number): number {
  let at = from;
  for (let length = file.readUInt8(at); length !== 0; length = file.readUInt8(at)) at += 1 + length;
  return at + 1;
}
