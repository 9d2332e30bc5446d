import type { FailureKind } from '../failure.ts';

/**
 * Every kind of failure as the queue takes it: what trying again will not change is dropped. What is no Failure is a
 * bug: it is tried again, and the queue's redrive policy moves it to the dead-letter queue.
 */
export const failureOutcomes: Readonly<Record<FailureKind, 'drop' | 'retry'>> = {
  invalid: 'drop',
  unauthorised: 'drop',
  expired: 'drop',
  not_found: 'drop',
  too_large: 'drop',
  unsupported: 'drop',
  corrupt: 'drop',
  overloaded: 'retry',
  upstream: 'retry',
  timeout: 'retry',
  cancelled: 'retry',
};

/** A message that is none of ours and no notification of S3: left for the dead-letter queue, where somebody looks. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}
