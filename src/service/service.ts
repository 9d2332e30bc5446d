import type { Config } from '../config/index.ts';
import { Failure } from '../failure.ts';
import { type AppOptions, createApp, createTrustedProxies, type NamePeer } from '../http/index.ts';
import type { Renderer } from '../image/index.ts';
import type { Consumer } from '../queue/index.ts';
import type { TelemetrySinks } from '../sinks/index.ts';
import type { ObjectStore } from '../storage/index.ts';
import type { Uploads } from '../uploads/index.ts';
import type { Variants } from '../variants/index.ts';
import { assembleUploads, assembleVariants } from './assemble.ts';
import { createEventConsumer } from './events.ts';
import type { Foundations } from './foundations.ts';
import { adminTokenOf, grammarOf, loopbackHostsOf, policyOf, warningsOf } from './settings.ts';
import { createUploadSecret } from './upload-secret.ts';
import { type Terminal, welcome } from './welcome.ts';

/** Readiness is asked for by every load balancer there is: two test renders a second are enough, and red is told within two seconds. */
const readyTtlMs = 500;
const readyTimeoutMs = 1500;
/** A running service: what entries listen with, drain and close. */
export interface Service {
  readonly app: ReturnType<typeof createApp>;
  /** Whose a connection is, for the listener. */
  readonly namePeer: NamePeer;
  readonly variants: Variants;
  readonly uploads: Uploads;
  /** Reads S3's notifications once it is started; undefined when no queue is configured. */
  readonly consumer: Consumer | undefined;
  /** Given, or made here for a loopback listener; undefined when there is no admin API. */
  readonly adminToken: string | undefined;
  /** Logs in three lines where it serves and what to try; a token made for this run is shown on the terminal alone. */
  welcome(url: string, terminal?: Terminal): Promise<void>;
  /** From now on readiness says no, so that a load balancer looks elsewhere. */
  drain(): void;
  /** Ends the render processes once all that was begun is done and written. */
  close(): Promise<void>;
}

/** What an entry decides, not the configuration. */
export interface ServiceOptions {
  /** False: there is no route by which originals come in. */
  readonly takesUploads?: boolean;
  /** Bytes that answers hold in memory beside the tier: other than usual in tests. */
  readonly sendingBytes?: number;
}

/** Ready means: a tiny real render works and the store of originals answers. */
function createReadiness(renderer: Renderer, originals: Pick<ObjectStore, 'head'>, isDraining: () => boolean) {
  let last: { readonly at: number; readonly result: Promise<void> } | undefined;
  async function check(): Promise<void> {
    const signal = AbortSignal.timeout(readyTimeoutMs);
    await Promise.all([renderer.probe(signal), originals.head('-', { signal })]);
  }
  return async () => {
    if (isDraining()) throw new Failure('overloaded', 'The service is going away.');
    if (last === undefined || performance.now() - last.at > readyTtlMs) {
      last = { at: performance.now(), result: check() };
    }
    await last.result;
  };
}

/**
 * Builds every room from the configuration, in order, by arguments: the only place that knows them all.
 *
 * @example
 * const service = await createService(config, telemetry, await openFoundations(config, telemetry));
 * const server = await listen(service.app.fetch, { port: 3000, host: '127.0.0.1', namePeer: service.namePeer });
 * await server.close();
 * await service.close();
 */
export async function createService(
  config: Config,
  telemetry: TelemetrySinks,
  { originalsStore, variantsStore, renderer, cdn, queue, uploadSigner }: Foundations,
  { takesUploads = true, sendingBytes }: ServiceOptions = {},
): Promise<Service> {
  const closing = new AbortController();
  const grammar = grammarOf(config);
  const adminToken = adminTokenOf(config);
  const build = await renderer.build();
  const uploads = assembleUploads(config, telemetry, {
    store: originalsStore,
    signer: uploadSigner,
    renderer,
    secret: createUploadSecret(config.adminToken),
    changed: (key) => versions.forget(key),
  });
  const policy = policyOf(config);
  const { variants, versions, edge, ...tiers } = assembleVariants(config, telemetry, {
    isDeclared: policy.isDeclared,
    originalsStore,
    visible: uploads.visible,
    variantsStore,
    renderer,
    cdn,
    build,
    postpone: queue?.postpone,
    sendingBytes,
    closing: closing.signal,
  });
  telemetry.gauge('queue_depth', 'Renders that wait for a slot.', tiers.admission.queued);
  telemetry.gauge('memory_bytes', 'Bytes in the memory tier.', tiers.memory.bytes);
  telemetry.gauge('sending_bytes', 'Bytes in memory because they are being sent.', tiers.sending.bytes);
  telemetry.gauge('pending_write_bytes', 'Bytes waiting to be stored.', () => tiers.store?.pendingBytes() ?? 0);

  const consumer = queue && createEventConsumer({ queue, config, variants, edge, grammar, telemetry });

  for (const message of warningsOf(config)) telemetry.report({ type: 'warning', message });

  let draining = false;
  const { publicUrl, uploadOrigins } = config.file;
  const proxies = createTrustedProxies(config.trustedProxies);
  const options: AppOptions = {
    uploads: adminToken === undefined || !takesUploads ? undefined : { uploads, publicUrl, origins: uploadOrigins },
    images: {
      variants,
      grammar,
      policy,
      otherOriginals: config.file.otherOriginals,
      clientHints: config.file.clientHints,
      cacheControl: config.cacheControl,
      storesVariants: variantsStore !== undefined,
    },
    proxies,
    loopback: loopbackHostsOf(config),
    adminToken,
    ready: createReadiness(renderer, originalsStore, () => draining),
    metrics: telemetry.metrics,
    telemetry,
  };
  return {
    app: createApp(options),
    namePeer: proxies.peerName,
    variants,
    uploads,
    consumer,
    adminToken,
    async welcome(url, terminal) {
      const cage = await renderer.cage();
      await welcome(url, { config, telemetry, originalsStore, adminToken, cage }, terminal);
    },
    drain: () => {
      draining = true;
    },
    async close() {
      draining = true;
      await consumer?.stop();
      await variants.settled();
      await edge.flush();
      queue?.close();
      closing.abort();
      await renderer.close();
      telemetry.flush();
    },
  };
}
