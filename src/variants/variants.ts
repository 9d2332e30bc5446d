import { Readable } from 'node:stream';
import { Failure, isFailure } from '../failure.ts';
import type { ResolvedTransform } from '../grammar/index.ts';
import { contentTypeOf, type Renderer } from '../image/index.ts';
import type { ObjectStore } from '../storage/index.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Admission } from './admission.ts';
import { createFlights, type FlightControl } from './flights.ts';
import {
  identify,
  originalEtag,
  type SourceVersion,
  type VariantIdentity,
  variantPrefix,
  versionOf,
} from './identity.ts';
import type { MemoryTier } from './memory-tier.ts';
import type { Originals } from './originals.ts';
import type { StoreTier } from './store-tier.ts';
import type { Variant } from './variant.ts';
import type { Versions } from './versions.ts';

/** One key a request may mean; without a transform it means the original's own bytes. */
export interface Candidate {
  readonly key: string;
  readonly transform: ResolvedTransform | undefined;
}

export interface OriginalIdentity {
  readonly source: string;
  readonly state: SourceVersion;
  readonly etag: string;
}

export interface OpenOriginal {
  /** Bytes. */
  readonly size: number;
  /** By the first bytes, never by name or by what an uploader claimed; undefined for what is no picture of ours. */
  readonly contentType: string | undefined;
  readonly body: Readable;
}

export type Identified =
  | { readonly kind: 'variant'; readonly identity: VariantIdentity }
  | { readonly kind: 'original'; readonly identity: OriginalIdentity };

/** Milliseconds a request spent where; absent where it did not go. */
export interface DeliveryTimings {
  readonly storeMs?: number;
  readonly queueMs?: number;
  readonly fetchMs?: number;
  readonly renderMs?: number;
}

export interface Delivered extends Variant {
  readonly source: string;
  readonly from: 'memory' | 'store' | 'render';
  /** Somebody else's request was already making it. */
  readonly collapsed: boolean;
  readonly timings: DeliveryTimings;
}

export interface IdentifyOptions {
  readonly signal: AbortSignal;
  /** False when a 304 is likely: then nothing is read ahead from the variants store. */
  readonly readAhead: boolean;
}

export interface DeliverOptions {
  readonly signal: AbortSignal;
  readonly priority?: 'visitor' | 'warming';
}

/** The life of variants, from the question for one to the end of everything made of an original. */
export interface Variants {
  /** Which candidate is there, and what its variant is called. Failures: `not_found`; the store's, when it fails. */
  identify(candidates: readonly Candidate[], options: IdentifyOptions): Promise<Identified>;
  /** The tag the variant at hand in memory was made with, which may be older than the identity's own. */
  etagInMemory(identity: VariantIdentity): string | undefined;
  deliver(identity: VariantIdentity, options: DeliverOptions): Promise<Delivered>;
  /** The original's untouched bytes, as a stream that the caller reads to its end or destroys. */
  openOriginal(identity: OriginalIdentity, signal: AbortSignal): Promise<OpenOriginal>;
  /** Drops all that was made of an original; final once it resolves. Answers how many stored variants went. */
  purge(source: string, signal: AbortSignal): Promise<{ readonly memory: number; readonly stored: number }>;
  /** Resolves when every write behind a response is done. */
  settled(): Promise<void>;
}

export interface VariantsParts {
  readonly originalsStore: Pick<ObjectStore, 'get'>;
  readonly variantsStore: Pick<ObjectStore, 'list' | 'delete'> | undefined;
  readonly versions: Versions;
  readonly originals: Originals;
  readonly memory: MemoryTier;
  readonly store: StoreTier | undefined;
  readonly admission: Admission;
  readonly renderer: Renderer;
  readonly telemetry: Telemetry;
  /** Names the libraries that encode (part of every ETag). */
  readonly build: string;
  /** Aborts when the service closes: a render whose visitors have left is finished until then. */
  readonly closing: AbortSignal;
}

/** Keys deleted per call: what one DeleteObjects takes. */
const deleteBatch = 1000;

type Made = Pick<Delivered, 'from' | 'timings'> & { readonly variant: Variant };

/** The original was overwritten or removed between the look-up and the read: the identity has to be found anew. */
class SourceChanged extends Error {
  override readonly name = 'SourceChanged';
}

function notFound(key: string): Failure {
  return new Failure('not_found', `Resource not found - ${key}`);
}

export function createVariants(parts: VariantsParts): Variants {
  const { versions, memory, store, originals, admission, renderer, telemetry } = parts;
  const flights = createFlights<Made>();
  // Reads of the store tier that began together with the HEAD, for the delivery that follows.
  const early = new WeakMap<VariantIdentity, Promise<Variant | undefined>>();

  function readAhead({ key, transform }: Candidate, options: IdentifyOptions) {
    if (!options.readAhead || store === undefined || transform === undefined) return undefined;
    if (versions.remembered(key) !== undefined) return undefined;
    // The version in it does not matter: where a variant lies depends on its source and transform alone.
    const unversioned = { version: '', lastModified: new Date(0), size: 0 };
    const place = identify(key, unversioned, transform, parts.build).key;
    const read = place === undefined ? undefined : store.read(place, options.signal);
    read?.catch(() => undefined);
    return read;
  }

  /** While the originals cannot be asked, a stored variant of whatever version is better than none. */
  async function stateFromStored(read: Promise<Variant | undefined> | undefined): Promise<SourceVersion | undefined> {
    const variant = await read;
    return variant && { version: variant.version, lastModified: variant.lastModified, size: 0 };
  }

  async function stateOf(candidate: Candidate, read: Promise<Variant | undefined> | undefined, signal: AbortSignal) {
    try {
      return await versions.lookup(candidate.key, signal);
    } catch (error) {
      const state = isFailure(error, 'cancelled') ? undefined : await stateFromStored(read);
      if (state === undefined) throw error;
      telemetry.report({ type: 'tier-fault', tier: 'originals', operation: 'head', error });
      return state;
    }
  }

  async function identifyFirst(candidates: readonly Candidate[], options: IdentifyOptions): Promise<Identified> {
    for (const candidate of candidates) {
      const read = readAhead(candidate, options);
      const state = await stateOf(candidate, read, options.signal);
      if (state === 'absent') continue;
      if (candidate.transform === undefined) {
        const etag = originalEtag(candidate.key, state.version);
        return { kind: 'original', identity: { source: candidate.key, state, etag } };
      }
      const identity = identify(candidate.key, state, candidate.transform, parts.build);
      if (read !== undefined) early.set(identity, read);
      return { kind: 'variant', identity };
    }
    throw notFound(candidates[0]?.key ?? '');
  }

  async function readStored(identity: VariantIdentity, signal: AbortSignal): Promise<Variant | undefined> {
    if (store === undefined || identity.key === undefined) return undefined;
    const variant = await (early.get(identity) ?? store.read(identity.key, signal));
    return variant?.version === identity.version ? variant : undefined;
  }

  async function fetchOriginal(identity: VariantIdentity, signal: AbortSignal): Promise<Uint8Array> {
    const bytes = await originals.fetch(identity.source, identity.version, signal);
    if (typeof bytes !== 'string') return bytes;
    versions.forget(identity.source);
    throw new SourceChanged();
  }

  async function render(identity: VariantIdentity, control: FlightControl): Promise<Made> {
    const started = performance.now();
    const original = await fetchOriginal(identity, control.signal);
    const fetchMs = performance.now() - started;
    // From here the work is finished even when every visitor leaves: killing a render costs more than ending it.
    control.commit();
    const rendered = await renderer.render({ original }, identity.transform, {
      signal: parts.closing,
      fingerprint: `${identity.source}\0${identity.version}`,
    });
    telemetry.report({
      type: 'rendered',
      format: rendered.format,
      inputBytes: original.byteLength,
      outputBytes: rendered.bytes.byteLength,
      ...rendered.timings,
    });
    const { bytes, contentType } = rendered;
    const variant: Variant = {
      bytes,
      contentType,
      etag: identity.etag,
      version: identity.version,
      lastModified: identity.lastModified,
    };
    return { variant, from: 'render', timings: { fetchMs, renderMs: rendered.timings.renderMs } };
  }

  async function make(identity: VariantIdentity, options: DeliverOptions, control: FlightControl): Promise<Made> {
    const asked = performance.now();
    const stored = await readStored(identity, control.signal);
    const storeMs = performance.now() - asked;
    if (stored !== undefined) {
      if (control.isCurrent()) memory.set(identity, stored);
      return { variant: stored, from: 'store', timings: { storeMs } };
    }
    const queued = performance.now();
    let queueMs = 0;
    const made = await admission.run(
      () => {
        queueMs = performance.now() - queued;
        return render(identity, control);
      },
      { signal: control.signal, priority: options.priority ?? 'visitor' },
    );
    if (control.isCurrent()) {
      memory.set(identity, made.variant);
      store?.keep(identity, made.variant);
    }
    return { ...made, timings: { ...made.timings, storeMs, queueMs } };
  }

  async function deliverOnce(identity: VariantIdentity, options: DeliverOptions): Promise<Delivered> {
    const { source } = identity;
    const kept = memory.get(identity);
    if (kept !== undefined) {
      telemetry.report({ type: 'tier-hit', tier: 'memory' });
      return { ...kept, source, from: 'memory', collapsed: false, timings: {} };
    }
    const { value, led } = await flights.join(identity.memoryKey, options.signal, (control) =>
      make(identity, options, control),
    );
    telemetry.report({ type: 'tier-hit', tier: led ? value.from : 'collapsed' });
    return { ...value.variant, source, from: value.from, collapsed: !led, timings: value.timings };
  }

  async function deliver(identity: VariantIdentity, options: DeliverOptions): Promise<Delivered> {
    try {
      return await deliverOnce(identity, options);
    } catch (error) {
      if (!(error instanceof SourceChanged)) throw error;
      const candidate = { key: identity.source, transform: identity.transform };
      const again = await identifyFirst([candidate], { signal: options.signal, readAhead: false });
      if (again.kind !== 'variant') throw error;
      try {
        return await deliverOnce(again.identity, options);
      } catch (second) {
        if (!(second instanceof SourceChanged)) throw second;
        throw new Failure('upstream', 'The original keeps changing while it is being read.', { cause: second });
      }
    }
  }

  return {
    identify: identifyFirst,
    etagInMemory: (identity) => memory.get(identity)?.etag,
    deliver,
    async openOriginal({ source, state }, signal) {
      const object = await parts.originalsStore.get(source, { signal });
      if (object === undefined) {
        versions.forget(source);
        throw notFound(source);
      }
      if (versionOf(object.info).version !== state.version) versions.forget(source);
      const { contentType, body } = await sniffStream(object.body);
      return { size: object.info.size, contentType, body };
    },
    async purge(source, signal) {
      const prefix = variantPrefix(source);
      const ofSource = `${source}\0`;
      versions.forget(source);
      originals.forget(source);
      flights.detach((key) => key.startsWith(ofSource));
      const dropped = memory.forget(source);
      await store?.abandon((key) => key.startsWith(prefix));
      const stored = parts.variantsStore ? await deleteAll(parts.variantsStore, prefix, signal) : 0;
      return { memory: dropped, stored };
    },
    async settled() {
      await store?.settled();
    },
  };
}

/** Looks at the first chunk of a stream and hands the whole of it on. */
async function sniffStream(source: Readable): Promise<Pick<OpenOriginal, 'contentType' | 'body'>> {
  const chunks = source[Symbol.asyncIterator]();
  const first: IteratorResult<Uint8Array, undefined> = await chunks.next();
  async function* whole() {
    try {
      if (!first.done) yield first.value;
      yield* { [Symbol.asyncIterator]: () => chunks };
    } finally {
      source.destroy();
    }
  }
  const contentType = first.done ? undefined : contentTypeOf(first.value);
  return { contentType, body: Readable.from(whole(), { objectMode: false }) };
}

async function deleteAll(
  store: Pick<ObjectStore, 'list' | 'delete'>,
  prefix: string,
  signal: AbortSignal,
): Promise<number> {
  let deleted = 0;
  let batch: string[] = [];
  for await (const { key } of store.list(prefix, { signal })) {
    batch.push(key);
    if (batch.length < deleteBatch) continue;
    await store.delete(batch, { signal });
    deleted += batch.length;
    batch = [];
  }
  if (batch.length > 0) await store.delete(batch, { signal });
  return deleted + batch.length;
}
