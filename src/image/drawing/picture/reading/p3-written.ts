import { p3Colours } from './p3-profile.ts';

/** A tag's four letters and its body, which is its type and its values. */
type Tag = readonly [name: string, body: Buffer];

/**
 * A profile of Display P3 as short as one can be (ICC.1:2022): its colours in the light of paper (D50), how its white (D65) was
 * adapted to that, and the curve of sRGB, once for all three.
 */
export const p3Profile = profileOf([
  ['desc', text('Display P3')],
  ['cprt', text('CC0')],
  ['wtpt', numbers('XYZ ', [0.9642, 1, 0.8249])],
  // Bradford's.
  ['chad', numbers('sf32', [1.04788, 0.02292, -0.0502, 0.02959, 0.99048, -0.01706, -0.00923, 0.01508, 0.75168])],
  ...Object.entries(p3Colours).map(([name, xyz]): Tag => [name, numbers('XYZ ', xyz)]),
  ...curveTags(['rTRC', 'gTRC', 'bTRC']),
]);

function curveTags(names: readonly string[]): readonly Tag[] {
  const body = numbers('para', [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045], [0, 3, 0, 0]);
  return names.map((name) => [name, body]);
}

/** In 16.16 bits, behind what else its type begins with. */
function numbers(type: string, values: readonly number[], first: readonly number[] = []): Buffer {
  const body = Buffer.alloc(8 + first.length + 4 * values.length);
  body.write(type, 'latin1');
  body.set(first, 8);
  for (const [index, value] of values.entries()) {
    body.writeInt32BE(Math.round(value * 65_536), 8 + first.length + 4 * index);
  }
  return body;
}

/** In English, of the United States. */
function text(value: string): Buffer {
  const head = Buffer.alloc(28);
  head.write('mluc', 'latin1');
  for (const [at, word] of [
    [8, 1],
    [12, 12],
    [20, 2 * value.length],
    [24, 28],
  ] as const)
    head.writeUInt32BE(word, at);
  head.write('enUS', 16, 'latin1');
  return Buffer.concat([head, Buffer.from(value, 'utf16le').swap16()]);
}

function profileOf(tags: readonly Tag[]): Buffer {
  const table = Buffer.alloc(4 + 12 * tags.length);
  table.writeUInt32BE(tags.length, 0);
  const bodies = new Map<Buffer, number>();
  let end = 128 + table.length;
  for (const [index, [name, body]] of tags.entries()) {
    const at = bodies.get(body) ?? end;
    table.write(name, 4 + 12 * index, 'latin1');
    table.writeUInt32BE(at, 8 + 12 * index);
    table.writeUInt32BE(body.length, 12 + 12 * index);
    if (!bodies.has(body)) end += paddedTo4(body).length;
    bodies.set(body, at);
  }
  return Buffer.concat([head(end), table, ...[...bodies.keys()].map(paddedTo4)]);
}

function paddedTo4(body: Buffer): Buffer {
  return Buffer.concat([body, Buffer.alloc(-body.length & 3)]);
}

/** Of a screen's profile (`mntr`), version 4, by perception, for the white of paper. */
function head(length: number): Buffer {
  const bytes = Buffer.alloc(128);
  bytes.writeUInt32BE(length, 0);
  bytes.writeUInt32BE(0x04200000, 8);
  bytes.write('mntrRGB XYZ ', 12, 'latin1');
  for (const [index, part] of [2026, 1, 1].entries()) bytes.writeUInt16BE(part, 24 + 2 * index);
  bytes.write('acsp', 36, 'latin1');
  for (const [index, value] of [0.9642, 1, 0.8249].entries()) {
    bytes.writeInt32BE(Math.round(value * 65_536), 68 + 4 * index);
  }
  return bytes;
}
