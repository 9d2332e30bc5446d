import { Failure } from '../../failure.ts';
import type { Caller } from '../batch/caller.ts';
import { openBatch } from '../batch/open.ts';
import { checkBatch, readOutcome } from '../batch/records.ts';
import type { BatchReport } from '../batch/report.ts';
import { findStaged, placeOfPiece } from '../batch/staging.ts';
import { type CommitParts, commitBatch } from '../commit/commit.ts';

/** A part of a file, as its client numbers it and the store knows it. */
export interface UploadedPart {
  readonly number: number;
  readonly bytes: number;
  /** Unquoted. */
  readonly etag: string;
}

/** The parts of a promised file that have arrived, in order of their numbers. */
export async function arrivedParts(
  parts: CommitParts,
  batch: string,
  caller: Caller,
): Promise<readonly UploadedPart[]> {
  await openBatch(parts, batch, caller);
  const { pieces } = await findStaged(parts.store, { batch, index: 0 }, { signal: caller.signal });
  return pieces.map((piece) => ({ number: placeOfPiece(piece), bytes: piece.size, etag: piece.etag }));
}

/** Publishes a file that came in parts; Failure `invalid` when they are not the ones that have arrived. */
export async function completeParts(
  parts: CommitParts,
  batch: string,
  { expected, ...caller }: Caller & { readonly expected: readonly Pick<UploadedPart, 'number' | 'etag'>[] },
): Promise<BatchReport> {
  checkBatch(batch);
  const outcome = await readOutcome(parts.store, batch, { signal: caller.signal });
  if (outcome === undefined) checkParts(expected, await arrivedParts(parts, batch, caller));
  return commitBatch(parts, batch, caller);
}

function checkParts(
  expected: readonly Pick<UploadedPart, 'number' | 'etag'>[],
  arrived: readonly UploadedPart[],
): void {
  const matches =
    expected.length === arrived.length &&
    arrived.every(
      ({ number, etag }, index) =>
        number === index + 1 && expected[index]?.number === number && expected[index]?.etag === etag,
    );
  if (matches) return;
  const numbers = arrived.map(({ number }) => number).join(', ') || 'none';
  throw new Failure(
    'invalid',
    `The parts are not those that arrived: expected 1, 2, 3, … in order; arrived: ${numbers}.`,
  );
}
