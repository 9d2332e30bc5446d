import { createHmac, randomBytes } from 'node:crypto';
import { type Cdn, openCdn } from './cdn/index.ts';
import type { Config } from './config.ts';
import type { GrammarOptions } from './grammar/index.ts';
import { type AppOptions, createApp } from './http/index.ts';
import { createRenderer, type Renderer } from './image/index.ts';
import {
  createRemoteStore,
  type ObjectStore,
  openStore,
  openUploadSigner,
  type UploadSigner,
  withRemote,
} from './storage/index.ts';
import type { TelemetrySinks } from './telemetry.ts';
import { type AddressOptions, createAddresses, createUploads, type Uploads } from './uploads/index.ts';
import {
  createAdmission,
  createEdgePurges,
  createMemoryTier,
  createOriginals,
  createStoreTier,
  createVariants,
  createVersions,
  type Variants,
} from './variants/index.ts';

/** Renders are recycled long before a leak in a decoder could matter, and rarely enough to cost nothing. */
const maxRendersPerProcess = 2000;
/** A 50-megapixel AVIF takes some 850 MB; what stays above this afterwards is fragmentation. */
const maxProcessRssBytes = 512 * 1024 * 1024;
/** An original whose version has killed two renders is not tried again for so long. */
const poisonTtlMs = 600_000;
/** Readiness is asked for by every load balancer there is: one test render a second is enough. */
const readyTtlMs = 1000;
const readyTimeoutMs = 2000;
/** After an instance's memory of a version has run out, what it was just answering gets so long to reach the edge. */
const edgeGraceMs = 1000;

/** A picture on another host that takes longer to come than this is not waited for. */
const fetchTimeoutMs = 10_000;

/** A running service: what entries listen with, drain and close. */
export interface Service {
  readonly app: ReturnType<typeof createApp>;
  readonly variants: Variants;
  readonly uploads: Uploads;
  /** Given, or made here for a loopback listener; undefined when there is no admin API. */
  readonly adminToken: string | undefined;
  /** Logs in three lines where it serves and what to try. */
  welcome(url: string): Promise<void>;
  /** From now on readiness says no, so that a load balancer looks elsewhere. */
  drain(): void;
  /** Ends the render processes once all that was begun is done and written. */
  close(): Promise<void>;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

function adminTokenOf(config: Config): string | undefined {
  if (config.adminToken !== undefined) return config.adminToken;
  return isLoopback(config.host) ? randomBytes(24).toString('base64url') : undefined;
}

/** What signs upload addresses: every instance with the same admin token accepts those of the others. */
function uploadSecretOf(adminToken: string | undefined): string {
  if (adminToken === undefined) return randomBytes(32).toString('base64url');
  return createHmac('sha256', adminToken).update('upload addresses').digest('base64url');
}

function addressOptionsOf({ unsigned, signingSecrets, file }: Config): AddressOptions {
  return { unsigned, signingSecrets, ladder: file.ladder.widths, presets: Object.keys(file.presets) };
}

function grammarOf({ file }: Config): GrammarOptions {
  const { accountNames, aliases, defaultCrop, extensions, fetchHosts, presets, spellings } = file;
  return { accountNames, aliases, defaultCrop, extensions, fetchHosts, presets, spellings };
}

function openRenderer(config: Config, telemetry: TelemetrySinks): Renderer {
  return createRenderer({
    processes: config.renderers,
    timeoutMs: config.renderTimeoutMs,
    maxInputPixels: config.maxInputPixels,
    maxOutputSide: config.maxOutputSide,
    maxOutputPixels: config.maxOutputPixels,
    maxMemoryBytes: config.renderMemoryBytes,
    maxRendersPerProcess,
    maxProcessRssBytes,
    poisonTtlMs,
    telemetry,
  });
}

/** Ready means: a tiny real render works and the store of originals answers. */
function createReadiness(renderer: Renderer, originals: Pick<ObjectStore, 'head'>, isDraining: () => boolean) {
  let last: { readonly at: number; readonly result: Promise<void> } | undefined;
  async function check(): Promise<void> {
    const signal = AbortSignal.timeout(readyTimeoutMs);
    await Promise.all([renderer.probe(signal), originals.head('-', { signal })]);
  }
  return async () => {
    if (isDraining()) throw new Error('draining');
    if (last === undefined || performance.now() - last.at > readyTtlMs) {
      last = { at: performance.now(), result: check() };
    }
    await last.result;
  };
}

interface Welcome {
  readonly config: Config;
  readonly telemetry: TelemetrySinks;
  readonly originalsStore: Pick<ObjectStore, 'list'>;
  readonly adminToken: string | undefined;
}

/** The name of some original, for a URL that can be tried as it is. */
async function someOriginal(store: Pick<ObjectStore, 'list'>): Promise<string | undefined> {
  try {
    for await (const { key } of store.list('', { signal: AbortSignal.timeout(readyTimeoutMs) })) {
      if (/\.(jpe?g|png|webp|avif|gif)$/i.test(key)) return key.split('/').map(encodeURIComponent).join('/');
    }
  } catch {
    // Only a hint is lost; readiness tells what is wrong with the store.
  }
  return undefined;
}

async function welcome(url: string, { config, telemetry, originalsStore, adminToken }: Welcome): Promise<void> {
  const say = (message: string) => telemetry.report({ type: 'lifecycle', message });
  const key = await someOriginal(originalsStore);
  say(`fovea serves ${config.originals} on ${url}, variants are kept in ${config.variants}`);
  say(
    key === undefined
      ? `Put a picture into ${config.originals} and try ${url}/w_400,h_300/<its name>`
      : `Try ${url}/w_400,h_300/${key} and ${url}/c_limit,w_1200,f_auto,q_auto/${key}`,
  );
  const made = config.adminToken === undefined && adminToken !== undefined;
  const admin = made
    ? `with this run's admin token: ${adminToken}`
    : adminToken === undefined
      ? 'off'
      : 'with your token';
  say(`Health: ${url}/-/health, readiness: ${url}/-/ready, metrics: ${url}/-/metrics (admin API ${admin})`);
}

/** What a service is built on; tests bring their own. */
export interface Foundations {
  readonly originalsStore: ObjectStore;
  /** Undefined: variants are kept in memory only. */
  readonly variantsStore: ObjectStore | undefined;
  readonly renderer: Renderer;
  readonly cdn: Cdn;
  /** Undefined: the store of originals has no door of its own, so uploads come through us. */
  readonly uploadSigner?: UploadSigner | undefined;
}

/** Originals may lie on other hosts too, where the configuration names any. */
function withFetching({ file, maxInputBytes }: Config, store: ObjectStore): ObjectStore {
  if (file.fetchHosts.length === 0) return store;
  return withRemote(
    store,
    createRemoteStore({ hosts: file.fetchHosts, maxBytes: maxInputBytes, timeoutMs: fetchTimeoutMs }),
  );
}

/** The stores, the CDN and the render processes that a configuration names. */
export async function openFoundations(config: Config, telemetry: TelemetrySinks): Promise<Foundations> {
  const storeOptions = config.s3Endpoint === undefined ? {} : { s3Endpoint: config.s3Endpoint };
  // Started first: the processes load their libraries while the stores open.
  const renderer = openRenderer(config, telemetry);
  const originalsStore = withFetching(config, await openStore(config.originals, storeOptions));
  const variantsStore = config.variants === 'none' ? undefined : await openStore(config.variants, storeOptions);
  const cdn = await openCdn(config.cdn, { cloudflareToken: config.cloudflareToken });
  const uploadSigner = await openUploadSigner(config.originals, storeOptions);
  return { originalsStore, variantsStore, renderer, cdn, uploadSigner };
}

/** Builds every room from the configuration, in order, by arguments: the only place that knows them all. */
export async function createService(
  config: Config,
  telemetry: TelemetrySinks,
  { originalsStore, variantsStore, renderer, cdn, uploadSigner }: Foundations,
): Promise<Service> {
  const closing = new AbortController();
  const memory = createMemoryTier(config.memoryBytes, telemetry);
  const admission = createAdmission({ slots: config.renderers * 2, queueMax: config.queueMax, telemetry });
  const store =
    variantsStore && createStoreTier({ store: variantsStore, telemetry, cacheControl: config.cacheControl });
  const grammar = grammarOf(config);
  const edge = createEdgePurges({
    cdn,
    repeatAfterMs: config.originalTtlMs + edgeGraceMs,
    postpone: undefined,
    telemetry,
    now: Date.now,
  });
  const adminToken = adminTokenOf(config);
  const uploads = createUploads({
    store: originalsStore,
    signer: uploadSigner,
    renderer,
    addresses: createAddresses(addressOptionsOf(config)),
    secret: uploadSecretOf(adminToken),
    maxBytes: config.maxInputBytes,
    telemetry,
    now: Date.now,
    changed: (key) => versions.forget(key),
  });
  const versions = createVersions({
    store: uploads.visible,
    ttlMs: config.originalTtlMs,
    telemetry,
    clock: performance,
  });
  const variants = createVariants({
    originalsStore,
    variantsStore,
    versions,
    originals: createOriginals({
      store: originalsStore,
      maxBytes: config.maxInputBytes,
      holdBytes: config.maxInputBytes * 2,
      telemetry,
    }),
    memory,
    store,
    admission,
    renderer,
    edge,
    grammar,
    telemetry,
    build: await renderer.build(),
    closing: closing.signal,
  });
  telemetry.gauge('queue_depth', 'Renders that wait for a slot.', admission.queued);
  telemetry.gauge('memory_bytes', 'Bytes in the memory tier.', memory.bytes);
  telemetry.gauge('pending_write_bytes', 'Bytes waiting to be stored.', () => store?.pendingBytes() ?? 0);

  let draining = false;
  const { publicUrl, uploadOrigins } = config.file;
  const options: AppOptions = {
    uploads: adminToken === undefined ? undefined : { uploads, adminToken, publicUrl, origins: uploadOrigins },
    images: {
      variants,
      grammar,
      policy: {
        unsigned: config.unsigned,
        signingSecrets: config.signingSecrets,
        signatureLength: config.file.signatureLength,
        ladder: config.file.ladder,
        maxVariantsPerOriginal: config.file.maxVariantsPerOriginal,
        protected: config.file.protected,
      },
      clientHints: config.file.clientHints,
      cacheControl: config.cacheControl,
      storesVariants: store !== undefined,
    },
    adminToken,
    ready: createReadiness(renderer, originalsStore, () => draining),
    metrics: telemetry.metrics,
    telemetry,
  };
  return {
    app: createApp(options),
    variants,
    uploads,
    adminToken,
    welcome: (url) => welcome(url, { config, telemetry, originalsStore, adminToken }),
    drain: () => {
      draining = true;
    },
    async close() {
      draining = true;
      await variants.settled();
      await edge.flush();
      closing.abort();
      await renderer.close();
      telemetry.flush();
    },
  };
}
