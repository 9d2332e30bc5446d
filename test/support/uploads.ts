import { Readable } from 'node:stream';
import sharp from 'sharp';
import { defaultGrammarOptions } from '../../src/grammar/index.ts';
import type { ObjectStore, UploadPresigner } from '../../src/storage/index.ts';
import {
  type Caller,
  createAddresses,
  createUploads,
  type IncomingFile,
  type Uploads,
  type UploadsParts,
  visibleOriginals,
} from '../../src/uploads/index.ts';
import { createFakeRenderer, type FakeRenderer } from './fake-renderer.ts';
import { createMemoryStore } from './memory-store.ts';
import { createRecordingTelemetry, type RecordingTelemetry } from './test-service.ts';

export interface TestUploads {
  readonly uploads: Uploads;
  readonly store: ObjectStore;
  readonly renderer: FakeRenderer;
  readonly telemetry: RecordingTelemetry;
  /** What visitors may see of the store. */
  readonly visible: Pick<ObjectStore, 'head'>;
  /** Keys that were told to have changed, in order. */
  readonly changed: readonly string[];
  /** Moves the clock. */
  pass(milliseconds: number): void;
  now(): number;
  /** Every key in the store; staged ones too. */
  keys(): Promise<readonly string[]>;
  /** Sweeps everything, as a clean-up two days later would. */
  sweepLater(): Promise<void>;
}

export interface TestUploadsParts {
  readonly store?: ObjectStore;
  readonly presigner?: UploadPresigner;
  readonly maxBytes?: number;
  readonly secret?: string;
  readonly arrivals?: UploadsParts['arrivals'];
  readonly restMs?: number;
  readonly refusalOf?: UploadsParts['refusalOf'];
  readonly issuers?: ReturnType<UploadsParts['issuers']>;
}

const days = 24 * 60 * 60_000;

/** The room on a store of the test's choosing, with a clock that a test moves. */
export function createTestUploads({ store = createMemoryStore(), ...parts }: TestUploadsParts = {}): TestUploads {
  const renderer = createFakeRenderer();
  const telemetry = createRecordingTelemetry();
  const changed: string[] = [];
  let passed = 0;
  const now = () => Date.now() + passed;
  const uploads = createUploads({
    store,
    presigner: parts.presigner,
    renderer,
    addresses: createAddresses({
      serves: () => true,
      signingSecrets: [],
      ladder: undefined,
      grammar: defaultGrammarOptions,
    }),
    secret: async () => parts.secret ?? 'a secret of the tests',
    ...(parts.restMs === undefined ? {} : { restMs: parts.restMs }),
    issuers: () => parts.issuers ?? { audience: 'fovea', keys: [] },
    refusalOf: parts.refusalOf ?? (() => undefined),
    maxBytes: parts.maxBytes ?? 1024 * 1024,
    ...(parts.arrivals === undefined ? {} : { arrivals: parts.arrivals }),
    telemetry,
    now,
    changed: (key) => void changed.push(key),
  });
  return {
    uploads,
    store,
    renderer,
    telemetry,
    visible: visibleOriginals({ store, now }),
    changed,
    now,
    pass: (milliseconds) => {
      passed += milliseconds;
    },
    keys: () => keysIn(store),
    async sweepLater() {
      passed += 2 * days;
      await uploads.sweep({ olderThan: new Date(now()) });
    },
  };
}

/** Originals, variants, what is staged: all but what processes tell each other of purges. */
export async function keysIn(store: Pick<ObjectStore, 'list'>): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list('')) if (!key.startsWith('.fovea-purges/')) keys.push(key);
  return keys;
}

/** Those of the keys that a URL can name. */
export function visible(keys: readonly string[]): readonly string[] {
  return keys.filter((key) => !key.startsWith('.fovea-staging/'));
}

/** A small picture; another shade, other bytes. */
export function picture(format: 'jpeg' | 'png' | 'webp' = 'jpeg', shade = 100): Promise<Buffer> {
  const create = { width: 60, height: 40, channels: 3, background: { r: shade, g: 0, b: 0 } } as const;
  return sharp({ create }).toFormat(format).toBuffer();
}

/** Files as a form brings them, one after another. */
export async function* incoming(...files: readonly (Omit<IncomingFile, 'body'> & { bytes: Uint8Array })[]) {
  for (const { bytes, ...file } of files) yield { ...file, body: Readable.from([bytes], { objectMode: false }) };
}

export function live(): AbortSignal {
  return new AbortController().signal;
}

/** An admin, to whom every batch is open. */
export function anybody(): Caller {
  return { owner: undefined, signal: live() };
}
