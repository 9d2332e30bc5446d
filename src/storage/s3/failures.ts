import { Failure, type FailureKind, isFailure } from '../../failure.ts';
import { factsOf, type S3ErrorFacts } from './facts.ts';
import { s3CodeRefusal, s3Refusal } from './refusal.ts';

const kindsByName: Readonly<Record<string, FailureKind>> = {
  SlowDown: 'overloaded',
  ServiceUnavailable: 'overloaded',
  RequestLimitExceeded: 'overloaded',
  Throttling: 'overloaded',
  ThrottlingException: 'overloaded',
  TooManyRequestsException: 'overloaded',
  BandwidthLimitExceeded: 'overloaded',
  RequestTimeout: 'timeout',
  RequestTimeoutException: 'timeout',
  EntityTooLarge: 'too_large',
  KeyTooLongError: 'invalid',
  MetadataTooLarge: 'invalid',
};
const overloadedStatuses: ReadonlySet<number> = new Set([429, 503]);
/** The SDK names these `TimeoutError` as well, although nobody waited: the connection was refused or cut. */
const brokenConnectionCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE']);

const messages = {
  overloaded: 'The object store asked to slow down.',
  timeout: 'The object store took too long.',
  too_large: 'The object store refused the body: it is too large.',
  invalid: 'The object store cannot hold this key or metadata.',
  upstream: 'The object store refused or failed.',
} as const satisfies Partial<Record<FailureKind, string>>;

/** True when the response was "no such object". A missing bucket is our own fault, not an absent object. */
export function meansNoObject(error: unknown): boolean {
  const { name, status } = factsOf(error);
  if (name === 'NoSuchBucket') return false;
  return status === 404 || name === 'NoSuchKey' || name === 'NotFound';
}

/** True when a part was asked for that begins past the end. */
export function meansPastEnd(error: unknown): boolean {
  const { name, status } = factsOf(error);
  return status === 416 || name === 'InvalidRange';
}

/** True when a condition did not hold: of a create-only put, that the key was free. */
export function meansTaken(error: unknown): boolean {
  const { name, status } = factsOf(error);
  return status === 412 || name === 'PreconditionFailed';
}

/** What a store answers that does not know something of what it was asked. */
const unknownStatuses: ReadonlySet<number> = new Set([400, 405, 501]);
const unknownCodes: ReadonlySet<string> = new Set(['NotImplemented', 'InvalidArgument', 'MethodNotAllowed']);

/** True when the store knows no such request. A 400 says many things, and this only by its name. */
export function meansUnknown(error: unknown): boolean {
  const { name = '', status = 0 } = factsOf(error);
  return unknownStatuses.has(status) && (status !== 400 || unknownCodes.has(name));
}

/** True when a put was to replace an object that is not there. */
export function meansGone(error: unknown): boolean {
  return factsOf(error).name === 'NoSuchKey';
}

/** True when a create-only put met another write of the same key: AWS wants it tried again. */
export function meansConflict(error: unknown): boolean {
  const { name, status } = factsOf(error);
  return status === 409 || name === 'ConditionalRequestConflict';
}

/** The Failure that whatever a call threw stands for, told by name, code and status, never by message. */
export function s3Failure(error: unknown): Failure {
  if (isFailure(error)) return error;
  const kind = kindOf(factsOf(error));
  return new Failure(kind, messages[kind], { cause: s3Refusal(error) });
}

/** The Failure that a per-key error code in an otherwise good response stands for. */
export function s3CodeFailure(code: string | undefined): Failure {
  const kind = kindOf({ name: code, code: undefined, status: undefined });
  return new Failure(kind, messages[kind], { cause: s3CodeRefusal(code) });
}

function kindOf({ name = '', code = '', status = 0 }: Partial<S3ErrorFacts>): keyof typeof messages {
  const named = Object.hasOwn(kindsByName, name) ? kindsByName[name] : undefined;
  if (named !== undefined && named in messages) return named as keyof typeof messages;
  if (overloadedStatuses.has(status)) return 'overloaded';
  const isTimeout = name === 'TimeoutError' || code === 'ETIMEDOUT';
  return isTimeout && !brokenConnectionCodes.has(code) ? 'timeout' : 'upstream';
}
