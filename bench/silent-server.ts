import { readConfig } from '../src/config/index.ts';
import { listen } from '../src/http/index.ts';
import { createService, openFoundations } from '../src/service/index.ts';
import { createTelemetry } from '../src/sinks/index.ts';

// The server as `entry/serve.ts` starts it, but for its log, of which there is none: what a line costs is what is missing here.

const config = readConfig(process.env);
const telemetry = createTelemetry({ logTo: 1, level: 'silent' });
const service = await createService(config, telemetry, await openFoundations(config, telemetry));
const server = await listen(service.app, { port: 0, host: '127.0.0.1', namePeer: service.namePeer });
console.log(`fovea serves silently on ${server.url}`);
process.once('SIGTERM', async () => {
  await server.close();
  await service.close();
});
