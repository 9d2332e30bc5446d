import { startDeadline } from '../../deadline.ts';
import { Failure, isFailure } from '../../failure.ts';

/**
 * Runs what a visitor waits for until the time is up, and then asks to come again: what was made meanwhile is kept for
 * then, and what nobody had begun is dropped. Undefined: there is all the time.
 */
export async function withPatience<T>(
  ms: number | undefined,
  leaving: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (ms === undefined) return task(leaving);
  const deadline = startDeadline({ ms, signal: leaving, reason: notReady });
  try {
    return await task(deadline.signal);
  } catch (error) {
    throw deadline.isOver() && isFailure(error, 'cancelled') ? deadline.signal.reason : error;
  } finally {
    deadline.stop();
  }
}

function notReady(): Failure {
  return new Failure('overloaded', 'The picture was not ready in time; ask again in a moment.', {
    retryAfterSeconds: 2,
  });
}
