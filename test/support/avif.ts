/** What a recipe adds to an AVIF that sharp wrote: one still of one or two items, the second its alpha. */
export interface AvifAddition {
  /** Properties of the picture, as boxes, or of its alpha. */
  readonly properties?: readonly Buffer[];
  readonly of?: 'alpha';
  /** What the picture refers its alpha to besides, as the kind of reference. */
  readonly reference?: string;
  /** What stands beside its size of the stream's own header. */
  readonly streamHeader?: Buffer;
}

/** The item numbers that libheif gives. */
const [picture, alpha] = [1, 2];

export function box(type: string, payload: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + payload.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, payload]);
}

/** Code points of H.273 in a box of their own. */
export function nclx(primaries: number, transfer: number, isFullRange = true): Buffer {
  const payload = Buffer.from('nclx\0\0\0\0\0\x06\0', 'latin1');
  payload.writeUInt16BE(primaries, 4);
  payload.writeUInt16BE(transfer, 6);
  payload[10] = isFullRange ? 0x80 : 0;
  return box('colr', payload);
}

export function profileProperty(profile: Uint8Array): Buffer {
  return box('colr', Buffer.concat([Buffer.from('prof'), profile]));
}

/** The brightest pixel and the mean of the picture, in cd/m². */
export function contentLight(most: number, mean: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt16BE(most, 0);
  payload.writeUInt16BE(mean, 2);
  return box('clli', payload);
}

/** The same AVIF, saying more about itself. */
export function avifSaying(
  avif: Buffer,
  { properties = [], of, reference, streamHeader = Buffer.alloc(0) }: AvifAddition,
): Buffer {
  const meta = boxNamed(avif, 'meta', { from: 0, to: avif.length });
  const inside = { from: meta.from + 4, to: meta.to };
  const iprp = boxNamed(avif, 'iprp', inside);
  const ipco = boxNamed(avif, 'ipco', iprp);
  const ipma = boxNamed(avif, 'ipma', iprp);
  const before = [...boxesIn(avif, ipco)].length;
  const numbers = properties.map((_, index) => before + index + 1);
  const rebuilt = [...boxesIn(avif, inside)].map((child) => {
    if (child.type === 'iprp') {
      const own = [...boxesIn(avif, ipco)].map(({ type, start, from, to }, index) =>
        type === 'av1C' && index === 0
          ? box(type, Buffer.concat([avif.subarray(from, to), streamHeader]))
          : avif.subarray(start, to),
      );
      const container = Buffer.concat([...own, ...properties]);
      return box(
        'iprp',
        Buffer.concat([
          box('ipco', container),
          box('ipma', associating(avif, ipma, { numbers, to: of === 'alpha' ? alpha : picture })),
        ]),
      );
    }
    if (child.type !== 'iref' || reference === undefined) return avif.subarray(child.start, child.to);
    return box('iref', Buffer.concat([avif.subarray(child.from, child.to), box(reference, words(picture, 1, alpha))]));
  });
  const grown = box('meta', Buffer.concat([avif.subarray(meta.from, meta.from + 4), ...rebuilt]));
  const moved = Buffer.concat([avif.subarray(0, meta.start), grown, avif.subarray(meta.to)]);
  shiftData(moved, moved.length - avif.length);
  return moved;
}

/** The alpha's item alone: brightness, and no colours. */
export function avifOfAlpha(avif: Buffer): Buffer {
  const gray = Buffer.from(avif);
  gray.writeUInt16BE(alpha, gray.indexOf('pitm') + 8);
  gray.write('free', gray.indexOf('iref'), 'latin1');
  gray.write('free', gray.indexOf('auxC'), 'latin1');
  return gray;
}

/** What a header of AV1 says, in the form of stills (`isReduced`) or in that of films. */
export interface StreamHeader {
  readonly width: number;
  readonly height: number;
  readonly isReduced: boolean;
  readonly colours: { readonly primaries: number; readonly transfer: number } | undefined;
}

/** An open bitstream unit (AV1, 5.5). */
export function av1Header({ width, height, isReduced, colours }: StreamHeader): Buffer {
  let bits = '';
  const put = (count: number, value: number) => {
    bits += value.toString(2).padStart(count, '0');
  };
  put(3, 0);
  put(1, 1);
  put(1, isReduced ? 1 : 0);
  if (!isReduced) {
    // Timing with a decoder's model, delays, and one operating point of a level with a tier.
    put(1, 1);
    put(32, 1);
    put(32, 25);
    put(1, 1);
    put(5, 0b00101);
    put(1, 1);
    put(5, 9);
    put(32, 1);
    put(5, 9);
    put(5, 9);
    put(1, 1);
    put(5, 0);
    put(12, 0);
  }
  put(5, isReduced ? 0 : 12);
  if (!isReduced) {
    put(1, 1);
    put(1, 1);
    put(21, 0);
    put(1, 1);
    put(4, 3);
  }
  put(4, 15);
  put(4, 15);
  put(16, width - 1);
  put(16, height - 1);
  if (!isReduced) {
    put(1, 1);
    put(7, 0);
  }
  put(3, 0b111);
  if (!isReduced) {
    put(4, 0b1111);
    put(1, 1);
    put(2, 0b11);
    put(1, 0);
    put(1, 1);
    put(1, 0);
    put(1, 1);
    put(3, 6);
  }
  put(3, 0b111);
  put(1, 0);
  put(1, 0);
  put(1, colours === undefined ? 0 : 1);
  if (colours !== undefined) {
    put(8, colours.primaries);
    put(8, colours.transfer);
    put(8, 6);
  }
  put(1, 1);
  bits = `${bits}1`.padEnd(Math.ceil((bits.length + 1) / 8) * 8, '0');
  const bytes = Buffer.from(bits.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? []);
  // A temporal delimiter in front, and the header with its size.
  return Buffer.concat([Buffer.from([0x12, 0x00, 0x0a, bytes.length]), bytes]);
}

interface Found {
  readonly type: string;
  readonly start: number;
  readonly from: number;
  readonly to: number;
}

export function* boxesIn(
  bytes: Buffer,
  { from, to }: { readonly from: number; readonly to: number },
): Generator<Found> {
  for (let at = from; at + 8 <= to; ) {
    const length = bytes.readUInt32BE(at);
    yield { type: bytes.toString('latin1', at + 4, at + 8), start: at, from: at + 8, to: at + length };
    at += length;
  }
}

export function boxNamed(bytes: Buffer, type: string, within: { readonly from: number; readonly to: number }): Found {
  const found = [...boxesIn(bytes, within)].find((child) => child.type === type);
  if (found === undefined) throw new Error(`The AVIF has no ${type}.`);
  return found;
}

/** The associations with those properties added to an item's. */
function associating(
  bytes: Buffer,
  ipma: Found,
  { numbers, to }: { readonly numbers: readonly number[]; readonly to: number },
): Buffer {
  const entries: Buffer[] = [];
  for (let at = ipma.from + 8; at < ipma.to; ) {
    const count = bytes.readUInt8(at + 2);
    const own = bytes.subarray(at + 3, at + 3 + count);
    const added = bytes.readUInt16BE(at) === to ? numbers : [];
    entries.push(
      Buffer.concat([bytes.subarray(at, at + 2), Buffer.from([count + added.length]), own, Buffer.from(added)]),
    );
    at += 3 + count;
  }
  return Buffer.concat([bytes.subarray(ipma.from, ipma.from + 8), ...entries]);
}

/** libheif says where data lie as 32 bits each of offset and length, behind an empty base. */
function shiftData(bytes: Buffer, by: number): void {
  const meta = boxNamed(bytes, 'meta', { from: 0, to: bytes.length });
  const iloc = boxNamed(bytes, 'iloc', { from: meta.from + 4, to: meta.to });
  const items = bytes.readUInt16BE(iloc.from + 6);
  const entryBytes = (iloc.to - iloc.from - 8) / items;
  for (let item = 0; item < items; item += 1) {
    const at = iloc.from + 8 + item * entryBytes + entryBytes - 8;
    bytes.writeUInt32BE(bytes.readUInt32BE(at) + by, at);
  }
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}
