const tags = { artist: 315, copyright: 33_432 };
const ascii = 2;

/**
 * An EXIF block with these two texts and nothing else, in UTF-8 as readers expect it there. libvips would write an
 * orientation and a resolution beside them, and letters without their accents.
 */
export function writeExif(artist: string | undefined, copyright: string | undefined): Buffer | undefined {
  const texts: readonly (readonly [tag: number, text: string | undefined])[] = [
    [tags.artist, artist],
    [tags.copyright, copyright],
  ];
  const present = texts.flatMap(([tag, text]) => (text === undefined || text === '' ? [] : [{ tag, text }]));
  if (present.length === 0) return undefined;
  const directoryBytes = 2 + present.length * 12 + 4;
  let valuesBytes = 0;
  const values: Buffer[] = [];
  const directory = Buffer.alloc(directoryBytes);
  directory.writeUInt16BE(present.length, 0);
  for (const [index, { tag, text }] of present.entries()) {
    const value = Buffer.from(`${text}\0`);
    const entry = 2 + index * 12;
    directory.writeUInt16BE(tag, entry);
    directory.writeUInt16BE(ascii, entry + 2);
    directory.writeUInt32BE(value.length, entry + 4);
    // Up to four bytes stand in the entry itself.
    if (value.length <= 4) {
      value.copy(directory, entry + 8);
      continue;
    }
    directory.writeUInt32BE(head.length + directoryBytes + valuesBytes, entry + 8);
    const padded = Buffer.concat([value, Buffer.alloc(value.length % 2)]);
    values.push(padded);
    valuesBytes += padded.length;
  }
  return Buffer.concat([head, directory, ...values]);
}

/** Big-endian, version 42, the directory behind these eight bytes. */
const head = Buffer.from('MM\0\x2a\0\0\0\x08', 'latin1');
