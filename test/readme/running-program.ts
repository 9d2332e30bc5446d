import { openCdn } from '../../src/cdn/index.ts';
import { type ConfigurationFile, readConfig } from '../../src/config/index.ts';
import { listen } from '../../src/http/index.ts';
import { createService } from '../../src/service/index.ts';
import { createTelemetry } from '../../src/sinks/index.ts';
import { openStore } from '../../src/storage/index.ts';
import { ensureBuilt } from '../support/program.ts';
import { startRenderer } from '../support/renderer.ts';
import { pathOf } from './pages.ts';

/** The program on the sample photograph, listening on a port of its own. */
export interface RunningProgram {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the program as `npm start` does, but for the store of variants: nothing is left behind. */
export async function startProgram(file: Partial<ConfigurationFile> = {}): Promise<RunningProgram> {
  const read = readConfig({
    FOVEA_ORIGINALS: `file:${pathOf('data/originals')}`,
    FOVEA_UNSIGNED: 'any',
    FOVEA_RENDERERS: '2',
    FOVEA_TRUSTED_PROXIES: '127.0.0.1',
  });
  const config = { ...read, file: { ...read.file, ...file } };
  const telemetry = createTelemetry({ logTo: 1, level: 'silent' });
  const removeBuilt = await ensureBuilt();
  const foundations = {
    originalsStore: await openStore(config.originals),
    variantsStore: undefined,
    // Its processes from the built program: from source they would be compiled at each start.
    renderer: startRenderer({ processes: config.renderers, telemetry }).renderer,
    cdn: await openCdn(config.cdn),
  };
  const service = await createService(config, telemetry, foundations);
  const server = await listen(service.app, { port: 0, host: '127.0.0.1' });
  return {
    url: server.url,
    async close() {
      await server.close();
      await service.close();
      await removeBuilt();
    },
  };
}

/** The Accept header of a client that takes this format at best. */
export function acceptFor(format: string): string {
  return format === 'jpeg' ? '*/*' : `image/${format},*/*;q=0.8`;
}
