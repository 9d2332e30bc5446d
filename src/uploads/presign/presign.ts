import { v7 } from 'uuid';
import { Failure } from '../../failure.ts';
import { type MediaType, mediaTypes } from '../../formats.ts';
import type { Point } from '../../grammar/index.ts';
import type { ObjectStore, SignedUpload, UploadSigner } from '../../storage/index.ts';
import { checkKeys, makeKey } from '../batch/keys.ts';
import { claimedMediaType, mediaTypeOfName } from '../batch/media-types.ts';
import { type Batches, type Manifest, type PromisedFile, places } from '../batch/records.ts';
import { taken } from '../commit/publish.ts';
import type { Allowances } from './allowance.ts';
import type { TicketToken, Tokens } from './tokens.ts';

export interface FileToSign {
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

export interface SignOptions {
  /** Where this server is reached: `https://host`, no slash at the end. */
  readonly origin: string;
  readonly method: 'POST' | 'PUT';
  readonly atomic: boolean;
  readonly expiresSeconds: number;
  /** Published as soon as it is there: then it comes through us, since the store would tell nobody. */
  readonly automatic: boolean;
  readonly owner?: string | undefined;
  /** The ticket that is asked with: what is signed ends with it, and counts against its total. */
  readonly ticket?: TicketToken | undefined;
  readonly signal: AbortSignal;
}

export interface SignedFile extends SignedUpload {
  /** Where the original will be. */
  readonly key: string;
  readonly expires: Date;
}

export interface SignedBatch {
  readonly batch: string;
  readonly expires: Date;
  readonly uploads: readonly SignedFile[];
}

/** Files of one batch: what one request may ask for, and one commit may take. */
export const maxFiles = 100;

export interface SignsParts {
  readonly store: Pick<ObjectStore, 'head'>;
  readonly batches: Batches;
  readonly tokens: Tokens;
  readonly allowances: Allowances;
  /** Undefined: the store has no door of its own, uploads come through us. */
  readonly signer: UploadSigner | undefined;
  readonly maxBytes: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Promises places for files, and signs the addresses that lead there. */
export interface Signs {
  sign(files: readonly FileToSign[], options: SignOptions): Promise<SignedBatch>;
  /** A batch of one file that comes in pieces; `batch` is its name where clients want an upload id. */
  promise(
    file: FileToSign,
    options: Pick<SignOptions, 'expiresSeconds' | 'owner' | 'ticket' | 'signal'>,
  ): Promise<Manifest>;
  /** The address of one part of a promised file. */
  signPart(manifest: Manifest, part: number, origin: string): Promise<SignedFile>;
}

export function createSigns(parts: SignsParts): Signs {
  const { store, batches, tokens, allowances, signer, maxBytes, now } = parts;

  function promisedFile(file: FileToSign): PromisedFile {
    const type = typeToPromise(file);
    const { bytes } = file;
    if (bytes !== undefined && bytes > maxBytes) {
      throw new Failure('too_large', `The file is too large: at most ${maxBytes} bytes are taken, got ${bytes}.`);
    }
    return {
      key: file.key ?? makeKey(type, now()),
      type,
      ...(bytes === undefined ? {} : { bytes }),
      ...(file.sha256 === undefined ? {} : { sha256: hexOf(file.sha256) }),
      ...(file.focus === undefined ? {} : { focus: file.focus }),
    };
  }

  async function checkFree(keys: readonly string[], signal: AbortSignal): Promise<void> {
    checkKeys(keys);
    for (const key of keys) if ((await store.head(key, { signal })) !== undefined) throw taken(key);
  }

  async function signFile(manifest: Manifest, index: number, options: SignOptions): Promise<SignedFile> {
    const { origin, method, automatic } = options;
    const { batch, expires } = manifest;
    const expiresSeconds = Math.max(1, Math.ceil((expires - now()) / 1000));
    const file = manifest.files[index];
    if (file?.type === undefined) throw new Error('a signed file has a type');
    const signed =
      signer === undefined || automatic
        ? ownAddress(origin, method, tokens.place({ batch, index, expires }), file)
        : await signAtStore(signer, method, places.piece(batch, index, 0), file, expiresSeconds);
    return { key: file.key, ...signed, expires: new Date(expires) };
  }

  async function signAtStore(
    door: UploadSigner,
    method: 'POST' | 'PUT',
    place: string,
    file: PromisedFile,
    expiresSeconds: number,
  ): Promise<SignedUpload> {
    const type = file.type ?? '';
    if (method === 'POST') {
      const sizes = { minBytes: file.bytes ?? 1, maxBytes: file.bytes ?? maxBytes };
      return door.signPost({ key: place, contentType: type, ...sizes, expiresSeconds });
    }
    return door.signPut({
      key: place,
      contentType: type,
      ...(file.bytes === undefined ? {} : { bytes: file.bytes }),
      ...(file.sha256 === undefined ? {} : { sha256: Buffer.from(file.sha256, 'hex').toString('base64') }),
      onlyIfAbsent: true,
      expiresSeconds,
    });
  }

  /** Whose a batch is and how long it is open: never longer than the ticket it was promised to. */
  function belonging({ owner, ticket, expiresSeconds }: Pick<SignOptions, 'owner' | 'ticket' | 'expiresSeconds'>) {
    const expires = Math.min(now() + expiresSeconds * 1000, ticket?.expires ?? Number.POSITIVE_INFINITY);
    return { expires, ...(owner === undefined ? {} : { owner }), ...(ticket === undefined ? {} : { ticket }) };
  }

  return {
    async sign(files, options) {
      if (files.length === 0 || files.length > maxFiles) {
        throw new Failure('invalid', `A batch has 1 to ${maxFiles} files; got ${files.length}.`);
      }
      const promised = files.map(promisedFile);
      await checkFree(
        promised.map(({ key }) => key),
        options.signal,
      );
      const { atomic, automatic, ticket, signal } = options;
      await allowances.take(ticket, { batches: 1, files: promised.length, bytes: bytesOf(promised) }, signal);
      const batch = v7({ msecs: now() });
      const manifest = { batch, atomic, automatic, files: promised, ...belonging(options) };
      const uploads = await Promise.all(promised.map((_, index) => signFile(manifest, index, options)));
      await batches.promise(manifest, options.signal);
      return { batch, expires: new Date(manifest.expires), uploads };
    },
    async promise(file, options) {
      const { ticket, signal } = options;
      const batch = v7({ msecs: now() });
      const known = file.type !== undefined || file.filename !== undefined;
      // Named after its batch, so that the key alone leads back to it.
      const promised = known
        ? promisedFile({ ...file, key: file.key ?? makeKey(typeToPromise(file), now(), batch) })
        : { key: makeKey(undefined, now(), batch), lacksExtension: true, ...sizeOf(file, maxBytes) };
      await checkFree([promised.key], signal);
      await allowances.take(ticket, { batches: 1, files: 1, bytes: bytesOf([promised]) }, signal);
      const manifest = { batch, atomic: true, automatic: true, files: [promised], ...belonging(options) };
      await batches.promise(manifest, signal);
      return manifest;
    },
    async signPart({ batch, expires, files, ticket }, part, origin) {
      const key = files[0]?.key ?? '';
      const expiresSeconds = Math.max(1, Math.ceil((expires - now()) / 1000));
      // Nobody says how large a part will be, and a bucket takes one of 5 GB: a ticket's are counted on their way.
      if (signer === undefined || ticket !== undefined) {
        const url = `${origin}/-/uploads/files/${tokens.place({ batch, index: 0, part, expires })}`;
        return { key, method: 'PUT', url, headers: {}, expires: new Date(expires) };
      }
      const signed = await signer.signPut({ key: places.piece(batch, 0, part), expiresSeconds });
      return { key, ...signed, expires: new Date(expires) };
    },
  };
}

/** What is known of their size; the rest is counted as it arrives. */
function bytesOf(files: readonly PromisedFile[]): number {
  return files.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
}

function ownAddress(origin: string, method: 'POST' | 'PUT', token: string, file: PromisedFile): SignedUpload {
  const url = `${origin}/-/uploads/files/${token}`;
  const type = file.type ?? '';
  return method === 'PUT'
    ? { method, url, headers: { 'content-type': type } }
    : { method, url, fields: { key: file.key, 'Content-Type': type } };
}

function typeToPromise({ type, filename }: FileToSign): MediaType {
  const vague = type === undefined || type === '' || type === 'application/octet-stream';
  const known = claimedMediaType(type) ?? (vague ? mediaTypeOfName(filename) : undefined);
  if (known !== undefined) return known;
  const came = type === undefined || type === '' ? 'none' : JSON.stringify(type.slice(0, 100));
  throw new Failure('unsupported', `The type is not taken: expected one of ${mediaTypes.join(', ')}; got ${came}.`);
}

function sizeOf({ bytes }: FileToSign, maxBytes: number): { readonly bytes?: number } {
  if (bytes === undefined) return {};
  if (bytes <= maxBytes) return { bytes };
  throw new Failure('too_large', `The file is too large: at most ${maxBytes} bytes are taken, got ${bytes}.`);
}

function hexOf(sha256: string): string {
  if (/^[0-9a-f]{64}$/i.test(sha256)) return sha256.toLowerCase();
  const bytes = Buffer.from(sha256, 'base64');
  if (bytes.length === 32 && /^[A-Za-z0-9+/]{43}=$/.test(sha256)) return bytes.toString('hex');
  throw new Failure('invalid', 'The SHA-256 is not valid: expected 64 hexadecimal digits, or base64 of 32 bytes.');
}
