import { LRUCache } from 'lru-cache';
import type { ObjectInfo, ObjectStore, StoreUses } from '../../storage/index.ts';
import type { Telemetry } from '../../telemetry.ts';
import { isVariantObject, sourceOfVariantKey, variantPrefix } from '../identify/identity.ts';
import { createAges } from './ages.ts';
import { type Pace, paced } from './pace.ts';

/** Keeps a store of variants within so many bytes. */
export interface Bound {
  /** The store as it is to be used: reads are noted as uses, and puts counted. */
  readonly store: ObjectStore;
  /** Looks, again and again, until the signal fires. Never rejects: what fails is an event, and tried again. */
  keep(signal: AbortSignal): Promise<void>;
}

export interface BoundParts {
  readonly store: ObjectStore;
  readonly uses: StoreUses;
  readonly maxBytes: number;
  /** Originals of which variants are in memory: those are used without the store hearing of it. */
  readonly inMemory: () => Iterable<string>;
  readonly pace: Pace;
  readonly telemetry: Telemetry;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

interface BoundState extends BoundParts {
  /** Noted a short while ago. */
  readonly noted: LRUCache<string, true>;
  /** Bytes put since the last look. */
  written: number;
}

/** A use is noted so often: two variants whose last uses lie closer count as equally old. */
const noteEveryMs = 60 * 60_000;
/** Names of variants that were noted, at most. */
const maxNoted = 20_000;
/** Files between two rests. */
const atOnce = 32;
/** What is left when something had to go: the next look does not have to begin at once. */
const leftShare = 0.9;
/** A look begins when so much of the bound was put since the last, or so much time is over. */
const writtenShare = 1 / 20;
const lookEveryMs = 60 * 60_000;
const pollMs = 60_000;
/** Says that a process is looking; no URL names it, and no variant is called so. */
const mark = '.fovea-bound/mark';
/** A mark that is older belongs to a process that is gone. */
const markLivesMs = 10 * 60_000;

export function createBound(parts: BoundParts): Bound {
  const noted = new LRUCache<string, true>({ max: maxNoted, ttl: noteEveryMs });
  const state: BoundState = { ...parts, noted, written: 0 };
  return { store: notingStore(state), keep: (signal) => keep(state, signal) };
}

function notingStore(state: BoundState): ObjectStore {
  const { store } = state;
  return {
    ...store,
    async get(key, options) {
      const object = await store.get(key, options);
      if (object !== undefined) note(state, key);
      return object;
    },
    async put(key, body, options) {
      const info = await store.put(key, body, options);
      state.written += info?.size ?? 0;
      return info;
    },
  };
}

/** Behind the caller's back, once in a while. */
function note({ uses, noted }: BoundState, key: string): void {
  if (noted.has(key)) return;
  noted.set(key, true);
  void uses.note(key);
}

async function keep(state: BoundState, signal: AbortSignal): Promise<void> {
  const { pace, maxBytes, telemetry } = state;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let notedAt = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    await pace.pause(pollMs, signal);
    if (signal.aborted) return;
    try {
      if (pace.now() - notedAt >= noteEveryMs) {
        await noteMemory(state, signal);
        notedAt = pace.now();
      }
      const isDue = state.written >= maxBytes * writtenShare || pace.now() - lookedAt >= lookEveryMs;
      if (isDue && (await look(state, signal))) lookedAt = pace.now();
    } catch (error) {
      telemetry.report({ type: 'tier-fault', tier: 'variants', operation: 'bound', error });
    }
  }
}

/** What memory answers for is used, too: an hour is the finest that is told apart. */
async function noteMemory({ store, uses, inMemory, pace }: BoundState, signal: AbortSignal): Promise<void> {
  for (const source of [...inMemory()]) {
    const variants = store.list(variantPrefix(source), { signal });
    for await (const some of paced(variants, pace, { atOnce, signal })) {
      for (const info of some) if (isVariantObject(info)) await uses.note(info.key);
    }
  }
}

/** False when another process is at it. */
async function look(state: BoundState, signal: AbortSignal): Promise<boolean> {
  const { store, now } = state;
  const begun = await store.head(mark, { signal });
  if (begun !== undefined && now() - begun.lastModified.getTime() < markLivesMs) return false;
  const marking = { at: Number.NEGATIVE_INFINITY };
  state.written = 0;
  try {
    await sweep(state, () => renew(state, marking), signal);
  } finally {
    await store.delete([mark]).catch(() => undefined);
  }
  return true;
}

/** So that others go on seeing that somebody is at it. */
async function renew({ store, pace }: BoundState, marking: { at: number }): Promise<void> {
  if (pace.now() - marking.at < markLivesMs / 4) return;
  marking.at = pace.now();
  await store.put(mark, Buffer.from('bound'));
}

async function sweep(state: BoundState, isAtIt: () => Promise<void>, signal: AbortSignal): Promise<void> {
  const { store, maxBytes, telemetry, now } = state;
  // Both walks tell ages as of one moment: a walk takes long, and what ages during it would all count as older than before.
  const looking = { isAtIt, at: now() };
  const ages = createAges();
  for await (const variants of walk(state, looking, signal)) {
    for (const { ageMs, size } of variants) ages.add(ageMs, size);
  }
  const bytes = ages.bytes();
  if (signal.aborted || bytes <= maxBytes) return;
  const isOldest = ages.oldest(bytes - maxBytes * leftShare);
  let [deleted, freed] = [0, 0];
  for await (const variants of walk(state, looking, signal)) {
    const old = variants.filter(({ ageMs, size }) => isOldest(ageMs, size));
    if (old.length === 0) continue;
    await store.delete(old.map(({ key }) => key));
    deleted += old.length;
    freed += old.reduce((sum, { size }) => sum + size, 0);
  }
  telemetry.report({
    type: 'lifecycle',
    message: `the folder of variants had ${bytes} bytes, with ${maxBytes} allowed: ${deleted} variants (${freed} bytes) went, least recently used first`,
  });
}

interface AgedVariant {
  readonly key: string;
  readonly size: number;
  readonly ageMs: number;
}

interface Looking {
  readonly isAtIt: () => Promise<void>;
  /** When the look began, in milliseconds since 1970. */
  readonly at: number;
}

/** All variants, some at a time, with rests between. What lies beside them (originals, marks, logs) is passed over. */
async function* walk(
  state: BoundState,
  { isAtIt, at }: Looking,
  signal: AbortSignal,
): AsyncGenerator<readonly AgedVariant[], void, undefined> {
  for await (const some of paced(state.store.list('', { signal }), state.pace, { atOnce, signal })) {
    await isAtIt();
    yield await Promise.all(some.filter(isOurs).map((info) => aged(state, info, at)));
  }
}

function isOurs(info: ObjectInfo): boolean {
  return sourceOfVariantKey(info.key) !== undefined && isVariantObject(info);
}

async function aged({ uses }: BoundState, { key, size, lastModified }: ObjectInfo, at: number): Promise<AgedVariant> {
  const usedAt = Math.max(lastModified.getTime(), (await uses.lastUsed(key)) ?? 0);
  return { key, size, ageMs: at - usedAt };
}
