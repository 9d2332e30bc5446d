import { validate, version } from 'uuid';
import { z } from 'zod';
import { Failure, failureKinds, isFailure } from '../../failure.ts';
import { mediaTypes } from '../../formats.ts';
import { stagingPrefix } from '../../grammar/index.ts';
import { type ObjectStore, type ReadOptions, readBody } from '../../storage/index.ts';
import { ticketTokenSchema } from './ticket.ts';

const mediaType = z.enum(mediaTypes);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const promisedFileSchema = z.object({
  /** Where it is to be published. */
  key: z.string(),
  /** The key gets the extension of its type as soon as that is known: a client sent bytes and told nothing. */
  lacksExtension: z.boolean().optional(),
  type: mediaType.optional(),
  /** Exactly so many; unknown for clients that do not say. */
  bytes: z.number().int().min(1).optional(),
  sha256: sha256.optional(),
  /** What matters most in it, in shares of width and height: kept with the original. */
  focus: z.object({ x: z.number().min(0).max(1), y: z.number().min(0).max(1) }).optional(),
});

const manifestSchema = z.object({
  batch: z.string(),
  /** Milliseconds since 1970: until then files may arrive and be committed. */
  expires: z.number(),
  /** All or none; otherwise each for itself. */
  atomic: z.boolean(),
  /** Published as soon as its file is there, without a commit: clients that know of none. */
  automatic: z.boolean(),
  /** Whose it is: who alone, beside an admin, may go on with it, hear of it and take it back. */
  owner: z.string().optional(),
  /** The ticket it was promised to, whose total its bytes count against; absent for an admin's. */
  ticket: ticketTokenSchema.optional(),
  /** What a client said of its file in words of its own, which it may want to hear again. */
  said: z.string().optional(),
  files: z.array(promisedFileSchema),
});

const publishedFileSchema = z.object({
  key: z.string(),
  type: mediaType,
  format: z.string(),
  /** Pixels, as people see it. */
  width: z.number(),
  height: z.number(),
  bytes: z.number(),
  /** Base64. */
  thumbhash: z.string(),
});
const refusedFileSchema = z.object({ key: z.string(), kind: z.enum(failureKinds), message: z.string() });

const outcomeSchema = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('published'),
    published: z.array(publishedFileSchema),
    /** Of a batch that is not atomic. */
    refused: z.array(refusedFileSchema),
    owner: z.string().optional(),
  }),
  z.object({ state: z.literal('reverted'), owner: z.string().optional() }),
]);

/** What one file of a batch was promised to be. */
export type PromisedFile = Readonly<z.infer<typeof promisedFileSchema>>;
/** What a batch was promised to be. */
export type Manifest = Readonly<z.infer<typeof manifestSchema>>;
/** What is known of an original that an upload has published. */
export type PublishedFile = Readonly<z.infer<typeof publishedFileSchema>>;
/** How a batch ended, for good. */
export type BatchOutcome = Readonly<z.infer<typeof outcomeSchema>>;

/** A hundred files with long keys are some 100 kB. */
const maxRecordBytes = 1024 * 1024;
const contentType = 'application/json';

/** Files of one batch: what one request may ask for, and one commit may take. */
export const maxFiles = 100;

/** The store's key for each thing of a batch. All of them lie where no URL can name them. */
export const stagingKeys = {
  manifest: (batch: string) => `${stagingPrefix}${batch}/manifest.json`,
  outcome: (batch: string) => `${stagingPrefix}${batch}/outcome.json`,
  files: (batch: string) => `${stagingPrefix}${batch}/files/`,
  pieces: (batch: string, index: number) => `${stagingPrefix}${batch}/files/${index}/`,
  /** Pieces of a file, in order: by their offset, or by a client's number for them. */
  piece: (batch: string, index: number, at: number) =>
    `${stagingPrefix}${batch}/files/${index}/${String(at).padStart(12, '0')}`,
} as const;

/** Throws `invalid` for what no batch is called. */
export function checkBatch(batch: string): void {
  if (!isBatch(batch)) {
    throw new Failure('invalid', 'The batch is not valid: expected the id that signing answered.');
  }
}

/** True for the name of a batch, whether there is one of that name or not. */
export function isBatch(text: string): boolean {
  return validate(text) && version(text) === 7 && text === text.toLowerCase();
}

/** Keeps what a batch was promised to be. Any instance can read what another wrote. */
export async function keepManifest(
  store: Pick<ObjectStore, 'put'>,
  manifest: Manifest,
  options: ReadOptions = {},
): Promise<void> {
  await store.put(stagingKeys.manifest(manifest.batch), jsonBytes(manifest), { contentType, ...options });
}

/** What a batch was promised to be; undefined when it was never signed, or is cleared away. */
export function readManifest(
  store: Pick<ObjectStore, 'get'>,
  batch: string,
  options: ReadOptions = {},
): Promise<Manifest | undefined> {
  return readRecord(store, stagingKeys.manifest(batch), { schema: manifestSchema, ...options });
}

/** How a batch ended; undefined while nothing is decided. */
export function readOutcome(
  store: Pick<ObjectStore, 'get'>,
  batch: string,
  options: ReadOptions = {},
): Promise<BatchOutcome | undefined> {
  return readRecord(store, stagingKeys.outcome(batch), { schema: outcomeSchema, ...options });
}

/**
 * Decides how a batch ends, once: whoever comes second gets what was decided. That one create-only put is what makes a
 * batch all or nothing between instances, retries and processes that die.
 */
export async function decideOutcome(
  store: Pick<ObjectStore, 'get' | 'put'>,
  batch: string,
  outcome: BatchOutcome,
): Promise<BatchOutcome> {
  try {
    const put = await store.put(stagingKeys.outcome(batch), jsonBytes(outcome), { contentType, onlyIfAbsent: true });
    if (put !== undefined) return outcome;
  } catch (error) {
    if (!isFailure(error)) throw error;
    // The answer may have been lost after the decision was kept: only what is stored tells.
    const kept = await readOutcome(store, batch).catch(() => undefined);
    if (kept === undefined) throw error;
    return kept;
  }
  const decided = await readOutcome(store, batch);
  if (decided !== undefined) return decided;
  throw new Failure('upstream', 'The decision about this batch was there and is gone.');
}

function jsonBytes(record: unknown): Buffer {
  return Buffer.from(JSON.stringify(record));
}

async function readRecord<Schema extends z.ZodType>(
  store: Pick<ObjectStore, 'get'>,
  key: string,
  { schema, ...options }: ReadOptions & { readonly schema: Schema },
): Promise<z.infer<Schema> | undefined> {
  const object = await store.get(key, options);
  if (object === undefined) return undefined;
  const bytes = await readBody(object, { maxBytes: maxRecordBytes, ...options });
  return schema.parse(JSON.parse(bytes.toString('utf8')));
}
