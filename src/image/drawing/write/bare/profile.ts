const headBytes = 128;
const entryBytes = 12;
const mostTags = 100;

/**
 * Whether an ICC profile calls itself sRGB: then colours are the same without it. By its name, since the same curves and
 * primaries are written in many ways. Throws a RangeError where it ends too early.
 */
export function isSrgbProfile(profile: Buffer): boolean {
  const tags = Math.min(mostTags, profile.readUInt32BE(headBytes));
  for (let index = 0; index < tags; index += 1) {
    const entry = headBytes + 4 + index * entryBytes;
    if (profile.toString('latin1', entry, entry + 4) !== 'desc') continue;
    const at = profile.readUInt32BE(entry + 4);
    return /^sRGB\b/.test(nameIn(profile.subarray(at, at + profile.readUInt32BE(entry + 8))));
  }
  return false;
}

/** Plain text up to version 2, the first of several languages since. */
function nameIn(tag: Buffer): string {
  const type = tag.toString('latin1', 0, 4);
  if (type === 'desc') return tag.toString('latin1', 12, 12 + tag.readUInt32BE(8));
  if (type !== 'mluc') return '';
  const from = tag.readUInt32BE(24);
  return Buffer.from(tag.subarray(from, from + (tag.readUInt32BE(20) & ~1)))
    .swap16()
    .toString('utf16le');
}
