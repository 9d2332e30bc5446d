import { Failure } from '../../failure.ts';
import { type MediaType, mediaTypes } from '../../formats.ts';
import type { Point } from '../../grammar/index.ts';
import { makeKey } from '../batch/keys.ts';
import { claimedMediaType, isVague, mediaTypeOfName } from '../batch/media-types.ts';
import type { PromisedFile } from '../batch/records.ts';
import { emptyFile } from '../batch/staging.ts';

/** What a client tells of a file before it sends it. */
export interface FileToPresign {
  readonly filename?: string | undefined;
  readonly type?: string | undefined;
  readonly bytes?: number | undefined;
  /** Made here when absent. */
  readonly key?: string | undefined;
  /** Hexadecimal or base64. */
  readonly sha256?: string | undefined;
  /** The focal point, in shares of width and height. */
  readonly focus?: Point | undefined;
}

export interface PromiseParts {
  /** Why pictures of a type are not read here; undefined where they are. */
  readonly refusalOf: (type: MediaType) => Failure | undefined;
  /** Larger files are refused. */
  readonly maxBytes: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What the file is held to when it is there. Failures: `unsupported`, `too_large`, `invalid` (its checksum is none). */
export function promisedFile(parts: PromiseParts, file: FileToPresign, batch?: string): PromisedFile {
  const { maxBytes, now, refusalOf } = parts;
  const type = typeToPromise(file);
  const refusal = refusalOf(type);
  if (refusal !== undefined) throw refusal;
  return {
    key: file.key ?? makeKey(type, now(), batch),
    type,
    ...sizeToPromise(file, maxBytes),
    ...(file.sha256 === undefined ? {} : { sha256: hexOf(file.sha256) }),
    ...(file.focus === undefined ? {} : { focus: file.focus }),
  };
}

/**
 * The same for a file that is named after its batch, so that the key alone leads back to it. Of a client that tells
 * neither a type nor a name the bytes will tell, and the key gets its extension then.
 */
export function promisedInBatch(parts: PromiseParts, file: FileToPresign, batch: string): PromisedFile {
  if (file.type !== undefined || file.filename !== undefined) return promisedFile(parts, file, batch);
  const key = makeKey(undefined, parts.now(), batch);
  return { key, lacksExtension: true, ...sizeToPromise(file, parts.maxBytes) };
}

/** What is known of their size; the rest is counted as it arrives. */
export function promisedBytes(files: readonly PromisedFile[]): number {
  return files.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
}

function typeToPromise({ type, filename }: FileToPresign): MediaType {
  const known = claimedMediaType(type) ?? (isVague(type) ? mediaTypeOfName(filename) : undefined);
  if (known !== undefined) return known;
  const came = type === undefined || type === '' ? 'none' : JSON.stringify(type.slice(0, 100));
  throw new Failure('unsupported', `The type is not taken: expected one of ${mediaTypes.join(', ')}; got ${came}.`);
}

function sizeToPromise({ bytes }: FileToPresign, maxBytes: number): { readonly bytes?: number } {
  if (bytes === undefined) return {};
  if (bytes === 0) throw emptyFile();
  if (bytes <= maxBytes) return { bytes };
  throw new Failure('too_large', `The file is too large: at most ${maxBytes} bytes are taken, got ${bytes}.`);
}

function hexOf(sha256: string): string {
  if (/^[0-9a-f]{64}$/i.test(sha256)) return sha256.toLowerCase();
  const bytes = Buffer.from(sha256, 'base64');
  if (bytes.length === 32 && /^[A-Za-z0-9+/]{43}=$/.test(sha256)) return bytes.toString('hex');
  throw new Failure('invalid', 'The SHA-256 is not valid: expected 64 hexadecimal digits, or base64 of 32 bytes.');
}
