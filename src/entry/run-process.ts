import { isFailure } from '../failure.ts';

/** Ends the process when its work has ended: 0 when it was asked to stop, 2 when its configuration is not understood. */
export function runProcess(work: () => Promise<void>): void {
  work().then(
    () => process.exit(0),
    (error: unknown) => {
      const text = isFailure(error) ? error.message : error instanceof Error ? error.stack : String(error);
      process.stderr.write(`${text}\n`);
      process.exit(isFailure(error, 'invalid') ? 2 : 70);
    },
  );
}
