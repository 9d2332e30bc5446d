/** What a provider said to one call of a purge. */
export interface EdgePurge {
  readonly provider: 'cloudfront' | 'cloudflare' | 'varnish';
  /** The provider's own name for the purge where it gives one: what its console and support ask for. */
  readonly id: string;
  /** In the provider's words: `InProgress`, `Completed`, `purged 3`. */
  readonly status: string;
}

export interface PurgeTagsOptions {
  /** The same reference with the same tags is one purge to the provider, however often it is sent. */
  readonly callerReference: string;
  readonly signal: AbortSignal;
}

/** What lies between us and the visitors, as far as a purge is concerned. */
export interface Cdn {
  /** False when there is nothing to purge: callers need not remember to do it a second time. */
  readonly isPresent: boolean;
  /**
   * Makes the edge forget every response that carries one of these tags; any number of them, in batches that the provider
   * takes. Failures: `upstream`, `overloaded` (throttled at every try), `timeout`, `cancelled`.
   */
  purgeTags(tags: readonly string[], options: PurgeTagsOptions): Promise<readonly EdgePurge[]>;
}
