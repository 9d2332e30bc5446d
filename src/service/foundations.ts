import { type Cdn, openCdn } from '../cdn/index.ts';
import type { Config, ConfigurationFile } from '../config/index.ts';
import { createRenderer, type Renderer } from '../image/index.ts';
import { openQueue, type Queue } from '../queue/index.ts';
import type { TelemetrySinks } from '../sinks/index.ts';
import type { LearntRegions, ObjectStore, UploadPresigner } from '../storage/index.ts';
import type { Telemetry } from '../telemetry.ts';
import { openPresigner, openStores, proxyOf } from './stores.ts';

/** Renders are recycled long before a leak in a decoder could matter, and rarely enough to cost nothing. */
const maxRendersPerProcess = 2000;
/** A 50-megapixel AVIF takes some 850 MB; what stays above this afterwards is fragmentation. */
const maxProcessRssBytes = 512 * 1024 * 1024;
/** A picture whose render was lost, and an original that is poison, is not tried again for so long. */
const poisonTtlMs = 600_000;

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

/** What a purge reaches beyond us. */
export function openEdge(config: Config): Promise<Cdn> {
  const { cdn, cloudflareToken } = config;
  return openCdn(cdn, { cloudflareToken, proxy: proxyOf(config) });
}

/** The queue of S3's events, if there is one. */
export async function openEvents(config: Config): Promise<Queue | undefined> {
  const { eventsQueue: queueUrl, sqsEndpoint: endpoint } = config;
  return queueUrl === undefined ? undefined : openQueue({ queueUrl, endpoint, proxy: proxyOf(config) });
}

/** Everything that a configuration names: stores, CDN, queue and render processes. */
export async function openFoundations(config: Config, telemetry: TelemetrySinks): Promise<Foundations> {
  // Started first: the processes load their libraries while the stores open.
  const renderer = openRenderer(config, telemetry);
  const learnt: LearntRegions = new Map();
  const stores = await openStores(config, telemetry, learnt);
  const [cdn, queue] = [await openEdge(config), await openEvents(config)];
  const uploadPresigner = await openPresigner(config, learnt);
  return { ...stores, renderer, cdn, queue, uploadPresigner };
}
