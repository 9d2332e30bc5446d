/** How many bytes were used last how long ago, in steps that grow with the age: some two hundred numbers for any folder. */
export interface Ages {
  add(ageMs: number, bytes: number): void;
  readonly bytes: () => number;
  /** Tells of what comes to so many bytes of the oldest whether it belongs to them: ask once of each, with its bytes. */
  oldest(bytes: number): (ageMs: number, bytes: number) => boolean;
}

/** Steps for each doubling of the age: two of a step are within a tenth of each other. */
const stepsPerDoubling = 8;

export function createAges(): Ages {
  const steps = new Map<number, number>();
  return {
    add: (ageMs, bytes) => void steps.set(stepOf(ageMs), (steps.get(stepOf(ageMs)) ?? 0) + bytes),
    bytes: () => [...steps.values()].reduce((sum, bytes) => sum + bytes, 0),
    oldest: (wanted) => oldestOf(steps, wanted),
  };
}

function stepOf(ageMs: number): number {
  return Math.floor(Math.log2(Math.max(0, ageMs) / 1000 + 1) * stepsPerDoubling);
}

function oldestOf(steps: ReadonlyMap<number, number>, wanted: number): (ageMs: number, bytes: number) => boolean {
  let left = wanted;
  let last = Number.POSITIVE_INFINITY;
  for (const [step, bytes] of [...steps].sort(([one], [other]) => other - one)) {
    last = step;
    if (bytes >= left) break;
    left -= bytes;
  }
  return (ageMs, bytes) => {
    const step = stepOf(ageMs);
    if (wanted <= 0 || step < last) return false;
    // Of the last step no more than is needed: all of a folder may have been made at once.
    if (step > last) return true;
    if (left <= 0) return false;
    left -= bytes;
    return true;
  };
}
