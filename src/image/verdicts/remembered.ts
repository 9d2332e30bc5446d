import type { Attempt } from './attempt.ts';
import type { Refusals } from './refusals.ts';
import type { Verdicts } from './verdicts.ts';

/** All that is known against originals and their pictures. */
export interface Remembered {
  readonly verdicts: Verdicts;
  readonly refusals: Refusals;
}

/** Throws what the attempt would come to, as far as it is known. */
export function checkKnown({ verdicts, refusals }: Remembered, attempt: Attempt): void {
  verdicts.check(attempt);
  refusals.check(attempt);
}
