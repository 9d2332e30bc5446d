import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { z } from 'zod';
import { readAtMost } from '../bounded-read.ts';
import { Failure, isFailure } from '../failure.ts';
import type { AppContext } from './context.ts';

/** A hundred files with long keys and names are some 200 kB. */
const maxJsonBytes = 512 * 1024;

/** The request's body as a stream; whoever asks for it reads it to its end or destroys it. */
export function bodyOf(c: AppContext): Readable {
  const { body } = c.req.raw;
  // The DOM's and Node's types of the one class differ in name only.
  return body === null ? Readable.from([]) : Readable.fromWeb(body as ReadableStream);
}

/** What Content-Length says; undefined for a chunked body. */
export function lengthOf(c: AppContext): number | undefined {
  return headerNumber(c.req.header('content-length'));
}

/** A header's number; undefined for none, and for what is none. */
export function headerNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** A short text body. */
export async function textOf(c: AppContext, maxBytes: number): Promise<string> {
  const { bytes, seen } = await readAtMost(bodyOf(c), maxBytes).catch((error: unknown) => {
    throw isFailure(error) ? error : new Failure('invalid', 'The body broke off.', { cause: error });
  });
  if (seen > maxBytes) throw new Failure('too_large', `The body is too large: at most ${maxBytes} bytes are taken.`);
  return bytes.toString('utf8');
}

/** A JSON body of that shape; `expected` is what the refusal of another says. */
export async function jsonOf<Schema extends z.ZodType>(
  c: AppContext,
  schema: Schema,
  expected: string,
): Promise<z.infer<Schema>> {
  const text = await textOf(c, maxJsonBytes);
  let content: unknown;
  try {
    // Whoever says nothing means an object with nothing in it.
    content = JSON.parse(text === '' ? '{}' : text);
  } catch (error) {
    throw new Failure('invalid', `The body is not JSON; expected ${expected}.`, { cause: error });
  }
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') || 'the body';
  throw new Failure('invalid', `${where}: ${issue?.message}; expected ${expected}.`);
}
