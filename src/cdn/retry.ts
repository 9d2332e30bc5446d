import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import { unlessAborted, withDeadline } from '../deadline.ts';
import { cancelled, Failure, isFailure } from '../failure.ts';

/** How often and how long a provider that asks us to slow down is asked again. */
export interface RetryPolicy {
  /** Tries, the first included. */
  readonly maxAttempts: number;
  /** Milliseconds until the second try; each further wait is about twice as long, with full jitter. */
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  /** Milliseconds that one try has. */
  readonly timeoutMs: number;
}

/** About a minute in all: an invalidation takes CloudFront under half of that, and then there is room for the next. */
export const defaultRetryPolicy: RetryPolicy = {
  maxAttempts: 8,
  initialDelayMs: 500,
  maxDelayMs: 15_000,
  timeoutMs: 10_000,
};

/** Runs one call of a provider: each try has its time, and what may pass (a throttled or broken call) is tried again. */
export async function withRetries<Result>(
  policy: RetryPolicy,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const mayPass = (error: unknown) => !signal.aborted && isFailure(error, 'overloaded', 'upstream', 'timeout');
  const retries = retry(handleWhen(mayPass), {
    maxAttempts: policy.maxAttempts - 1,
    backoff: new ExponentialBackoff({ initialDelay: policy.initialDelayMs, maxDelay: policy.maxDelayMs }),
  });
  const attempt = { ms: policy.timeoutMs, signal, reason: tooLong };
  try {
    // The library looks at the signal between two waits only, and one may be as long as `maxDelayMs`.
    return await unlessAborted(
      retries.execute(() => withDeadline(attempt, (deadline) => call(deadline.signal)), signal),
      signal,
    );
  } catch (error) {
    throw signal.aborted ? cancelled(error) : error;
  }
}

function tooLong(): Failure {
  return new Failure('timeout', 'The CDN took too long to purge.');
}
