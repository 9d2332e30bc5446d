import { Readable } from 'node:stream';
import { GetObjectCommand, type GetObjectCommandOutput, HeadObjectCommand } from '@aws-sdk/client-s3';
import { type ByteRange, clippedRange } from '../../byte-range.ts';
import type { Deadline } from '../../deadline.ts';
import { partOfBody } from '../bodies.ts';
import type { GetOptions, ObjectInfo, ReadOptions, StoredObject } from '../store.ts';
import { createS3Body } from './body.ts';
import { objectAt, type S3StoreParts } from './bucket.ts';
import { callStore, readOptions } from './call.ts';
import { meansNoObject, meansPastEnd } from './failures.ts';
import { incompleteResponse, objectInfo, partInfo } from './info.ts';

/** What the store knows of an object; undefined when it is not there. */
export async function headObject(
  parts: S3StoreParts,
  key: string,
  { signal }: ReadOptions,
): Promise<ObjectInfo | undefined> {
  return callStore(parts.operationTimeoutMs, signal, (deadline) => lookUp(parts, key, deadline));
}

/** The same as part of a call that has a deadline already. */
export async function lookUp(parts: S3StoreParts, key: string, deadline: Deadline): Promise<ObjectInfo | undefined> {
  const command = new HeadObjectCommand(objectAt(parts, key));
  const response = await orAbsent(parts.client.send(command, readOptions(parts, deadline)));
  if (response === undefined) return undefined;
  const { ContentLength = await sizeByPart(parts, key, deadline) } = response;
  return objectInfo(key, { ...response, ContentLength });
}

/** How long an object is of which HEAD does not say it: something between that store and us leaves it out. */
async function sizeByPart(parts: S3StoreParts, key: string, deadline: Deadline): Promise<number | undefined> {
  const command = new GetObjectCommand({ ...objectAt(parts, key), Range: 'bytes=0-0' });
  try {
    const response = await parts.client.send(command, readOptions(parts, deadline));
    if (response.Body instanceof Readable) response.Body.destroy();
    return partInfo(response)?.size ?? response.ContentLength;
  } catch (error) {
    // An object without bytes has no first one.
    if (meansPastEnd(error)) return 0;
    throw error;
  }
}

/** An object with its body, or with a part of it; undefined when it is not there. */
export async function getObject(
  parts: S3StoreParts,
  key: string,
  { range, signal }: GetOptions,
): Promise<StoredObject | undefined> {
  const command = new GetObjectCommand({ ...objectAt(parts, key), ...(range && { Range: fieldOf(range) }) });
  return callStore(parts.operationTimeoutMs, signal, async (deadline) => {
    try {
      const response = await orAbsent(parts.client.send(command, readOptions(parts, deadline)));
      const opened = response && openObject(parts, { key, range, response }, signal);
      // Too late, nobody waits for it any more: the connection must not be left hanging.
      if (deadline.signal.aborted) opened?.body.destroy();
      return opened;
    } catch (error) {
      if (!meansPastEnd(error)) throw error;
      const info = await lookUp(parts, key, deadline);
      return info && { info, part: { start: info.size, end: info.size }, body: Readable.from([]) };
    }
  });
}

/** Range (RFC 9110 §14.2). */
function fieldOf({ start, end }: ByteRange): string {
  return `bytes=${start}-${end - 1}`;
}

interface GotObject {
  readonly key: string;
  readonly range: ByteRange | undefined;
  readonly response: GetObjectCommandOutput;
}

function openObject(
  { stallTimeoutMs }: S3StoreParts,
  { key, range, response }: GotObject,
  signal: AbortSignal | undefined,
): StoredObject {
  const { Body: source, ContentLength: size = 0 } = response;
  if (!(source instanceof Readable)) throw incompleteResponse('a body');
  try {
    const sent = partInfo(response);
    const info = objectInfo(key, sent === undefined ? response : { ...response, ContentLength: sent.size });
    const body = createS3Body(source, { size, stallTimeoutMs, signal });
    if (sent !== undefined) return { info, part: sent.part, body };
    if (range === undefined) return { info, body };
    // A server that knows no ranges sends all there is.
    const part = clippedRange(range, info.size);
    return { info, part, body: partOfBody(body, part) };
  } catch (error) {
    source.destroy();
    throw error;
  }
}

async function orAbsent<Output>(sent: Promise<Output>): Promise<Output | undefined> {
  try {
    return await sent;
  } catch (error) {
    if (meansNoObject(error)) return undefined;
    throw error;
  }
}
