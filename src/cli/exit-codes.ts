import { type FailureKind, isFailure } from '../failure.ts';

/** What scripts go by. 0 is success; 2 is also what a command line gets that cannot be read. */
const exitCodes: Readonly<Record<FailureKind, number>> = {
  invalid: 2,
  unauthorised: 3,
  expired: 3,
  not_found: 4,
  too_large: 5,
  unsupported: 5,
  corrupt: 5,
  overloaded: 6,
  upstream: 6,
  timeout: 6,
  cancelled: 130,
};

/** As sysexits.h has it for errors of the program itself. */
const bug = 70;

/** The exit code that tells what went wrong. */
export function exitCodeOf(error: unknown): number {
  return isFailure(error) ? exitCodes[error.kind] : bug;
}
