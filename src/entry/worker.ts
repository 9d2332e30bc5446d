import { readConfig } from '../config.ts';
import { Failure, isFailure } from '../failure.ts';
import { createService, openFoundations } from '../service.ts';
import { createTelemetry } from '../telemetry.ts';

/** `fovea worker`: reads the queue of events until SIGTERM or SIGINT, finishes what it has in hand, and exits with 0. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  if (config.eventsQueue === undefined) throw new Failure('invalid', 'The worker needs FOVEA_EVENTS_QUEUE.');
  const telemetry = createTelemetry({ logTo: 1, level: 'info' });
  const service = await createService(config, telemetry, await openFoundations(config, telemetry));
  service.consumer?.start();
  telemetry.report({ type: 'lifecycle', message: `fovea works on the events of ${config.originals}` });
  const stop = async () => {
    await service.close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
}

main().catch((error: unknown) => {
  process.stderr.write(`${isFailure(error) ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(isFailure(error, 'invalid') ? 2 : 70);
});
