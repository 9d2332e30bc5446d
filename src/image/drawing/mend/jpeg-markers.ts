/** Where a marker begins, its code, and where what follows it begins; no code where the file ends. */
export interface MarkerPlace {
  readonly at: number;
  readonly code: number | undefined;
  readonly after: number;
}

/** The next marker, where `ff00` is coded data and more `ff` in front of a marker are fill. */
export function nextMarker(bytes: Buffer, from: number): MarkerPlace {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at)) {
    let last = at + 1;
    while (bytes[last] === 0xff) last += 1;
    const code = bytes[last];
    if (code === undefined) return { at, code, after: bytes.length };
    if (code !== 0) return { at, code, after: last + 1 };
    at = last + 1;
  }
  return { at: bytes.length, code: undefined, after: bytes.length };
}
