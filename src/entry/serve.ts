import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig, rereadConfig } from '../config/index.ts';
import { listen } from '../http/index.ts';
import { createService, openFoundations } from '../service/index.ts';
import { createTelemetry, startOpenTelemetry } from '../sinks/index.ts';
import { environment } from './environment.ts';
import { logOptions } from './log-options.ts';
import { untilStopped } from './until-stopped.ts';

/**
 * Serves until SIGTERM or SIGINT, and resolves when what runs and what is being written is done; SIGHUP has it go by the
 * configuration file as it is now. A load balancer that sends SIGTERM is given the time to hear of it; somebody at a keyboard
 * is not made to wait.
 */
export async function serve(): Promise<void> {
  const config = readConfig(environment());
  const telemetry = createTelemetry(logOptions(config, 1), await startOpenTelemetry(environment()));
  const service = await createService(config, telemetry, await openFoundations(config, telemetry));
  const stopped = untilStopped(() => void service.reload((now) => rereadConfig(environment(), now)));
  const { app, namePeer } = service;
  const { port, host, keepAliveMs: keepAliveTimeoutMs } = config;
  const server = await listen(app, { port, host, namePeer, limits: { keepAliveTimeoutMs } });
  service.consumer?.start();
  await service.welcome(server.url, process.stderr);
  const signal = await stopped;
  service.drain();
  server.drain();
  await sleep(signal === 'SIGINT' ? 0 : config.drainMs);
  await server.close();
  await service.close();
}
