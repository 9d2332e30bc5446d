import { formatOfMediaType } from '../formats.ts';
import type { PictureSent, PictureTier } from '../telemetry.ts';
import type { Delivered, Standing } from '../variants/index.ts';

/**
 * An answer before it is a Response. Headers are a plain record until the very end: building, checking and sorting a
 * `Headers` object costs more than all the rest of a memory hit.
 */
export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | ReadableStream | null;
  /** What failed, where this tells of a failure: for the log. */
  readonly error?: unknown;
  /** Where a picture came from; absent where this is none. */
  readonly tier?: PictureTier;
  /** How the same question is answered while what this answer stands on is so. */
  readonly repeat?: Repeat | undefined;
}

/** The two answers to a question that is asked again: what is sent, and that nothing has changed. */
export interface Repeat {
  readonly standing: Standing;
  /** Headers of a 200. */
  readonly sent: Readonly<Record<string, string>>;
  /** For each tag by which a client may name what it has, the headers of a 304: the first that it names counts. */
  readonly unchanged: readonly { readonly etag: string; readonly headers: Readonly<Record<string, string>> }[];
}

/** Where bytes came from: without a word of it from the original itself. */
export type Came = Partial<Pick<Delivered, 'from' | 'collapsed'>>;

export function tierOf({ from, collapsed }: Came): PictureTier {
  return from === 'render' && collapsed === true ? 'collapsed' : (from ?? 'original');
}

/** What the log says of a picture that was sent. */
export function pictureSent({ tier, headers }: Pick<Answer, 'tier' | 'headers'>): PictureSent | undefined {
  return tier && { tier, format: formatOfMediaType(headers['Content-Type'] ?? '') };
}

/** Bytes of a body: texts are measured, and whatever else is sent says its length itself. */
export function lengthOf({ headers, body }: Pick<Answer, 'headers' | 'body'>): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : Number(headers['Content-Length'] ?? 0);
}

export function toResponse(answer: Answer, more: Readonly<Record<string, string>> = {}): Response {
  const { status, body } = answer;
  const length = typeof body === 'string' ? { 'Content-Length': String(lengthOf(answer)) } : {};
  // lib.dom's BodyInit wants an ArrayBuffer-backed view; ours may be a slice of a pooled buffer, which is as good.
  return new Response(body as Exclude<Answer['body'], Uint8Array> | Uint8Array<ArrayBuffer>, {
    status,
    headers: { ...more, ...answer.headers, ...length },
  });
}
