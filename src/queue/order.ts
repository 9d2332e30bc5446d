import { LRUCache } from 'lru-cache';

/** Keys whose last event is remembered: some 30 MB. What is forgotten is applied again, which costs time and no truth. */
const maxRememberedKeys = 100_000;

/** Which event of a key was the last one applied; and one at a time per key. */
export interface EventOrder {
  /** Runs the work unless a later event of the key was applied before; after those of the key that came earlier. */
  inTurn(key: string, sequencer: string | undefined, work: () => Promise<void>): Promise<void>;
}

export function createEventOrder(): EventOrder {
  const last = new LRUCache<string, string>({ maxSize: maxRememberedKeys, sizeCalculation: () => 1 });
  const tails = new Map<string, Promise<void>>();

  async function runUnlessOld(key: string, sequencer: string | undefined, work: () => Promise<void>): Promise<void> {
    const applied = last.get(key);
    if (sequencer !== undefined && applied !== undefined && compareSequencers(sequencer, applied) <= 0) return;
    await work();
    if (sequencer !== undefined) last.set(key, sequencer);
  }

  return {
    async inTurn(key, sequencer, work) {
      const before = tails.get(key);
      const run = (before ?? Promise.resolve()).catch(() => undefined).then(() => runUnlessOld(key, sequencer, work));
      tails.set(key, run);
      try {
        await run;
      } finally {
        if (tails.get(key) === run) tails.delete(key);
      }
    },
  };
}

/** S3's rule: pad the shorter one with zeros on the right, then compare as text. */
export function compareSequencers(left: string, right: string): number {
  const length = Math.max(left.length, right.length);
  const [a, b] = [left, right].map((text) => text.toLowerCase().padEnd(length, '0'));
  if (a === undefined || b === undefined || a === b) return 0;
  return a < b ? -1 : 1;
}
