import { type ConfigurationFile, readConfig } from '../../src/config.ts';
import { listen } from '../../src/http/index.ts';
import { createService, openFoundations } from '../../src/service.ts';
import { createTelemetry } from '../../src/telemetry.ts';
import { pathOf } from './readme.ts';

/** The program on the sample photograph, listening on a port of its own. */
export interface RunningProgram {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the program as `npm start` does, but for the store of variants: nothing is left behind. */
export async function startProgram(file: Partial<ConfigurationFile> = {}): Promise<RunningProgram> {
  const read = readConfig({
    FOVEA_ORIGINALS: `file:${pathOf('data/originals')}`,
    FOVEA_VARIANTS: 'none',
    FOVEA_UNSIGNED: 'any',
    FOVEA_RENDERERS: '2',
  });
  const config = { ...read, file: { ...read.file, ...file } };
  const telemetry = createTelemetry({ logTo: 1, level: 'silent' });
  const service = await createService(config, telemetry, await openFoundations(config, telemetry));
  const server = await listen(service.app.fetch, { port: 0, host: '127.0.0.1' });
  return {
    url: server.url,
    async close() {
      await server.close();
      await service.close();
    },
  };
}

/** The Accept header of a client that takes this format at best. */
export function acceptFor(format: string): string {
  return format === 'jpeg' ? '*/*' : `image/${format},*/*;q=0.8`;
}
