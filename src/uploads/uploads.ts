import type { Addresses } from './addresses.ts';
import type { Caller } from './batch/caller.ts';
import { publishedKey } from './batch/published.ts';
import type { Manifest, PublishedFile } from './batch/records.ts';
import type { BatchReport } from './batch/report.ts';
import type { Taken, TicketToken } from './batch/ticket.ts';
import { createChecks } from './commit/check.ts';
import { commitBatch } from './commit/commit.ts';
import { type PresignedFile, presignPart } from './presign/address.ts';
import { isMinted, readMinted, type TicketIssuers } from './presign/minted.ts';
import {
  type PresignedBatch,
  type PresignOptions,
  type PresignParts,
  type PromiseOptions,
  presignBatch,
  promiseFile,
} from './presign/presign.ts';
import type { FileToPresign } from './presign/promised.ts';
import { createTicket, type PlaceToken, readPlaceToken, readTicket } from './presign/tokens.ts';
import { type AppendedBody, appendBody, arrivedBytes } from './receive/append.ts';
import { type ArrivalLimits, arrivalLimits, createArrivals } from './receive/arrivals.ts';
import { arrivedParts, completeParts, type UploadedPart } from './receive/parts.ts';
import { type Placed, type PlacedBody, placeBody } from './receive/place.ts';
import { type IncomingFile, type ReceiveOptions, type ReceiveParts, receiveFiles } from './receive/receive.ts';
import { type Progress, progressOf, type RestBody, type Resumed, resumeBody } from './receive/resume.ts';
import { type NamedFile, type ReceiveNamedOptions, receiveNamed } from './replace/receive-named.ts';
import { type Replaced, type Replacement, type ReplaceOptions, replaceOriginal } from './replace/replace.ts';
import { type OriginalVersions, originalVersions } from './replace/restore.ts';
import { type SweepOptions, type Swept, sweepBatches } from './sweep/sweep.ts';
import { abortBatch, revertPublished } from './sweep/take-back.ts';

/** `store` is that of originals; staging lies in it too. */
export interface UploadsParts extends Omit<PresignParts & ReceiveParts, 'arrivals' | 'checks'> {
  readonly addresses: Addresses;
  /** Asked with each of their tickets. */
  readonly issuers: () => TicketIssuers;
  /** Other than usual in tests. */
  readonly arrivals?: ArrivalLimits;
}

/** How originals come in: promised, staged, checked, and then published all or none. */
export interface Uploads {
  readonly addresses: Addresses;
  /** Larger files are refused. */
  readonly maxBytes: number;
  /** Places for the files of a batch, and the addresses that lead there. */
  presign(files: readonly FileToPresign[], options: PresignOptions): Promise<PresignedBatch>;
  /** A batch of one file that comes in pieces; `batch` is its name where clients want an upload id. */
  promise(file: FileToPresign, options: PromiseOptions): Promise<Manifest>;
  /** The address of one part of a promised file. */
  presignPart(
    batch: string,
    options: Caller & { readonly part: number; readonly origin: string },
  ): Promise<PresignedFile>;
  /** A capability for a browser: to upload, until it expires or what it may take in all is taken. */
  ticket(expiresSeconds: number, allowance?: Taken): Promise<{ readonly ticket: string; readonly expires: Date }>;
  /** What a ticket permits, of our own or of an issuer; Failure `unauthorised` when it is neither, or expired. */
  readTicket(text: string): Promise<TicketToken>;
  /** What a presigned address of ours permits; Failure `unauthorised` when it is not one of ours, or expired. */
  readPlace(text: string): Promise<PlaceToken>;
  /** One request, one batch: all or nothing. */
  receive(files: AsyncIterable<IncomingFile>, options: ReceiveOptions): Promise<BatchReport>;
  /** One picture in the place of an original; undefined when that is another than may be replaced. */
  replace(file: Replacement, options: ReplaceOptions): Promise<Replaced | undefined>;
  /** One file whose name may be told behind it, and which may replace what is there; undefined where it shall be nowhere. */
  receiveNamed(file: NamedFile, options: ReceiveNamedOptions): Promise<PublishedFile | undefined>;
  /** Undefined where the store knows of no versions. */
  readonly versions: OriginalVersions | undefined;
  /** Failures: `invalid` (used already, other size), `unsupported`, `too_large`. */
  place(token: PlaceToken, placed: PlacedBody, signal: AbortSignal): Promise<Placed>;
  /** Bytes of a promised file from an offset on; the report once all are there. */
  append(batch: string, appended: AppendedBody, caller: Caller): Promise<BatchReport | undefined>;
  /** Bytes of a promised file that have arrived without a gap. */
  arrived(batch: string, caller: Caller): Promise<number>;
  /** How far a promised file has come that is sent in one go, and in more where the line breaks. */
  progress(batch: string, caller: Caller): Promise<Progress>;
  /** The rest of such a file, or as much of it as comes. Failures: as for a whole body; `expired`. */
  resume(batch: string, rest: RestBody, caller: Caller): Promise<Resumed>;
  parts(batch: string, caller: Caller): Promise<readonly UploadedPart[]>;
  /** Publishes a file that came in parts; Failure `invalid` when they are not the ones that have arrived. */
  complete(
    batch: string,
    expected: readonly Pick<UploadedPart, 'number' | 'etag'>[],
    caller: Caller,
  ): Promise<BatchReport>;
  /** Failure `not_found` for a batch that is somebody else's, as everywhere here. */
  commit(batch: string, caller: Caller): Promise<BatchReport>;
  abort(batch: string, caller: Caller): Promise<void>;
  /**
   * The key of an original that a batch has published as `name`, with or without its extension: of `batch`, or of the
   * one that the name was made for. Undefined when it has not, or for somebody else: what a caller without the admin
   * token may be led to is decided here.
   */
  published(name: string, caller: Caller & { readonly batch?: string }): Promise<string | undefined>;
  /** Takes back a published original that was named after its batch, by who uploaded it. */
  revert(key: string, caller: Caller): Promise<void>;
  sweep(options: SweepOptions): Promise<Swept>;
}

/**
 * Builds the room: `store` is the truth of every batch, so any instance can go on where another stopped.
 *
 * @example
 * const uploads = createUploads(parts);
 * const { batch } = await uploads.presign([{ filename: 'tom.jpg', type: 'image/jpeg', bytes: 2_127_864 }], options);
 * const report = await uploads.commit(batch, { owner: undefined, signal });
 */
export function createUploads(parts: UploadsParts): Uploads {
  const arrivals = createArrivals(parts.arrivals ?? arrivalLimits);
  const room: PresignParts & ReceiveParts = { ...parts, arrivals, checks: createChecks() };
  return {
    addresses: parts.addresses,
    maxBytes: parts.maxBytes,
    presign: (files, options) => presignBatch(room, files, options),
    promise: (file, options) => promiseFile(room, file, options),
    presignPart: (batch, options) => presignPart(room, batch, options),
    ticket: (expiresSeconds, allowance) => createTicket(room, expiresSeconds, allowance),
    readTicket: (text) => (isMinted(text) ? readMinted(parts.issuers(), text, parts.now()) : readTicket(room, text)),
    readPlace: (text) => readPlaceToken(room, text),
    receive: (files, options) => receiveFiles(room, files, options),
    versions: originalVersions(room, parts.store.versions),
    replace: (file, options) => replaceOriginal(room, file, options),
    receiveNamed: (file, options) => receiveNamed(room, file, options),
    place: (token, placed, signal) => placeBody(room, placed, { token, signal }),
    append: (batch, appended, caller) => appendBody(room, appended, { batch, ...caller }),
    arrived: (batch, caller) => arrivedBytes(room, batch, caller),
    progress: (batch, caller) => progressOf(room, batch, caller),
    resume: (batch, rest, caller) => resumeBody(room, rest, { batch, ...caller }),
    parts: (batch, caller) => arrivedParts(room, batch, caller),
    complete: (batch, expected, caller) => completeParts(room, batch, { expected, ...caller }),
    commit: (batch, caller) => commitBatch(room, batch, caller),
    abort: (batch, caller) => abortBatch(room, batch, caller),
    published: (name, caller) => publishedKey(room.store, name, caller),
    revert: (key, caller) => revertPublished(room, key, caller),
    sweep: (options) => sweepBatches(room, options),
  };
}
