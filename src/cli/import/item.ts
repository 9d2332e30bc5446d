/** A picture that shall be brought in from elsewhere. */
export interface ImportItem {
  /** What it is called where it comes from, by which a run goes on where another stopped. */
  readonly source: string;
  /** Failure `invalid` where none can be told. */
  readonly key: () => string;
  /** Its bytes. Failures: `not_found`, and those of where it lies. */
  readonly open: (signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;
}
