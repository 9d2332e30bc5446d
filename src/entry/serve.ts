import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '../config/index.ts';
import { listen } from '../http/index.ts';
import { createService, openFoundations } from '../service/index.ts';
import { createTelemetry } from '../sinks/index.ts';
import { environment } from './environment.ts';

/**
 * Serves until SIGTERM, SIGHUP or SIGINT, and resolves when what runs and what is being written is done. A load balancer that
 * sends SIGTERM is given the time to hear of it; somebody at a keyboard is not made to wait.
 */
export async function serve(): Promise<void> {
  const config = readConfig(environment());
  const telemetry = createTelemetry({ logTo: 1, level: 'info' });
  const service = await createService(config, telemetry, await openFoundations(config, telemetry));
  const { app, namePeer } = service;
  const { port, host, keepAliveMs: keepAliveTimeoutMs } = config;
  const server = await listen(app, { port, host, namePeer, limits: { keepAliveTimeoutMs } });
  service.consumer?.start();
  await service.welcome(server.url, process.stderr);
  const graceMs = await new Promise<number>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(config.drainMs));
    process.once('SIGINT', () => resolve(0));
  });
  service.drain();
  server.drain();
  await sleep(graceMs);
  await server.close();
  await service.close();
}
