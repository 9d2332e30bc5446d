import { type Cdn, openCdn } from '../cdn/index.ts';
import type { Config, ConfigurationFile } from '../config/index.ts';
import { createRenderer, type Renderer } from '../image/index.ts';
import { openQueue, type Queue } from '../queue/index.ts';
import type { TelemetrySinks } from '../sinks/index.ts';
import {
  createRemoteStore,
  type ObjectStore,
  type OpenStoreOptions,
  openStore,
  openUploadPresigner,
  type UploadPresigner,
  withPresence,
  withRemote,
} from '../storage/index.ts';
import type { Telemetry } from '../telemetry.ts';

/** Renders are recycled long before a leak in a decoder could matter, and rarely enough to cost nothing. */
const maxRendersPerProcess = 2000;
/** A 50-megapixel AVIF takes some 850 MB; what stays above this afterwards is fragmentation. */
const maxProcessRssBytes = 512 * 1024 * 1024;
/** A picture whose render was lost, and an original that is poison, is not tried again for so long. */
const poisonTtlMs = 600_000;
/** A picture on another host that takes longer to come than this is not waited for. */
const fetchTimeoutMs = 10_000;

/** What a service is built on; tests bring their own. */
export interface Foundations {
  readonly originalsStore: ObjectStore;
  /** Undefined: variants are kept in memory only. */
  readonly variantsStore: ObjectStore | undefined;
  readonly renderer: Renderer;
  readonly cdn: Cdn;
  /** Undefined: overwrites are noticed by looking, and second purges remembered by this process. */
  readonly queue?: Queue | undefined;
  /** Undefined: the store of originals has no door of its own, so uploads come through us. */
  readonly uploadPresigner?: UploadPresigner | undefined;
  /** Told of the file that holds from now on. */
  readonly follow?: ((file: ConfigurationFile) => void) | undefined;
}

/** Starts the render processes. */
export function openRenderer(config: Config, telemetry: Telemetry): Renderer {
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
    fontsFolder: config.file.fontsFolder,
    keepsAiMark: config.file.keepAiMark,
    telemetry,
  });
}

/** What stores go by of the file. */
interface Followed {
  file: ConfigurationFile;
}

/** Originals may lie on other hosts too, where the configuration names any. */
function withFetching({ maxInputBytes }: Config, store: ObjectStore, followed: Followed): ObjectStore {
  const hosts = () => followed.file.fetchHosts;
  const remote = createRemoteStore({ hosts, maxBytes: maxInputBytes, timeoutMs: fetchTimeoutMs });
  return withRemote(store, remote, () => hosts().length > 0);
}

/** What the variables come to where nobody names another: here, and in the image. */
const defaultFolders: ReadonlySet<string> = new Set([
  'file:./data/originals',
  'file:./data/variants',
  'file:/data/originals',
  'file:/data/variants',
]);

/** A folder that somebody named is made by nobody: it may not be mounted yet, or be a slip. */
function openNamed(location: string, config: Config, telemetry: Telemetry): Promise<ObjectStore> {
  return openStore(location, { ...storeOptionsOf(config), makesFolder: defaultFolders.has(location), telemetry });
}

function storeOptionsOf({ s3Endpoint, s3Addressing, s3UploadMethod }: Config): OpenStoreOptions {
  return { s3Addressing, s3UploadMethod, ...(s3Endpoint === undefined ? {} : { s3Endpoint }) };
}

/** The stores of originals and of variants. */
export async function openStores(
  config: Config,
  telemetry: Telemetry,
): Promise<Pick<Foundations, 'originalsStore' | 'variantsStore' | 'follow'>> {
  const followed = { file: config.file };
  const ownStore = withPresence(await openNamed(config.originals, config, telemetry));
  const originalsStore = withFetching(config, ownStore, followed);
  const variantsStore = config.variants === 'none' ? undefined : await openNamed(config.variants, config, telemetry);
  return {
    originalsStore,
    variantsStore,
    follow(file) {
      followed.file = file;
    },
  };
}

/** The door of the store of originals to uploaders, if it has one. */
export function openPresigner(config: Config): Promise<UploadPresigner | undefined> {
  const { s3PublicEndpoint } = config;
  const seen = s3PublicEndpoint === undefined ? {} : { s3Endpoint: s3PublicEndpoint };
  // What is signed names the host that it is sent to: another than ours, in a network of containers.
  return openUploadPresigner(config.originals, { ...storeOptionsOf(config), ...seen });
}

/** What a purge reaches beyond us. */
export function openEdge({ cdn, cloudflareToken }: Config): Promise<Cdn> {
  return openCdn(cdn, { cloudflareToken });
}

/** The queue of S3's events, if there is one. */
export async function openEvents({ eventsQueue, sqsEndpoint }: Config): Promise<Queue | undefined> {
  return eventsQueue === undefined ? undefined : openQueue({ queueUrl: eventsQueue, endpoint: sqsEndpoint });
}

/** Everything that a configuration names: stores, CDN, queue and render processes. */
export async function openFoundations(config: Config, telemetry: TelemetrySinks): Promise<Foundations> {
  // Started first: the processes load their libraries while the stores open.
  const renderer = openRenderer(config, telemetry);
  const stores = await openStores(config, telemetry);
  const [cdn, uploadPresigner, queue] = [await openEdge(config), await openPresigner(config), await openEvents(config)];
  return { ...stores, renderer, cdn, queue, uploadPresigner };
}
