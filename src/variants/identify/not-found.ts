import { Failure } from '../../failure.ts';

/** What is not there for a visitor, in one text for every reason; the log has `reason`. */
export function notFound(key: string, reason?: string): Failure {
  return new Failure('not_found', `Resource not found - ${key}`, reason === undefined ? {} : { cause: reason });
}
