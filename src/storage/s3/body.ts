import { Readable } from 'node:stream';
import { Failure } from '../../failure.ts';
import { destroyOnAbort, quiet } from '../bodies.ts';

export interface S3BodyOptions {
  /** What the response's Content-Length announced. */
  readonly size: number;
  /** Milliseconds without a byte after which a body that is being read is given up. */
  readonly stallTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * The body of a response, which ends well only after exactly `size` bytes; a reset, an early end and a stall are errors.
 * The time runs only while a reader waits for bytes: a slow reader is no stall.
 */
export function createS3Body(source: Readable, { size, stallTimeoutMs, signal }: S3BodyOptions): Readable {
  let received = 0;
  let timer: NodeJS.Timeout | undefined;
  const waitNoMore = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  const breakOff = (how: string, cause?: unknown) =>
    void body.destroy(new Failure('upstream', `The object store's answer broke off: ${how}.`, { cause }));

  const body = new Readable({
    read() {
      timer ??= setTimeout(() => {
        body.destroy(new Failure('timeout', `The object store sent nothing for ${stallTimeoutMs} ms.`));
      }, stallTimeoutMs);
      source.resume();
    },
    destroy(error, done) {
      waitNoMore();
      source.destroy();
      done(error);
    },
  });
  source.on('data', (chunk: Buffer) => {
    waitNoMore();
    received += chunk.byteLength;
    if (received > size) breakOff(`expected ${size} bytes, got more`);
    else if (!body.push(chunk)) source.pause();
  });
  source.on('end', () => {
    if (received === size) body.push(null);
    else breakOff(`expected ${size} bytes, got ${received}`);
  });
  source.on('error', (error) => breakOff('the connection was lost', error));
  source.on('close', () => {
    if (!source.readableEnded && !body.destroyed) breakOff('the connection was closed');
  });
  // Listening to `data` sets a stream flowing; nothing is to be read before somebody asks.
  source.pause();
  destroyOnAbort(body, signal);
  return quiet(body);
}
