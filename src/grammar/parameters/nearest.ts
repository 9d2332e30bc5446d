/** Longer names than this are no slip of a pen, and would take long to compare. */
const maxLength = 64;

/** The one of these names that was probably meant: at most a third of it is written otherwise. */
export function nearest(written: string, names: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(written.length / 3)) + 1;
  if (written.length > maxLength) return undefined;
  for (const name of names) {
    const far = distance(written, name);
    if (far < bestDistance) [best, bestDistance] = [name, far];
  }
  return best;
}

/** Letters to put in, take out or change (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (const [j, otherLetter] of [...other].entries()) {
      const change = (row[j] ?? 0) + (letter === otherLetter ? 0 : 1);
      next.push(Math.min(change, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
