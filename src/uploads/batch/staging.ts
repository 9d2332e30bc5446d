import type { Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { Failure, isFailure } from '../../failure.ts';
import type { ObjectInfo, ObjectStore, ReadOptions } from '../../storage/index.ts';
import { stagingKeys } from './records.ts';

/** A staged file: the objects that, one after another, are its bytes. They are in the store, and nobody can name them. */
export interface StagedFile {
  readonly pieces: readonly ObjectInfo[];
  readonly bytes: number;
}

/** Which file of which batch. */
export interface StagedPlace {
  readonly batch: string;
  readonly index: number;
}

export interface StageOptions extends StagedPlace {
  /** Past it the body is refused. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** One piece of a file that a client sends in pieces. */
export interface PieceOptions extends StageOptions {
  /** The client's number for it, or its offset. */
  readonly at: number;
  /** Bytes of this piece. */
  readonly size: number;
}

/** Held in memory of one body at a time; S3 wants to know the length of what it is sent, and a form does not tell. */
const pieceBytes = 4 * 1024 * 1024;

/** More pieces than any client sends of one picture (5 MiB each are usual); a listing is not read past it. */
const maxPieces = 1000;

/** Streams a body of unknown length in, piece by piece; leaves nothing of it when it fails, or has no bytes. */
export async function stage(
  store: Pick<ObjectStore, 'put' | 'delete'>,
  body: AsyncIterable<Uint8Array>,
  { batch, index, maxBytes, signal }: StageOptions,
): Promise<StagedFile> {
  const pieces: ObjectInfo[] = [];
  let bytes = 0;
  try {
    for await (const piece of inPieces(body, maxBytes)) {
      const kept = await store.put(stagingKeys.piece(batch, index, bytes), piece, { onlyIfAbsent: true, signal });
      if (kept === undefined) throw usedAlready();
      pieces.push(kept);
      bytes += piece.byteLength;
    }
    if (bytes === 0) throw emptyFile();
    return { pieces, bytes };
  } catch (error) {
    await discardStaged(store, { pieces });
    throw isFailure(error) ? error : new Failure('invalid', 'The upload broke off.', { cause: error });
  }
}

export interface RestOptions extends Omit<StageOptions, 'signal'> {
  /** Where in the file it begins. */
  readonly at: number;
  /** Is told every byte. */
  readonly hash: Hash | undefined;
}

/** What was kept of a body, and how it ended: `taken` when another had put a piece where its own belongs, or why it broke. */
export interface StagedRest {
  readonly pieces: readonly ObjectInfo[];
  readonly end: unknown;
}

/**
 * Streams a body in behind what is there, piece by piece, and leaves what has come of it when it breaks off: the client
 * comes back for the rest. For that reason nothing here ends with the client either.
 */
export async function stageRest(
  store: Pick<ObjectStore, 'put'>,
  body: AsyncIterable<Uint8Array>,
  { batch, index, at, maxBytes, hash }: RestOptions,
): Promise<StagedRest> {
  const pieces: ObjectInfo[] = [];
  let reached = at;
  try {
    for await (const piece of inPieces(body, maxBytes, 'keep the rest')) {
      const kept = await store.put(stagingKeys.piece(batch, index, reached), piece, { onlyIfAbsent: true });
      if (kept === undefined) return { pieces, end: 'taken' };
      hash?.update(piece);
      pieces.push(kept);
      reached += piece.byteLength;
    }
    return { pieces, end: 'whole' };
  } catch (error) {
    return { pieces, end: error };
  }
}

/**
 * Puts one piece, and takes it away again when, with it, more is staged of the file than `maxBytes`, or in more pieces
 * than any client sends; Failure `too_large` then. Looked at afterwards, since others may send beside it.
 */
export async function stagePiece(
  store: Pick<ObjectStore, 'put' | 'list' | 'delete'>,
  body: Readable,
  { batch, index, at, size, maxBytes, signal }: PieceOptions,
): Promise<ObjectInfo | undefined> {
  const key = stagingKeys.piece(batch, index, at);
  const put = await store.put(key, body, { size, signal });
  try {
    const { bytes } = await findStaged(store, { batch, index });
    if (bytes > maxBytes) throw tooLargeHere(maxBytes);
    return put;
  } catch (error) {
    await store.delete([key]).catch(() => undefined);
    throw error;
  }
}

export async function findStaged(
  store: Pick<ObjectStore, 'list'>,
  { batch, index }: StagedPlace,
  options: ReadOptions = {},
): Promise<StagedFile> {
  const pieces: ObjectInfo[] = [];
  let bytes = 0;
  for await (const piece of store.list(stagingKeys.pieces(batch, index), options)) {
    pieces.push(piece);
    bytes += piece.size;
    if (pieces.length > maxPieces) throw new Failure('too_large', `A file may come in ${maxPieces} pieces at most.`);
  }
  return { pieces, bytes };
}

/** The bytes of exactly those pieces; Failure `invalid` when one has changed or gone since it was found. */
export function openStaged(store: Pick<ObjectStore, 'get'>, file: StagedFile, options: ReadOptions = {}): Readable {
  return Readable.from(readPieces(store, file, options), { objectMode: false });
}

/** Never throws: whatever stays because the store fails is the sweep's. */
export async function discardStaged(
  store: Pick<ObjectStore, 'delete'>,
  { pieces }: Pick<StagedFile, 'pieces'>,
): Promise<void> {
  await store.delete(pieces.map(({ key }) => key)).catch(() => undefined);
}

/** The number, or the offset, that a piece was put at. */
export function placeOfPiece({ key }: Pick<ObjectInfo, 'key'>): number {
  return Number(key.slice(key.lastIndexOf('/') + 1));
}

/** The refusal of a file of which more came than was promised, or than is taken. */
export function tooLargeHere(most: number): Failure {
  return new Failure('too_large', `The file is too large: at most ${most} bytes are taken here.`);
}

/** The refusal of a file without bytes: often one that its sender could not read. */
export function emptyFile(): Failure {
  return new Failure('invalid', 'The file is empty.');
}

function usedAlready(): Failure {
  return new Failure('invalid', 'This place was used already: a signed upload takes one file, once.');
}

async function* readPieces(
  store: Pick<ObjectStore, 'get'>,
  { pieces }: StagedFile,
  options: ReadOptions,
): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    const object = await store.get(piece.key, options);
    if (object === undefined || object.info.etag !== piece.etag) {
      object?.body.destroy();
      throw new Failure('invalid', 'The file was changed or taken away while it was being checked.');
    }
    yield* object.body;
  }
}

/** How far the pieces reach from the beginning: each is named after its offset. */
export function gapless({ pieces }: Pick<StagedFile, 'pieces'>): number {
  let reached = 0;
  for (const piece of pieces) {
    const offset = placeOfPiece(piece);
    if (offset > reached) break;
    reached = Math.max(reached, offset + piece.size);
  }
  return reached;
}

/** The chunks of a body in pieces of at most `pieceBytes`; what was collected is copied once, when a piece is full. */
async function* inPieces(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  broken: 'drop the rest' | 'keep the rest' = 'drop the rest',
): AsyncGenerator<Buffer> {
  let chunks: Uint8Array[] = [];
  let held = 0;
  let seen = 0;
  try {
    for await (const chunk of body) {
      seen += chunk.byteLength;
      if (seen > maxBytes)
        throw new Failure('too_large', `The file is too large: at most ${maxBytes} bytes are taken.`);
      chunks.push(chunk);
      held += chunk.byteLength;
      if (held < pieceBytes) continue;
      yield Buffer.concat(chunks, held);
      chunks = [];
      held = 0;
    }
  } catch (error) {
    if (broken === 'keep the rest' && held > 0) yield Buffer.concat(chunks, held);
    throw error;
  }
  if (held > 0) yield Buffer.concat(chunks, held);
}
