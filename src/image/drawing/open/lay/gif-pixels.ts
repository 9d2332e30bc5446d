const mostCodes = 4_096;

/** Whether codes of LZW, in sub-blocks from `from` on, come to that many pixels before the file ends. */
export function holdsPixels(bytes: Buffer, from: number, pixels: number): boolean {
  let found = 0;
  for (const length of strings(bytes, from, undefined)) {
    found += length;
    if (found >= pixels) return true;
  }
  return false;
}

/** The colours' numbers of that many pixels; undefined where there are fewer before the codes end or are damaged. */
export function pixelsOf(bytes: Buffer, from: number, pixels: number): Buffer | undefined {
  const numbers = Buffer.alloc(pixels);
  const table: CodeTable = { before: new Uint16Array(mostCodes), last: new Uint8Array(mostCodes), code: 0 };
  let at = 0;
  for (const length of strings(bytes, from, table)) {
    for (let place = at + length - 1, code = table.code; place >= at; place -= 1) {
      if (place < pixels) numbers[place] = table.last[code] ?? 0;
      code = table.before[code] ?? 0;
    }
    at += length;
    if (at >= pixels) return numbers;
  }
  return undefined;
}

/** Strings by their codes: each is another one and a pixel behind it. */
interface CodeTable {
  readonly before: Uint16Array;
  readonly last: Uint8Array;
  /** Of the string that was found. */
  code: number;
}

/** Lengths of strings of pixels, one for each code, until the codes end or are damaged; a table is filled on the way. */
function* strings(bytes: Buffer, from: number, table: CodeTable | undefined): Generator<number> {
  // A file may end right before it.
  const smallest = bytes[from] ?? 0;
  if (smallest < 1 || smallest > 11) return;
  const clear = 1 << smallest;
  const lengths = new Uint32Array(mostCodes).fill(1, 0, clear);
  const firsts = Uint8Array.from({ length: mostCodes }, (_, code) => code);
  table?.last.set(firsts);
  let [next, width, before] = [clear + 2, smallest + 1, -1];
  for (const code of codes(subBlocks(bytes, from + 1), () => width)) {
    if (code === clear) {
      [next, width, before] = [clear + 2, smallest + 1, -1];
      continue;
    }
    if (code === clear + 1) return;
    if (before >= 0 && next < mostCodes) {
      lengths[next] = (lengths[before] ?? 0) + 1;
      firsts[next] = firsts[before] ?? 0;
      if (table !== undefined) {
        table.before[next] = before;
        table.last[next] = firsts[code] ?? 0;
      }
      next += 1;
    }
    if (code >= next) return;
    if (next === 1 << width && width < 12) width += 1;
    before = code;
    if (table !== undefined) table.code = code;
    yield lengths[code] ?? 0;
  }
}

function* subBlocks(bytes: Buffer, from: number): Generator<number> {
  for (let at = from; at < bytes.length; ) {
    const length = bytes[at] ?? 0;
    if (length === 0) return;
    const end = Math.min(bytes.length, at + 1 + length);
    for (at += 1; at < end; at += 1) yield bytes[at] ?? 0;
  }
}

function* codes(all: Iterable<number>, width: () => number): Generator<number> {
  let held = 0;
  let count = 0;
  for (const byte of all) {
    held |= byte << count;
    count += 8;
    while (count >= width()) {
      const bits = width();
      yield held & ((1 << bits) - 1);
      held >>>= bits;
      count -= bits;
    }
  }
}
