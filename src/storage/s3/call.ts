import { type Deadline, withDeadline } from '../../deadline.ts';
import { Failure } from '../../failure.ts';
import type { S3StoreParts } from './bucket.ts';
import { s3Failure } from './failures.ts';

/**
 * Runs one call, its retries included, until its time is up, its caller leaves or the store answers; whatever it throws
 * comes out as a Failure. The SDK may be held up where it does not look at the signal: in credentials, or waiting for
 * `100 Continue`.
 */
export async function callStore<Result>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  task: (deadline: Deadline) => Promise<Result>,
): Promise<Result> {
  const reason = () => new Failure('timeout', `The object store did not answer within ${timeoutMs} ms.`);
  try {
    return await withDeadline({ ms: timeoutMs, signal, reason }, task);
  } catch (error) {
    throw s3Failure(error);
  }
}

/** For one request of a call that reads: a try that hangs leaves time for another, since each has half the call's. */
export function readOptions(
  { operationTimeoutMs }: S3StoreParts,
  { signal }: Deadline,
): { readonly abortSignal: AbortSignal; readonly requestTimeout: number } {
  return { abortSignal: signal, requestTimeout: operationTimeoutMs / 2 };
}
