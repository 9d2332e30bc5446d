/** What a profile makes of a number, both from 0 to 1: a share of the light of white, or of lightness. */
export type Curve = (number: number) => number;

/** What a profile says under that name (ICC.1:2022, 7.3). Throws a RangeError where it ends too early. */
export function findTag(profile: Buffer, name: string): Buffer | undefined {
  const count = Math.min(profile.readUInt32BE(128), 100);
  for (let entry = 132; entry < 132 + 12 * count; entry += 12) {
    if (profile.toString('latin1', entry, entry + 4) !== name) continue;
    const from = profile.readUInt32BE(entry + 4);
    return profile.subarray(from, from + profile.readUInt32BE(entry + 8));
  }
  return undefined;
}

/** What a curve makes of numbers from 0 to 1; undefined for one of no kind that is known here. */
export function curveOf(tag: Buffer): Curve | undefined {
  const type = tag.toString('latin1', 0, 4);
  if (type === 'para') return parametric(tag);
  if (type !== 'curv') return undefined;
  const count = tag.readUInt32BE(8);
  if (count === 0) return (number) => number;
  if (count === 1) {
    const gamma = tag.readUInt16BE(12) / 256;
    return (number) => number ** gamma;
  }
  // Read once, so that one that is cut off shows here.
  tag.readUInt16BE(12 + 2 * (count - 1));
  return (number) => {
    const place = number * (count - 1);
    const low = Math.min(count - 2, Math.floor(place));
    const [one, next] = [tag.readUInt16BE(12 + 2 * low), tag.readUInt16BE(14 + 2 * low)];
    return (one + (place - low) * (next - one)) / 65_535;
  };
}

/** Numbers of a parametric curve by its kind, in the order in which the format names them: g a b c d e f. */
const parameterCounts = [1, 3, 4, 5, 7];

function parametric(tag: Buffer): Curve | undefined {
  const kind = tag.readUInt16BE(8);
  const count = parameterCounts[kind];
  if (count === undefined) return undefined;
  const [g = 1, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = Array.from(
    { length: count },
    (_, index) => tag.readInt32BE(12 + 4 * index) / 65_536,
  );
  // The first kinds end where the power would be of less than nothing, the others where they say.
  const end = kind < 3 ? -b / a : d;
  const below = (number: number) => (kind < 3 ? (kind === 2 ? c : 0) : c * number + f);
  const above = kind === 2 ? c : e;
  return (number) => (number >= end ? (a * number + b) ** g + above : below(number));
}
