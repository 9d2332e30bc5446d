import { LRUCache } from 'lru-cache';

/** Keys whose last event is remembered: some 30 MB. What is forgotten is applied again, which costs time and no truth. */
const maxRememberedKeys = 100_000;

/** Which event of a key was the last one applied; and one at a time per key. */
export interface EventOrder {
  /** Runs the work unless a later event of the key was applied before; after those of the key that came earlier. */
  inTurn(key: string, sequencer: string | undefined, work: () => Promise<void>): Promise<void>;
}

interface OrderState {
  /** The sequencer of the last event applied, by key. */
  readonly applied: LRUCache<string, string>;
  /** The end of the work that a key has under way. */
  readonly tails: Map<string, Promise<void>>;
}

interface OrderedWork {
  readonly key: string;
  readonly sequencer: string | undefined;
  readonly work: () => Promise<void>;
}

export function createEventOrder(): EventOrder {
  const state: OrderState = {
    applied: new LRUCache({ maxSize: maxRememberedKeys, sizeCalculation: () => 1 }),
    tails: new Map(),
  };
  return { inTurn: (key, sequencer, work) => runInTurn(state, { key, sequencer, work }) };
}

async function runInTurn(state: OrderState, ordered: OrderedWork): Promise<void> {
  const { tails } = state;
  const before = tails.get(ordered.key) ?? Promise.resolve();
  const run = before.catch(() => undefined).then(() => runUnlessOld(state, ordered));
  tails.set(ordered.key, run);
  try {
    await run;
  } finally {
    if (tails.get(ordered.key) === run) tails.delete(ordered.key);
  }
}

async function runUnlessOld({ applied }: OrderState, { key, sequencer, work }: OrderedWork): Promise<void> {
  const last = applied.get(key);
  if (sequencer !== undefined && last !== undefined && compareSequencers(sequencer, last) <= 0) return;
  await work();
  if (sequencer !== undefined) applied.set(key, sequencer);
}

/** S3's rule: pad the shorter one with zeros on the right, then compare as text. */
export function compareSequencers(left: string, right: string): number {
  const length = Math.max(left.length, right.length);
  const [a, b] = [left, right].map((text) => text.toLowerCase().padEnd(length, '0'));
  if (a === undefined || b === undefined || a === b) return 0;
  return a < b ? -1 : 1;
}
