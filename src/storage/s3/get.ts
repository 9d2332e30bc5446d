import { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import type { Deadline } from '../../deadline.ts';
import type { ObjectInfo, ReadOptions, StoredObject } from '../store.ts';
import { createS3Body } from './body.ts';
import { objectAt, type S3StoreParts } from './bucket.ts';
import { callStore, readOptions } from './call.ts';
import { meansNoObject } from './failures.ts';
import { incompleteResponse, objectInfo } from './info.ts';

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
  return response && objectInfo(key, response);
}

/** An object with its body; undefined when it is not there. */
export async function getObject(
  parts: S3StoreParts,
  key: string,
  { signal }: ReadOptions,
): Promise<StoredObject | undefined> {
  const command = new GetObjectCommand(objectAt(parts, key));
  return callStore(parts.operationTimeoutMs, signal, async (deadline) => {
    const response = await orAbsent(parts.client.send(command, readOptions(parts, deadline)));
    if (!response) return undefined;
    const { Body: source } = response;
    if (!(source instanceof Readable)) throw incompleteResponse('a body');
    try {
      const info = objectInfo(key, response);
      const body = createS3Body(source, { size: info.size, stallTimeoutMs: parts.stallTimeoutMs, signal });
      // Too late, nobody waits for it any more: the connection must not be left hanging.
      if (deadline.signal.aborted) body.destroy();
      return { info, body };
    } catch (error) {
      source.destroy();
      throw error;
    }
  });
}

async function orAbsent<Output>(sent: Promise<Output>): Promise<Output | undefined> {
  try {
    return await sent;
  } catch (error) {
    if (meansNoObject(error)) return undefined;
    throw error;
  }
}
