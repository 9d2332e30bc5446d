import { Readable } from 'node:stream';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Deadline } from '../deadline.ts';
import { Failure } from '../failure.ts';
import { quiet } from './bodies.ts';
import { checkKey, isKey, maxKeyBytes } from './keys.ts';
import { checkPut, exactly } from './put-input.ts';
import { createS3Body } from './s3/body.ts';
import { callStore } from './s3/call.ts';
import { meansAbsent, meansConflict, meansTaken, s3CodeFailure } from './s3/failures.ts';
import type { ListOptions, ObjectInfo, ObjectStore, PutOptions, ReadOptions, StoredObject } from './store.ts';

export interface S3StoreOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /** What every key in the bucket begins with: empty, or ends in `/`. */
  readonly prefix: string;
  /** Milliseconds that a call has, retries included, until the first byte of its answer; 5 s by default. */
  readonly operationTimeoutMs?: number;
  /** Milliseconds without a byte after which a body that is being read is given up; 5 s by default. */
  readonly stallTimeoutMs?: number;
}

/** S3's limit on one page of a listing. */
const maxKeysPerCall = 1000;
/** S3's limit on one DeleteObjects. */
const maxDeletesPerCall = 1000;
/** Uploads slower than this are given up, so that a body of any size has a bound. */
const minUploadBytesPerSecond = 256 * 1024;
/** Tries of a create-only put that keeps meeting other writes of its key. */
const maxConflicts = 3;

/** A bucket, or what lies under a prefix of it, as a store; any S3-compatible server will do. */
export function createS3Store(options: S3StoreOptions): ObjectStore {
  const { client, bucket, prefix, operationTimeoutMs = 5_000, stallTimeoutMs = 5_000 } = options;
  const at = (key: string) => ({ Bucket: bucket, Key: fullKey(prefix, key) });
  // A try that hangs leaves time for another: half the call's time each.
  const readOptions = ({ signal }: Deadline) => ({ abortSignal: signal, requestTimeout: operationTimeoutMs / 2 });
  const call = <Result>(signal: AbortSignal | undefined, task: (deadline: Deadline) => Promise<Result>) =>
    callStore(operationTimeoutMs, signal, task);

  async function head(key: string, options: ReadOptions = {}): Promise<ObjectInfo | undefined> {
    const target = at(key);
    return call(options.signal, async (deadline) => {
      const answer = await orAbsent(client.send(new HeadObjectCommand(target), readOptions(deadline)));
      return answer && infoOf(key, answer);
    });
  }

  async function get(key: string, options: ReadOptions = {}): Promise<StoredObject | undefined> {
    const target = at(key);
    const { signal } = options;
    return call(signal, async (deadline) => {
      const answer = await orAbsent(client.send(new GetObjectCommand(target), readOptions(deadline)));
      if (!answer) return undefined;
      const { Body: source } = answer;
      if (!(source instanceof Readable)) throw incomplete('a body');
      try {
        const info = infoOf(key, answer);
        const body = createS3Body(source, { size: info.size, stallTimeoutMs, signal });
        // Too late, nobody waits for it any more: the connection must not be left hanging.
        if (deadline.signal.aborted) body.destroy();
        return { info, body };
      } catch (error) {
        source.destroy();
        throw error;
      }
    });
  }

  async function put(
    key: string,
    body: Uint8Array | Readable,
    options: PutOptions = {},
  ): Promise<ObjectInfo | undefined> {
    const size = checkPut(key, body, options);
    const input = { ...at(key), ...putInput(size, options) };
    const timeoutMs = operationTimeoutMs + (size / minUploadBytesPerSecond) * 1000;
    const send = (deadline: Deadline, content: Uint8Array | Readable) =>
      client.send(new PutObjectCommand({ ...input, Body: content }), { abortSignal: deadline.signal });
    const isTaken = async () => (await head(key, options)) !== undefined;
    return callStore(timeoutMs, options.signal, async (deadline) => {
      const answer =
        body instanceof Readable
          ? await createOnce(() => sendStream(body, size, deadline, send), isTaken, 1)
          : await createOnce(() => send(deadline, body), isTaken, maxConflicts);
      return answer && putInfo(key, size, answer.ETag, options);
    });
  }

  async function remove(keys: readonly string[], options: ReadOptions = {}): Promise<void> {
    const targets = keys.map((key) => ({ Key: fullKey(prefix, key) }));
    if (targets.length === 0) return;
    for (let start = 0; start < targets.length; start += maxDeletesPerCall) {
      const Delete = { Objects: targets.slice(start, start + maxDeletesPerCall), Quiet: true };
      const command = new DeleteObjectsCommand({ Bucket: bucket, Delete });
      const answer = await call(options.signal, (deadline) => client.send(command, { abortSignal: deadline.signal }));
      const failed = answer.Errors?.find((error) => error.Code !== 'NoSuchKey');
      if (failed) throw s3CodeFailure(failed.Code);
    }
  }

  async function* list(listPrefix: string, options: ListOptions = {}): AsyncGenerator<ObjectInfo, void, undefined> {
    const { startAfter, limit, signal } = options;
    let token: string | undefined;
    let left = limit ?? Number.POSITIVE_INFINITY;
    do {
      const command = new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix + listPrefix,
        // XML cannot carry every key.
        EncodingType: 'url',
        ...(limit === undefined ? {} : { MaxKeys: Math.min(left, maxKeysPerCall) }),
        ...(startAfter === undefined ? {} : { StartAfter: prefix + startAfter }),
        ...(token === undefined ? {} : { ContinuationToken: token }),
      });
      const page = await call(signal, (deadline) => client.send(command, readOptions(deadline)));
      for (const object of page.Contents ?? []) {
        const key = decodeKey(object.Key ?? '').slice(prefix.length);
        // What we could not address is not ours: the consoles' folder markers end in a slash.
        // Not every server heeds MaxKeys.
        if (left <= 0) return;
        left -= 1;
        if (isKey(key)) yield infoOf(key, { ...object, ContentLength: object.Size });
      }
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined && left > 0);
  }

  return { listsAtOnce: true, head, get, put, delete: remove, list };
}

function fullKey(prefix: string, key: string): string {
  checkKey(key);
  const full = prefix + key;
  if (Buffer.byteLength(full) <= maxKeyBytes) return full;
  throw new Failure('invalid', `The key is not valid: with the store's prefix it is over ${maxKeyBytes} bytes.`);
}

function putInput(size: number, options: PutOptions): Omit<PutObjectCommandInput, 'Bucket' | 'Key'> {
  const { contentType, cacheControl, metadata, onlyIfAbsent } = options;
  return {
    ContentLength: size,
    ...(contentType === undefined ? {} : { ContentType: contentType }),
    ...(cacheControl === undefined ? {} : { CacheControl: cacheControl }),
    ...(metadata === undefined ? {} : { Metadata: { ...metadata } }),
    ...(onlyIfAbsent ? { IfNoneMatch: '*' } : {}),
  };
}

/** Sends a stream; as long as it moves the call has time. */
async function sendStream<Answer>(
  body: Readable,
  size: number,
  deadline: Deadline,
  send: (deadline: Deadline, content: Readable) => Promise<Answer>,
): Promise<Answer> {
  async function* moving(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const chunk of exactly(body, size)) {
        deadline.restart();
        yield chunk;
      }
    } catch (error) {
      // The SDK only pipes the body: it would wait for bytes that never come.
      deadline.end(error instanceof Failure ? error : new Failure('upstream', 'The body broke off.', { cause: error }));
      throw error;
    }
  }
  const content = quiet(Readable.from(moving(), { objectMode: false }));
  deadline.signal.addEventListener('abort', () => body.destroy(), { once: true });
  try {
    return await send(deadline, content);
  } finally {
    body.destroy();
  }
}

/** The answer of a put, undefined when its key was taken; a conflict with another write is tried again. */
async function createOnce<Answer>(
  send: () => Promise<Answer>,
  isTaken: () => Promise<boolean>,
  maxTries: number,
): Promise<Answer | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      return await send();
    } catch (error) {
      if (meansTaken(error)) return undefined;
      if (!meansConflict(error)) throw error;
      if (await isTaken()) return undefined;
      if (tries >= maxTries) {
        throw new Failure('overloaded', 'Too many writers create this object at once.', { cause: error });
      }
    }
  }
}

async function orAbsent<Answer>(sent: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await sent;
  } catch (error) {
    if (meansAbsent(error)) return undefined;
    throw error;
  }
}

interface AnswerFacts {
  readonly ContentLength?: number | undefined;
  readonly ETag?: string | undefined;
  readonly LastModified?: Date | undefined;
  readonly ContentType?: string | undefined;
  readonly Metadata?: Readonly<Record<string, string>> | undefined;
}

function infoOf(key: string, answer: AnswerFacts): ObjectInfo {
  const { ContentLength: size, ETag: etag, LastModified: lastModified } = answer;
  if (size === undefined) throw incomplete('a size');
  if (etag === undefined) throw incomplete('an etag');
  if (lastModified === undefined) throw incomplete('a time');
  const { ContentType: contentType, Metadata: metadata = {} } = answer;
  return { key, size, etag: unquoted(etag), lastModified, contentType, metadata };
}

function putInfo(key: string, size: number, etag: string | undefined, options: PutOptions): ObjectInfo {
  if (etag === undefined) throw incomplete('an etag');
  const { contentType, metadata = {} } = options;
  return { key, size, etag: unquoted(etag), lastModified: new Date(), contentType, metadata: { ...metadata } };
}

function unquoted(etag: string): string {
  return etag.replace(/^"(.*)"$/, '$1');
}

/** The listing's form encoding; AWS writes a space as `+`. */
function decodeKey(encoded: string): string {
  return decodeURIComponent(encoded.replaceAll('+', ' '));
}

function incomplete(what: string): Failure {
  return new Failure('upstream', `The object store's answer is incomplete: expected ${what}.`);
}
