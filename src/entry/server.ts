import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '../config.ts';
import { isFailure } from '../failure.ts';
import { listen } from '../http/index.ts';
import { createService, openFoundations } from '../service.ts';
import { createTelemetry } from '../telemetry.ts';

/**
 * Serves until SIGTERM or SIGINT, then finishes what runs and what is being written, and exits with 0. A load balancer
 * that sends SIGTERM is given the time to hear of it; somebody at a keyboard is not made to wait.
 */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const telemetry = createTelemetry({ logTo: 1, level: 'info' });
  const service = await createService(config, telemetry, await openFoundations(config, telemetry));
  const server = await listen(service.app.fetch, { port: config.port, host: config.host });
  service.consumer?.start();
  await service.welcome(server.url);
  const stop = async (graceMs: number) => {
    service.drain();
    server.drain();
    await sleep(graceMs);
    await server.close();
    await service.close();
    process.exit(0);
  };
  process.once('SIGTERM', () => void stop(config.drainMs));
  process.once('SIGINT', () => void stop(0));
}

main().catch((error: unknown) => {
  process.stderr.write(`${isFailure(error) ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(isFailure(error, 'invalid') ? 2 : 70);
});
