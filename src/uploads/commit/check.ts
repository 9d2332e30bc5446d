import { createHash } from 'node:crypto';
import { Failure } from '../../failure.ts';
import { type MediaType, mediaTypeOf } from '../../formats.ts';
import { inspect, type Renderer } from '../../image/index.ts';
import type { Claim } from '../../shares.ts';
import { readBody } from '../../storage/index.ts';
import { inTurns, type Steps } from '../../turns.ts';
import type { PromisedFile, PublishedFile } from '../batch/records.ts';
import type { StagedFile, Staging } from '../batch/staging.ts';
import { createPlaces } from '../bulkhead.ts';

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
  /** Whose file it is: owners take turns. */
  readonly owner: string;
  readonly signal: AbortSignal;
}

/**
 * A check holds its file in memory while it is decoded: so many at a time, whatever is asked, and one less for an owner
 * alone, so that another's begins at once. Ten full batches may wait.
 */
const limits = { atOnce: 3, atOnceEach: 2, forAdmin: 0, waiting: 1_000 };

/** Tells whether a staged file is the picture it was promised to be. */
export interface Checks {
  /**
   * Failures: `invalid` (not there, another size or checksum than promised), `too_large`, `unsupported` (no picture,
   * or of another type than promised), `corrupt`, `overloaded` (others' checks need the place in the line); those of the store
   * and of rendering.
   */
  check(promised: PromisedFile, staged: StagedFile, options: CheckOptions): Promise<CheckedFile>;
}

export function createChecks({ staging, renderer, maxBytes }: CheckParts): Checks {
  const places = createPlaces<Claim>(limits, tooMany);

  async function checkNow(promised: PromisedFile, staged: StagedFile, options: CheckOptions): Promise<CheckedFile> {
    const { signal } = options;
    const info = { key: '', etag: '', size: staged.bytes, lastModified: new Date(0), contentType: '', metadata: {} };
    const bytes = await readBody({ info, body: staging.open(staged, signal) }, { maxBytes, signal });
    const sha256 = await inTurns(sumOf(bytes));
    checkSum(promised, sha256);
    const { format, size } = await inspect(bytes);
    const type = mediaTypeOf(format);
    checkType(promised, type);
    // By its bytes, whoever sends them: what kills decoders does so twice, and what does not decode is decoded once.
    const fingerprint = `upload\0${sha256}`;
    const claim = { client: `upload\0${options.owner}` };
    const thumbhash = Buffer.from(await renderer.thumbHash(bytes, { signal, claim, fingerprint })).toString('base64');
    return { staged, type, format, ...size, bytes: staged.bytes, thumbhash };
  }

  return {
    async check(promised, staged, options) {
      checkSize(promised, staged, maxBytes);
      // One of its own for each file: a hundred that wait, all listening to the request's, look like a leak to Node.
      const signal = AbortSignal.any([options.signal]);
      const place = { client: options.owner };
      await places.enter(place, signal);
      try {
        return await checkNow(promised, staged, options);
      } finally {
        places.leave(place);
      }
    },
  };
}

function tooMany(): Failure {
  return new Failure('overloaded', 'Too many files wait to be checked; try again in a moment.', {
    retryAfterSeconds: 10,
  });
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

/** Bytes in one step: a millisecond or two. */
const bytesPerStep = 1024 * 1024;

function* sumOf(bytes: Uint8Array): Steps<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += bytesPerStep) {
    if (at > 0) yield;
    hash.update(bytes.subarray(at, at + bytesPerStep));
  }
  return hash.digest('hex');
}

function checkSum({ sha256 }: PromisedFile, came: string): void {
  if (sha256 === undefined || came === sha256) return;
  throw new Failure('invalid', `The file has another SHA-256 than promised: expected ${sha256}, got ${came}.`);
}

function checkType(promised: PromisedFile, type: MediaType): void {
  if (promised.type === undefined || promised.type === type) return;
  throw new Failure('unsupported', `The file is not what it says: expected ${promised.type}, its bytes are ${type}.`);
}
