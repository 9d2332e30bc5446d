/** Reads bytes of a font file; fewer where the file ends. */
export type ReadAt = (position: number, length: number) => Promise<Buffer>;

/** No real font has more; what claims more is no font. */
const maxTables = 64;
const maxFontsPerFile = 64;
const maxNameTableBytes = 256 * 1024;

/** Name records: the family for old programs (one of four styles), and the family that designers mean. */
const familyNameIds = [1, 16];

/** The families that a TrueType or OpenType file, or a collection of them, holds; none for what is no such file. */
export async function readFamilies(read: ReadAt): Promise<readonly string[]> {
  const head = await read(0, 12 + 4 * maxFontsPerFile);
  if (head.length < 12) return [];
  const kind = head.toString('latin1', 0, 4);
  if (kind !== 'ttcf') return isFont(kind) ? familiesOf(read, 0) : [];
  const families: string[] = [];
  const count = Math.min(head.readUInt32BE(8), maxFontsPerFile, Math.floor((head.length - 12) / 4));
  for (let index = 0; index < count; index += 1) {
    families.push(...(await familiesOf(read, head.readUInt32BE(12 + index * 4))));
  }
  return [...new Set(families)];
}

function isFont(kind: string): boolean {
  return kind === '\x00\x01\x00\x00' || kind === 'OTTO' || kind === 'true';
}

async function familiesOf(read: ReadAt, start: number): Promise<readonly string[]> {
  const directory = await read(start, 12 + 16 * maxTables);
  if (directory.length < 12) return [];
  const tables = Math.min(directory.readUInt16BE(4), maxTables, Math.floor((directory.length - 12) / 16));
  for (let index = 0; index < tables; index += 1) {
    const at = 12 + index * 16;
    if (directory.toString('latin1', at, at + 4) !== 'name') continue;
    const length = Math.min(directory.readUInt32BE(at + 12), maxNameTableBytes);
    return namesIn(await read(directory.readUInt32BE(at + 8), length));
  }
  return [];
}

function namesIn(table: Buffer): readonly string[] {
  if (table.length < 6) return [];
  const count = Math.min(table.readUInt16BE(2), Math.floor((table.length - 6) / 12));
  const strings = table.readUInt16BE(4);
  const names = new Set<string>();
  for (let index = 0; index < count; index += 1) {
    const record = 6 + index * 12;
    if (!familyNameIds.includes(table.readUInt16BE(record + 6))) continue;
    const start = strings + table.readUInt16BE(record + 10);
    const text = table.subarray(start, start + table.readUInt16BE(record + 8));
    // Platform 1 is the old Mac's, a byte a letter; the others are UTF-16.
    const isWide = table.readUInt16BE(record) !== 1;
    const name = isWide
      ? Buffer.from(text.subarray(0, text.length & ~1))
          .swap16()
          .toString('utf16le')
      : text.toString('latin1');
    if (name.trim() !== '') names.add(name.trim());
  }
  return [...names];
}
