/** How a font of the tests looks: every letter is one box, so that its ink can be told exactly. */
export interface BoxFont {
  readonly family: string;
  /** Thousandths of the size. */
  readonly width: number;
  readonly height: number;
  readonly isBold?: boolean;
}

const unitsPerEm = 1000;

/** A TrueType file with boxes for A to Z and a to z, and a space. */
export function boxFont({ family, width, height, isBold = false }: BoxFont): Buffer {
  const style = isBold ? 'Bold' : 'Regular';
  const glyph = box(width, height);
  const tables: [string, Buffer][] = [
    ['OS/2', metrics(width, isBold)],
    ['cmap', letters()],
    ['glyf', glyph],
    ['head', head(width, height, isBold)],
    ['hhea', words([1, 0, height, -200, 0, width + 100, 0, 0, width, 1, 0, 0, 0, 0, 0, 0, 0, 3])],
    ['hmtx', words([width + 100, 0, width + 100, 0, width + 100, 0])],
    // No outline for .notdef and the space; both letters' cases share the box.
    ['loca', words([0, 0, 0, glyph.length / 2])],
    ['maxp', words([1, 0, 3, 4, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])],
    ['name', names(family, style)],
    ['post', Buffer.concat([words([3, 0]), Buffer.alloc(28)])],
  ];
  return assemble(tables);
}

function words(values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) buffer.writeUInt16BE(value & 0xffff, index * 2);
  return buffer;
}

/** One contour of four points, all on the curve. */
function box(width: number, height: number): Buffer {
  const flags = Buffer.from([1, 1, 1, 1]);
  const across = words([0, 0, width, 0]);
  const up = words([0, height, 0, -height]);
  return Buffer.concat([words([1, 0, 0, width, height, 3, 0]), flags, across, up]);
}

function head(width: number, height: number, isBold: boolean): Buffer {
  const table = Buffer.alloc(54);
  table.writeUInt32BE(0x00010000, 0);
  table.writeUInt32BE(0x5f0f3cf5, 12);
  table.writeUInt16BE(3, 16);
  table.writeUInt16BE(unitsPerEm, 18);
  table.writeInt16BE(width, 40);
  table.writeInt16BE(height, 42);
  table.writeUInt16BE(isBold ? 1 : 0, 44);
  table.writeUInt16BE(8, 46);
  return table;
}

function metrics(width: number, isBold: boolean): Buffer {
  const table = Buffer.alloc(96);
  table.writeUInt16BE(4, 0);
  table.writeInt16BE(width + 100, 2);
  table.writeUInt16BE(isBold ? 700 : 400, 4);
  table.writeUInt16BE(5, 6);
  table.writeUInt32BE(1, 42);
  table.write('TEST', 58, 'latin1');
  table.writeUInt16BE(isBold ? 0x20 : 0x40, 62);
  table.writeUInt16BE(0x20, 64);
  table.writeUInt16BE(0x7a, 66);
  table.writeInt16BE(800, 68);
  table.writeInt16BE(-200, 70);
  table.writeUInt16BE(1000, 74);
  table.writeUInt16BE(200, 76);
  return table;
}

/** Format 4: the space is glyph 1, every letter glyph 2. */
function letters(): Buffer {
  const codes = [0x20, ...range(0x41, 0x5a), ...range(0x61, 0x7a)];
  const segments = codes.map((code) => ({ code, delta: (code === 0x20 ? 1 : 2) - code }));
  const count = segments.length + 1;
  const reach = 2 ** Math.floor(Math.log2(count));
  const subtable = words([
    ...[4, 16 + count * 8, 0, count * 2, reach * 2, Math.log2(reach), (count - reach) * 2],
    ...segments.map(({ code }) => code),
    ...[0xffff, 0],
    ...segments.map(({ code }) => code),
    0xffff,
    ...segments.map(({ delta }) => delta),
    1,
    ...Array.from({ length: count }, () => 0),
  ]);
  return Buffer.concat([words([0, 1, 3, 1, 0, 12]), subtable]);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function names(family: string, style: string): Buffer {
  const entries = [
    [1, family],
    [2, style],
    [3, `${family} ${style} test`],
    [4, `${family} ${style}`],
    [6, `${family.replaceAll(' ', '')}-${style}`],
  ] as const;
  const texts = entries.map(([, text]) => Buffer.from(text, 'utf16le').swap16());
  let offset = 0;
  const records = entries.map(([id], index) => {
    const length = texts[index]?.length ?? 0;
    offset += length;
    return words([3, 1, 0x0409, id, length, offset - length]);
  });
  return Buffer.concat([words([0, entries.length, 6 + entries.length * 12]), ...records, ...texts]);
}

function assemble(tables: readonly [string, Buffer][]): Buffer {
  const reach = 2 ** Math.floor(Math.log2(tables.length));
  const header = words([1, 0, tables.length, reach * 16, Math.log2(reach), (tables.length - reach) * 16]);
  let offset = 12 + tables.length * 16;
  const entries: Buffer[] = [];
  const bodies: Buffer[] = [];
  for (const [tag, table] of tables) {
    const padded = Buffer.concat([table, Buffer.alloc((4 - (table.length % 4)) % 4)]);
    const entry = Buffer.alloc(16);
    entry.write(tag, 'latin1');
    entry.writeUInt32BE(checksum(padded), 4);
    entry.writeUInt32BE(offset, 8);
    entry.writeUInt32BE(table.length, 12);
    entries.push(entry);
    bodies.push(padded);
    offset += padded.length;
  }
  return Buffer.concat([header, ...entries, ...bodies]);
}

function checksum(table: Buffer): number {
  let sum = 0;
  for (let at = 0; at < table.length; at += 4) sum = (sum + table.readUInt32BE(at)) >>> 0;
  return sum;
}
