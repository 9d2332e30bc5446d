import { createHash, timingSafeEqual } from 'node:crypto';
import { Failure, isFailure } from '../../failure.ts';
import { adminName, type Caller, checkOwner, noBatch } from '../batch/caller.ts';
import { checkBatch, type Manifest, readManifest, readOutcome } from '../batch/records.ts';
import type { FileReport } from '../batch/report.ts';
import { discardStaged, findStaged, gapless, stageRest, tooLargeHere } from '../batch/staging.ts';
import { commitArrived } from '../commit/commit.ts';
import type { Pace } from './pace.ts';
import { type PlacedBody, pacedBody } from './place.ts';
import type { ReceiveParts } from './receive.ts';

/** A file that comes in as many requests as its client's line needs, and how far it is. */
export type Progress =
  | {
      readonly state: 'open';
      /** Bytes that have arrived, and are kept. */
      readonly offset: number;
      readonly length: number;
      /** Milliseconds since 1970. */
      readonly expires: number;
      /** What its client said of it, as it said it. */
      readonly said: string | undefined;
    }
  | { readonly state: 'published'; readonly length: number; readonly key: string }
  /** All of it was there, and it cannot be published. */
  | { readonly state: 'refused'; readonly failure: Failure };

/** `elsewhere`: the body does not begin where the file ends, or another was quicker. `damaged`: not the bytes of its digest. */
export type Resumed = Progress | { readonly state: 'elsewhere' | 'damaged' };

/** A body that goes on where the file ends. */
export interface RestBody extends PlacedBody {
  readonly offset: number;
  /** What its bytes have to come to: else nothing of them is kept. */
  readonly digest?: { readonly algorithm: 'md5' | 'sha1' | 'sha256'; readonly value: Buffer } | undefined;
}

/**
 * How far a promised file has come. Of one that is whole, and was not published since its sender's line broke or we were
 * busy, that is made up for. Failures: `not_found`, also for somebody else's; `expired`.
 */
export async function progressOf(parts: ReceiveParts, batch: string, caller: Caller): Promise<Progress> {
  const { store } = parts;
  const { signal } = caller;
  checkBatch(batch);
  const outcome = await readOutcome(store, batch, { signal });
  if (outcome !== undefined) {
    checkOwner(outcome, caller);
    const [file] = outcome.state === 'published' ? outcome.published : [];
    if (file === undefined) throw noBatch();
    return { state: 'published', length: file.bytes, key: file.key };
  }
  const manifest = await readManifest(store, batch, { signal });
  if (manifest === undefined) throw noBatch();
  checkOwner(manifest, caller);
  if (parts.now() > manifest.expires) throw new Failure('expired', 'This upload has expired: begin it anew.');
  return progressFrom(parts, manifest, caller);
}

async function progressFrom(parts: ReceiveParts, manifest: Manifest, caller: Caller): Promise<Progress> {
  const { batch, expires, said } = manifest;
  const offset = gapless(await findStaged(parts.store, { batch, index: 0 }, { signal: caller.signal }));
  const length = lengthOf(manifest);
  if (offset < length) return { state: 'open', offset, length, expires, said };
  const { files } = await commitArrived(parts, batch, caller);
  return ended(files[0]);
}

function ended(file: FileReport | undefined): Progress {
  if (file?.status === 'published') return { state: 'published', length: file.bytes, key: file.key };
  if (file?.status === 'refused') return { state: 'refused', failure: file.failure };
  throw new Error('a batch of one file has published or refused it');
}

function lengthOf({ files: [file] }: Manifest): number {
  if (file?.bytes === undefined) throw new Failure('invalid', 'This upload is not one that can be resumed.');
  return file.bytes;
}

/**
 * Takes the rest of a file, or as much of it as comes before the line breaks: pieces are kept as they arrive, and only
 * where none is yet, so that of two who send at once one goes on. Publishes the file when it is whole.
 */
export async function resumeBody(
  parts: ReceiveParts,
  rest: RestBody,
  { batch, ...caller }: Caller & { readonly batch: string },
): Promise<Resumed> {
  const progress = await progressOf(parts, batch, caller);
  if (progress.state !== 'open') {
    rest.body.resume();
    return progress.state === 'published' && rest.offset !== progress.length ? { state: 'elsewhere' } : progress;
  }
  const { offset, length } = progress;
  if (rest.offset !== offset) return { state: 'elsewhere' };
  if ((rest.bytes ?? 0) > length - offset) throw tooLargeHere(length);
  const { owner = adminName, signal } = caller;
  const come = await parts.arrivals
    .run(owner, signal, (pace) => takeInTime(parts, rest, { batch, length, pace }))
    .catch(keptIfTimeIsUp);
  return come === 'kept' ? progressOf(parts, batch, caller) : { state: come };
}

/**
 * Milliseconds: with the longest wait in line still less than a request may take to come (60 s). Past that the listener would
 * answer 408, for which clients do not try again; so whoever has a slow line hears how far it is, and goes on.
 */
const usualRestMs = 35_000;
const timeIsUp = new Failure('overloaded', 'So much of the upload was taken: go on where it ends.');

interface RestPlace {
  readonly batch: string;
  readonly length: number;
}

async function takeInTime(
  parts: ReceiveParts,
  rest: RestBody,
  { pace, ...place }: RestPlace & { readonly pace: Pace },
): Promise<'kept' | 'elsewhere' | 'damaged'> {
  const timer = setTimeout(() => pace.giveUp(timeIsUp), parts.restMs ?? usualRestMs);
  try {
    return await takeRest(parts, { ...rest, body: pacedBody(rest, pace) }, place);
  } finally {
    clearTimeout(timer);
  }
}

function keptIfTimeIsUp(error: unknown): 'kept' {
  if (error === timeIsUp) return 'kept';
  throw error;
}

async function takeRest(
  { store }: ReceiveParts,
  { body, offset, digest }: RestBody,
  { batch, length }: RestPlace,
): Promise<'kept' | 'elsewhere' | 'damaged'> {
  const hash = digest && createHash(digest.algorithm);
  const { pieces, end } = await stageRest(store, body, {
    batch,
    index: 0,
    at: offset,
    maxBytes: length - offset,
    hash,
  });
  if (end === 'taken') return 'elsewhere';
  const isDamaged = digest !== undefined && hash !== undefined && !sameBytes(hash.digest(), digest.value);
  // Of what broke off nobody can tell whether it is what was meant.
  if (digest !== undefined && (isDamaged || end !== 'whole')) await discardStaged(store, { pieces });
  if (end !== 'whole') throw isFailure(end) ? end : new Failure('invalid', 'The upload broke off.', { cause: end });
  return isDamaged ? 'damaged' : 'kept';
}

function sameBytes(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
