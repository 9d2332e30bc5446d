/** What the benchmark uses of autocannon, which has no types of its own. */
declare module 'autocannon' {
  interface Options {
    readonly url: string;
    readonly connections: number;
    /** Seconds. */
    readonly duration?: number;
    /** Requests, instead. */
    readonly amount?: number;
    readonly headers: Record<string, string>;
  }
  interface Result {
    readonly errors: number;
    readonly requests: { readonly total: number };
    /** Milliseconds. */
    readonly latency: { readonly p99: number };
    readonly statusCodeStats?: Readonly<Record<string, { readonly count: number }>>;
  }
  function autocannon(options: Options): Promise<Result>;
  export = autocannon;
}
