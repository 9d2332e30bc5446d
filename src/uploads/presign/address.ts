import { Failure } from '../../failure.ts';
import type { PresignedUpload, UploadPresigner } from '../../storage/index.ts';
import type { Caller } from '../batch/caller.ts';
import { type OpenBatchParts, openBatch } from '../batch/open.ts';
import { type Manifest, type PromisedFile, stagingKeys } from '../batch/records.ts';
import { type TokenParts, writePlaceToken } from './tokens.ts';

/** One request that puts one file, or one part of one. */
export interface PresignedFile extends PresignedUpload {
  /** Where the original will be. */
  readonly key: string;
  readonly expires: Date;
}

export interface AddressParts extends TokenParts {
  /** Undefined: the store has no door of its own, uploads come through us. */
  readonly presigner: UploadPresigner | undefined;
  /** Larger files are refused. */
  readonly maxBytes: number;
}

export interface AddressedFile {
  readonly index: number;
  /** Where this server is reached: `https://host`, no slash at the end. */
  readonly origin: string;
  readonly method: 'POST' | 'PUT';
}

/** As many as S3 takes of one object. */
const mostParts = 10_000;

/** The address of one file of a batch: at the store, or here for what is published as soon as it is there. */
export async function presignFile(
  parts: AddressParts,
  manifest: Manifest,
  { index, origin, method }: AddressedFile,
): Promise<PresignedFile> {
  const { batch, automatic, expires } = manifest;
  const file = manifest.files[index];
  if (file?.type === undefined) throw new Error('a presigned file has a type');
  if (parts.presigner === undefined || automatic) {
    const url = ownUrl(origin, await writePlaceToken(parts, { batch, index, expires }));
    return { key: file.key, ...ownUpload(url, method, { key: file.key, type: file.type }), expires: new Date(expires) };
  }
  const rules = { key: stagingKeys.piece(batch, index, 0), contentType: file.type, ...lifetime(parts, manifest) };
  const { presigner, maxBytes } = parts;
  const signed =
    method === 'POST' && presigner.takesForms
      ? presigner.presignPost({ ...rules, minBytes: file.bytes ?? 1, maxBytes: file.bytes ?? maxBytes })
      : presigner.presignPut({ ...rules, ...exactRules(file), ...createOnly(presigner) });
  return { key: file.key, ...(await signed), expires: new Date(expires) };
}

/**
 * A PUT is used once where the store knows that. Those without forms may not know it either (B2), and need not: a form can be
 * sent twice as well, and what is published is what was checked.
 */
function createOnly({ takesForms }: UploadPresigner): { readonly onlyIfAbsent?: boolean } {
  return takesForms ? { onlyIfAbsent: true } : {};
}

/** The address of one part of a promised file. Failures: those of opening its batch; `invalid` for no number of a part. */
export async function presignPart(
  parts: AddressParts & OpenBatchParts,
  batch: string,
  { part, origin, ...caller }: Caller & { readonly part: number; readonly origin: string },
): Promise<PresignedFile> {
  if (!Number.isInteger(part) || part < 1 || part > mostParts) {
    throw new Failure('invalid', `The part number is not valid: expected 1 to ${mostParts}.`);
  }
  const manifest = await openBatch(parts, batch, caller);
  const { expires, files, ticket } = manifest;
  const key = files[0]?.key ?? '';
  // Nobody says how large a part will be, and a bucket takes one of 5 GB: a ticket's are counted on their way.
  if (parts.presigner === undefined || ticket !== undefined) {
    const url = ownUrl(origin, await writePlaceToken(parts, { batch, index: 0, part, expires }));
    return { key, method: 'PUT', url, headers: {}, expires: new Date(expires) };
  }
  const rules = { key: stagingKeys.piece(batch, 0, part), ...lifetime(parts, manifest) };
  return { key, ...(await parts.presigner.presignPut(rules)), expires: new Date(expires) };
}

function ownUrl(origin: string, token: string): string {
  return `${origin}/-/uploads/files/${token}`;
}

function ownUpload(
  url: string,
  method: 'POST' | 'PUT',
  { key, type }: { readonly key: string; readonly type: string },
): PresignedUpload {
  return method === 'PUT'
    ? { method, url, headers: { 'content-type': type } }
    : { method, url, fields: { key, 'Content-Type': type } };
}

function lifetime({ now }: AddressParts, { expires }: Manifest): { readonly expiresSeconds: number } {
  return { expiresSeconds: Math.max(1, Math.ceil((expires - now()) / 1000)) };
}

/** What a PUT is held to beside its type. Failure `invalid` without a size: nothing else would bound it. */
function exactRules({ bytes, sha256 }: PromisedFile): { readonly bytes: number; readonly sha256?: string } {
  if (bytes === undefined) {
    throw new Failure('invalid', 'The file needs its size: expected bytes, which a PUT is held to exactly.');
  }
  return {
    bytes,
    ...(sha256 === undefined ? {} : { sha256: Buffer.from(sha256, 'hex').toString('base64') }),
  };
}
