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
  let stall: NodeJS.Timeout | undefined;
  const body = new Readable({
    read() {
      stall ??= setTimeout(() => body.destroy(stalled(stallTimeoutMs)), stallTimeoutMs);
      source.resume();
    },
    destroy(error, done) {
      clearTimeout(stall);
      source.destroy();
      done(error);
    },
  });
  source.on('data', () => {
    clearTimeout(stall);
    stall = undefined;
  });
  passOn(source, body, size);
  destroyOnAbort(body, signal);
  return quiet(body);
}

/** Hands on what comes of the source, `size` bytes and no others. */
function passOn(source: Readable, body: Readable, size: number): void {
  let received = 0;
  source.on('data', (chunk: Buffer) => {
    received += chunk.byteLength;
    if (received > size) body.destroy(brokenOff(`expected ${size} bytes, got more`));
    else if (!body.push(chunk)) source.pause();
  });
  source.on('end', () => {
    if (received === size) body.push(null);
    else body.destroy(brokenOff(`expected ${size} bytes, got ${received}`));
  });
  source.on('error', (error) => body.destroy(brokenOff('the connection was lost', error)));
  source.on('close', () => {
    if (!source.readableEnded && !body.destroyed) body.destroy(brokenOff('the connection was closed'));
  });
  // Listening to `data` sets a stream flowing; nothing is to be read before somebody asks.
  source.pause();
}

function stalled(ms: number): Failure {
  return new Failure('timeout', `The object store sent nothing for ${ms} ms.`);
}

function brokenOff(how: string, cause?: unknown): Failure {
  return new Failure('upstream', `The object store's answer broke off: ${how}.`, { cause });
}
