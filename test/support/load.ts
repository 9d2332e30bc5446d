import { Agent, get, type IncomingHttpHeaders } from 'node:http';

/** An answer, and the milliseconds from asking to its last byte. */
export interface TimedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly tookMs: number;
}

/** Asks by node:http, on connections that are kept: `fetch` costs as much as many an answer of ours. */
const agent = new Agent({ keepAlive: true });

export function timedGet(url: string, headers: Readonly<Record<string, string>> = {}): Promise<TimedAnswer> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, headers }, (response) => {
      // Not by node:stream/consumers, which makes a Blob of it first.
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => void chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const { statusCode = 0, headers: told } = response;
        resolve({ status: statusCode, headers: told, body: Buffer.concat(chunks), tookMs: performance.now() - began });
      });
    });
    request.once('error', reject);
  });
}

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
      try {
        const { status, tookMs } = await timedGet(url);
        if (status !== 200) failures.push(`${status} ${url}`);
        times.push(tookMs);
      } catch (error) {
        failures.push(`${error instanceof Error ? error.message : error} ${url}`);
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
