import { cancelled, Failure } from '../failure.ts';
import type { ObjectInfo, ObjectStore } from '../storage/index.ts';
import { isReservedKey } from '../variants/index.ts';

/** A key has at most 1,024 bytes; a longer line is no list of keys. */
const maxLineLength = 4096;

/**
 * The lines of a text as it arrives, however long it is; blank ones are left out. Failures: `invalid` for endless ones,
 * `cancelled` even while nothing arrives.
 */
export async function* linesOf(
  source: AsyncIterable<Uint8Array | string>,
  signal: AbortSignal,
  longest = maxLineLength,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of unlessStopped(source, signal)) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longest) {
      throw new Failure('invalid', `A line of the list is too long: expected at most ${longest} bytes.`);
    }
    yield* lines.map(withoutEnd).filter((line) => line !== '');
  }
  const last = withoutEnd(rest + decoder.decode());
  if (last !== '') yield last;
}

async function* unlessStopped<Chunk>(source: AsyncIterable<Chunk>, signal: AbortSignal) {
  const iterator = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await nextUnlessStopped(iterator, signal);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // Not waited for: it stands behind a read that may never end.
    iterator.return?.().catch(() => undefined);
  }
}

function nextUnlessStopped<Chunk>(iterator: AsyncIterator<Chunk>, signal: AbortSignal) {
  return new Promise<IteratorResult<Chunk>>((resolve, reject) => {
    const stop = () => reject(cancelled(signal.reason));
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    iterator
      .next()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}

function withoutEnd(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

export interface KeySelection {
  /** Keys; `-` stands for the lines of stdin. */
  readonly words: readonly string[];
  /** All originals below it; the empty one is of all. */
  readonly prefix: string | undefined;
  /** Only what comes after this one. */
  readonly startAfter: string | undefined;
}

export interface KeySources {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly originals: Pick<ObjectStore, 'list'>;
  readonly signal: AbortSignal;
}

/** The keys that somebody has chosen, as they come: neither list nor listing is ever whole in memory. */
export function selectedKeys(selection: KeySelection, sources: KeySources): AsyncIterable<string> {
  const { words, prefix, startAfter } = selection;
  if (words.length > 0 && prefix !== undefined) {
    throw new Failure('invalid', 'Keys and a prefix together are not understood: expected one of them.');
  }
  if (prefix !== undefined) return listedKeys(prefix, startAfter, sources);
  const named = wordsOf(words, sources);
  return startAfter === undefined ? named : after(startAfter, named);
}

async function* listedKeys(prefix: string, startAfter: string | undefined, sources: KeySources) {
  for await (const { key } of listedOriginals({ prefix, startAfter }, sources)) yield key;
}

/** The originals below a prefix in the order of their keys: what we keep beside them is none. */
export async function* listedOriginals(
  { prefix, startAfter }: Pick<KeySelection, 'startAfter'> & { readonly prefix: string },
  { originals, signal }: Pick<KeySources, 'originals' | 'signal'>,
): AsyncGenerator<ObjectInfo, void, undefined> {
  const options = startAfter === undefined ? { signal } : { signal, startAfter };
  for await (const info of originals.list(prefix, options)) if (!isReservedKey(info.key)) yield info;
}

/** The words, and for each `-` the lines of stdin. */
export async function* wordsOf(
  words: readonly string[],
  { stdin, signal }: Pick<KeySources, 'stdin' | 'signal'>,
): AsyncGenerator<string, void, undefined> {
  for (const word of words) {
    if (word === '-') yield* linesOf(stdin, signal);
    else yield word;
  }
}

async function* after(startAfter: string, keys: AsyncIterable<string>) {
  let hasBegun = false;
  for await (const key of keys) {
    if (hasBegun) yield key;
    else hasBegun = key === startAfter;
  }
  if (!hasBegun) throw new Failure('invalid', 'The key to start after is not in the list.');
}
