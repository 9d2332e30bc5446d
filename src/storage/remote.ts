import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import { readAtMost } from '../bounded-read.ts';
import { withDeadline } from '../deadline.ts';
import { Failure, isFailure } from '../failure.ts';
import { mediaTypeOf } from '../formats.ts';
import { isFetchHost, remoteUrl } from '../grammar/index.ts';
import { allowedAddresses, isPublicAddress, pinned, type Resolve, resolveAll } from './public-address.ts';
import type { ObjectInfo, ObjectStore } from './store.ts';

export interface RemoteStoreOptions {
  /** Hosts that pictures may come from; redirects, too, lead nowhere else. */
  readonly hosts: readonly string[];
  /** A longer body is refused as `too_large`. */
  readonly maxBytes: number;
  /** For one answer with its body, redirects included. */
  readonly timeoutMs: number;
  readonly resolve?: Resolve;
  readonly isAllowedAddress?: (address: string) => boolean;
}

const maxRedirects = 3;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What servers say that answer GET only. */
const noHead: ReadonlySet<number> = new Set([403, 405, 501]);

const headers = {
  Accept: (['avif', 'webp', 'png', 'jpeg', 'gif', 'tiff'] as const).map(mediaTypeOf).join(),
  // Compressed bytes would be another entity with another tag.
  'Accept-Encoding': 'identity',
  'User-Agent': 'fovea',
};

/**
 * Originals on other hosts, by the keys that stand for their URLs. Their version is what ETag and Last-Modified say;
 * where a host sends neither, what was fetched once counts until it is purged.
 */
export function createRemoteStore(options: RemoteStoreOptions): Pick<ObjectStore, 'head' | 'get'> {
  const { hosts, maxBytes, timeoutMs, resolve = resolveAll, isAllowedAddress = isPublicAddress } = options;

  async function ask(method: 'GET' | 'HEAD', url: URL, signal: AbortSignal): Promise<IncomingMessage> {
    let current = url;
    for (let hops = 0; ; hops += 1) {
      if (!isFetchHost(current, hosts)) throw new Failure('upstream', 'The host of the picture redirects elsewhere.');
      const addresses = await allowedAddresses(current.hostname, resolve, isAllowedAddress);
      const response = await send(method, current, { lookup: pinned(addresses), signal });
      const { location } = response.headers;
      if (!redirects.has(response.statusCode ?? 0) || location === undefined) return response;
      response.destroy();
      if (hops === maxRedirects || !URL.canParse(location, current.href)) {
        throw new Failure('upstream', 'The host of the picture redirects too often, or to no URL.');
      }
      current = new URL(location, current);
    }
  }

  /** Runs one exchange under the time limit, with every fault told as a Failure. */
  async function exchange<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await withDeadline({ ms: timeoutMs, signal, reason: tooLong }, (deadline) => work(deadline.signal));
    } catch (error) {
      if (isFailure(error)) throw error;
      throw new Failure('upstream', 'The host of the picture could not be reached.', { cause: error });
    }
  }

  async function headOf(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
    const response = await ask('HEAD', url, signal);
    return noHead.has(response.statusCode ?? 0) ? ask('GET', url, signal) : response;
  }

  return {
    async head(key, { signal } = {}) {
      const url = urlOf(key);
      return exchange(signal, async (limited) => {
        const response = await headOf(url, limited);
        response.destroy();
        return isThere(response) ? infoOf(key, response, sizeOf(response) ?? 0) : undefined;
      });
    },
    async get(key, { signal } = {}) {
      const url = urlOf(key);
      return exchange(signal, async (limited) => {
        const response = await ask('GET', url, limited);
        try {
          if (!isThere(response)) return undefined;
          const bytes = await readAll(response, maxBytes);
          return { info: infoOf(key, response, bytes.byteLength), body: Readable.from([bytes], { objectMode: false }) };
        } finally {
          response.destroy();
        }
      });
    },
  };
}

/** A store whose originals may also lie on other hosts; everything but reading is the store's own. */
export function withRemote(store: ObjectStore, remote: Pick<ObjectStore, 'head' | 'get'>): ObjectStore {
  const storeOf = (key: string) => (remoteUrl(key) === undefined ? store : remote);
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

function send(
  method: 'GET' | 'HEAD',
  url: URL,
  { lookup, signal }: { readonly lookup: ReturnType<typeof pinned>; readonly signal: AbortSignal },
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const client = url.protocol === 'https:' ? https : http;
    // No agent: a connection kept open would outlive the check of its address.
    const request = client.request(url, { method, headers, lookup, signal, agent: false }, resolve);
    request.once('error', reject);
    request.end();
  });
}

/** False when there is no such picture; anything else that is not a picture is the host's fault. */
function isThere({ statusCode = 0 }: IncomingMessage): boolean {
  if (statusCode === 200) return true;
  if (statusCode === 404 || statusCode === 410) return false;
  throw new Failure('upstream', `The host of the picture answered ${statusCode}.`);
}

function sizeOf({ headers: { 'content-length': length } }: IncomingMessage): number | undefined {
  return length === undefined || !/^\d{1,15}$/.test(length) ? undefined : Number(length);
}

function infoOf(key: string, { headers: answered }: IncomingMessage, size: number): ObjectInfo {
  const modified = Date.parse(answered['last-modified'] ?? '');
  const etag = answered.etag?.replace(/^W\//, '').replaceAll('"', '');
  return {
    key,
    size,
    etag: etag === undefined || etag === '' ? 'unversioned' : etag,
    lastModified: new Date(Number.isNaN(modified) ? 0 : modified),
    contentType: answered['content-type'],
    metadata: {},
  };
}

async function readAll(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const announced = sizeOf(response);
  if (announced !== undefined && announced > maxBytes) throw tooLarge(announced, maxBytes);
  const { bytes, seen } = await readAtMost(response, maxBytes);
  if (seen > maxBytes) throw tooLarge(seen, maxBytes);
  if (announced !== undefined && announced !== seen) {
    throw new Failure('upstream', `The picture could not be read whole: expected ${announced} bytes, got ${seen}.`);
  }
  return bytes;
}

function tooLarge(bytes: number, maxBytes: number): Failure {
  return new Failure('too_large', `The picture is too large: expected at most ${maxBytes} bytes, got ${bytes}.`);
}

function tooLong(): Failure {
  return new Failure('timeout', 'The answer took too long.');
}
