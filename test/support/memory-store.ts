import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { clippedRange } from '../../src/byte-range.ts';
import { stopIfAborted } from '../../src/deadline.ts';
import { destroyOnAbort, quiet } from '../../src/storage/bodies.ts';
import { checkKey, compareKeys } from '../../src/storage/keys.ts';
import { checkedPut, pour } from '../../src/storage/put-input.ts';
import type {
  ListOptions,
  ObjectInfo,
  ObjectStore,
  PutOptions,
  ReadOptions,
  SeenObject,
} from '../../src/storage/store.ts';

interface MemoryObject {
  readonly info: ObjectInfo;
  readonly bytes: Buffer;
}

type MemoryObjects = Map<string, MemoryObject>;

/** A store in memory, unbounded, held to the contract of all stores (`test/storage/memory.test.ts`). */
export function createMemoryStore(): ObjectStore {
  const objects: MemoryObjects = new Map();
  return {
    listsAtOnce: () => true,
    createsOnce: true,
    probe: async ({ signal } = {}) => stopIfAborted(signal),
    head: async (key, options = {}) => find(objects, key, options)?.info,
    get: async (key, options = {}) => {
      const object = find(objects, key, options);
      if (object === undefined) return undefined;
      const part = options.range && clippedRange(options.range, object.info.size);
      const bytes = object.bytes.subarray(part?.start, part?.end);
      return { info: object.info, body: readableOf(bytes, options.signal), ...(part && { part }) };
    },
    put: (key, body, options = {}) => put(objects, key, body, options),
    delete: async (keys, options = {}) => remove(objects, keys, options),
    deleteUnchanged: async (seen, options = {}) => removeUnchanged(objects, seen, options),
    conditions: async () => ({ createsOnly: true, putsUnchanged: true, deletesUnchanged: true }),
    list: (prefix, options = {}) => list(objects, prefix, options),
  };
}

function find(objects: MemoryObjects, key: string, options: ReadOptions): MemoryObject | undefined {
  checkKey(key);
  stopIfAborted(options.signal);
  return objects.get(key);
}

async function put(
  objects: MemoryObjects,
  key: string,
  body: Uint8Array | Readable,
  options: PutOptions,
): Promise<ObjectInfo | undefined> {
  const { size } = checkedPut(key, body, options);
  const bytes = body instanceof Readable ? await collect(body, size, options.signal) : Buffer.from(body);
  if (options.onlyIfAbsent && objects.has(key)) return undefined;
  if (options.ifMatch !== undefined && objects.get(key)?.info.etag !== options.ifMatch) return undefined;
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

function remove(objects: MemoryObjects, keys: readonly string[], options: ReadOptions): void {
  for (const key of keys) checkKey(key);
  stopIfAborted(options.signal);
  for (const key of keys) objects.delete(key);
}

function removeUnchanged(objects: MemoryObjects, seen: readonly SeenObject[], options: ReadOptions): readonly string[] {
  for (const { key } of seen) checkKey(key);
  stopIfAborted(options.signal);
  const unchanged = seen.filter(({ key, etag }) => objects.get(key)?.info.etag === etag);
  return unchanged.map(({ key }) => key).filter((key) => objects.delete(key));
}

async function* list(
  objects: MemoryObjects,
  prefix: string,
  options: ListOptions,
): AsyncGenerator<ObjectInfo, void, undefined> {
  const after = options.startAfter ?? '';
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && compareKeys(key, after) > 0);
  for (const key of keys.sort(compareKeys).slice(0, options.limit)) {
    stopIfAborted(options.signal);
    const object = objects.get(key);
    if (object) yield { ...object.info, contentType: undefined, metadata: {} };
  }
}

function readableOf(bytes: Buffer, signal: AbortSignal | undefined): Readable {
  // A copy, because a reader may write into the chunk it was given.
  const body = Readable.from(bytes.byteLength === 0 ? [] : [Buffer.from(bytes)], { objectMode: false });
  destroyOnAbort(body, signal);
  return quiet(body);
}

async function collect(body: Readable, size: number, signal: AbortSignal | undefined): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  await pour(body, { size, signal }, async (chunk) => void chunks.push(chunk));
  return Buffer.concat(chunks);
}
