import type { IncomingMessage } from 'node:http';
import { readAtMost } from '../../bounded-read.ts';
import { Failure } from '../../failure.ts';
import type { ObjectInfo } from '../store.ts';

/** False when there is no such picture; anything else that is not a picture is the host's fault. */
export function isThere({ statusCode = 0 }: IncomingMessage): boolean {
  if (statusCode === 200) return true;
  if (statusCode === 404 || statusCode === 410) return false;
  throw new Failure('upstream', `The host of the picture answered ${statusCode}.`);
}

/** What Content-Length says. */
export function announcedBytes({ headers: { 'content-length': length } }: IncomingMessage): number | undefined {
  return length === undefined || !/^\d{1,15}$/.test(length) ? undefined : Number(length);
}

/** What a response says of the picture. */
export function infoOfResponse(key: string, { headers }: IncomingMessage, size: number): ObjectInfo {
  const modified = Date.parse(headers['last-modified'] ?? '');
  const etag = headers.etag?.replace(/^W\//, '').replaceAll('"', '');
  return {
    key,
    size,
    etag: etag === undefined || etag === '' ? 'unversioned' : etag,
    lastModified: new Date(Number.isNaN(modified) ? 0 : modified),
    contentType: headers['content-type'],
    metadata: {},
  };
}

/** The body. Failures: `too_large`, `upstream` when it ends early. */
export async function readPicture(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const announced = announcedBytes(response);
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
