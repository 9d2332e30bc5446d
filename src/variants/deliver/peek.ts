import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { Failure } from '../../failure.ts';

/** A body of which the beginning was looked at. */
export interface Peeked {
  /** As many bytes as were asked for, or more, or all of a shorter body. */
  readonly head: Uint8Array;
  /** All of it, the head included: in memory where that is all. */
  readonly body: Readable | Uint8Array;
}

/** Looks at the first bytes of a body that nobody has read yet. */
export async function peek(body: Readable, bytes: number): Promise<Peeked> {
  const chunks: Uint8Array[] = [];
  let seen = 0;
  while (seen < bytes) {
    const chunk: Uint8Array | null = body.read();
    if (chunk !== null) {
      chunks.push(chunk);
      seen += chunk.byteLength;
    } else if (body.readableEnded) {
      const whole = Buffer.concat(chunks);
      return { head: whole, body: whole };
    } else {
      // It tells of that once, and perhaps before somebody listens.
      if (body.destroyed) throw body.errored ?? new Failure('upstream', 'The body broke off.');
      await moreOf(body);
    }
  }
  const head = Buffer.concat(chunks);
  body.unshift(head);
  return { head, body };
}

/** Resolves when there is more to read, or nothing more will come; rejects when the body broke. */
async function moreOf(body: Readable): Promise<void> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    await Promise.race([once(body, 'readable', { signal }), once(body, 'end', { signal })]);
  } finally {
    waiting.abort();
  }
}
