import { Failure, isFailure } from '../failure.ts';

/**
 * Runs what a request waits for until its time is up, and then asks it to come again: what was made meanwhile is kept
 * for then, and what nobody had begun is dropped.
 */
export async function withPatience<T>(
  maxMs: number | undefined,
  leaving: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (maxMs === undefined) return task(leaving);
  const controller = new AbortController();
  const leave = () => controller.abort(leaving.reason);
  if (leaving.aborted) leave();
  else leaving.addEventListener('abort', leave, { once: true });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    controller.abort();
  }, maxMs);
  try {
    return await task(controller.signal);
  } catch (error) {
    if (!isLate || !isFailure(error, 'cancelled')) throw error;
    throw new Failure('overloaded', 'The picture was not ready in time; ask again in a moment.', {
      retryAfterSeconds: 2,
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    leaving.removeEventListener('abort', leave);
  }
}
