import { LRUCache } from 'lru-cache';
import { createFlights, type FlightControl, type Flights } from '../../flights.ts';
import { MovesFull, type ObjectStore } from '../../storage/index.ts';
import type { Telemetry } from '../../telemetry.ts';
import { type SourceVersion, versionOf } from './identity.ts';

/** Some 100,000 originals with keys of usual length. */
const maxRememberedBytes = 48 * 1024 * 1024;
/** What one costs beside its key (measured, rounded up). */
const entryBytes = 350;
/** Names with one beginning that are looked at: more are told apart one by one. */
const mostListed = 20;

export interface VersionsOptions {
  readonly store: Pick<ObjectStore, 'head'>;
  /** While listing a few keys costs one call, that is how an absence is found out. */
  readonly listing?: Pick<ObjectStore, 'list' | 'listsAtOnce'> | undefined;
  /** Milliseconds that the version of a key, or its absence, is believed. */
  readonly ttlMs: (key: string) => number;
  readonly telemetry: Telemetry;
  readonly clock: { now(): number };
}

/** What is known of originals without reading them: their version, or that they are not there. */
export interface Versions {
  /** What is remembered, without asking the store: `undefined` when nothing fresh is. */
  remembered(key: string): SourceVersion | 'absent' | undefined;
  /** One HEAD for all who ask at once. While the store fails, the last known state goes on counting, if there is one. */
  lookup(key: string, signal: AbortSignal, client?: () => string): Promise<SourceVersion | 'absent'>;
  /**
   * Asks in one call which of these keys are there, all of which begin alike, and remembers the others as absent. Where
   * a listing costs more than look-ups, and after a fault, nothing is ruled out.
   */
  ruleOut(keys: readonly string[], signal: AbortSignal): Promise<void>;
  forget(key: string): void;
  forgetMatching(matches: (key: string) => boolean): void;
  /** True when something of it is remembered, however old, or is just being asked for. */
  holds(key: string): boolean;
  /** Keys of which something is remembered, however old. */
  keys(): Iterable<string>;
}

type KnownState = SourceVersion | 'absent';

interface Question {
  readonly key: string;
  readonly client: () => string;
}

/** Clients that nobody names are one. */
const nobody = () => '';

interface VersionsState extends VersionsOptions {
  readonly known: LRUCache<string, { readonly state: KnownState; readonly since: number }>;
  readonly lookups: Flights<KnownState>;
  readonly listings: Flights<void>;
  /** How often something was forgotten: what was listed before may be wrong since. */
  forgettings: number;
}

export function createVersions(options: VersionsOptions): Versions {
  const known: VersionsState['known'] = new LRUCache({
    // By size and not by `max`, which takes the room for all of them, and the time, before there is one.
    maxSize: maxRememberedBytes,
    sizeCalculation: (_, key) => entryBytes + 2 * key.length,
  });
  const state: VersionsState = {
    ...options,
    known,
    lookups: createFlights(),
    listings: createFlights(),
    forgettings: 0,
  };
  return {
    remembered: (key) => remembered(state, key),
    lookup: (key, signal, client = nobody) => lookup(state, { key, client }, signal),
    ruleOut: (keys, signal) => ruleOut(state, keys, signal),
    forget: (key) => forget(state, key),
    forgetMatching: (matches) => forgetMatching(state, matches),
    holds: (key) => known.has(key) || state.lookups.some((flightKey) => flightKey === key),
    keys: () => known.keys(),
  };
}

function remembered({ known, clock, ttlMs }: VersionsState, key: string): KnownState | undefined {
  const entry = known.get(key);
  return entry !== undefined && clock.now() - entry.since < ttlMs(key) ? entry.state : undefined;
}

/** How many leaders of a look-up somebody sees refused before it is refused too. */
const mostLeaders = 5;

/**
 * A look-up waits in its leader's name. Where that is refused for what else the leader waits for, others who joined it go on
 * in their own: or whoever fills the line could have any original refused to everybody by asking for it first.
 */
async function lookup(state: VersionsState, question: Question, signal: AbortSignal): Promise<KnownState> {
  const { key, client } = question;
  for (let leaders = 1; ; leaders += 1) {
    const fresh = remembered(state, key);
    if (fresh !== undefined) return fresh;
    try {
      const { value } = await state.lookups.join(key, signal, (control) => ask(state, question, control));
      return value;
    } catch (error) {
      const isOthers = error instanceof MovesFull && error.client !== client();
      if (!isOthers || leaders >= mostLeaders) throw error;
    }
  }
}

/** An absence is remembered only when the store said so: never from a fault. */
async function ask(versions: VersionsState, { key, client }: Question, control: FlightControl): Promise<KnownState> {
  const { store, known, clock, telemetry } = versions;
  try {
    const asked = clock.now();
    const info = await store.head(key, { signal: control.signal, client });
    const state = info === undefined ? 'absent' : versionOf(info);
    if (control.isCurrent()) known.set(key, { state, since: asked });
    return state;
  } catch (error) {
    const last = known.get(key);
    if (last === undefined || last.state === 'absent' || control.signal.aborted) throw error;
    telemetry.report({ type: 'tier-fault', tier: 'originals', operation: 'head', error });
    return last.state;
  }
}

async function ruleOut(state: VersionsState, keys: readonly string[], signal: AbortSignal): Promise<void> {
  const { listing, listings, known, clock, telemetry } = state;
  const unknown = keys.filter((key) => remembered(state, key) === undefined);
  // Keys that begin otherwise (a path that may be read in two ways) would make it a listing of everything.
  if (!listing?.listsAtOnce() || unknown.length < 2 || commonBeginning(unknown) === '') return;
  try {
    await listings.join(unknown.join('\0'), signal, async (control) => {
      const [asked, before] = [clock.now(), state.forgettings];
      const listed = await namesLike(listing.list, unknown, control.signal);
      if (state.forgettings !== before) return;
      for (const key of unknown) if (isRuledOut(listed, key)) known.set(key, { state: 'absent', since: asked });
    });
  } catch (error) {
    if (signal.aborted) throw error;
    telemetry.report({ type: 'tier-fault', tier: 'originals', operation: 'list', error });
  }
}

/** The first names in the store that begin like all of these keys. */
async function namesLike(
  list: ObjectStore['list'],
  keys: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const listed: string[] = [];
  for await (const { key } of list(commonBeginning(keys), { limit: mostListed, signal })) listed.push(key);
  return listed;
}

/** Of a listing that was full, what comes after its end was not looked at. */
function isRuledOut(listed: readonly string[], key: string): boolean {
  const end = listed.length < mostListed ? undefined : listed.at(-1);
  const isLookedAt = end === undefined || Buffer.compare(Buffer.from(key), Buffer.from(end)) < 0;
  return isLookedAt && !listed.includes(key);
}

function forget(state: VersionsState, key: string): void {
  state.forgettings += 1;
  state.lookups.detach((flightKey) => flightKey === key);
  state.known.delete(key);
}

function forgetMatching(state: VersionsState, matches: (key: string) => boolean): void {
  state.forgettings += 1;
  state.lookups.detach(matches);
  for (const key of state.known.keys()) if (matches(key)) state.known.delete(key);
}

function commonBeginning([first = '', ...others]: readonly string[]): string {
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}
