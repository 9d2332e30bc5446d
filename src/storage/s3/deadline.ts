import { abortFailure, stopIfAborted, unlessAborted } from '../../aborting.ts';
import { Failure } from '../../failure.ts';
import { s3Failure } from './failures.ts';

/** The time one call has, retries included. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Starts the time anew: something moved. */
  extend(): void;
  /** Ends the call with this failure. */
  end(failure: Failure): void;
}

export interface DeadlineOptions {
  readonly timeoutMs: number;
  /** The caller's own. */
  readonly signal: AbortSignal | undefined;
}

/** Runs one call until its time is up, its caller leaves or it answers; whatever it throws comes out as a Failure. */
export async function withDeadline<Result>(
  { timeoutMs, signal }: DeadlineOptions,
  task: (deadline: Deadline) => Promise<Result>,
): Promise<Result> {
  stopIfAborted(signal);
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new Failure('timeout', `The object store did not answer within ${timeoutMs} ms.`)),
    timeoutMs,
  );
  const leave = () => controller.abort(signal && abortFailure(signal));
  signal?.addEventListener('abort', leave, { once: true });
  const deadline: Deadline = {
    signal: controller.signal,
    extend: () => timer.refresh(),
    end: (failure) => controller.abort(failure),
  };
  try {
    // The SDK may be held up where it does not look at the signal: in credentials, or waiting for `100 Continue`.
    return await unlessAborted(task(deadline), controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? abortFailure(controller.signal) : s3Failure(error);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', leave);
  }
}
