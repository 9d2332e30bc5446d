/** Why a store refused, in its own words: the cause of a Failure, for the log and the operator, never for a client. */
export class StoreRefusal extends Error {
  override readonly name = 'StoreRefusal';
  /** What the operator may do about it; undefined when nothing is known to help. */
  readonly remedy: string | undefined;

  constructor(message: string, remedy: string | undefined, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.remedy = remedy;
  }
}

/** What the operator may do about a Failure that a store gave as an answer; undefined when nothing is known to help. */
export function remedyOf(failure: Error): string | undefined {
  return failure.cause instanceof StoreRefusal ? failure.cause.remedy : undefined;
}
