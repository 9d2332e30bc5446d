import { Failure } from '../../failure.ts';

/** How a render ended its process. */
export type Loss =
  /** Killed. `cpuShare`: how much of the time its process computed, 1 for always; undefined where nobody can tell. */
  | { readonly how: 'deadline'; readonly timeoutMs: number; readonly cpuShare: number | undefined }
  /** Whatever the process died of; `signal` null: it ended with an exit code. */
  | { readonly how: 'crash'; readonly signal: string | null };

/** What a render is answered whose process ended through no fault of it. */
export function interrupted(): Failure {
  return new Failure('overloaded', 'The process that was making the picture ended before it was done.', {
    retryAfterSeconds: 1,
  });
}
