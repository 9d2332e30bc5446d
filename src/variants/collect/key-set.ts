import { createHash } from 'node:crypto';

/** Which keys were named, in 8 bytes each however long they are: ten million take 80 MB. */
export interface KeySet {
  readonly size: number;
  /** True for every key that was named; for another one with a chance of one in 28 million per million keys. */
  has(key: string): boolean;
}

/** 48 bits fit a double exactly. */
function fingerprint(key: string): number {
  return createHash('sha256').update(key).digest().readUIntBE(0, 6);
}

/** Reads a list of keys of any length; blanks are skipped. */
export async function readKeySet(keys: AsyncIterable<string> | Iterable<string>): Promise<KeySet> {
  let prints = new Float64Array(1024);
  let size = 0;
  for await (const key of keys) {
    if (key === '') continue;
    if (size === prints.length) {
      const larger = new Float64Array(size * 2);
      larger.set(prints);
      prints = larger;
    }
    prints[size] = fingerprint(key);
    size += 1;
  }
  const sorted = prints.subarray(0, size).sort();
  return { size, has: (key) => contains(sorted, fingerprint(key)) };
}

function contains(sorted: Float64Array, wanted: number): boolean {
  let [low, high] = [0, sorted.length - 1];
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = sorted[middle] ?? Number.NaN;
    if (found === wanted) return true;
    if (found < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}
