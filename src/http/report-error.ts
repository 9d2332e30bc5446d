import { isFailure } from '../failure.ts';
import type { Telemetry } from '../telemetry.ts';
import type { AppContext } from './context.ts';

/** Leaves what has failed for the request's line in the log; what is no Failure is a bug, and reported as one. */
export function reportError(c: AppContext, error: unknown, telemetry: Telemetry): void {
  if (isFailure(error)) {
    c.set('detail', error.cause === undefined ? error.message : `${error.message} (${error.cause})`);
  } else telemetry.report({ type: 'bug', requestId: c.get('requestId'), where: 'http', error });
}
