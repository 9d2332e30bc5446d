/** Requests that go on until they are stopped. */
export interface Load {
  /** Ends once the requests under way are answered. */
  stop(): Promise<void>;
  readonly times: readonly number[];
  /** What was not a 200: a status, or what the connection died of. */
  readonly failures: readonly string[];
}

/** Keeps so many requests under way; `next` says what the next one asks for. */
export function startLoad(atOnce: number, next: (index: number) => string, pauseMs = 0): Load {
  const times: number[] = [];
  const failures: string[] = [];
  let asked = 0;
  let stopped = false;
  async function visitor(): Promise<void> {
    while (!stopped) {
      const url = next(asked);
      asked += 1;
      const began = performance.now();
      try {
        const response = await fetch(url);
        await response.arrayBuffer();
        if (response.status !== 200) failures.push(`${response.status} ${url}`);
        times.push(performance.now() - began);
      } catch (error) {
        failures.push(`${error instanceof Error ? (error.cause ?? error.message) : error} ${url}`);
      }
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
  const visitors = Promise.all(Array.from({ length: atOnce }, visitor));
  return {
    times,
    failures,
    async stop() {
      stopped = true;
      await visitors;
    },
  };
}
