const mostCodes = 4_096;

/** Whether codes of LZW, in sub-blocks from `from` on, come to that many pixels before the file ends. */
export function holdsPixels(bytes: Buffer, from: number, pixels: number): boolean {
  // A file may end right before it.
  const smallest = bytes[from] ?? 0;
  if (smallest < 1 || smallest > 11) return false;
  const clear = 1 << smallest;
  const lengths = new Uint32Array(mostCodes).fill(1, 0, clear);
  let [next, width, before, found] = [clear + 2, smallest + 1, 0, 0];
  for (const code of codes(subBlocks(bytes, from + 1), () => width)) {
    if (code === clear) [next, width, before] = [clear + 2, smallest + 1, 0];
    else if (code === clear + 1) return false;
    else {
      if (before > 0 && next < mostCodes) {
        lengths[next] = before + 1;
        next += 1;
        if (next === 1 << width && width < 12) width += 1;
      }
      if (code >= next) return false;
      before = lengths[code] ?? 0;
      found += before;
      if (found >= pixels) return true;
    }
  }
  return false;
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
