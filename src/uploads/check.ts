import { createHash } from 'node:crypto';
import PQueue from 'p-queue';
import { Failure } from '../failure.ts';
import { inspect, type Renderer } from '../image/index.ts';
import { readBody } from '../storage/index.ts';
import type { PromisedFile, PublishedFile } from './batch.ts';
import { type MediaType, mediaTypeOfFormat } from './media-types.ts';
import type { StagedFile, Staging } from './pieces.ts';

/** A file that is what it was promised to be, and what is known of it. */
export interface CheckedFile extends Omit<PublishedFile, 'key'> {
  readonly staged: StagedFile;
}

export interface CheckParts {
  readonly staging: Staging;
  readonly renderer: Pick<Renderer, 'thumbHash'>;
  readonly maxBytes: number;
}

export interface CheckOptions {
  /** Names the bytes, so that a picture that kills decoders does so twice and no more. */
  readonly fingerprint: string;
  readonly signal: AbortSignal;
}

/** A check holds its file in memory while it is decoded: so many at a time, whatever is asked. */
const checksAtOnce = 2;

/** Tells whether a staged file is the picture it was promised to be. */
export interface Checks {
  /**
   * Failures: `invalid` (not there, another size or checksum than promised), `too_large`, `unsupported` (no picture,
   * or of another type than promised), `corrupt`; those of the store and of rendering.
   */
  check(promised: PromisedFile, staged: StagedFile, options: CheckOptions): Promise<CheckedFile>;
}

export function createChecks({ staging, renderer, maxBytes }: CheckParts): Checks {
  const queue = new PQueue({ concurrency: checksAtOnce });

  async function checkNow(promised: PromisedFile, staged: StagedFile, options: CheckOptions): Promise<CheckedFile> {
    const { signal } = options;
    const info = { key: '', etag: '', size: staged.bytes, lastModified: new Date(0), contentType: '', metadata: {} };
    const bytes = await readBody({ info, body: staging.open(staged, signal) }, { maxBytes, signal });
    checkSum(promised, bytes);
    const { format, size } = await inspect(bytes);
    const type = mediaTypeOfFormat(format);
    checkType(promised, type);
    const thumbhash = Buffer.from(await renderer.thumbHash(bytes, options)).toString('base64');
    return { staged, type, format, ...size, bytes: staged.bytes, thumbhash };
  }

  return {
    check(promised, staged, options) {
      checkSize(promised, staged, maxBytes);
      // One of its own for each file: a hundred that wait, all listening to the request's, look like a leak to Node.
      const signal = AbortSignal.any([options.signal]);
      return queue.add(() => checkNow(promised, staged, options), { signal });
    },
  };
}

function checkSize(promised: PromisedFile, { pieces, bytes }: StagedFile, maxBytes: number): void {
  if (pieces.length === 0) throw new Failure('invalid', 'The file has not arrived.');
  if (bytes === 0) throw new Failure('invalid', 'The file is empty.');
  if (bytes > maxBytes) {
    throw new Failure('too_large', `The file is too large: at most ${maxBytes} bytes are taken, got ${bytes}.`);
  }
  if (promised.bytes !== undefined && promised.bytes !== bytes) {
    throw new Failure('invalid', `The file has another size than promised: expected ${promised.bytes}, got ${bytes}.`);
  }
}

function checkSum({ sha256 }: PromisedFile, bytes: Uint8Array): void {
  if (sha256 === undefined) return;
  const came = createHash('sha256').update(bytes).digest('hex');
  if (came === sha256) return;
  throw new Failure('invalid', `The file has another SHA-256 than promised: expected ${sha256}, got ${came}.`);
}

function checkType(promised: PromisedFile, type: MediaType): void {
  if (promised.type === undefined || promised.type === type) return;
  throw new Failure('unsupported', `The file is not what it says: expected ${promised.type}, its bytes are ${type}.`);
}
