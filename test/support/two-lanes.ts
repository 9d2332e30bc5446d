import { request as ask, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from '../../src/http/index.ts';
import { createMemoryStore } from './memory-store.ts';
import { createPixelFreeService, type TestServiceParts } from './test-service.ts';

export interface Answered {
  readonly status: number | undefined;
  /** As they came but for order, without what differs between any two answers. */
  readonly headers: readonly string[];
  readonly body: string;
}

export type Ask = (path: string, options?: AskOptions) => Promise<Answered>;

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A service with a picture, that is asked by way of its lane, and by the whole way only. */
export async function serveByTwoLanes(parts: Omit<TestServiceParts, 'renderer'> = {}) {
  const originals = parts.originals ?? createMemoryStore();
  await originals.put('cat.jpg', Buffer.from('the picture of a cat'));
  const house = await createPixelFreeService({ ...parts, originals });
  const { app } = house.service;
  const went = { whole: 0 };
  const fetch: typeof app.fetch = (...asked) => {
    went.whole += 1;
    return app.fetch(...asked);
  };
  const [lane, whole] = await Promise.all([
    listen({ fetch, answerAtOnce: app.answerAtOnce }, { port: 0, host: '127.0.0.1' }),
    listen({ fetch: app.fetch }, { port: 0, host: '127.0.0.1' }),
  ]);
  return {
    ...house,
    originals,
    url: lane.url,
    byLane: asker(lane.url),
    byWhole: asker(whole.url),
    drain: lane.drain,
    /** Answers that were given by the lane itself, of those that this asks for. */
    async inLane(work: () => Promise<unknown>): Promise<boolean> {
      const before = went.whole;
      await work();
      return went.whole === before;
    },
    async close() {
      await Promise.all([lane.close(), whole.close()]);
      await house.service.close();
    },
  };
}

function asker(url: string): Ask {
  return async (path, { method = 'GET', headers = {}, body } = {}) => {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = ask(url + path, { method, headers, agent: false }, resolve);
      asked.once('error', reject).end(body);
    });
    return { status: response.statusCode, headers: linesOf(response), body: await text(response) };
  };
}

function linesOf({ rawHeaders }: IncomingMessage): readonly string[] {
  const pairs = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1]] as const] : []));
  // The framework writes names in small letters where it has to look at them.
  const lines = pairs.map(([name, value]) => `${name.toLowerCase()}: ${value}`);
  return lines
    .map((line) => line.replace(/^(x-request-id): [\da-f-]{36}$/, '$1: …').replace(/^(date): .* GMT$/, '$1: …'))
    .sort();
}
