import { createHash } from 'node:crypto';
import { type Bulkhead, createBulkhead } from '../../bulkhead.ts';
import { Failure } from '../../failure.ts';
import { type MediaType, mediaTypeOf } from '../../formats.ts';
import { inspect, type Renderer } from '../../image/index.ts';
import type { Claim } from '../../shares.ts';
import { type ObjectStore, readBody } from '../../storage/index.ts';
import { inTurns, type Steps } from '../../turns.ts';
import type { PromisedFile, PublishedFile } from '../batch/records.ts';
import { emptyFile, openStaged, type StagedFile } from '../batch/staging.ts';

/** A file that is what it was promised to be, and what is known of it. */
export interface CheckedFile extends Omit<PublishedFile, 'key'> {
  readonly staged: StagedFile;
}

export interface CheckParts {
  readonly store: Pick<ObjectStore, 'get'>;
  readonly renderer: Pick<Renderer, 'thumbHash'>;
  /** Larger files are refused. */
  readonly maxBytes: number;
  /** Where checks wait for each other. */
  readonly checks: Bulkhead<Claim>;
}

/** Whose turn a check takes: owners take turns. */
export interface CheckTurn {
  readonly owner: string;
  readonly signal: AbortSignal;
}

/**
 * A check holds its file in memory while it is decoded: so many at a time, whatever is asked, and one less for an owner
 * alone, so that another's begins at once. Ten full batches may wait.
 */
const checkLimits = { atOnce: 3, atOnceEach: 2, waiting: 1_000 };

export function createChecks(): Bulkhead<Claim> {
  return createBulkhead(checkLimits, tooManyChecks);
}

/**
 * Tells whether a staged file is the picture it was promised to be. Failures: `invalid` (not there, another size or
 * checksum than promised), `too_large`, `unsupported` (no picture, or of another type than promised), `corrupt`,
 * `overloaded` (others' checks need the place in the line); those of the store and of rendering.
 */
export async function checkFile(
  parts: CheckParts,
  promised: PromisedFile,
  { staged, ...turn }: CheckTurn & { readonly staged: StagedFile },
): Promise<CheckedFile> {
  checkSize(promised, staged, parts.maxBytes);
  // One of its own for each file: a hundred that wait, all listening to the request's, look like a leak to Node.
  const signal = AbortSignal.any([turn.signal]);
  const check = { client: turn.owner };
  await parts.checks.enter(check, signal);
  try {
    return await checkBytes(parts, promised, { staged, ...turn });
  } finally {
    parts.checks.leave(check);
  }
}

async function checkBytes(
  { store, renderer, maxBytes }: CheckParts,
  promised: PromisedFile,
  { staged, owner, signal }: CheckTurn & { readonly staged: StagedFile },
): Promise<CheckedFile> {
  const info = { key: '', etag: '', size: staged.bytes, lastModified: new Date(0), contentType: '', metadata: {} };
  const bytes = await readBody({ info, body: openStaged(store, staged, { signal }) }, { maxBytes, signal });
  const sha256 = await inTurns(sha256Of(bytes));
  checkSum(promised, sha256);
  const { format, size } = await inspect(bytes);
  const type = mediaTypeOf(format);
  checkType(promised, type);
  // By its bytes, whoever sends them: what kills decoders does so twice, and what does not decode is decoded once.
  const fingerprint = `upload\0${sha256}`;
  const claim = { client: `upload\0${owner}` };
  const thumbhash = Buffer.from(await renderer.thumbHash(bytes, { signal, claim, fingerprint })).toString('base64');
  return { staged, type, format, ...size, bytes: staged.bytes, thumbhash };
}

function tooManyChecks(): Failure {
  return new Failure('overloaded', 'Too many files wait to be checked; try again in a moment.', {
    retryAfterSeconds: 10,
  });
}

function checkSize(promised: PromisedFile, { pieces, bytes }: StagedFile, maxBytes: number): void {
  if (pieces.length === 0) throw new Failure('invalid', 'The file has not arrived.');
  if (bytes === 0) throw emptyFile();
  if (bytes > maxBytes) {
    throw new Failure('too_large', `The file is too large: at most ${maxBytes} bytes are taken, got ${bytes}.`);
  }
  if (promised.bytes !== undefined && promised.bytes !== bytes) {
    throw new Failure('invalid', `The file has another size than promised: expected ${promised.bytes}, got ${bytes}.`);
  }
}

/** Bytes in one step: a millisecond or two. */
const hashedPerStep = 1024 * 1024;

function* sha256Of(bytes: Uint8Array): Steps<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes.length; at += hashedPerStep) {
    if (at > 0) yield;
    hash.update(bytes.subarray(at, at + hashedPerStep));
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
