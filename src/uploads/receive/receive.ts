import { Readable } from 'node:stream';
import { v7 } from 'uuid';
import { Failure, isFailure } from '../../failure.ts';
import type { Point } from '../../grammar/index.ts';
import type { ObjectStore } from '../../storage/index.ts';
import type { Caller } from '../batch/caller.ts';
import { checkKeys, makeKey } from '../batch/keys.ts';
import { claimedMediaType } from '../batch/media-types.ts';
import { type Manifest, type PromisedFile, places } from '../batch/records.ts';
import { type BatchReport, refusedReport } from '../batch/report.ts';
import type { StagedFile, Staging } from '../batch/staging.ts';
import { adminName, holderOf } from '../bulkhead.ts';
import type { CheckTurn, Committer } from '../commit/commit.ts';
import type { Publisher } from '../commit/publish.ts';
import type { Allowances } from '../presign/allowance.ts';
import { maxFiles } from '../presign/presign.ts';
import type { PlaceToken, TicketToken } from '../presign/tokens.ts';
import type { Arrivals } from './arrivals.ts';
import type { Pace } from './pace.ts';

/** A file that comes with the request; its body is read before the next one is asked for. */
export interface IncomingFile {
  readonly key?: string | undefined;
  readonly filename?: string | undefined;
  /** What the client says it is; a vague type is no claim. */
  readonly claim?: string | undefined;
  /** The focal point, in shares of width and height. */
  readonly focus?: Point | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

/** One body on its way to a signed address. */
export interface PlacedBody {
  readonly claim?: string | undefined;
  /** What Content-Length announces. */
  readonly bytes?: number | undefined;
  /** Where that is not known: what it cannot be more than. */
  readonly atMost?: number | undefined;
  readonly body: Readable;
}

/** What a signed address answers: staged only, or published at once where nobody would commit. */
export type Placed =
  | { readonly state: 'staged'; readonly key: string; readonly etag: string }
  | { readonly state: 'done'; readonly key: string; readonly report: BatchReport };

export interface ReceiverParts {
  readonly store: Pick<ObjectStore, 'put'>;
  readonly staging: Staging;
  readonly committer: Committer;
  readonly publisher: Publisher;
  readonly allowances: Allowances;
  readonly arrivals: Arrivals;
  readonly maxBytes: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface ReceiveOptions {
  readonly owner?: string | undefined;
  /** The ticket it is sent with, against whose total it counts. */
  readonly ticket?: TicketToken | undefined;
  /** What Content-Length announces of the whole request; without it each file counts as the largest. */
  readonly bytes?: number | undefined;
  readonly signal: AbortSignal;
}

/** Takes files that come through us, streaming: of each at most one piece is in memory. */
export interface Receiver {
  /** One request, one batch: all or nothing. */
  receive(files: AsyncIterable<IncomingFile>, options: ReceiveOptions): Promise<BatchReport>;
  /** Failures: `invalid` (used already, other size), `unsupported`, `too_large`. */
  place(token: PlaceToken, placed: PlacedBody, signal: AbortSignal): Promise<Placed>;
  /** Bytes of a promised file from `offset` on; the report once all are there. */
  append(batch: string, offset: number, body: PlacedBody, caller: Caller): Promise<BatchReport | undefined>;
  /** Bytes of a promised file that have arrived without a gap. */
  arrived(batch: string, caller: Caller): Promise<number>;
}

export function createReceiver(parts: ReceiverParts): Receiver {
  const { store, staging, committer, publisher, allowances, arrivals, maxBytes, now } = parts;

  async function receive(files: AsyncIterable<IncomingFile>, options: ReceiveOptions): Promise<BatchReport> {
    const { owner, ticket, bytes, signal } = options;
    await allowances.take(ticket, { batches: 1, bytes: bytes ?? 0 }, signal);
    const turn = { owner: ticket?.ticket ?? owner ?? adminName, signal };
    const came = await arrivals.run(turn.owner, signal, (pace) => stageAll(files, options, pace));
    // Its place is free for others: nothing of it is in memory while it waits to be checked.
    return 'published' in came ? came : committed(came.manifest, came.staged, turn);
  }

  async function stageAll(files: AsyncIterable<IncomingFile>, options: ReceiveOptions, pace: Pace) {
    const { owner, ticket, bytes, signal } = options;
    const batch = v7({ msecs: now() });
    const promised: PromisedFile[] = [];
    const staged: StagedFile[] = [];
    try {
      for await (const file of pace.of(files)) {
        if (promised.length === maxFiles) throw new Failure('invalid', `At most ${maxFiles} files are taken at once.`);
        await allowances.take(ticket, { files: 1, bytes: bytes === undefined ? maxBytes : 0 }, signal);
        if (file.key !== undefined) checkKeys([...promised.map(({ key }) => key), file.key]);
        const index = promised.length;
        // Named after its batch, the key alone leads its owner back to it.
        const uuid = owner !== undefined && index === 0 ? batch : undefined;
        promised.push(selfPromised(file, uuid, now()));
        staged.push(await staging.stage(pace.of(file.body), { batch, index, maxBytes, signal }));
      }
    } catch (error) {
      await publisher.tidy(batch, 'pieces');
      if (!isFailure(error) || isFailure(error, 'cancelled') || promised.length === 0) throw error;
      const results = promised.map((_, index) => (index === promised.length - 1 ? error : undefined));
      return refusedReport(batch, keysOf(promised), results);
    }
    if (promised.length === 0)
      throw new Failure('invalid', 'No file came: expected at least one form field with a file.');
    const record: Manifest = { batch, expires: now(), atomic: true, automatic: true, files: promised };
    return { manifest: owner === undefined ? record : { ...record, owner }, staged };
  }

  async function committed(manifest: Manifest, staged: readonly StagedFile[], turn: CheckTurn) {
    try {
      const report = await committer.commitStaged(manifest, staged, turn);
      if (!report.published) await publisher.tidy(manifest.batch, 'pieces');
      return report;
    } catch (error) {
      await publisher.tidy(manifest.batch, 'pieces');
      throw error;
    }
  }

  async function place({ batch, index, part }: PlaceToken, placed: PlacedBody, signal: AbortSignal): Promise<Placed> {
    // The address itself is the permission.
    const anybody: Caller = { owner: undefined, signal };
    const manifest = await committer.open(batch, anybody);
    const file = manifest.files[index];
    if (file === undefined) throw new Error('a signed address names a promised file');
    const most = file.bytes ?? maxBytes;
    if (part === undefined) {
      checkClaim(file, placed);
      if (placed.bytes !== undefined && placed.bytes > most) throw tooLarge(most);
    }
    // Bytes that nobody promised count as they come.
    if (file.bytes === undefined) {
      await allowances.take(manifest.ticket, { bytes: placed.bytes ?? placed.atMost ?? maxBytes }, signal);
    }
    const placing = await arrivals.run(holderOf(manifest), signal, (pace): Promise<Placed> => {
      const paced = { ...placed, body: pacedBody(placed, pace) };
      if (part !== undefined) return placePart({ batch, index, place: part, most }, paced, signal);
      return placeWhole({ batch, index, most }, file, paced, signal);
    });
    return part === undefined && manifest.automatic ? commitPlaced(batch, file.key, anybody) : placing;
  }

  async function placeWhole(
    place: Omit<PieceOfFile, 'place'>,
    file: PromisedFile,
    { body }: PlacedBody,
    signal: AbortSignal,
  ): Promise<Placed> {
    const { batch, index, most } = place;
    const staged = await staging.stage(body, { batch, index, maxBytes: most, signal });
    if (file.bytes !== undefined && file.bytes !== staged.bytes) {
      await staging.discard(staged);
      throw new Failure('invalid', `The body is too short: expected ${file.bytes} bytes, got ${staged.bytes}.`);
    }
    return { state: 'staged', key: file.key, etag: staged.pieces[0]?.etag ?? '' };
  }

  async function commitPlaced(batch: string, key: string, caller: Caller): Promise<Placed> {
    return { state: 'done', key, report: await commitAndTidy(batch, caller) };
  }

  async function commitAndTidy(batch: string, caller: Caller): Promise<BatchReport> {
    const report = await committer.commit(batch, caller);
    if (!report.published) await publisher.tidy(batch, 'pieces');
    return report;
  }

  async function placePart(piece: PieceOfFile, { body, bytes }: PlacedBody, signal: AbortSignal): Promise<Placed> {
    const { batch, index, place, most } = piece;
    const key = places.piece(batch, index, place);
    const put = await store.put(key, body, { size: knownLength(bytes, most), signal });
    await staging.holdTo(most, { batch, index }, key);
    return { state: 'staged', key, etag: put?.etag ?? '' };
  }

  /** True when the whole file is there. */
  async function appendOpen(manifest: Manifest, offset: number, { body, bytes }: PlacedBody, signal: AbortSignal) {
    const { batch } = manifest;
    const whole = manifest.files[0]?.bytes ?? 0;
    const size = knownLength(bytes, whole - offset);
    if (size > 0) {
      const key = places.piece(batch, 0, offset);
      await store.put(key, body, { size, signal });
      await staging.holdTo(whole, { batch, index: 0 }, key);
    } else body.resume();
    return gapless(await staging.find({ batch, index: 0 }, signal)) >= whole;
  }

  return {
    receive,
    place,
    async append(batch, offset, placed, caller) {
      const manifest = await committer.open(batch, caller);
      const { signal } = caller;
      const isWhole = await arrivals.run(caller.owner ?? adminName, signal, (pace) =>
        appendOpen(manifest, offset, { ...placed, body: pacedBody(placed, pace) }, signal),
      );
      return isWhole ? commitAndTidy(batch, caller) : undefined;
    },
    async arrived(batch, caller) {
      await committer.open(batch, caller);
      return gapless(await staging.find({ batch, index: 0 }, caller.signal));
    },
  };
}

/** One part of a promised file, which is to be at most so many bytes in all. */
interface PieceOfFile {
  readonly batch: string;
  readonly index: number;
  /** Its number, or its offset. */
  readonly place: number;
  readonly most: number;
}

function pacedBody({ body }: PlacedBody, pace: Pace): Readable {
  return Readable.from(pace.of(body), { objectMode: false });
}

function keysOf(files: readonly PromisedFile[]): readonly string[] {
  return files.map(({ key }) => key);
}

/** What a file that came without a promise is held to: what it says of itself, if it says anything. */
function selfPromised(file: IncomingFile, uuid: string | undefined, now: number): PromisedFile {
  const type = claimedMediaType(file.claim);
  const isVague = file.claim === undefined || /^(application\/octet-stream|text\/plain|)(;|$)/.test(file.claim);
  if (type === undefined && !isVague) {
    throw new Failure('unsupported', `The file is no picture that is taken: its type is ${file.claim?.slice(0, 100)}.`);
  }
  const promised = { ...(type !== undefined && { type }), ...(file.focus !== undefined && { focus: file.focus }) };
  if (file.key !== undefined) return { key: file.key, ...promised };
  return { key: makeKey(undefined, now, uuid), lacksExtension: true, ...promised };
}

/** How far the pieces reach from the beginning; a piece's name ends in its offset. */
function gapless({ pieces }: StagedFile): number {
  let reached = 0;
  for (const { key, size } of pieces) {
    if (Number(key.slice(key.lastIndexOf('/') + 1)) > reached) break;
    reached = Math.max(reached, Number(key.slice(key.lastIndexOf('/') + 1)) + size);
  }
  return reached;
}

function knownLength(bytes: number | undefined, most: number): number {
  if (bytes === undefined) throw new Failure('invalid', 'A part needs a Content-Length.');
  if (bytes > most) throw tooLarge(most);
  return bytes;
}

function checkClaim({ type }: PromisedFile, { claim }: PlacedBody): void {
  if (claim === undefined || claimedMediaType(claim) === type) return;
  throw new Failure('unsupported', `Another type was signed: expected ${type}, got ${claim.slice(0, 100)}.`);
}

function tooLarge(most: number): Failure {
  return new Failure('too_large', `The file is too large: at most ${most} bytes are taken here.`);
}
