import { randomUUID } from 'node:crypto';
import { Failure } from '../failure.ts';
import type { Renderer } from '../image/index.ts';
import type { ObjectStore, UploadSigner } from '../storage/index.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Addresses } from './addresses.ts';
import type { Caller } from './batch/caller.ts';
import { batchOfKey } from './batch/keys.ts';
import { checkBatch, createBatches } from './batch/records.ts';
import type { BatchReport } from './batch/report.ts';
import { createStaging, type StagedFile } from './batch/staging.ts';
import { createChecks } from './commit/check.ts';
import { type Committer, createCommitter } from './commit/commit.ts';
import { createPublisher } from './commit/publish.ts';
import { createVisible } from './commit/visible.ts';
import { createAllowances, type Taken } from './presign/allowance.ts';
import { createSigns, type SignedFile, type Signs } from './presign/presign.ts';
import { createTokens, defaultAllowance, type PlaceToken, type TicketToken } from './presign/tokens.ts';
import { type ArrivalLimits, createArrivals } from './receive/arrivals.ts';
import { createReceiver, type Receiver } from './receive/receive.ts';
import { createSweeper, type SweepOptions, type Swept } from './sweep/sweep.ts';

export interface UploadsParts {
  /** The store of originals; staging lies in it too. */
  readonly store: ObjectStore;
  /** Undefined: the store has no door of its own, so uploads come through us. */
  readonly signer: UploadSigner | undefined;
  readonly renderer: Pick<Renderer, 'thumbHash'>;
  readonly addresses: Addresses;
  /** Signs our own addresses and tickets; instances that share it accept each other's. */
  readonly secret: string;
  /** Larger files are refused. */
  readonly maxBytes: number;
  /** Other than usual in tests. */
  readonly arrivals?: ArrivalLimits;
  readonly telemetry: Telemetry;
  /** Milliseconds since 1970: expiry is a matter between machines. */
  readonly now: () => number;
  /** Told of every key that appears or goes. */
  readonly changed: (key: string) => void | Promise<void>;
}

/** A part of a file as a client numbers it and the store answered it. */
export interface UploadedPart {
  readonly number: number;
  readonly bytes: number;
  /** Unquoted. */
  readonly etag: string;
}

/** How originals come in: promised, staged, checked, and then published all or none. */
export interface Uploads
  extends Pick<Signs, 'sign' | 'promise'>,
    Pick<Committer, 'commit' | 'abort'>,
    Pick<Receiver, 'receive' | 'place' | 'append' | 'arrived'> {
  readonly addresses: Addresses;
  /** Originals without those of batches that are not decided: what visitors may see. */
  readonly visible: Pick<ObjectStore, 'head'>;
  /** The address of one part of a promised file. */
  signPart(batch: string, part: number, options: Caller & { readonly origin: string }): Promise<SignedFile>;
  parts(batch: string, caller: Caller): Promise<readonly UploadedPart[]>;
  /** Publishes a file that came in parts; Failure `invalid` when they are not the ones that have arrived. */
  complete(
    batch: string,
    parts: readonly Pick<UploadedPart, 'number' | 'etag'>[],
    caller: Caller,
  ): Promise<BatchReport>;
  /**
   * The key of an original that a batch has published as `name`, with or without its extension: of `batch`, or of the
   * one that the name was made for. Undefined when it has not, or for somebody else: what a caller without the admin
   * token may be led to is decided here.
   */
  published(name: string, caller: Caller & { readonly batch?: string }): Promise<string | undefined>;
  /** Takes back a published original that was named after its batch, by who uploaded it. */
  revert(key: string, caller: Caller): Promise<void>;
  /** A capability for a browser: to upload, until it expires or what it may take in all is taken. */
  ticket(expiresSeconds: number, allowance?: Taken): { readonly ticket: string; readonly expires: Date };
  readTicket(text: string): TicketToken;
  /** What a signed address of ours permits; Failure `unauthorised` when it is not one of ours, or expired. */
  readPlace(text: string): PlaceToken;
  sweep(options: SweepOptions): Promise<Swept>;
}

/**
 * Some 64 MB of bodies held at most, of each 4 MiB, and a line that is gone before a client gives up. Whoever waits waits
 * no longer than the grace for a place of somebody who has several. 8 kB/s is the slowest of mobile networks.
 */
const arrivalLimits: ArrivalLimits = {
  atOnce: 16,
  atOnceEach: 6,
  forAdmin: 4,
  waiting: 128,
  waitMs: 20_000,
  graceMs: 5_000,
  bytesPerSecond: 8 * 1024,
  lookMs: 500,
};

/**
 * Builds the room: `store` is the truth of every batch, so any instance can go on where another stopped.
 *
 * @example
 * const uploads = createUploads(parts);
 * const { batch } = await uploads.sign([{ filename: 'tom.jpg', type: 'image/jpeg', bytes: 2_127_864 }], options);
 * const report = await uploads.commit(batch, { owner: undefined, signal });
 */
export function createUploads(parts: UploadsParts): Uploads {
  const { store, signer, renderer, maxBytes, telemetry, now, changed, addresses } = parts;
  const batches = createBatches(store);
  const staging = createStaging(store);
  const tokens = createTokens(parts.secret, now);
  const publisher = createPublisher({ store, staging, batches, telemetry, changed });
  const checks = createChecks({ staging, renderer, maxBytes });
  const committer = createCommitter({ store, batches, staging, checks, publisher, now });
  const allowances = createAllowances(store);
  const arrivals = createArrivals(parts.arrivals ?? arrivalLimits);
  const signs = createSigns({ store, batches, tokens, allowances, signer, maxBytes, now });
  const receiver = createReceiver({ store, staging, committer, publisher, allowances, arrivals, maxBytes, now });
  const { sweep } = createSweeper({ store, batches, publisher, now });

  async function arrived(batch: string, caller: Caller): Promise<readonly UploadedPart[]> {
    await committer.open(batch, caller);
    return partsOf(await staging.find({ batch, index: 0 }, caller.signal));
  }

  /** The keys that a batch has published, for whoever may hear of them. */
  async function publishedKeys(batch: string, { owner, signal }: Caller): Promise<readonly string[]> {
    const outcome = await batches.outcome(batch, signal);
    if (outcome?.state !== 'published' || (owner !== undefined && owner !== outcome.owner)) return [];
    return outcome.published.map(({ key }) => key);
  }

  return {
    addresses,
    visible: createVisible({ store, batches, now }),
    sign: signs.sign,
    promise: signs.promise,
    commit: committer.commit,
    abort: committer.abort,
    ...receiver,
    async signPart(batch, part, { origin, ...caller }) {
      if (!Number.isInteger(part) || part < 1 || part > 10_000) {
        throw new Failure('invalid', 'The part number is not valid: expected 1 to 10000.');
      }
      return signs.signPart(await committer.open(batch, caller), part, origin);
    },
    parts: arrived,
    async complete(batch, expected, caller) {
      checkBatch(batch);
      const outcome = await batches.outcome(batch, caller.signal);
      if (outcome === undefined) checkParts(expected, await arrived(batch, caller));
      return committer.commit(batch, caller);
    },
    async published(name, { batch = batchOfKey(name), ...caller }) {
      const keys = batch === undefined ? [] : await publishedKeys(batch, caller);
      return keys.find((key) => isNamed(key, name));
    },
    async revert(key, caller) {
      const batch = batchOfKey(key);
      const published = batch === undefined ? [] : await publishedKeys(batch, caller);
      if (batch === undefined || !published.some((known) => isNamed(known, key))) {
        throw new Failure('not_found', 'There is no upload of this name that could be taken back.');
      }
      await publisher.withdraw(batch, published);
      await publisher.tidy(batch, 'all');
    },
    ticket(expiresSeconds, allowance = {}) {
      const expires = now() + expiresSeconds * 1000;
      const token = { ticket: randomUUID(), expires, ...defaultAllowance, ...allowance };
      return { ticket: tokens.ticket(token), expires: new Date(expires) };
    },
    readTicket: tokens.readTicket,
    readPlace: tokens.readPlace,
    sweep,
  };
}

/** A name without extension is that of a file whose type was not known when it was named. */
function isNamed(key: string, name: string): boolean {
  return key === name || (name !== '' && key.startsWith(`${name}.`));
}

function partsOf({ pieces }: StagedFile): readonly UploadedPart[] {
  return pieces.map(({ key, size, etag }) => ({
    number: Number(key.slice(key.lastIndexOf('/') + 1)),
    bytes: size,
    etag,
  }));
}

function checkParts(
  expected: readonly Pick<UploadedPart, 'number' | 'etag'>[],
  arrived: readonly UploadedPart[],
): void {
  const matches =
    expected.length === arrived.length &&
    arrived.every(
      ({ number, etag }, index) =>
        number === index + 1 && expected[index]?.number === number && expected[index]?.etag === etag,
    );
  if (matches) return;
  const numbers = arrived.map(({ number }) => number).join(', ') || 'none';
  throw new Failure(
    'invalid',
    `The parts are not those that arrived: expected 1, 2, 3, … in order; arrived: ${numbers}.`,
  );
}
