/** A curve of a profile, from numbers to light (ICC.1:2010, 10.5 and 10.15). */
export const curves = {
  power: (gamma: number) =>
    element('curv', Buffer.concat([words(1), Buffer.from([Math.floor(gamma), Math.round((gamma % 1) * 256), 0, 0])])),
  /** Lights of numbers that lie as far from each other. */
  points: (lights: readonly number[]) => {
    const values = Buffer.alloc(2 * lights.length + ((2 * lights.length) % 4));
    for (const [index, light] of lights.entries()) values.writeUInt16BE(Math.round(light * 65_535), 2 * index);
    return element('curv', Buffer.concat([words(lights.length), values]));
  },
  formula: (kind: number, parameters: readonly number[]) =>
    element(
      'para',
      Buffer.concat([Buffer.from([0, kind, 0, 0]), words(...parameters.map((one) => Math.round(one * 65_536)))]),
    ),
} as const;

function element(type: string, body: Buffer): Buffer {
  return Buffer.concat([text(type), zeros(4), body]);
}

/** An ICC profile (version 2.4) of a gray screen with that curve, or whose light is the number to that power. */
export function grayProfile(light: number | Buffer, connection: 'XYZ ' | 'Lab ' = 'XYZ '): Buffer {
  const tags = [
    { name: 'desc', bytes: element('desc', Buffer.concat([words(5), text('gray\0'), zeros(79)])) },
    { name: 'wtpt', bytes: element('XYZ ', words(...d50)) },
    { name: 'kTRC', bytes: typeof light === 'number' ? curves.power(light) : light },
    { name: 'cprt', bytes: element('text', text('none\0\0\0\0')) },
  ];
  let at = 128 + 4 + 12 * tags.length;
  const table = tags.map(({ name, bytes }) => {
    at += bytes.length;
    return Buffer.concat([text(name), words(at - bytes.length, bytes.length)]);
  });
  const header = zeros(128);
  header.writeUInt32BE(at, 0);
  header.writeUInt32BE(0x0240_0000, 8);
  header.write(`mntrGRAY${connection}`, 12, 'latin1');
  header.writeUInt16BE(2_020, 24);
  header.write('acsp', 36, 'latin1');
  words(...d50).copy(header, 68);
  return Buffer.concat([header, words(tags.length), ...table, ...tags.map(({ bytes }) => bytes)]);
}

/** The white of profiles, in 65536ths. */
const d50 = [0xf6d6, 0x1_0000, 0xd32d];

function text(letters: string): Buffer {
  return Buffer.from(letters, 'latin1');
}

function zeros(length: number): Buffer {
  return Buffer.alloc(length);
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeInt32BE(value, 4 * index);
  return bytes;
}
