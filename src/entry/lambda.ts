import { readConfig } from '../config.ts';
import { createLambdaHandler } from '../http/index.ts';
import { createService, openFoundations } from '../service.ts';
import { createTelemetry } from '../telemetry.ts';

const config = readConfig(process.env);
const telemetry = createTelemetry({ logTo: 1, level: 'info' });
const service = await createService(config, telemetry, await openFoundations(config, telemetry));

/** What Lambda calls: one instance answers one request at a time, from the state that it was left in. */
export const handler = createLambdaHandler(service.app, async () => {
  await service.variants.settled();
  telemetry.flush();
});
