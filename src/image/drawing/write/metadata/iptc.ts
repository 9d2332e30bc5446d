/** What IPTC's records say about who made a picture and who has rights to it; texts as they lie there. */
export interface IptcTexts {
  readonly creators: readonly Buffer[];
  readonly title: Buffer | undefined;
  readonly credit: Buffer | undefined;
  readonly source: Buffer | undefined;
  readonly rights: Buffer | undefined;
}

/** Numbers of record 2 (IPTC IIM 4.2). */
const numbers = { byLine: 80, byLineTitle: 85, credit: 110, source: 115, copyrightNotice: 116 };
const wanted: ReadonlySet<number> = new Set(Object.values(numbers));

/** Values kept of one number: a picture has few authors. */
const mostValues = 50;

/** Reads IPTC-IIM records: a tag (`1c`, record, number), a length and a value each. */
export function readIptc(records: Buffer): IptcTexts {
  const values = new Map<number, Buffer[]>();
  let at = 0;
  while (at + 5 <= records.length && records[at] === 0x1c) {
    const number = records.readUInt8(at + 2);
    const length = records.readUInt16BE(at + 3);
    // Lengths of more than 15 bits are no texts.
    if (length > 0x7fff) break;
    if (records[at + 1] === 2 && wanted.has(number)) {
      const known = values.get(number) ?? [];
      if (known.length < mostValues) known.push(records.subarray(at + 5, at + 5 + length));
      values.set(number, known);
    }
    at += 5 + length;
  }
  return {
    creators: values.get(numbers.byLine) ?? [],
    title: values.get(numbers.byLineTitle)?.[0],
    credit: values.get(numbers.credit)?.[0],
    source: values.get(numbers.source)?.[0],
    rights: values.get(numbers.copyrightNotice)?.[0],
  };
}
