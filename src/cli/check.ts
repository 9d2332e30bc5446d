import type { Operations } from './operations.ts';

/** What a check came to. */
export interface Diagnosis {
  /** `info` and `warning` tell how it is set up: nothing of that fails. */
  readonly status: 'ok' | 'failed' | 'skipped' | 'info' | 'warning';
  readonly detail: string;
  /** What to do about it. */
  readonly remedy?: string;
}

/** One thing that has to work. */
export interface Check {
  readonly name: string;
  /** What to do when it throws. */
  readonly remedy: string;
  run(operations: Operations, signal: AbortSignal): Promise<Diagnosis>;
}
