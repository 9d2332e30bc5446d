/** What the SDK tells of an error; all of it optional, since sockets, credentials and parsers throw too. */
export interface S3ErrorFacts {
  readonly name: string | undefined;
  /** S3's code, or the system's where it did not get to answer. */
  readonly code: string | undefined;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  /** Where the bucket is, when S3 says so. */
  readonly region: string | undefined;
  readonly message: string | undefined;
}

/** What the SDK calls an error whose answer had no body. */
const unknownNames: ReadonlySet<string> = new Set(['Unknown', 'UnknownError', 'NotFound', 'Forbidden']);

export function factsOf(error: unknown): S3ErrorFacts {
  const metadata = recordAt(error, '$metadata');
  const headers = recordAt(recordAt(error, '$response'), 'headers');
  const name = error instanceof Error ? error.name : undefined;
  const status = numberAt(metadata, 'httpStatusCode');
  const message = error instanceof Error ? messageOf(error) : undefined;
  const answered = status !== undefined && name !== undefined && !unknownNames.has(name) ? name : undefined;
  return {
    name,
    code: textAt(error, 'code') ?? textAt(error, 'Code') ?? answered,
    status,
    requestId: textAt(metadata, 'requestId') ?? textAt(error, 'RequestId') ?? textAt(headers, 'x-amz-request-id'),
    region: textAt(error, 'Region') ?? textAt(headers, 'x-amz-bucket-region'),
    message: message !== undefined && unknownNames.has(message) ? undefined : message,
  };
}

/** Of several addresses that were tried in vain, Node leaves the message empty. */
function messageOf(error: Error): string | undefined {
  if (error.message !== '') return error.message;
  return error instanceof AggregateError ? error.errors.map((one) => messageOf(one as Error)).join(', ') : undefined;
}

function recordAt(value: unknown, property: string): object | undefined {
  const found = propertyOf(value, property);
  return typeof found === 'object' && found !== null ? found : undefined;
}

function textAt(value: unknown, property: string): string | undefined {
  const found = propertyOf(value, property);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

function numberAt(value: unknown, property: string): number | undefined {
  const found = propertyOf(value, property);
  return typeof found === 'number' ? found : undefined;
}

function propertyOf(value: unknown, property: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, property) : undefined;
}
