import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { recordFigure } from '../support/figures.ts';
import { freePort, type RunningProxy, startProxy } from '../support/haproxy.ts';
import { from, noise } from '../support/pictures.ts';
import { type RawAnswer, requestOf, sendRaw } from '../support/raw-http.ts';
import { makeWorkingFolder, removeFolder, type ServerProcess, startServer } from '../support/server-process.ts';

let folder: string;
let server: ServerProcess;
let proxy: RunningProxy;

beforeAll(async () => {
  folder = await makeWorkingFolder({ 'photo.jpg': await from(noise(320, 240)).jpeg().toBuffer() });
  const port = await freePort();
  server = await startServer(folder, { PORT: String(port), FOVEA_RENDERERS: '1' });
  proxy = await startProxy(folder, [port]);
});

afterAll(async () => {
  await proxy.end();
  await server.end('SIGKILL');
  await removeFolder(folder);
});

const host = 'Host: fovea.test';
const chunked = 'Transfer-Encoding: chunked';
const get = (path: string, ...headers: readonly string[]) => requestOf(`GET ${path} HTTP/1.1`, ...headers);

/** Bytes in which one reader sees a single request for `path`, and another one a request for what is hidden, too. */
type Hide = (path: string, hidden: string) => string;

const lengths: readonly (readonly [string, Hide])[] = [
  ['a length and chunks', (path, hidden) => `${get(path, host, 'Content-Length: 4', chunked)}0\r\n\r\n${hidden}`],
  ['chunks and a length', (path, hidden) => `${get(path, host, chunked, 'Content-Length: 4')}0\r\n\r\n${hidden}`],
  ['two lengths', (path, hidden) => hiddenBy(path, hidden, 'Content-Length: 0', `Content-Length: ${hidden.length}`)],
  ['a list of lengths', (path, hidden) => hiddenBy(path, hidden, `Content-Length: 0, ${hidden.length}`)],
  ['a length with a sign', (path, hidden) => hiddenBy(path, hidden, `Content-Length: +${hidden.length}`)],
  ['a length below zero', (path, hidden) => hiddenBy(path, hidden, 'Content-Length: -1')],
  ['a length in another base', (path, hidden) => hiddenBy(path, hidden, `Content-Length: 0x${hidden.length}`)],
  ['a length after a blank', (path, hidden) => hiddenBy(path, hidden, `Content-Length : ${hidden.length}`)],
];

function hiddenBy(path: string, hidden: string, ...headers: readonly string[]): string {
  return get(path, host, ...headers) + hidden;
}

const codings: readonly (readonly [string, Hide])[] = [
  'Transfer-Encoding : chunked',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
  'Transfer-Encoding: \x0bchunked',
  'Transfer-Encoding:\r\n chunked',
  'X-Odd: a\rTransfer-Encoding: chunked',
].map((header) => [JSON.stringify(header), (path, hidden) => `${get(path, host, header)}0\r\n\r\n${hidden}`]);

const chunks: readonly (readonly [string, Hide])[] = [
  '0x5\r\nhello\r\n0\r\n\r\n',
  '-5\r\nhello\r\n0\r\n\r\n',
  'FFFFFFFFFFFFFFFF5\r\nhello\r\n0\r\n\r\n',
  '10000000000000005\r\nhello\r\n0\r\n\r\n',
  '3\r\nhello\r\n0\r\n\r\n',
  '5;\nxx\r\nhello\r\n0\r\n\r\n',
  '5\nhello\n0\n\n',
].map((body) => [`the chunks ${JSON.stringify(body)}`, (path, hidden) => get(path, host, chunked) + body + hidden]);

const others: readonly (readonly [string, Hide])[] = [
  ['lines that end in LF alone', (path, hidden) => get(path, host).replaceAll('\r\n', '\n') + hidden],
  ['LF inside a header', (path, hidden) => hiddenBy(path, hidden, `X-Odd: a\nContent-Length: ${hidden.length}`)],
  ['a zero byte inside a header', (path, hidden) => hiddenBy(path, hidden, 'X-Odd: a\0b')],
  [
    'a header that begins with a blank',
    (path, hidden) => `GET ${path} HTTP/1.1\r\n X-Odd: a\r\n${host}\r\n\r\n${hidden}`,
  ],
  ['a target with its host', (path, hidden) => requestOf(`GET http://evil.test${path} HTTP/1.1`, host) + hidden],
  ['two hosts', (path, hidden) => hiddenBy(path, hidden, 'Host: evil.test')],
  ['no host', (path, hidden) => get(path) + hidden],
  ['a blank inside the target', (path, hidden) => requestOf(`GET ${path} x HTTP/1.1`, host) + hidden],
  ['HTTP/0.9', (path, hidden) => `GET ${path}\r\n${hidden}`],
  [
    'chunks in HTTP/1.0',
    (path, hidden) => `${requestOf(`GET ${path} HTTP/1.0`, host, 'Connection: keep-alive', chunked)}0\r\n\r\n${hidden}`,
  ],
  [
    'a body longer than its length',
    (path, hidden) => `${get(path, host, 'Content-Length: 5')}hello, world\r\n${hidden}`,
  ],
];

const cases = [...lengths, ...codings, ...chunks, ...others];

/** Sends every case, and tells what was answered and which of its two paths reached the server. */
async function sendAll(url: string, firstWidth: number) {
  const sent: { readonly name: string; readonly paths: readonly [string, string]; readonly answer: RawAnswer }[] = [];
  for (const [index, [name, hide]] of cases.entries()) {
    const width = firstWidth + 2 * index;
    const paths = [`/w_${width}/photo.jpg`, `/w_${width + 1}/photo.jpg`] as const;
    const answer = await sendRaw(url, hide(paths[0], get(paths[1], host)), { waitMs: 500 });
    sent.push({ name, paths, answer });
  }
  // The log is in the order of the answers: once this one is told of, so is whatever came before.
  const last = `/w_${firstWidth + 2 * cases.length}/photo.jpg`;
  await fetch(url + last);
  await expect.poll(() => pathsSeen()).toContain(last);
  const seen = pathsSeen();
  return sent.map((one) => ({ ...one, seen: seen.filter((path) => one.paths.includes(path)) }));
}

const requestLine = z.object({ event: z.literal('request'), path: z.string() });

function pathsSeen(): readonly string[] {
  return server.lines.flatMap((line) => {
    if (!line.includes('"request"')) return [];
    return [requestLine.parse(JSON.parse(line)).path];
  });
}

describe('a request that hides another', () => {
  it('is refused and its connection closed, and what it hides is not read', async () => {
    const results = await sendAll(server.url, 100);
    const good = results.filter(
      ({ answer, paths: [path], seen }) =>
        answer.statuses.join() === '400' && answer.closed && (seen.length === 0 || seen.join() === path),
    );
    recordFigure(33, `${good.length} of ${results.length} cases refused with 400 and closed, straight to the server`);
    expect(good.map(({ name }) => name)).toEqual(results.map(({ name }) => name));
  });

  it('is refused by HAProxy, or read by the server as HAProxy reads it', async () => {
    const results = await sendAll(proxy.url, 1_000);
    const last = `/w_${1_000 + 2 * cases.length}/photo.jpg`;
    await expect.poll(() => proxy.targets).toContain(last);
    const judged = results.map(({ name, answer, paths, seen }) => {
      const forwarded = paths.filter((path) => proxy.targets.some((target) => target.endsWith(path)));
      const { statuses, closed } = answer;
      return {
        name,
        isRefused: statuses.length === 1 && statuses.every((status) => status >= 400) && closed && seen.length === 0,
        // What the server has read, or answered, and HAProxy has not sent as a request of its own.
        smuggled: seen.filter((path, index) => !forwarded.includes(path) || seen.indexOf(path) !== index),
        surplus: statuses.filter((status) => status === 200).length - forwarded.length,
      };
    });
    const refused = judged.filter(({ isRefused }) => isRefused);
    const smuggled = judged.filter((one) => one.smuggled.length > 0 || one.surplus > 0);
    recordFigure(
      33,
      `behind HAProxy ${refused.length} of ${judged.length} refused and closed; the other ${judged.length - refused.length} it puts right or reads as two requests, and the server reads ${smuggled.length} of them otherwise`,
    );
    expect(smuggled).toEqual([]);
    expect(refused.length).toBeGreaterThanOrEqual(12);
  });
});
