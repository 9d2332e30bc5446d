import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleWhen, type IBackoff } from 'cockatiel';
import { isFailure } from '../../failure.ts';
import type { Telemetry } from '../../telemetry.ts';

/** After so many failures in a row the tier is left alone for a while, so that its outage costs requests no wait. */
const failuresToOpen = 5;
const openMs = 5000;

export function createBreaker() {
  return circuitBreaker(
    handleWhen((error) => !isFailure(error, 'cancelled')),
    { halfOpenAfter: { next: waitForOpenMs }, breaker: new ConsecutiveBreaker(failuresToOpen) },
  );
}

export type Breaker = ReturnType<typeof createBreaker>;

/**
 * How long a breaker that opens now stays open. It compares with the wall clock, which may be set back by hours
 * meanwhile; so it is told "not yet" or "long since", and the monotonic clock decides which.
 */
function waitForOpenMs(): IBackoff<unknown> {
  const openedAt = performance.now();
  return {
    next: waitForOpenMs,
    get duration() {
      return performance.now() - openedAt < openMs ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    },
  };
}

/** What the breaker keeps away from the store is no news, and a caller who leaves no fault of it. */
export function reportFault(telemetry: Telemetry, operation: 'get' | 'put' | 'delete', error: unknown): void {
  if (error instanceof BrokenCircuitError || isFailure(error, 'cancelled')) return;
  telemetry.report({ type: 'tier-fault', tier: 'variants', operation, error });
}
