import { openCdn } from '../../src/cdn/index.ts';
import { type ConfigurationFile, readConfig } from '../../src/config/index.ts';
import type { Size } from '../../src/grammar/index.ts';
import { listen } from '../../src/http/index.ts';
import type { Renderer } from '../../src/image/index.ts';
import { createService, openFoundations } from '../../src/service/index.ts';
import { createTelemetry } from '../../src/sinks/index.ts';
import type { ObjectStore } from '../../src/storage/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { from, quarters } from '../support/pictures.ts';

/** Neither side is a size that URLs ask for. */
export const source: Size = { width: 610, height: 410 };

const key = 'picture';
const silent = () => createTelemetry({ logTo: 1, level: 'silent' });
// A busy machine takes its time, and is to find no fault by that.
const environment = {
  FOVEA_VARIANTS: 'none',
  FOVEA_UNSIGNED: 'any',
  FOVEA_RENDERERS: '1',
  FOVEA_RENDER_TIMEOUT_MS: '60000',
};

/** A store that has one picture under every key. */
async function everyKey(): Promise<ObjectStore> {
  const store = createMemoryStore();
  await store.put(key, await from(quarters(source.width, source.height)).jpeg().toBuffer());
  return {
    ...store,
    head: (_key, options) => store.head(key, options),
    get: (_key, options) => store.get(key, options),
  };
}

/** One process that draws, for all the servers. */
export async function startRenderer(): Promise<Renderer> {
  return (await openFoundations(readConfig(environment), silent())).renderer;
}

export interface DialectServer {
  readonly url: string;
  close(): Promise<void>;
}

export async function startServer(renderer: Renderer, file: Partial<ConfigurationFile>): Promise<DialectServer> {
  const read = readConfig(environment);
  const config = { ...read, file: { ...read.file, ...file } };
  const foundations = {
    originalsStore: await everyKey(),
    variantsStore: undefined,
    renderer,
    cdn: await openCdn('none'),
  };
  const service = await createService(config, silent(), foundations);
  const server = await listen(service.app, { port: 0, host: '127.0.0.1' });
  return { url: server.url, close: () => server.close() };
}
