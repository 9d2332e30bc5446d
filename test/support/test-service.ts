import { type Cdn, openCdn } from '../../src/cdn/index.ts';
import { type Config, readConfig } from '../../src/config/index.ts';
import type { Renderer } from '../../src/image/index.ts';
import type { Queue } from '../../src/queue/index.ts';
import { createService, type Service } from '../../src/service/index.ts';
import type { TelemetrySinks } from '../../src/sinks/index.ts';
import type { ObjectStore } from '../../src/storage/index.ts';
import type { TelemetryEvent } from '../../src/telemetry.ts';
import { createFakeRenderer, type FakeRenderer } from './fake-renderer.ts';
import { createMemoryStore } from './memory-store.ts';

export interface RecordingTelemetry extends TelemetrySinks {
  readonly events: readonly TelemetryEvent[];
}

/** Keeps every event, so that a test can ask what happened; a bug is never silent. */
export function createRecordingTelemetry(): RecordingTelemetry {
  const events: TelemetryEvent[] = [];
  return {
    events,
    report: (event) => events.push(event),
    metrics: async () => ({ contentType: 'text/plain', text: '' }),
    gauge: () => undefined,
    flush: async () => undefined,
  };
}

export interface TestService {
  readonly service: Service;
  readonly telemetry: RecordingTelemetry;
  /** Asks the app without a socket. */
  readonly ask: (path: string, init?: RequestInit) => Promise<Response>;
}

export interface TestServiceParts {
  readonly originals?: ObjectStore;
  readonly variants?: ObjectStore | undefined;
  readonly renderer: Renderer;
  readonly cdn?: Cdn;
  readonly queue?: Queue;
  readonly environment?: Readonly<Record<string, string>>;
  readonly config?: Partial<Config>;
  readonly takesUploads?: boolean;
  readonly worksBehind?: boolean;
  readonly sendingBytes?: number;
}

/** The whole service on stores and a renderer of the test's choosing. */
export async function createTestService(parts: TestServiceParts): Promise<TestService> {
  const telemetry = createRecordingTelemetry();
  const config = {
    ...readConfig({ FOVEA_RENDERERS: '2', FOVEA_UNSIGNED: 'any', ...parts.environment }),
    ...parts.config,
  };
  const foundations = {
    originalsStore: parts.originals ?? createMemoryStore(),
    variantsStore: 'variants' in parts ? parts.variants : createMemoryStore(),
    renderer: parts.renderer,
    cdn: parts.cdn ?? (await openCdn('none')),
    queue: parts.queue,
  };
  const { takesUploads = true, worksBehind = true, sendingBytes } = parts;
  const options = { takesUploads, worksBehind, ...(sendingBytes !== undefined && { sendingBytes }) };
  const service = await createService(config, telemetry, { ...foundations, ...options });
  return { service, telemetry, ask: async (path, init) => service.app.request(`http://fovea.test${path}`, init) };
}

/** The same with a renderer that draws no pixels: for what is not about pixels. */
export async function createPixelFreeService(
  parts: Omit<TestServiceParts, 'renderer'> & { readonly build?: string } = {},
): Promise<TestService & { readonly renderer: FakeRenderer }> {
  const renderer = createFakeRenderer(parts.build);
  const file = parts.config?.file ?? readConfig(parts.environment ?? {}).file;
  // What stands for a picture here is none, and is sent as it is all the same.
  const pretended = { ...file, otherOriginals: [...file.otherOriginals, 'jpg', 'png', 'webp', 'gif'] };
  const config = { ...parts.config, file: pretended };
  return { ...(await createTestService({ ...parts, config, renderer })), renderer };
}
