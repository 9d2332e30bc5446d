import { loopingApplications } from '../../../containers/gif-blocks.ts';
import {
  afterImageHead,
  afterSubBlocks,
  application,
  colourTableBytes,
  comment,
  extension,
  gifHeadBytes,
  graphicControl,
  imageDescriptor,
  trailer,
} from '../../../containers/gif-parts.ts';

const loopingBytes = 19;
/** Three bytes follow, of which the first is 1. */
const loopingWord = 0x0301;

/** A GIF's frames as they are coded, and how they run. */
export function bareGif(bytes: Buffer): Buffer | undefined {
  let at = gifHeadBytes + colourTableBytes(bytes.readUInt8(10));
  const pieces = [bytes.subarray(0, at)];
  for (;;) {
    const kind = bytes.readUInt8(at);
    if (kind === trailer) return Buffer.concat([...pieces, bytes.subarray(at, at + 1)]);
    const label = kind === extension ? bytes.readUInt8(at + 1) : undefined;
    if (kind !== imageDescriptor && label === undefined) return undefined;
    const end = afterSubBlocks(bytes, kind === imageDescriptor ? afterImageHead(bytes, at) : at + 2);
    const block = bytes.subarray(at, end);
    if (kind === imageDescriptor || label === graphicControl || isLooping(block)) pieces.push(block);
    // Text that is drawn, which browsers do not; or what nobody knows.
    else if (label !== application && label !== comment) return undefined;
    at = end;
  }
}

/** How often it runs, and nothing else. */
function isLooping(block: Buffer): boolean {
  const names = loopingApplications.includes(block.toString('latin1', 3, 14));
  return names && block.length === loopingBytes && block.readUInt16BE(14) === loopingWord;
}
