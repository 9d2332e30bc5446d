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
}

export function toResponse({ status, headers, body }: Answer, more: Readonly<Record<string, string>> = {}): Response {
  // lib.dom's BodyInit wants an ArrayBuffer-backed view; ours may be a slice of a pooled buffer, which is as good.
  return new Response(body as Exclude<Answer['body'], Uint8Array> | Uint8Array<ArrayBuffer>, {
    status,
    headers: { ...more, ...headers },
  });
}
