import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { ReadOptions } from '../store.ts';
import { objectAt, type S3StoreParts } from './bucket.ts';
import { callStore, readOptions } from './call.ts';
import { factsOf } from './facts.ts';
import { meansNoObject } from './failures.ts';

/** No URL and no upload names an object so. */
const probedKey = '-';

/** Resolves when the bucket is there and may be read: a GET of one byte, since only its refusals say why. */
export async function probeBucket(parts: S3StoreParts, { signal }: ReadOptions): Promise<void> {
  const command = new GetObjectCommand({ ...objectAt(parts, probedKey), Range: 'bytes=0-0' });
  await callStore(parts.operationTimeoutMs, signal, async (deadline) => {
    try {
      const { Body: body } = await parts.client.send(command, readOptions(parts, deadline));
      if (body !== undefined && 'destroy' in body) body.destroy();
    } catch (error) {
      if (!meansNoObject(error) && factsOf(error).status !== unsatisfiable) throw error;
    }
  });
}

/** An object without bytes has no first one. */
const unsatisfiable = 416;
