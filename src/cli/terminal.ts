/** A stream that a person or a program reads. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** What a command talks to. */
export interface Terminal {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Aborts when somebody wants the command to stop. */
  readonly signal: AbortSignal;
}
