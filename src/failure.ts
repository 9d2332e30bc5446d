/** What can go wrong and is expected to: each door (HTTP, queue, CLI) maps every kind in one total table. */
export const failureKinds = [
  'invalid',
  'unauthorised',
  'expired',
  'not_found',
  'too_large',
  'unsupported',
  'corrupt',
  'overloaded',
  'upstream',
  'timeout',
  'cancelled',
] as const;

export type FailureKind = (typeof failureKinds)[number];

export interface FailureOptions {
  readonly cause?: unknown;
  /** Seconds after which trying again makes sense; sent as Retry-After. */
  readonly retryAfterSeconds?: number;
}

/**
 * An expected failure. `message` is for the client: what, what was expected, what came;
 * never a key of the store, a bucket, a path or a stack. The cause is for the log only.
 */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  readonly retryAfterSeconds: number | undefined;

  constructor(kind: FailureKind, message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** True for a Failure of one of the given kinds (of any kind when none is given). */
export function isFailure(error: unknown, ...kinds: readonly FailureKind[]): error is Failure {
  return error instanceof Failure && (kinds.length === 0 || kinds.includes(error.kind));
}

/** The failure an aborted signal stands for: whoever waits gets `cancelled`, whatever the platform threw. */
export function cancelled(cause?: unknown): Failure {
  return new Failure('cancelled', 'The request was cancelled before the answer was ready.', { cause });
}
