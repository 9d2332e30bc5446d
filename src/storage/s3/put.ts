import { Readable } from 'node:stream';
import { PutObjectCommand, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { Deadline } from '../../deadline.ts';
import { Failure } from '../../failure.ts';
import { quiet } from '../bodies.ts';
import { type CheckedPut, exactly } from '../put-input.ts';
import type { ObjectInfo, PutOptions } from '../store.ts';
import { objectAt, type S3StoreParts } from './bucket.ts';
import { callStore } from './call.ts';
import { conditionsOf, writtenEtag } from './conditions.ts';
import { isUnchanged } from './delete-unchanged.ts';
import { meansConflict, meansGone, meansTaken } from './failures.ts';
import { lookUp } from './get.ts';
import { unquotedEtag } from './info.ts';
import { writingInput } from './writing.ts';

/** Uploads slower than this are given up, so that a body of any size has a bound. */
const minUploadBytesPerSecond = 256 * 1024;
/** Tries of a conditional put that keeps meeting other writes of its key. */
const maxConflicts = 3;

type Send = (content: Uint8Array | Readable) => Promise<{ readonly ETag?: string | undefined }>;

/** What has to hold, as a header says it. */
type Condition = Pick<PutObjectCommandInput, 'IfMatch' | 'IfNoneMatch'>;

/** Stores a body; undefined when it was to be created and is there already, or was to replace what is there no more. */
export async function putObject(parts: S3StoreParts, put: CheckedPut): Promise<ObjectInfo | undefined> {
  const { body, options } = put;
  if (options.ifMatch === undefined && !options.onlyIfAbsent) return sendPut(parts, put, {});
  try {
    return await putOnCondition(parts, put);
  } finally {
    if (body instanceof Readable) body.destroy();
  }
}

async function putOnCondition(parts: S3StoreParts, put: CheckedPut): Promise<ObjectInfo | undefined> {
  const { key, options } = put;
  const { ifMatch: etag, signal } = options;
  if (etag !== undefined) {
    const { putIfMatch: form } = await conditionsOf(parts, signal);
    if (form !== 'none') return sendPut(parts, put, { IfMatch: writtenEtag(etag, form) });
    return putAfterLook(parts, put, (deadline) => isUnchanged(parts, { key, etag }, deadline));
  }
  const isFree = async (deadline: Deadline) => (await lookUp(parts, key, deadline)) === undefined;
  // Some pass over a condition that they do not know, and nothing they answer tells.
  if (!(await createsOnly(parts, signal))) return putAfterLook(parts, put, isFree);
  return sendPut(parts, put, { IfNoneMatch: '*' });
}

/** A store that cannot be tried now is taken at its word. */
async function createsOnly(parts: S3StoreParts, signal: AbortSignal | undefined): Promise<boolean> {
  const tried = await conditionsOf(parts, signal).catch(() => undefined);
  return tried?.createsOnly ?? true;
}

/** Where the store does not know the condition: those of this process who put the same key wait for each other. */
function putAfterLook(
  parts: S3StoreParts,
  put: CheckedPut,
  look: (deadline: Deadline) => Promise<boolean>,
): Promise<ObjectInfo | undefined> {
  const { key, options } = put;
  return parts.conditions.creators.run(key, async () => {
    const mayPut = await callStore(parts.operationTimeoutMs, options.signal, look);
    return mayPut ? sendPut(parts, put, {}) : undefined;
  });
}

async function sendPut(parts: S3StoreParts, put: CheckedPut, condition: Condition): Promise<ObjectInfo | undefined> {
  const { key, body, size, options } = put;
  const input = {
    ...objectAt(parts, key),
    ...writingInput(parts.writing ?? {}),
    ...putInput(size, options),
    ...condition,
  };
  const timeoutMs = parts.operationTimeoutMs + (size / minUploadBytesPerSecond) * 1000;
  return callStore(timeoutMs, options.signal, async (deadline) => {
    const send: Send = (content) =>
      parts.client.send(new PutObjectCommand({ ...input, Body: content }), { abortSignal: deadline.signal });
    const isLost = async () => !(await holds(parts, put, deadline));
    const response =
      body instanceof Readable
        ? await putOnce(() => sendStream({ body, size, deadline }, send), isLost, 1)
        : await putOnce(() => send(body), isLost, maxConflicts);
    return response && putInfo(put, unquotedEtag(response));
  });
}

/** Whether the condition of a put holds still. */
async function holds(parts: S3StoreParts, { key, options }: CheckedPut, deadline: Deadline): Promise<boolean> {
  return (await lookUp(parts, key, deadline))?.etag === options.ifMatch;
}

function putInput(size: number, options: PutOptions): Omit<PutObjectCommandInput, 'Bucket' | 'Key'> {
  const { contentType, cacheControl, metadata } = options;
  return {
    ContentLength: size,
    ...(contentType === undefined ? {} : { ContentType: contentType }),
    ...(cacheControl === undefined ? {} : { CacheControl: cacheControl }),
    ...(metadata === undefined ? {} : { Metadata: { ...metadata } }),
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

/** What a put comes to, undefined when its condition does not hold; a conflict with another write is tried again. */
async function putOnce<Output>(
  send: () => Promise<Output>,
  isLost: () => Promise<boolean>,
  maxTries: number,
): Promise<Output | undefined> {
  for (let tries = 1; ; tries++) {
    try {
      return await send();
    } catch (error) {
      if (meansTaken(error) || meansGone(error)) return undefined;
      if (!meansConflict(error)) throw error;
      if (await isLost()) return undefined;
      if (tries >= maxTries) {
        throw new Failure('overloaded', 'Too many writers put this object at once.', { cause: error });
      }
    }
  }
}
