import { Readable } from 'node:stream';
import { PutObjectCommand, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { Deadline } from '../../deadline.ts';
import { Failure } from '../../failure.ts';
import { quiet } from '../bodies.ts';
import { type CheckedPut, exactly } from '../put-input.ts';
import type { ObjectInfo, PutOptions } from '../store.ts';
import { objectAt, type S3StoreParts } from './bucket.ts';
import { callStore } from './call.ts';
import { meansConflict, meansTaken } from './failures.ts';
import { lookUp } from './get.ts';
import { unquotedEtag } from './info.ts';
import { writingInput } from './writing.ts';

/** Uploads slower than this are given up, so that a body of any size has a bound. */
const minUploadBytesPerSecond = 256 * 1024;
/** Tries of a create-only put that keeps meeting other writes of its key. */
const maxConflicts = 3;

type Send = (content: Uint8Array | Readable) => Promise<{ readonly ETag?: string | undefined }>;

/** Stores a body; undefined when it was to be created and is there already. */
export async function putObject(parts: S3StoreParts, put: CheckedPut): Promise<ObjectInfo | undefined> {
  const { key, body, size, options } = put;
  const input = { ...objectAt(parts, key), ...writingInput(parts.writing ?? {}), ...putInput(size, options) };
  const timeoutMs = parts.operationTimeoutMs + (size / minUploadBytesPerSecond) * 1000;
  return callStore(timeoutMs, options.signal, async (deadline) => {
    const send: Send = (content) =>
      parts.client.send(new PutObjectCommand({ ...input, Body: content }), { abortSignal: deadline.signal });
    const isTaken = async () => (await lookUp(parts, key, deadline)) !== undefined;
    const response =
      body instanceof Readable
        ? await createOnce(() => sendStream({ body, size, deadline }, send), isTaken, 1)
        : await createOnce(() => send(body), isTaken, maxConflicts);
    return response && putInfo(put, unquotedEtag(response));
  });
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

function putInfo({ key, size, options: { contentType, metadata = {} } }: CheckedPut, etag: string): ObjectInfo {
  return { key, size, etag, lastModified: new Date(), contentType, metadata: { ...metadata } };
}

interface StreamToSend {
  readonly body: Readable;
  readonly size: number;
  readonly deadline: Deadline;
}

/** Sends a stream, and leaves it destroyed. */
async function sendStream({ body, size, deadline }: StreamToSend, send: Send): ReturnType<Send> {
  const content = quiet(Readable.from(moving(exactly(body, size), deadline), { objectMode: false }));
  deadline.signal.addEventListener('abort', () => body.destroy(), { once: true });
  try {
    return await send(content);
  } finally {
    body.destroy();
  }
}

/** The chunks of a body that is being sent: as long as it moves the call has time, and when it breaks the call ends. */
async function* moving(
  chunks: AsyncIterable<Uint8Array>,
  deadline: Deadline,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of chunks) {
      deadline.restart();
      yield chunk;
    }
  } catch (error) {
    // The SDK only pipes the body: it would wait for bytes that never come.
    deadline.end(error instanceof Failure ? error : new Failure('upstream', 'The body broke off.', { cause: error }));
    throw error;
  }
}

/** What a put comes to, undefined when its key was taken; a conflict with another write is tried again. */
async function createOnce<Output>(
  send: () => Promise<Output>,
  isTaken: () => Promise<boolean>,
  maxTries: number,
): Promise<Output | undefined> {
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
