import { inflateSync } from 'node:zlib';

/** What a picture's file says beside its pixels, read box by box, without the library that wrote it. */
export interface Said {
  /** TIFF structures. */
  readonly exif: readonly Buffer[];
  readonly xmp: readonly string[];
  /** Every part of the file by its own name: JPEG markers, chunks, blocks, boxes. */
  readonly parts: readonly string[];
}

interface Part {
  readonly name: string;
  readonly body: Buffer;
}

/** Reads a JPEG, PNG, WebP, GIF or AVIF. */
export function readSaid(bytes: Uint8Array): Said {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.readUInt16BE(0) === 0xffd8) return saidInJpeg(file);
  if (file.toString('latin1', 1, 4) === 'PNG') return saidInPng(file);
  if (file.toString('latin1', 8, 12) === 'WEBP') return saidInWebp(file);
  if (file.toString('latin1', 0, 3) === 'GIF') return saidInGif(file);
  if (file.toString('latin1', 4, 8) === 'ftyp') return saidInAvif(file);
  throw new Error('A picture of no known format.');
}

function said(parts: readonly Part[], exif: readonly Buffer[], xmp: readonly Buffer[]): Said {
  return { exif, xmp: xmp.map((packet) => packet.toString('utf8')), parts: parts.map(({ name }) => name) };
}

/** The bodies that begin with that text, without it. */
function behind(parts: readonly Part[], name: string, text: string): readonly Buffer[] {
  return parts
    .filter((part) => part.name === name && part.body.toString('latin1', 0, text.length) === text)
    .map(({ body }) => body.subarray(text.length));
}

function saidInJpeg(file: Buffer): Said {
  const parts: Part[] = [];
  for (let at = 2; file[at] === 0xff && file[at + 1] !== 0xda; at += 2 + file.readUInt16BE(at + 2)) {
    parts.push({ name: `ff${file.toString('hex', at + 1, at + 2)}`, body: segment(file, at) });
  }
  return said(parts, behind(parts, 'ffe1', 'Exif\0\0'), behind(parts, 'ffe1', 'http://ns.adobe.com/xap/1.0/\0'));
}

function segment(file: Buffer, at: number): Buffer {
  return file.subarray(at + 4, at + 2 + file.readUInt16BE(at + 2));
}

function saidInPng(file: Buffer): Said {
  const parts: Part[] = [];
  for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
    const end = at + 8 + file.readUInt32BE(at);
    parts.push({ name: file.toString('latin1', at + 4, at + 8), body: file.subarray(at + 8, end) });
  }
  const exif = parts.filter(({ name }) => name === 'eXIf').map(({ body }) => body);
  const xmp = behind(parts, 'iTXt', 'XML:com.adobe.xmp\0').map((text) => {
    const packed = text[0] === 1;
    const afterLanguage = text.indexOf(0, 2) + 1;
    const packet = text.subarray(text.indexOf(0, afterLanguage) + 1);
    return packed ? inflateSync(packet) : packet;
  });
  return said(parts, exif, xmp);
}

function saidInWebp(file: Buffer): Said {
  const parts: Part[] = [];
  for (let at = 12; at < file.length; ) {
    const length = file.readUInt32LE(at + 4);
    parts.push({ name: file.toString('latin1', at, at + 4), body: file.subarray(at + 8, at + 8 + length) });
    at += 8 + length + (length % 2);
  }
  const flags = parts.find(({ name }) => name === 'VP8X')?.body[0] ?? 0;
  const exif = behind(parts, 'EXIF', '');
  const xmp = behind(parts, 'XMP ', '');
  if (exif.length > 0 !== ((flags & 8) !== 0)) throw new Error('VP8X and the chunks disagree about EXIF.');
  if (xmp.length > 0 !== ((flags & 4) !== 0)) throw new Error('VP8X and the chunks disagree about XMP.');
  return said(parts, exif, xmp);
}

function saidInGif(file: Buffer): Said {
  const parts: Part[] = [];
  const xmp: Buffer[] = [];
  const table = (flags: number) => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
  const afterBlocks = (from: number) => {
    let end = from;
    while (file[end] !== 0) end += 1 + (file[end] ?? 0);
    return end + 1;
  };
  let at = 13 + table(file.readUInt8(10));
  while (file[at] !== 0x3b) {
    if (file[at] === 0x2c) {
      parts.push({ name: 'image', body: file.subarray(at, at + 10) });
      at = afterBlocks(at + 11 + table(file.readUInt8(at + 9)));
      continue;
    }
    if (file[at] !== 0x21) throw new Error(`A GIF has no block ${file[at]}.`);
    const head = file.toString('latin1', at + 3, at + 14);
    const end = afterBlocks(at + 2);
    parts.push({ name: file[at + 1] === 0xff ? head : `extension ${file[at + 1]}`, body: file.subarray(at, end) });
    // The packet lies there as it is; a trailer of 257 bytes leads readers of blocks to the end.
    if (file[at + 1] === 0xff && head === 'XMP DataXMP') xmp.push(file.subarray(at + 14, end - 258));
    at = end;
  }
  return said(parts, [], xmp);
}

interface Box extends Part {
  readonly from: number;
}

function boxes(file: Buffer, from: number, to: number): readonly Box[] {
  const found: Box[] = [];
  for (let at = from; at + 8 <= to; ) {
    const length = file.readUInt32BE(at) || to - at;
    found.push({
      name: file.toString('latin1', at + 4, at + 8),
      from: at + 8,
      body: file.subarray(at + 8, at + length),
    });
    at += length;
  }
  return found;
}

function inside(file: Buffer, box: Box | undefined, skip: number): readonly Box[] {
  return box === undefined ? [] : boxes(file, box.from + skip, box.from + box.body.length);
}

/** All boxes of `meta`, and its items of EXIF and XMP (`iloc` of version 0 or 1, in the file or in `idat`). */
function saidInAvif(file: Buffer): Said {
  const meta = boxes(file, 0, file.length).find(({ name }) => name === 'meta');
  const inMeta = inside(file, meta, 4);
  const named = (name: string) => inMeta.find((box) => box.name === name);
  const properties = inside(
    file,
    inside(file, named('iprp'), 0).find(({ name }) => name === 'ipco'),
    0,
  );
  const infos = inside(file, named('iinf'), named('iinf')?.body[0] === 0 ? 6 : 8);
  const places = itemPlaces(named('iloc')?.body ?? Buffer.alloc(0));
  const items = infos.map(({ body }) => {
    const isLong = body[0] === 3;
    const id = isLong ? body.readUInt32BE(4) : body.readUInt16BE(4);
    const type = body.toString('latin1', isLong ? 10 : 8, isLong ? 14 : 12);
    const place = places.get(id);
    const base = place?.inIdat === true ? (named('idat')?.body ?? Buffer.alloc(0)) : file;
    return { name: type, body: place === undefined ? Buffer.alloc(0) : base.subarray(place.from, place.to) };
  });
  const exif = behind(items, 'Exif', '').map((body) => body.subarray(4 + body.readUInt32BE(0)));
  return said([...inMeta, ...properties, ...items], exif, behind(items, 'mime', ''));
}

function itemPlaces(iloc: Buffer): ReadonlyMap<number, { from: number; to: number; inIdat: boolean }> {
  const version = iloc[0] ?? 0;
  const [offsetBytes, lengthBytes, baseBytes] = [(iloc[4] ?? 0) >> 4, (iloc[4] ?? 0) & 15, (iloc[5] ?? 0) >> 4];
  const places = new Map<number, { from: number; to: number; inIdat: boolean }>();
  let at = 8;
  const next = (size: number) => {
    at += size;
    return size === 0 ? 0 : iloc.readUIntBE(at - size, Math.min(size, 6));
  };
  for (let left = iloc.readUInt16BE(6); left > 0; left -= 1) {
    const id = next(2);
    const inIdat = version > 0 && (next(2) & 15) === 1;
    next(2);
    const base = next(baseBytes);
    const extents = Array.from({ length: next(2) }, () => [base + next(offsetBytes), next(lengthBytes)] as const);
    const [from = 0, length = 0] = extents[0] ?? [];
    places.set(id, { from, to: from + length, inIdat });
  }
  return places;
}

/** The tags of a TIFF structure's first directory and of those it points to (EXIF, GPS), by number. */
export function tagsOf(block: Buffer): readonly number[] {
  const isLittle = block[0] === 0x49;
  const short = (at: number) => (isLittle ? block.readUInt16LE(at) : block.readUInt16BE(at));
  const long = (at: number) => (isLittle ? block.readUInt32LE(at) : block.readUInt32BE(at));
  const directory = (at: number): number[] =>
    Array.from({ length: short(at) }, (_, index) => at + 2 + index * 12).flatMap((entry) => {
      const tag = short(entry);
      return tag === 0x8769 || tag === 0x8825 ? [tag, ...directory(long(entry + 8))] : [tag];
    });
  return directory(long(4));
}

/** Every form in which a file says how it is to be turned; none is what upright pixels need. */
export function turnsIn(bytes: Uint8Array): readonly string[] {
  const { exif, xmp, parts } = readSaid(bytes);
  return [
    ...parts.filter((name) => name === 'irot' || name === 'imir'),
    ...exif.filter((block) => tagsOf(block).includes(0x0112)).map(() => 'EXIF Orientation'),
    ...xmp.filter((packet) => /Orientation/.test(packet)).map(() => 'XMP Orientation'),
  ];
}
