/** Longer names than this are no slip of a pen, and would take long to compare. */
const maxLength = 64;

/** The one of these names that was probably meant: at most a third of it is written otherwise. */
export function nearest(written: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(written.length / 3)) + 1;
  if (written.length > maxLength) return undefined;
  for (const name of names) {
    const far = distance(written, name);
    // Letters are forgotten at the end sooner than mistaken.
    const isLonger = far === bestDistance && name.startsWith(written) && best?.startsWith(written) === false;
    if (far < bestDistance || isLonger) [best, bestDistance] = [name, far];
  }
  return best;
}

/** Letters to put in, take out, change, or swap with the next one (Damerau and Levenshtein, each place changed once). */
function distance(one: string, other: string): number {
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const swap = isSwapped ? (before[j - 2] ?? 0) + 1 : change;
      next.push(Math.min(change, swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    [before, row] = [row, next];
  }
  return row[other.length] ?? 0;
}
