import { Failure } from '../failure.ts';

export function notFound(key: string): Failure {
  return new Failure('not_found', `Resource not found - ${key}`);
}
