import type { Config } from '../config/index.ts';
import { type App, type AppOptions, createApp, createTrustedProxies, type NamePeer } from '../http/index.ts';
import type { Consumer } from '../queue/index.ts';
import type { TelemetrySinks } from '../sinks/index.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Uploads } from '../uploads/index.ts';
import type { Variants } from '../variants/index.ts';
import { cloudinaryOf } from './cloudinary.ts';
import { openConsumer } from './events.ts';
import type { Foundations } from './foundations.ts';
import { createReadiness } from './readiness.ts';
import { createReloads, type Held, type Reloads, type ServedApp } from './reload.ts';
import { type Basis, type Configured, openEdgePurges, openUploads, openVariants } from './rooms.ts';
import { settingsOf } from './settings.ts';
import { createStoresCheck } from './stores-check.ts';
import { tracedFoundations } from './traced.ts';
import { type WelcomeTerminal, welcome } from './welcome.ts';

/** A running service: what entries listen with, drain and close. */
export interface Service {
  readonly app: ServedApp;
  /** Whose a connection is, for the listener. */
  readonly namePeer: NamePeer;
  readonly variants: Variants;
  readonly uploads: Uploads;
  /** Reads S3's notifications once it is started; undefined when no queue is configured. */
  readonly consumer: Consumer | undefined;
  /** Given, or made here for a loopback listener; undefined when there is no admin API. */
  readonly adminToken: string | undefined;
  /** Goes by the file as it is now, without an end of anything that is under way. */
  readonly reload: Reloads['reload'];
  /** Logs in three lines where it serves and what to try; a token made for this run is shown on the terminal alone. */
  welcome(url: string, terminal?: WelcomeTerminal): Promise<void>;
  /** At start, where nobody is welcomed: what is wrong with the stores, in words for the log. */
  checkStores(): Promise<string | undefined>;
  /** From now on readiness says no, so that a load balancer looks elsewhere. */
  drain(): void;
  /** Ends the render processes once all that was begun is done and written. */
  close(): Promise<void>;
}

/** What an entry decides, not the configuration. */
export interface ServiceOptions {
  /** False: there is no route by which originals come in. */
  readonly takesUploads?: boolean;
  /** False: nothing goes on once an answer has been sent, so that each picture is waited for. */
  readonly worksBehind?: boolean;
  /** Bytes that answers hold in memory beside the tier: other than usual in tests. */
  readonly sendingBytes?: number;
}

/**
 * Builds every room from the configuration, in order, by arguments: the only place that knows them all.
 *
 * @example
 * const service = await createService(config, telemetry, await openFoundations(config, telemetry));
 * const server = await listen(service.app, { port: 3000, host: '127.0.0.1', namePeer: service.namePeer });
 * await server.close();
 * await service.close();
 */
export async function createService(
  config: Config,
  telemetry: TelemetrySinks,
  given: Foundations & ServiceOptions,
): Promise<Service> {
  const foundations = tracedFoundations(given, telemetry.tracing);
  const { originalsStore, renderer, queue, cdn, uploadPresigner: presigner } = foundations;
  const held: Held = { configured: { config, settings: settingsOf(config) } };
  const basis: Basis = { config, current: () => held.configured, telemetry };
  const closing = new AbortController();
  const edge = openEdgePurges(basis, { cdn, postpone: queue?.postpone });
  const build = await renderer.build();
  const built = openVariants(basis, { ...foundations, edge, build, closing: closing.signal });
  const { variants, versions } = built;
  void built.bound?.keep(closing.signal);
  const uploads = openUploads(basis, { store: originalsStore, presigner, renderer, changed: versions.forget });
  const consumer = queue && openConsumer(basis, { queue, variants, edge });
  const stores = createStoresCheck({ ...foundations, telemetry });
  const readiness = createReadiness({ ...foundations, stores });
  const proxies = createTrustedProxies(config.trustedProxies);
  const parts = { ...foundations, variants, uploads, proxies, ready: readiness.check, telemetry };
  const openApp = (configured: Configured) => createConfiguredApp(configured, parts);
  const { app, reload, isCurrent } = createReloads({ ...foundations, held, openApp, telemetry });
  gauge(telemetry, { ...built, consumer, isCurrent });
  return {
    app,
    namePeer: proxies.peerName,
    variants,
    uploads,
    consumer,
    adminToken: held.configured.settings.admin.token,
    reload,
    async welcome(url, terminal) {
      const [cage, problem] = [await renderer.cage(), await stores.first()];
      await welcome(url, { ...held.configured, telemetry, originalsStore, cage, problem, terminal });
    },
    checkStores: stores.first,
    drain: readiness.drain,
    async close() {
      readiness.drain();
      await consumer?.stop();
      await variants.settled();
      await edge.flush();
      queue?.close();
      closing.abort();
      await renderer.close();
      await telemetry.flush();
    },
  };
}

interface AppParts
  extends Pick<Foundations, 'originalsStore' | 'variantsStore'>,
    ServiceOptions,
    Pick<AppOptions, 'proxies' | 'ready'> {
  readonly variants: Variants;
  readonly uploads: Uploads;
  readonly telemetry: TelemetrySinks;
}

/** The app as the configuration wants it, on rooms that stay. */
function createConfiguredApp(configured: Configured, parts: AppParts): App {
  const { config, settings } = configured;
  const { variants, originalsStore, variantsStore, uploads, proxies, ready, telemetry, takesUploads = true } = parts;
  const { grammar, policy, admin, reach } = settings;
  const { publicUrl, uploadOrigins: origins, otherOriginals, sendSvg: sendsSvg, clientHints } = config.file;
  warn(configured, telemetry);
  return createApp({
    images: {
      variants,
      grammar,
      policy,
      otherOriginals,
      sendsSvg,
      clientHints,
      cacheControl: config.cacheControl,
      storesVariants: variantsStore !== undefined,
      tracing: telemetry.tracing,
    },
    originals: originalsStore,
    loopback: reach.loopback,
    adminToken: admin.token,
    uploads: admin.origin === 'none' || !takesUploads ? undefined : { uploads, publicUrl, origins },
    cloudinary: takesUploads ? cloudinaryOf(configured, { uploads, originals: originalsStore }) : undefined,
    proxies,
    ready,
    metrics: telemetry.metrics,
    telemetry,
  });
}

interface Gauged extends Pick<ReturnType<typeof openVariants>, 'admission' | 'memory' | 'sending' | 'store'> {
  readonly consumer: Consumer | undefined;
  readonly isCurrent: () => boolean;
}

/** What the metrics page shows of the moment. */
function gauge(telemetry: TelemetrySinks, parts: Gauged): void {
  const { admission, memory, sending, store, consumer, isCurrent } = parts;
  telemetry.gauge('queue_depth', 'Renders that wait for a slot.', admission.queued);
  telemetry.gauge('memory_bytes', 'Bytes in the memory tier.', memory.bytes);
  telemetry.gauge('sending_bytes', 'Bytes in memory because they are being sent.', sending.bytes);
  telemetry.gauge('pending_write_bytes', 'Bytes waiting to be stored.', () => store?.pendingBytes() ?? 0);
  telemetry.gauge('configuration_current', '0 when the configuration was refused as it was read last.', () =>
    isCurrent() ? 1 : 0,
  );
  if (consumer === undefined) return;
  telemetry.gauge('events_queue_depth', 'Messages in the queue of events.', consumer.depth);
  telemetry.gauge('events_queue_age_seconds', 'Age of the oldest message in hand.', consumer.ageSeconds);
}

/** What an operator should read at each start. */
function warn({ config, settings }: Configured, telemetry: Telemetry): void {
  if (settings.policy.unsigned !== 'any' || settings.reach.isLoopback) return;
  const message = `FOVEA_UNSIGNED=any on ${config.host}: whoever reaches this server makes it render whatever they like; ladder, presets or none bound that`;
  telemetry.report({ type: 'warning', message });
}
