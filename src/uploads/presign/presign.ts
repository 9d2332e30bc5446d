import { v7 } from 'uuid';
import { Failure } from '../../failure.ts';
import type { ObjectStore } from '../../storage/index.ts';
import { checkKeys, keyTaken } from '../batch/keys.ts';
import { keepManifest, type Manifest, maxFiles, type PromisedFile } from '../batch/records.ts';
import type { TicketToken } from '../batch/ticket.ts';
import { type AddressParts, type PresignedFile, presignFile } from './address.ts';
import { takeAllowance } from './allowance.ts';
import { type FileToPresign, type PromiseParts, promisedBytes, promisedFile, promisedInBatch } from './promised.ts';

/** Whose a batch is, and how long it takes files. */
export interface PromiseOptions {
  /** It ends with the ticket at the latest. */
  readonly expiresSeconds: number;
  readonly owner?: string | undefined;
  /** The ticket that is asked with: what is promised ends with it, and counts against its total. */
  readonly ticket?: TicketToken | undefined;
  /** Words of the client's own, kept with the promise. */
  readonly said?: string | undefined;
  readonly signal: AbortSignal;
}

export interface PresignOptions extends PromiseOptions {
  /** Where this server is reached: `https://host`, no slash at the end. */
  readonly origin: string;
  readonly method: 'POST' | 'PUT';
  readonly atomic: boolean;
  /** Published as soon as it is there: then it comes through us, since the store would tell nobody. */
  readonly automatic: boolean;
}

export interface PresignedBatch {
  readonly batch: string;
  readonly expires: Date;
  readonly uploads: readonly PresignedFile[];
}

export interface PresignParts extends AddressParts, PromiseParts {
  readonly store: ObjectStore;
}

/**
 * Promises a place to each file, and gives out the addresses that lead there. Failures: `invalid` (a key that is taken or
 * is none, a checksum that is none, too many files), `unsupported`, `too_large` (a file, or the ticket's total).
 */
export async function presignBatch(
  parts: PresignParts,
  files: readonly FileToPresign[],
  options: PresignOptions,
): Promise<PresignedBatch> {
  if (files.length === 0 || files.length > maxFiles) {
    throw new Failure('invalid', `A batch has 1 to ${maxFiles} files; got ${files.length}.`);
  }
  const { atomic, automatic } = options;
  const promised = files.map((file) => promisedFile(parts, file));
  await takePlaces(parts, promised, options);
  const batch = v7({ msecs: parts.now() });
  const manifest = { batch, atomic, automatic, files: promised, ...belonging(parts, options) };
  const uploads = await Promise.all(promised.map((_, index) => presignFile(parts, manifest, { index, ...options })));
  await keepManifest(parts.store, manifest, { signal: options.signal });
  return { batch, expires: new Date(manifest.expires), uploads };
}

/** A batch of one file that comes in pieces; `batch` is its name where clients want an upload id. Failures as above. */
export async function promiseFile(
  parts: PresignParts,
  file: FileToPresign,
  options: PromiseOptions,
): Promise<Manifest> {
  const batch = v7({ msecs: parts.now() });
  const files = [promisedInBatch(parts, file, batch)];
  await takePlaces(parts, files, options);
  const { said } = options;
  const manifest = {
    ...{ batch, atomic: true, automatic: true, files, ...belonging(parts, options) },
    ...(said === undefined ? {} : { said }),
  };
  await keepManifest(parts.store, manifest, { signal: options.signal });
  return manifest;
}

/** Looks whether the keys are free, and counts the files against the ticket's total. */
async function takePlaces(
  { store }: PresignParts,
  files: readonly PromisedFile[],
  { ticket, signal }: PromiseOptions,
): Promise<void> {
  checkKeys(files.map(({ key }) => key));
  for (const { key } of files) if ((await store.head(key, { signal })) !== undefined) throw keyTaken(key);
  await takeAllowance(store, { batches: 1, files: files.length, bytes: promisedBytes(files) }, { ticket, signal });
}

/** Whose a batch is and how long it is open: never longer than the ticket it was promised to. */
function belonging({ now }: PresignParts, { owner, ticket, expiresSeconds }: PromiseOptions) {
  const expires = Math.min(now() + expiresSeconds * 1000, ticket?.expires ?? Number.POSITIVE_INFINITY);
  return { expires, ...(owner === undefined ? {} : { owner }), ...(ticket === undefined ? {} : { ticket }) };
}
