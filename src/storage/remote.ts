import { Readable } from 'node:stream';
import { clippedRange } from '../byte-range.ts';
import { Failure } from '../failure.ts';
import { remoteUrl } from '../grammar/index.ts';
import { isPublicAddress, type Resolve, resolveAll } from './public-address.ts';
import { ask, askHead, exchange, type RemoteParts } from './remote/exchange.ts';
import { announcedBytes, infoOfResponse, isThere, readPicture } from './remote/response.ts';
import type { GetOptions, ObjectInfo, ObjectStore, ReadOptions, StoredObject } from './store.ts';

export interface RemoteStoreOptions extends Pick<RemoteParts, 'hosts' | 'maxBytes' | 'timeoutMs' | 'proxy'> {
  readonly resolve?: Resolve;
  readonly isAllowedAddress?: (address: string) => boolean;
}

/**
 * Originals on other hosts, by the keys that stand for their URLs. Their version is what ETag and Last-Modified say;
 * where a host sends neither, what was fetched once counts until it is purged.
 */
export function createRemoteStore(options: RemoteStoreOptions): Pick<ObjectStore, 'head' | 'get'> {
  const parts: RemoteParts = { resolve: resolveAll, isAllowedAddress: isPublicAddress, ...options };
  return {
    head: (key, options = {}) => headRemote(parts, key, options),
    get: (key, options = {}) => getRemote(parts, key, options),
  };
}

async function headRemote(parts: RemoteParts, key: string, { signal }: ReadOptions): Promise<ObjectInfo | undefined> {
  const url = urlOf(key);
  return exchange(parts, signal, async (limited) => {
    const response = await askHead(parts, url, limited);
    response.destroy();
    return isThere(response) ? infoOfResponse(key, response, announcedBytes(response) ?? 0) : undefined;
  });
}

/** Read whole, whatever part is asked for: many hosts send all there is, and its length is known only then. */
async function getRemote(
  parts: RemoteParts,
  key: string,
  { range, signal }: GetOptions,
): Promise<StoredObject | undefined> {
  const url = urlOf(key);
  return exchange(parts, signal, async (limited) => {
    const response = await ask(parts, { method: 'GET', url, signal: limited });
    try {
      if (!isThere(response)) return undefined;
      const bytes = await readPicture(response, parts.maxBytes);
      const info = infoOfResponse(key, response, bytes.byteLength);
      const part = range && clippedRange(range, bytes.byteLength);
      const wanted = part === undefined ? bytes : bytes.subarray(part.start, part.end);
      return { info, body: Readable.from([wanted], { objectMode: false }), ...(part && { part }) };
    } finally {
      response.destroy();
    }
  });
}

/** A store whose originals may also lie on other hosts, where it is asked now; everything but reading is the store's own. */
export function withRemote(
  store: ObjectStore,
  remote: Pick<ObjectStore, 'head' | 'get'>,
  isFetching: () => boolean = () => true,
): ObjectStore {
  const storeOf = (key: string) => (remoteUrl(key) === undefined || !isFetching() ? store : remote);
  return {
    ...store,
    head: (key, options) => storeOf(key).head(key, options),
    get: (key, options) => storeOf(key).get(key, options),
  };
}

function urlOf(key: string): URL {
  const url = remoteUrl(key);
  if (url === undefined) throw new Failure('invalid', 'The key names no picture on another host.');
  return url;
}
