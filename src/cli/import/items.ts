import { Failure, isFailure } from '../../failure.ts';
import { readRemote } from '../../grammar/index.ts';
import { createDiskStore, hostEntry, type ObjectStore } from '../../storage/index.ts';
import { isReservedKey } from '../../variants/index.ts';
import type { Context } from '../command.ts';
import { pictureName, readFile } from '../files.ts';
import type { Operations } from '../operations.ts';
import { entriesOf } from './entries.ts';
import type { ImportItem } from './item.ts';
import { keyOfEntry, type NamingOptions } from './naming.ts';

export interface SourceOptions extends NamingOptions {
  /** Hosts that may be asked, beside those of the configuration. */
  readonly hosts: readonly string[];
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
}

type At = Pick<Context, 'signal' | 'stdin' | 'output'>;

/** The pictures that a word names: a bucket, a folder, or the list in a file or on stdin. Failures: `not_found`, `invalid`. */
export async function itemsOf(
  word: string,
  options: SourceOptions,
  { operations, ...at }: At & { readonly operations: Operations },
): Promise<AsyncIterable<ImportItem>> {
  if (/^(?:s3:\/\/|file:)/.test(word)) return itemsIn(await operations.openSource(word, options), options, at);
  if (word !== '-') {
    const folder = createDiskStore({ directory: word });
    if (await hasAny(folder, at.signal)) return itemsIn(folder, options, at);
  }
  const list = word === '-' ? at.stdin : await readFile(word, at.signal);
  const hosts = [...options.hosts, ...operations.settings.grammar.fetchHosts, ...oldHosts(operations)];
  return itemsListed(entriesOf(list, at.signal), options, { remote: operations.remote(hosts), hosts });
}

function oldHosts({ settings: { oldHost } }: Operations): readonly string[] {
  return oldHost === undefined ? [] : [hostEntry(oldHost.url)];
}

async function hasAny(folder: Pick<ObjectStore, 'list'>, signal: AbortSignal): Promise<boolean> {
  try {
    for await (const _ of folder.list('', { signal, limit: 1 })) return true;
    return false;
  } catch (error) {
    // A file is no folder.
    if (isFailure(error) && !isFailure(error, 'cancelled')) return false;
    throw error;
  }
}

async function* itemsIn(
  store: Pick<ObjectStore, 'list' | 'get'>,
  { prefix }: NamingOptions,
  { signal, output }: Pick<At, 'signal' | 'output'>,
): AsyncGenerator<ImportItem, void, undefined> {
  for await (const { key: name } of store.list('', { signal })) {
    if (isReservedKey(name)) continue;
    if (!pictureName.test(name)) {
      output.note(`${name}: not taken for a picture by its name, left out`);
      continue;
    }
    yield { source: name, key: () => prefix + name, open: (until) => openIn(store, name, until) };
  }
}

async function openIn(store: Pick<ObjectStore, 'get'>, name: string, signal: AbortSignal) {
  const object = await store.get(name, { signal });
  if (object === undefined) throw new Failure('not_found', 'It has gone from where it was listed.');
  return object.body;
}

interface Elsewhere {
  readonly remote: Pick<ObjectStore, 'get'>;
  readonly hosts: readonly string[];
}

async function* itemsListed(
  entries: ReturnType<typeof entriesOf>,
  options: NamingOptions,
  elsewhere: Elsewhere,
): AsyncGenerator<ImportItem, void, undefined> {
  for await (const entry of entries) {
    yield {
      source: entry.url,
      key: () => keyOfEntry(entry, options),
      open: (signal) => openUrl(entry.url, elsewhere, signal),
    };
  }
}

/** By the rules for other hosts: those that are named alone, no private addresses, no more bytes than an original may have. */
async function openUrl(text: string, { remote, hosts }: Elsewhere, signal: AbortSignal) {
  const names = URL.canParse(text) ? [...new Set(new URL(text).searchParams.keys())] : [];
  // The address is the operator's own, so that all of its query counts.
  const named = names.length === 0 ? hosts : hosts.map((host) => `${host.split('?')[0]}?${names.join('&')}`);
  const object = await remote.get(readRemote(encodeURIComponent(text), named).key, { signal });
  if (object === undefined) throw new Failure('not_found', 'There is nothing at this address.');
  return object.body;
}
