import {
  afterImageHead,
  afterSubBlocks,
  application,
  colourTableBytes,
  extension,
  gifHeadBytes,
  imageDescriptor,
} from '../gif-parts.ts';
import { type Block, beginsWith } from './block.ts';

/** XMP lies there in one piece, not in blocks; its trailer leads readers of blocks to the end from wherever they land. */
const magicTrailerBytes = 257;

/** In an application's block, which may stand anywhere between and behind the frames. */
export function* gifBlocks(file: Buffer): Generator<Block> {
  let at = gifHeadBytes + colourTableBytes(file.readUInt8(10));
  while (at + 2 < file.length) {
    const kind = file.readUInt8(at);
    if (kind === imageDescriptor) {
      at = afterSubBlocks(file, afterImageHead(file, at));
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
