import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Listening, type ListenOptions, listen } from '../../src/http/index.ts';

const limits = { maxConnections: 8, maxConnectionsEach: 2 };
/** Loopback addresses stand for clients. */
const [greedy, other] = ['127.0.0.2', '127.0.0.3'];

let listening: Listening;
let sockets: Socket[] = [];

async function open(namePeer: NonNullable<ListenOptions['namePeer']> = (address) => address) {
  listening = await listen({ fetch: () => new Response('answered') }, { port: 0, host: '127.0.0.1', limits, namePeer });
}

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  await listening.close();
});

/** The status of an answer on a connection that stays open. */
async function ask(socket: Socket): Promise<number> {
  socket.write('GET / HTTP/1.1\r\nHost: fovea.test\r\n\r\n');
  const [answer] = await once(socket, 'data');
  return Number(String(answer).slice(9, 12));
}

async function statusOfNew(localAddress: string): Promise<number> {
  const socket = connect({ port: Number(new URL(listening.url).port), host: '127.0.0.1', localAddress });
  socket.on('error', () => undefined);
  sockets.push(socket);
  return ask(socket);
}

async function statuses(localAddress: string, count: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (let index = 0; index < count; index += 1) found.push(await statusOfNew(localAddress));
  return found;
}

describe('connections of one client', () => {
  it('are half of all while nobody else comes, then its share; what it has goes on, and others come in', async () => {
    await open();
    expect(await statuses(greedy, 6)).toEqual([200, 200, 200, 200, 503, 503]);
    expect(await statuses(other, 3)).toEqual([200, 200, 503]);
    expect(await statuses('127.0.0.4', 2)).toEqual([200, 200]);
    const [first] = sockets;
    expect(first && (await ask(first))).toBe(200);
  });

  it('count no longer once they are closed', async () => {
    await open();
    expect(await statuses(greedy, 5)).toEqual([200, 200, 200, 200, 503]);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => statusOfNew(greedy)).toBe(200);
  });

  it('are as many as there are where it speaks for many', async () => {
    await open(() => undefined);
    expect(await statuses(greedy, 7)).toEqual(Array(7).fill(200));
  });
});
