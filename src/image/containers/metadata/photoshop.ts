import { type Block, beginsWith } from './block.ts';

const iptcResource = 0x0404;

/** Photoshop's image resources (`8BIM`, an identifier, a name, a length); one of them holds IPTC's records. */
export function* photoshopBlocks(resources: Buffer): Generator<Block> {
  let at = 0;
  while (at + 12 <= resources.length && beginsWith(resources.subarray(at), '8BIM')) {
    const id = resources.readUInt16BE(at + 4);
    const nameBytes = even(1 + resources.readUInt8(at + 6));
    const length = resources.readUInt32BE(at + 6 + nameBytes);
    const from = at + 10 + nameBytes;
    if (id === iptcResource) yield { kind: 'iptc', bytes: resources.subarray(from, from + length) };
    at = from + even(length);
  }
}

/** Names and contents are padded. */
function even(bytes: number): number {
  return bytes + (bytes % 2);
}
