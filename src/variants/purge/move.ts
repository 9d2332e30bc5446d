import PQueue from 'p-queue';
import { Failure, isFailure } from '../../failure.ts';
import { checkId } from '../../grammar/index.ts';
import type { ObjectStore, SeenObject } from '../../storage/index.ts';
import { notFound } from '../identify/not-found.ts';
import type { Erased, Erasures } from './erase.ts';
import type { PurgeOptions, Purges } from './purge.ts';

/** An original, and the key that it gets. */
export interface Move {
  readonly from: string;
  readonly to: string;
  /** What was seen there and is replaced, whose key is `to`; without it the key has to be free. */
  readonly over?: SeenObject | undefined;
}

export interface Moved {
  /** One for each move, in their order: why it was not done. */
  readonly failures: readonly (Failure | undefined)[];
  /** What was made under the old keys, and is gone. */
  readonly erased: Pick<Erased, 'variantsDeleted' | 'memoryEvicted' | 'edge'>;
}

export interface Moves {
  /**
   * Gives originals other keys, which must not be in use unless that is said, and forgets everything made under the old ones. What somebody writes
   * meanwhile stays where it is, beside its copy. Failures: `invalid` for a key that no URL can name, or that comes twice; those
   * of a purge.
   */
  move(moves: readonly Move[], options: PurgeOptions): Promise<Moved>;
}

type MovesParts = Pick<Erasures, 'erase'> &
  Pick<Purges, 'purge' | 'purgeIfKnown'> & { readonly originalsStore: Pick<ObjectStore, 'get' | 'put'> };

/** Originals copied at once: each flows through, so that a few kilobytes of it are held. */
const copiesAtOnce = 4;

export function createMoves(parts: MovesParts): Moves {
  return { move: (moves, options) => move(parts, moves, options) };
}

async function move(parts: MovesParts, moves: readonly Move[], options: PurgeOptions): Promise<Moved> {
  checkMoves(moves);
  const queue = new PQueue({ concurrency: copiesAtOnce });
  const copied = await queue.addAll(moves.map((one) => () => copyUnlessRefused(parts, one, options)));
  const gone = copied.flatMap((etag, index) => {
    const from = moves[index]?.from;
    return typeof etag === 'string' && from !== undefined ? [{ key: from, etag }] : [];
  });
  const erased = await parts.erase(gone, options);
  const changed = new Set(erased.changed);
  const failures = copied.map((outcome, index) => {
    if (isFailure(outcome)) return outcome;
    const { from = '', to = '' } = moves[index] ?? {};
    return changed.has(from) ? overtaken(from, to) : undefined;
  });
  return { failures, erased };
}

/** Throws `invalid` for moves that no request can mean. */
export function checkMoves(moves: readonly Move[]): void {
  const seen = new Set<string>();
  for (const key of moves.flatMap(({ from, to }) => [from, to])) {
    checkId(key);
    if (seen.has(key)) throw new Failure('invalid', `The key comes twice: ${key}. Expected each once.`);
    seen.add(key);
  }
}

/** The etag of what was copied. */
async function copyUnlessRefused(parts: MovesParts, one: Move, options: PurgeOptions): Promise<string | Failure> {
  try {
    const etag = await copy(parts.originalsStore, one, options.signal);
    // Something of an original that was there before may still be known.
    if (one.over === undefined) await parts.purgeIfKnown(one.to, { signal: options.signal });
    else await parts.purge({ keys: [one.to] }, { signal: options.signal });
    return etag;
  } catch (error) {
    if (isFailure(error, 'not_found', 'invalid', 'overloaded')) return error;
    throw error;
  }
}

async function copy(
  store: MovesParts['originalsStore'],
  { from, to, over }: Move,
  signal: AbortSignal,
): Promise<string> {
  const found = await store.get(from, { signal });
  if (found === undefined) throw notFound(from);
  const { size, etag, contentType, metadata } = found.info;
  const condition = over === undefined ? { onlyIfAbsent: true } : { ifMatch: over.etag };
  const how = { size, metadata, signal, ...condition, ...(contentType !== undefined && { contentType }) };
  try {
    if ((await store.put(to, found.body, how)) !== undefined) return etag;
  } finally {
    found.body.destroy();
  }
  throw new Failure('invalid', `The key is taken: ${to}. Expected a key not in use.`);
}

function overtaken(from: string, to: string): Failure {
  return new Failure('overloaded', `${from} was written by somebody else meanwhile: it stays, beside ${to}.`);
}
