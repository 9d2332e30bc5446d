import { inflateSync } from 'node:zlib';
import { type Block, beginsWith, exifBehindSignature, exifSignature, mostPacketBytes } from './block.ts';
import { photoshopBlocks } from './photoshop.ts';

/** In `eXIf` and in texts: XMP's own, ImageMagick's profiles in hexadecimal, and the two names that the format defines. */
export function* pngBlocks(file: Buffer): Generator<Block> {
  const room: Room = { bytes: mostUnpackedBytes };
  let at = 8;
  while (at + 12 <= file.length) {
    const length = file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    if (type === 'IEND') return;
    const body = file.subarray(at + 8, at + 8 + length);
    if (type === 'eXIf') yield { kind: 'exif', bytes: exifBehindSignature(body) };
    const text = textOf(type, body, room);
    if (text !== undefined) yield* textBlocks(text);
    at += 12 + length;
  }
}

/** What all texts of a file together may unpack to, those included that come to nothing. */
const mostUnpackedBytes = 4 * mostPacketBytes;

/** What is left of that. */
interface Room {
  bytes: number;
}

interface Text {
  readonly keyword: string;
  readonly content: Buffer;
}

/** Kinds of text that are read; the others are never unpacked. */
const wanted = /^(XML:com\.adobe\.xmp|Author|Copyright|Raw profile type (exif|APP1|iptc|8bim|xmp))$/i;

function textOf(type: string, body: Buffer, room: Room): Text | undefined {
  if (type !== 'tEXt' && type !== 'zTXt' && type !== 'iTXt') return undefined;
  const end = body.indexOf(0);
  const keyword = body.toString('latin1', 0, Math.max(0, end));
  if (!wanted.test(keyword)) return undefined;
  const rest = body.subarray(end + 1);
  if (type === 'tEXt') return { keyword, content: rest };
  if (type === 'zTXt') return { keyword, content: unpacked(rest.subarray(1), room) };
  // Whether and how it is packed, the language, and the keyword in it.
  const afterLanguage = rest.indexOf(0, 2) + 1;
  const content = rest.subarray(rest.indexOf(0, afterLanguage) + 1);
  return { keyword, content: rest[0] === 1 ? unpacked(content, room) : content };
}

function unpacked(stream: Buffer, room: Room): Buffer {
  const most = Math.min(2 * mostPacketBytes, room.bytes);
  if (most <= 0) return Buffer.alloc(0);
  try {
    const content = inflateSync(stream, { maxOutputLength: most });
    room.bytes -= content.length;
    return content;
  } catch {
    // Longer than that, or damaged, which may show at its end only.
    room.bytes -= most;
    return Buffer.alloc(0);
  }
}

function* textBlocks({ keyword, content }: Text): Generator<Block> {
  const name = keyword.toLowerCase();
  if (name === 'xml:com.adobe.xmp') yield { kind: 'xmp', bytes: content };
  if (name === 'author') yield { kind: 'creator', bytes: content };
  if (name === 'copyright') yield { kind: 'rights', bytes: content };
  if (name.startsWith('raw profile type ')) yield* profileBlocks(fromHexadecimal(content));
}

const xmpSignature = 'http://ns.adobe.com/xap/1.0/\0';

/** By what it begins with: writers disagree about the names. */
function* profileBlocks(profile: Buffer): Generator<Block> {
  if (beginsWith(profile, exifSignature)) yield { kind: 'exif', bytes: exifBehindSignature(profile) };
  else if (beginsWith(profile, '8BIM')) yield* photoshopBlocks(profile);
  else if (beginsWith(profile, 'Photoshop 3.0\0')) yield* photoshopBlocks(profile.subarray(14));
  else if (beginsWith(profile, '\x1c')) yield { kind: 'iptc', bytes: profile };
  else if (beginsWith(profile, xmpSignature)) yield { kind: 'xmp', bytes: profile.subarray(xmpSignature.length) };
  else if (beginsWith(profile, '<')) yield { kind: 'xmp', bytes: profile };
}

/** Behind a name and a length, each on a line. */
function fromHexadecimal(content: Buffer): Buffer {
  const [, digits = ''] = /^\s*\S+\s+\d+\s+([0-9a-f\s]*)/i.exec(content.toString('latin1')) ?? [];
  return Buffer.from(digits.replace(/\s+/g, ''), 'hex');
}
