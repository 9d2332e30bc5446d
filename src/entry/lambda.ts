import { readConfig } from '../config/index.ts';
import { createLambdaHandler } from '../http/index.ts';
import { createService, openFoundations } from '../service/index.ts';
import { createTelemetry, startOpenTelemetry } from '../sinks/index.ts';
import { environment } from './environment.ts';
import { logOptions } from './log-options.ts';

// Nobody listens here, and everybody may ask: what holds for a loopback address does not. Each request under way has an
// instance to itself.
const config = readConfig({ FOVEA_INSTANCES: 'several', ...environment(), HOST: '0.0.0.0' });
const telemetry = createTelemetry(logOptions(config, 1), await startOpenTelemetry(environment()));
// A body of a function is at most 6 MB, and held whole: uploads go to another process.
const foundations = await openFoundations(config, telemetry);
const service = await createService(config, telemetry, { ...foundations, takesUploads: false, worksBehind: false });

/** What Lambda calls: one instance answers one request at a time, from the state that it was left in. */
export const handler = createLambdaHandler(service.app, async () => {
  await service.variants.settled();
  await telemetry.flush();
});
