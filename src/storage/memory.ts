import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { stopIfAborted } from '../deadline.ts';
import { destroyOnAbort, quiet } from './bodies.ts';
import { checkKey, compareKeys } from './keys.ts';
import { checkPut, pour } from './put-input.ts';
import type { ListOptions, ObjectInfo, ObjectStore, PutOptions, ReadOptions, StoredObject } from './store.ts';

interface MemoryObject {
  readonly info: ObjectInfo;
  readonly bytes: Buffer;
}

/** A store in memory, unbounded: the reference for the contract, and the store of tests. */
export function createMemoryStore(): ObjectStore {
  const objects = new Map<string, MemoryObject>();

  async function head(key: string, options: ReadOptions = {}): Promise<ObjectInfo | undefined> {
    checkKey(key);
    stopIfAborted(options.signal);
    return objects.get(key)?.info;
  }

  async function get(key: string, options: ReadOptions = {}): Promise<StoredObject | undefined> {
    checkKey(key);
    stopIfAborted(options.signal);
    const object = objects.get(key);
    return object && { info: object.info, body: readableOf(object.bytes, options.signal) };
  }

  async function put(
    key: string,
    body: Uint8Array | Readable,
    options: PutOptions = {},
  ): Promise<ObjectInfo | undefined> {
    const size = checkPut(key, body, options);
    const bytes = body instanceof Readable ? await collect(body, size, options.signal) : Buffer.from(body);
    if (options.onlyIfAbsent && objects.has(key)) return undefined;
    const info: ObjectInfo = {
      key,
      size,
      etag: createHash('sha256').update(bytes).digest('hex'),
      lastModified: new Date(),
      contentType: options.contentType,
      metadata: { ...options.metadata },
    };
    objects.set(key, { info, bytes });
    return info;
  }

  async function remove(keys: readonly string[], options: ReadOptions = {}): Promise<void> {
    for (const key of keys) checkKey(key);
    stopIfAborted(options.signal);
    for (const key of keys) objects.delete(key);
  }

  async function* list(prefix: string, options: ListOptions = {}): AsyncGenerator<ObjectInfo, void, undefined> {
    const after = options.startAfter ?? '';
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && compareKeys(key, after) > 0);
    for (const key of keys.sort(compareKeys).slice(0, options.limit)) {
      stopIfAborted(options.signal);
      const object = objects.get(key);
      if (object) yield { ...object.info, contentType: undefined, metadata: {} };
    }
  }

  return { listsAtOnce: true, head, get, put, delete: remove, list };
}

function readableOf(bytes: Buffer, signal: AbortSignal | undefined): Readable {
  // A copy, because a reader may write into the chunk it was given.
  const body = Readable.from(bytes.byteLength === 0 ? [] : [Buffer.from(bytes)], { objectMode: false });
  destroyOnAbort(body, signal);
  return quiet(body);
}

async function collect(body: Readable, size: number, signal: AbortSignal | undefined): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  await pour(body, size, async (chunk) => void chunks.push(chunk), signal);
  return Buffer.concat(chunks);
}
