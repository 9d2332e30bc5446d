import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { type Listening, type ListenOptions, listen } from '../../src/http/index.ts';
import { open, requestOf, sendRaw } from '../support/raw-http.ts';

/** Ten times what the kernel takes of an answer. */
const bytes = 48 * 1024 * 1024;

async function serve(limits: NonNullable<ListenOptions['limits']>): Promise<Listening> {
  const body = Buffer.alloc(bytes);
  const server = await listen({ fetch: () => new Response(body) }, { port: 0, host: '127.0.0.1', limits });
  onTestFinished(() => server.close());
  return server;
}

async function ask(server: Listening): Promise<Socket> {
  const socket = await open(server.url);
  onTestFinished(() => void socket.destroy());
  socket.write('GET / HTTP/1.1\r\nHost: fovea.test\r\n\r\n');
  await once(socket, 'readable');
  return socket;
}

/** Reads so much of what has come, now and then, for so long. Resolves to what was read in all. */
async function readSteadily(socket: Socket, pace: { readonly bytes: number; readonly forMs: number }): Promise<number> {
  let taken = 0;
  const began = performance.now();
  while (performance.now() - began < pace.forMs && !socket.readableEnded) {
    const due = pace.bytes * ((performance.now() - began) / 1000);
    while (taken < due) {
      const chunk: Buffer | null = socket.read();
      if (chunk === null) break;
      taken += chunk.byteLength;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return taken;
}

/** Reads on as fast as it can, to the end of the answer or of the connection. Resolves to what was read in all. */
async function readOn(socket: Socket, taken: number): Promise<number> {
  let sum = taken;
  socket.on('error', () => undefined);
  for await (const chunk of socket) {
    sum += (chunk as Buffer).byteLength;
    if (sum > bytes) break;
  }
  return sum;
}

const limits = { checkIntervalMs: 150, sendStallTimeoutMs: 900, leastBytesPerSecond: 10_000 };
const forMs = 5 * limits.sendStallTimeoutMs;

it('who takes less than the kernel asks for, and goes on taking, is sent the whole; who takes next to nothing is not', async () => {
  const server = await serve(limits);
  const [steady, idle, tiny] = [await ask(server), await ask(server), await ask(server)];
  const [taken, little] = await Promise.all([
    readSteadily(steady, { bytes: 200_000, forMs }),
    readSteadily(tiny, { bytes: 2_000, forMs }),
  ]);
  expect(await readOn(steady, taken)).toBeGreaterThan(bytes);
  expect(await readOn(tiny, little)).toBeLessThan(bytes);
  expect(await readOn(idle, 0)).toBeLessThan(bytes);
});

it('so many clients at once may be slow, and no more', async () => {
  const server = await serve({ ...limits, maxSlowReaders: 1 });
  const sockets = [await ask(server), await ask(server), await ask(server)];
  const taken = await Promise.all(sockets.map((socket) => readSteadily(socket, { bytes: 200_000, forMs })));
  const sums = await Promise.all(sockets.map((socket, index) => readOn(socket, taken[index] ?? 0)));
  expect(sums.filter((sum) => sum > bytes)).toHaveLength(1);
});

it('an idle connection is kept for as long as is said', async () => {
  const { url } = await serve({ keepAliveTimeoutMs: 620_000 });
  const until = (text: string) => text.includes('\r\n\r\n');
  const { text } = await sendRaw(url, requestOf('HEAD / HTTP/1.1', 'Host: fovea.test'), { until });
  expect(text).toContain('Keep-Alive: timeout=620\r\n');
});
