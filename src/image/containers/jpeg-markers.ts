/** Codes of markers (ISO/IEC 10918-1, table B.1); those of applications and frames are told by their numbers. */
export const endOfImage = 0xd9;
export const startOfScan = 0xda;

/** RST0 to RST7, in the midst of coded data. */
export function isRestart(code: number): boolean {
  return code >= 0xd0 && code <= 0xd7;
}

/** Markers that stand alone, without a length: TEM, restarts, SOI. */
export function standsAlone(code: number): boolean {
  return code === 0x01 || (code >= 0xd0 && code <= 0xd8);
}

/** The first two bytes of a file, and its last two. */
export const firstMarker = Buffer.from([0xff, 0xd8]);
export const lastMarker = Buffer.from([0xff, 0xd9]);

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
