import { Failure } from '../failure.ts';
import type { Telemetry } from '../telemetry.ts';
import { version } from '../version.ts';
import { type AppContext, clientSignal } from './context.ts';
import { failureResponse } from './failures.ts';
import { reportError } from './report-error.ts';

export interface HealthParts {
  /** Resolves when pictures can be made and the store answers; rejects with the reason. */
  readonly ready: (signal: AbortSignal) => Promise<void>;
  readonly telemetry: Telemetry;
}

/** Health: the process runs its event loop. */
export function answerHealth(c: AppContext): Response {
  return c.text(`ok\nversion ${version}\n`, 200, { 'Cache-Control': 'no-store' });
}

/** Readiness: it can make pictures. The reason why not is in the log only. */
export async function answerReady(c: AppContext, { ready, telemetry }: HealthParts): Promise<Response> {
  try {
    await ready(clientSignal(c));
    return c.text('ready\n', 200, { 'Cache-Control': 'no-store' });
  } catch (error) {
    reportError(c, error, telemetry);
    const failure = new Failure('overloaded', 'Not ready: a test render or the store failed.');
    return failureResponse(failure, c.get('requestId'));
  }
}
