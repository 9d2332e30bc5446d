import { readConfig, rereadConfig } from '../config/index.ts';
import { Failure } from '../failure.ts';
import { createService, openFoundations } from '../service/index.ts';
import { createTelemetry, startOpenTelemetry } from '../sinks/index.ts';
import { version } from '../version.ts';
import { environment } from './environment.ts';
import { logOptions } from './log-options.ts';
import { untilStopped } from './until-stopped.ts';

/** Reads the queue of events until SIGTERM or SIGINT, and resolves when what it has in hand is done. */
export async function work(): Promise<void> {
  const config = readConfig(environment());
  if (config.eventsQueue === undefined) throw new Failure('invalid', 'The worker needs FOVEA_EVENTS_QUEUE.');
  const telemetry = createTelemetry(logOptions(config, 1), await startOpenTelemetry(environment()));
  const service = await createService(config, telemetry, await openFoundations(config, telemetry));
  // From here on, so that a reload that is asked for while a store is slow to answer ends nothing.
  const stopped = untilStopped(() => void service.reload((now) => rereadConfig(environment(), now)));
  const problem = await service.checkStores();
  if (problem !== undefined) telemetry.report({ type: 'warning', message: problem });
  service.consumer?.start();
  telemetry.report({
    type: 'lifecycle',
    message: `fovea works on the events of ${config.originals}; version ${version}`,
  });
  await stopped;
  await service.close();
}
