import { Readable } from 'node:stream';
import { Failure, isFailure } from '../../failure.ts';
import type { ObjectInfo, ObjectStore } from '../../storage/index.ts';
import { places } from './records.ts';

/** A staged file: the objects that, one after another, are its bytes. */
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

/** Held in memory of one body at a time; S3 wants to know the length of what it is sent, and a form does not tell. */
const pieceBytes = 4 * 1024 * 1024;

/** More pieces than any client sends of one picture (5 MiB each are usual); a listing is not read past it. */
const maxPieces = 1000;

/** Uploads on their way: bytes that are in the store and that nobody can name. */
export interface Staging {
  /** Streams a body of unknown length in, piece by piece; leaves nothing of it when it fails. */
  stage(body: AsyncIterable<Uint8Array>, options: StageOptions): Promise<StagedFile>;
  find(place: StagedPlace, signal?: AbortSignal): Promise<StagedFile>;
  /**
   * Takes the piece that has just come away again when, with it, more is staged of the file than `most` bytes, or in more
   * pieces than any client sends; Failure `too_large` then. Looked at afterwards, since others may send beside it.
   */
  holdTo(most: number, place: StagedPlace, piece: string): Promise<void>;
  /** The bytes of exactly those pieces; Failure `invalid` when one has changed or gone since it was found. */
  open(file: StagedFile, signal?: AbortSignal): Readable;
  /** Never throws: whatever stays because the store fails is the sweep's. */
  discard(file: Pick<StagedFile, 'pieces'>): Promise<void>;
}

export function createStaging(store: Pick<ObjectStore, 'get' | 'put' | 'list' | 'delete'>): Staging {
  async function stage(body: AsyncIterable<Uint8Array>, options: StageOptions): Promise<StagedFile> {
    const { batch, index, maxBytes, signal } = options;
    const pieces: ObjectInfo[] = [];
    let bytes = 0;
    try {
      for await (const piece of inPieces(body, maxBytes)) {
        const kept = await store.put(places.piece(batch, index, bytes), piece, { onlyIfAbsent: true, signal });
        if (kept === undefined) throw usedAlready();
        pieces.push(kept);
        bytes += piece.byteLength;
      }
      return { pieces, bytes };
    } catch (error) {
      await discard({ pieces });
      throw isFailure(error) ? error : new Failure('invalid', 'The upload broke off.', { cause: error });
    }
  }

  async function find({ batch, index }: StagedPlace, signal?: AbortSignal): Promise<StagedFile> {
    const pieces: ObjectInfo[] = [];
    let bytes = 0;
    for await (const piece of store.list(places.pieces(batch, index), signal === undefined ? {} : { signal })) {
      pieces.push(piece);
      bytes += piece.size;
      if (pieces.length > maxPieces) throw new Failure('too_large', `A file may come in ${maxPieces} pieces at most.`);
    }
    return { pieces, bytes };
  }

  async function holdTo(most: number, place: StagedPlace, piece: string): Promise<void> {
    try {
      const { bytes } = await find(place);
      if (bytes > most) throw new Failure('too_large', `The file is too large: at most ${most} bytes are taken here.`);
    } catch (error) {
      await store.delete([piece]).catch(() => undefined);
      throw error;
    }
  }

  async function* read({ pieces }: StagedFile, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    for (const piece of pieces) {
      const object = await store.get(piece.key, signal === undefined ? {} : { signal });
      if (object === undefined || object.info.etag !== piece.etag) {
        object?.body.destroy();
        throw new Failure('invalid', 'The file was changed or taken away while it was being checked.');
      }
      yield* object.body;
    }
  }

  async function discard({ pieces }: Pick<StagedFile, 'pieces'>): Promise<void> {
    await store.delete(pieces.map(({ key }) => key)).catch(() => undefined);
  }

  return {
    stage,
    find,
    holdTo,
    discard,
    open: (file, signal) => Readable.from(read(file, signal), { objectMode: false }),
  };
}

function usedAlready(): Failure {
  return new Failure('invalid', 'This place was used already: a signed upload takes one file, once.');
}

/** The chunks of a body in pieces of at most `pieceBytes`; what was collected is copied once, when a piece is full. */
async function* inPieces(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Buffer> {
  let chunks: Uint8Array[] = [];
  let held = 0;
  let seen = 0;
  for await (const chunk of body) {
    seen += chunk.byteLength;
    if (seen > maxBytes) throw new Failure('too_large', `The file is too large: at most ${maxBytes} bytes are taken.`);
    chunks.push(chunk);
    held += chunk.byteLength;
    if (held < pieceBytes) continue;
    yield Buffer.concat(chunks, held);
    chunks = [];
    held = 0;
  }
  if (held > 0) yield Buffer.concat(chunks, held);
}
