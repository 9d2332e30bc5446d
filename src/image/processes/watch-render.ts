/**
 * A render nobody waits for any more is left to finish for this long before its process is killed: a new process costs
 * about as much, so killing sooner would let clients that hang up burn more than clients that stay.
 */
const abandonedGraceMs = 500;

/** Of the deadline, when a render is no quick one any more. */
const slowShare = 0.1;

export interface WatchEvents {
  /** A share of the time is over: it may come to the deadline. Asking the kernel for every quick render would cost more. */
  onSlow(): void;
  onDeadline(): void;
  onAbandoned(): void;
  onGraceOver(): void;
}

/** Counts a render's time and listens whether anybody still wants it; returns what stops both. */
export function watchRender(signal: AbortSignal, timeoutMs: number, events: WatchEvents): () => void {
  let grace: NodeJS.Timeout | undefined;
  const slow = setTimeout(events.onSlow, timeoutMs * slowShare);
  const deadline = setTimeout(events.onDeadline, timeoutMs);
  const onAbort = () => {
    grace = setTimeout(events.onGraceOver, abandonedGraceMs);
    events.onAbandoned();
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return () => {
    clearTimeout(slow);
    clearTimeout(deadline);
    clearTimeout(grace);
    signal.removeEventListener('abort', onAbort);
  };
}
