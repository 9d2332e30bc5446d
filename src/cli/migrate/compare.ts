import { createHash } from 'node:crypto';
import { readAtMost } from '../../bounded-read.ts';
import { withDeadline } from '../../deadline.ts';
import { Failure, isFailure } from '../../failure.ts';
import { mediaTypeOf } from '../../formats.ts';
import { inspect, likenessOf, type Renderer } from '../../image/index.ts';
import { type OutboundProxy, sendOutbound } from '../../outbound/index.ts';
import type { Operations } from '../operations.ts';

/** What a server answered. */
interface Answered {
  readonly status: number;
  readonly format?: string;
  readonly width?: number;
  readonly height?: number;
  readonly bytes: number;
}

/** One URL asked of both. */
export interface Compared {
  readonly url: string;
  readonly old: Answered;
  readonly here: Answered;
  /** Undefined where one of them sent no picture. */
  readonly isSameSize: boolean | undefined;
  /** From 0 to 1, by colours and shapes in small. */
  readonly likeness: number | undefined;
}

export interface CompareParts {
  readonly operations: Operations;
  readonly renderer: Pick<Renderer, 'thumbHash'>;
  /** The old server: its origin, and a path before each target if it has one. */
  readonly against: string;
  readonly signal: AbortSignal;
}

const timeoutMs = 30_000;

/** Asks both for a picture, and looks at what they send. Failures: `cancelled`; the old server's, where it does not answer. */
export async function compareOne(parts: CompareParts, target: string): Promise<Compared> {
  const { operations, against, signal } = parts;
  const { maxInputBytes: maxBytes, proxy } = operations.settings;
  const [old, here] = [
    await askOld(against.replace(/\/$/, '') + target, { maxBytes, proxy, signal }),
    await operations.picture(target, signal),
  ];
  const [before, now] = [await look(parts, old), await look(parts, here)];
  const isBoth = before.thumbhash !== undefined && now.thumbhash !== undefined;
  return {
    url: target,
    old: before.answered,
    here: now.answered,
    isSameSize: isBoth
      ? before.answered.width === now.answered.width && before.answered.height === now.answered.height
      : undefined,
    likeness:
      before.thumbhash && now.thumbhash && Math.round(likenessOf(before.thumbhash, now.thumbhash) * 1000) / 1000,
  };
}

interface Asking {
  readonly maxBytes: number;
  readonly proxy: OutboundProxy | undefined;
  readonly signal: AbortSignal;
}

interface Sent {
  readonly status: number;
  readonly bytes: Uint8Array;
}

async function askOld(url: string, { maxBytes, proxy, signal }: Asking): Promise<Sent> {
  try {
    return await withDeadline({ ms: timeoutMs, signal }, async (deadline) => {
      const headers = { Accept: mediaTypeOf('jpeg'), 'User-Agent': 'fovea' };
      const response = await sendOutbound(new URL(url), { method: 'GET', headers, proxy, signal: deadline.signal });
      const { bytes, seen } = await readAtMost(response, maxBytes);
      response.destroy();
      if (seen > maxBytes) throw new Failure('too_large', `The old server sends more than ${maxBytes} bytes.`);
      return { status: response.statusCode ?? 0, bytes };
    });
  } catch (error) {
    if (isFailure(error)) throw error;
    throw new Failure('upstream', 'The old server could not be asked.', { cause: error });
  }
}

async function look(
  { renderer, signal }: CompareParts,
  { status, bytes }: Sent,
): Promise<{ readonly answered: Answered; readonly thumbhash: Uint8Array | undefined }> {
  const answered = { status, bytes: bytes.byteLength };
  if (status !== 200) return { answered, thumbhash: undefined };
  try {
    const { format, size } = await inspect(bytes);
    const how = { signal, claim: { client: 'migrate' }, fingerprint: createHash('sha256').update(bytes).digest('hex') };
    const thumbhash = await renderer.thumbHash(bytes, how);
    return { answered: { ...answered, format, ...size }, thumbhash };
  } catch (error) {
    // What is no picture has no size, and is told so.
    if (isFailure(error, 'unsupported', 'corrupt', 'invalid', 'too_large')) return { answered, thumbhash: undefined };
    throw error;
  }
}
