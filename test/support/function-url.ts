import { PassThrough } from 'node:stream';

interface Metadata {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
}

class Sent extends PassThrough {
  metadata: Metadata | undefined;
}

// What Lambda's own runtime puts there; the handler is made with it.
Object.assign(globalThis, {
  awslambda: {
    streamifyResponse: (handler: unknown) => handler,
    HttpResponseStream: {
      from(stream: Sent, metadata: Metadata) {
        stream.metadata = metadata;
        return stream;
      },
    },
  },
});

export interface Invocation {
  /** Resolves when the handler does: Lambda freezes the process then. */
  readonly ended: Promise<unknown>;
  /** Resolves with the body as soon as so many bytes have come. */
  readonly received: (bytes: number) => Promise<Buffer>;
  readonly metadata: () => Metadata | undefined;
}

type Handler = (event: unknown, stream: Sent, context: unknown) => Promise<unknown>;

/** Calls a streaming handler as a function URL does. */
export function invoke(
  handler: unknown,
  rawPath: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Invocation {
  const stream = new Sent();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const event = {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: '',
    headers: { host: 'abc.lambda-url.eu-central-1.on.aws', ...headers },
    requestContext: {
      domainName: 'abc.lambda-url.eu-central-1.on.aws',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: '' },
      stage: '$default',
    },
    isBase64Encoded: false,
  };
  if (typeof handler !== 'function') throw new TypeError('a handler is a function');
  return {
    ended: (handler as Handler)(event, stream, {}),
    async received(bytes) {
      while (chunks.reduce((sum, chunk) => sum + chunk.length, 0) < bytes) {
        await new Promise((resolve) => stream.once('data', resolve));
      }
      return Buffer.concat(chunks);
    },
    metadata: () => stream.metadata,
  };
}
