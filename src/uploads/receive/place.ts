import { Readable } from 'node:stream';
import { Failure } from '../../failure.ts';
import { type Caller, holderOf } from '../batch/caller.ts';
import { claimedMediaType } from '../batch/media-types.ts';
import { openBatch } from '../batch/open.ts';
import { type PromisedFile, stagingKeys } from '../batch/records.ts';
import type { BatchReport } from '../batch/report.ts';
import { discardStaged, type StageOptions, stage, stagePiece, tooLargeHere } from '../batch/staging.ts';
import { commitArrived } from '../commit/commit.ts';
import { takeAllowance } from '../presign/allowance.ts';
import type { PlaceToken } from '../presign/tokens.ts';
import type { Pace } from './pace.ts';
import type { ReceiveParts } from './receive.ts';

/** One body on its way to a presigned address. */
export interface PlacedBody {
  /** What its sender believes it will be called. */
  readonly key?: string | undefined;
  readonly claim?: string | undefined;
  /** What Content-Length announces. */
  readonly bytes?: number | undefined;
  /** Where that is not known: what it cannot be more than. */
  readonly atMost?: number | undefined;
  readonly body: Readable;
}

/** A body that is staged, and no more. */
interface StagedBody {
  readonly state: 'staged';
  readonly key: string;
  readonly etag: string;
}

/** What a presigned address has taken: staged only, or published at once where nobody would commit. */
export type Placed = StagedBody | { readonly state: 'done'; readonly key: string; readonly report: BatchReport };

/** Takes what a presigned address of ours permits. Failures: `invalid` (used already, other size), `unsupported`, `too_large`. */
export async function placeBody(
  parts: ReceiveParts,
  placed: PlacedBody,
  { token, signal }: { readonly token: PlaceToken; readonly signal: AbortSignal },
): Promise<Placed> {
  const { batch, index, part } = token;
  // The address itself is the permission.
  const anybody: Caller = { owner: undefined, signal };
  const manifest = await openBatch(parts, batch, anybody);
  const file = manifest.files[index];
  if (file === undefined) throw new Error('a presigned address names a promised file');
  const maxBytes = file.bytes ?? parts.maxBytes;
  if (part === undefined) checkPlaced(file, placed, maxBytes);
  // Bytes that nobody promised count as they come.
  if (file.bytes === undefined) {
    const bytes = placed.bytes ?? placed.atMost ?? parts.maxBytes;
    await takeAllowance(parts.store, { bytes }, { ticket: manifest.ticket, signal });
  }
  const staged = await parts.arrivals.run(holderOf(manifest), signal, (pace) => {
    const paced = { ...placed, body: pacedBody(placed, pace) };
    const place = { batch, index, maxBytes, signal };
    return part === undefined
      ? stageWhole(parts, paced, { ...place, file })
      : stagePart(parts, paced, { ...place, part });
  });
  if (part !== undefined || !manifest.automatic) return staged;
  return { state: 'done', key: file.key, report: await commitArrived(parts, batch, anybody) };
}

/** The same bytes, as slowly as its pace lets them come. */
export function pacedBody({ body }: PlacedBody, pace: Pace): Readable {
  return Readable.from(pace.of(body), { objectMode: false });
}

/** The length of a part, which has to be known before it comes. Failures: `invalid`, `too_large`. */
export function knownLength({ bytes }: PlacedBody, most: number): number {
  if (bytes === undefined) throw new Failure('invalid', 'A part needs a Content-Length.');
  if (bytes > most) throw tooLargeHere(most);
  return bytes;
}

async function stageWhole(
  { store }: ReceiveParts,
  { body }: PlacedBody,
  { file, ...place }: StageOptions & { readonly file: PromisedFile },
): Promise<StagedBody> {
  const staged = await stage(store, body, place);
  if (file.bytes !== undefined && file.bytes !== staged.bytes) {
    await discardStaged(store, staged);
    throw new Failure('invalid', `The body is too short: expected ${file.bytes} bytes, got ${staged.bytes}.`);
  }
  return { state: 'staged', key: file.key, etag: staged.pieces[0]?.etag ?? '' };
}

async function stagePart(
  { store }: ReceiveParts,
  placed: PlacedBody,
  { part, ...place }: StageOptions & { readonly part: number },
): Promise<StagedBody> {
  const size = knownLength(placed, place.maxBytes);
  const put = await stagePiece(store, placed.body, { ...place, at: part, size });
  return { state: 'staged', key: stagingKeys.piece(place.batch, place.index, part), etag: put?.etag ?? '' };
}

function checkPlaced(file: PromisedFile, { key, claim, bytes }: PlacedBody, most: number): void {
  const { type } = file;
  if (key !== undefined && key !== file.key) {
    const came = JSON.stringify(key.slice(0, 100));
    throw new Failure('invalid', `Another key was signed: expected ${file.key}, got ${came}.`);
  }
  if (claim !== undefined && claimedMediaType(claim) !== type) {
    throw new Failure('unsupported', `Another type was signed: expected ${type}, got ${claim.slice(0, 100)}.`);
  }
  if (bytes !== undefined && bytes > most) throw tooLargeHere(most);
}
