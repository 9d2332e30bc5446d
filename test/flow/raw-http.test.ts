import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import { type Listening, listen } from '../../src/http/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { open, requestOf, sendRaw } from '../support/raw-http.ts';
import { createPixelFreeService, type TestService } from '../support/test-service.ts';

const token = 'a-token-of-some-length';
const path = '/w_128/cat.jpg';

let house: TestService;
let server: Listening;

beforeAll(async () => {
  const originals = createMemoryStore();
  await originals.put('cat.jpg', Buffer.from('the picture of a cat'));
  const config = { file: { ...readConfig({}).file, publicUrl: 'http://fovea.test' } };
  house = await createPixelFreeService({ originals, config, environment: { FOVEA_ADMIN_TOKEN: token } });
  server = await listen(house.service.app, { port: 0, host: '127.0.0.1' });
});

afterAll(async () => {
  await server.close();
  await house.service.close();
});

const send = (request: string, waitMs?: number) => sendRaw(server.url, request, waitMs === undefined ? {} : { waitMs });

/** As many answers as requests, the last of them with a body of ours. */
const get = (...headers: string[]) => requestOf(`GET ${path} HTTP/1.1`, ...headers);

describe('a request that two programs could read differently is refused, and its connection closed:', () => {
  const host = 'Host: fovea.test';
  const smuggled = `0\r\n\r\n${get(host)}`;
  const cases: readonly (readonly [string, string])[] = [
    ['a length and chunks', `${get(host, 'Content-Length: 4', 'Transfer-Encoding: chunked')}${smuggled}`],
    ['two lengths', `${get(host, 'Content-Length: 0', 'Content-Length: 44')}${get(host)}`],
    ['a list of lengths', `${get(host, 'Content-Length: 0, 44')}${get(host)}`],
    ['a length with a sign', get(host, 'Content-Length: +5')],
    ['a blank before the colon', `${get(host, 'Transfer-Encoding : chunked')}${smuggled}`],
    ['a coding that is none', `${get(host, 'Transfer-Encoding: xchunked')}${smuggled}`],
    ['chunked twice over', `${get(host, 'Transfer-Encoding: chunked, identity')}${smuggled}`],
    [
      'chunks in HTTP/1.0',
      `${requestOf(`GET ${path} HTTP/1.0`, host, 'Connection: keep-alive', 'Transfer-Encoding: chunked')}${smuggled}`,
    ],
    ['a folded header', get(host, 'Transfer-Encoding:', ' chunked')],
    ['lines that end in LF alone', get(host).replaceAll('\r\n', '\n')],
    ['a CR alone inside a header', get(host, 'X-Odd: a\rContent-Length: 5')],
    ['a zero byte inside a header', get(host, 'X-Odd: a\0b')],
    ['a size of a chunk that is none', `${get(host, 'Transfer-Encoding: chunked')}0x5\r\nhello\r\n0\r\n\r\n`],
    ['a target with its host', requestOf(`GET http://evil.test${path} HTTP/1.1`, host)],
    ['two hosts', get(host, 'Host: evil.test')],
    ['two hosts that agree', get(host, host)],
    ['no host', get()],
    ['a host that is none', get('Host: a b/c?d')],
  ];

  it.each(cases)('%s', async (_, request) => {
    const answer = await send(request);
    expect(answer.statuses).toEqual([400]);
    expect(answer.closed).toBe(true);
    expect(answer.text).toMatch(/^Cache-Control: no-store\r$/im);
    expect(answer.text).toMatch(/^X-Content-Type-Options: nosniff\r$/im);
  });

  it('and what follows it on the connection is not read', async () => {
    const hidden = '/w_77/cat.jpg';
    const answer = await send(`${get(host, 'Host: evil.test')}${requestOf(`GET ${hidden} HTTP/1.1`, host)}`);
    expect([answer.statuses, answer.closed]).toEqual([[400], true]);
    const told = house.telemetry.events.flatMap((event) => (event.type === 'request' ? [event.path] : []));
    expect(told).not.toContain(hidden);
  });

  it('but not the HTTP/1.0 without a host of a load balancer’s health check', async () => {
    const answer = await send(requestOf('GET /-/ready HTTP/1.0'));
    expect([answer.status, answer.closed]).toEqual([200, true]);
  });

  it('while a plain one on the same listener is answered', async () => {
    const answer = await send(get(host, 'Connection: close'));
    expect([answer.status, answer.closed]).toEqual([200, true]);
  });
});

describe('what is too long is refused cheaply:', () => {
  const host = 'Host: fovea.test';

  it('a URL of 8 kB by 414', async () => {
    const answer = await send(requestOf(`GET /w_128/${'a'.repeat(8_000)}.jpg HTTP/1.1`, host));
    expect([answer.status, answer.closed]).toEqual([414, true]);
    expect(answer.text).toMatch(/^Cache-Control: no-store\r$/im);
  });

  it('headers of 16 kB by 431, as one or as many', async () => {
    const one = await send(get(host, `X-Long: ${'a'.repeat(16_384)}`));
    const many = await send(get(host, ...Array.from({ length: 1_000 }, (_, index) => `X-${index}: ${'a'.repeat(12)}`)));
    expect([one.status, one.closed, many.status, many.closed]).toEqual([431, true, 431, true]);
  });

  it.each(['foo', '200-ok', ''])('an expectation of "%s" by 417, as one of ours', async (expected) => {
    const answer = await send(`${get(host, `Expect: ${expected}`)}${get(host)}`);
    expect([answer.statuses, answer.closed]).toEqual([[417], true]);
    expect(answer.text).toMatch(/^Cache-Control: no-store\r$/im);
    expect(answer.text).toMatch(/^X-Content-Type-Options: nosniff\r$/im);
    expect(answer.text).toMatch(/^Content-Security-Policy: /im);
  });

  it('while a URL of 7 kB reaches the grammar', async () => {
    const answer = await send(requestOf(`GET /w_128/${'a'.repeat(7_000)}.jpg HTTP/1.1`, host, 'Connection: close'));
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('"detail"');
  });
});

describe('what a loopback listener does not take for a program on its machine', () => {
  it('is a page elsewhere that has its own name lead here, and a proxy that says nothing of itself', async () => {
    const originals = createMemoryStore();
    await originals.put('cat.jpg', Buffer.from('the picture of a cat'));
    const own = await createPixelFreeService({
      originals,
      environment: { FOVEA_UNSIGNED: '', FOVEA_ADMIN_TOKEN: token },
    });
    const listening = await listen(own.service.app, { port: 0, host: '127.0.0.1' });
    const statusOf = async (line: string, ...headers: string[]) =>
      (await sendRaw(listening.url, requestOf(line, 'Connection: close', ...headers))).status;
    const { host } = new URL(listening.url);
    const admin = `Authorization: Bearer ${token}`;
    expect(await statusOf('GET /-/metrics HTTP/1.1', 'Host: evil.test', admin)).toBe(421);
    expect(await statusOf('GET /-/ready HTTP/1.1', 'Host: evil.test')).toBe(200);
    expect(await statusOf('GET /-/metrics HTTP/1.1', `Host: ${host}`, admin)).toBe(200);
    const wide = 'GET /c_scale,w_333/cat.jpg';
    expect(await statusOf(`${wide} HTTP/1.1`, `Host: ${host}`)).toBe(200);
    expect(await statusOf(`${wide} HTTP/1.1`, 'Host: evil.test')).toBe(400);
    // As nginx asks by default.
    expect(await statusOf(`${wide} HTTP/1.0`, `Host: ${host}`)).toBe(400);
    await listening.close();
    await own.service.close();
  });
});

describe('a path is read once, as it came:', () => {
  const ask = async (target: string) => {
    const line = requestOf(`GET ${target} HTTP/1.1`, 'Host: fovea.test', 'Connection: close');
    return (await send(line)).status;
  };

  it.each([
    ['an encoded slash', '/w_128%2Fcat.jpg', [400, 404]],
    ['an encoded slash inside the key', '/w_128/a%2F..%2Fcat.jpg', [400]],
    ['an encoded backslash', '/w_128/..%5Ccat.jpg', [400]],
    ['an encoded zero', '/w_128/cat.jpg%00.png', [400]],
    ['an escape of an escape', '/w_128/%252e%252e%252fcat.jpg', [400, 404]],
    ['dot segments', '/w_128/../w_128/cat.jpg', [400]],
    ['encoded dot segments', '/w_128/%2e%2e/cat.jpg', [400]],
    ['two slashes in front', '//w_128/cat.jpg', [400]],
    ['a raw backslash', '/w_128\\cat.jpg', [400, 404]],
    ['an escape that is broken', '/w_128/%zz.jpg', [400]],
    ['bytes that are no UTF-8', '/w_128/%ff%fe.jpg', [400]],
  ] as const)('%s is refused', async (_, target, statuses) => {
    expect(statuses).toContain(await ask(target));
  });
});

describe('the admin API', () => {
  const spellings = (route: string): string[] => {
    const dash = [
      '/-/',
      '/%2d/',
      '/%2D/',
      '//-/',
      '/./-/',
      '/-//',
      '/-%2f',
      '/-%2F',
      '%2f-/',
      '/-;/',
      '/-/./',
      '/-/../-/',
    ];
    const tails = [
      route,
      `${route}/`,
      `${route}?`,
      `${route}?x=1`,
      `${route}%00`,
      `${route}%20`,
      `${route};a=b`,
      `${route}/.`,
    ];
    const cases = [
      route.toUpperCase(),
      `%${route.charCodeAt(0).toString(16)}${route.slice(1)}`,
      `x/../${route}`,
      `x/%2e%2e/${route}`,
    ];
    return [
      ...dash.map((start) => start + route),
      ...[...tails, ...cases].map((tail) => `/-/${tail}`),
      `/image/upload/../../-/${route}`,
      `/w_1/%2e%2e/-/${route}`,
      `/_/../-/${route}`,
      `/v1/-/../../-/${route}`,
      `/-\\${route}`,
      `\\-\\${route}`,
      `/ -/${route}`,
      `/-/${route}#/-/health`,
      `http://fovea.test/-/${route}`,
      `/-/health/../${route}`,
      `/-/health%2f..%2f${route}`,
      `/-/health;/../${route}`,
      `/-/ready/${route}`,
      `/-%00/${route}`,
      `/%e2%80%90/${route}`,
      `/-/%252e%252e/-/${route}`,
    ];
  };
  const guises = [
    [],
    ['Authorization: Bearer'],
    ['Authorization: Bearer undefined'],
    [`Authorization: Basic ${Buffer.from(`admin:${token}`).toString('base64')}`],
    ['X-Forwarded-For: 127.0.0.1', 'X-Original-URL: /-/metrics', 'X-Rewrite-URL: /-/metrics'],
    ['X-HTTP-Method-Override: GET'],
  ];

  it('is not reached by any spelling without the token', async () => {
    const targets = spellings('metrics');
    expect(targets.length).toBeGreaterThanOrEqual(40);
    for (const target of targets) {
      const answer = await send(requestOf(`GET ${target} HTTP/1.1`, 'Host: fovea.test', 'Connection: close'));
      expect(answer.status, target).toBeGreaterThanOrEqual(400);
      expect(answer.text, target).not.toContain('fovea_requests_total');
    }
  });

  it('is not reached by any guise', async () => {
    for (const headers of guises) {
      const lines = requestOf('GET /-/metrics HTTP/1.1', 'Host: fovea.test', 'Connection: close', ...headers);
      expect((await send(lines)).status, headers.join()).toBe(401);
    }
    const rightful = requestOf(
      'GET /-/metrics HTTP/1.1',
      'Host: fovea.test',
      'Connection: close',
      `Authorization: Bearer ${token}`,
    );
    expect((await send(rightful)).status).toBe(200);
  });
});

describe('a client that takes its time', () => {
  const limits = {
    headersTimeoutMs: 300,
    requestTimeoutMs: 600,
    keepAliveTimeoutMs: 400,
    sendStallTimeoutMs: 400,
    checkIntervalMs: 50,
    maxConnections: 50,
  };

  async function impatient() {
    return listen({ fetch: () => new Response('answered') }, { port: 0, host: '127.0.0.1', limits });
  }

  it('over its headers is told so and closed', async () => {
    const only = { ...limits, requestTimeoutMs: 300_000 };
    const { url, close } = await listen(
      { fetch: () => new Response('answered') },
      { port: 0, host: '127.0.0.1', limits: only },
    );
    const answer = await sendRaw(url, 'GET / HTTP/1.1\r\nHost: fovea.test\r\nX-a: b\r\n');
    expect([answer.status, answer.closed]).toEqual([408, true]);
    await close();
  });

  it('over nothing at all is closed', async () => {
    const { url, close } = await impatient();
    expect((await sendRaw(url, '')).closed).toBe(true);
    await close();
  });

  it('over its body is closed', async () => {
    const { url, close } = await impatient();
    const head = requestOf('POST / HTTP/1.1', 'Host: fovea.test', 'Content-Length: 100000');
    expect((await sendRaw(url, `${head}abc`)).closed).toBe(true);
    await close();
  });

  it('over a body that nobody waits for is closed', async () => {
    const patient = { ...limits, requestTimeoutMs: 30_000, keepAliveTimeoutMs: 30_000 };
    const { url, close } = await listen(
      { fetch: () => new Response('answered') },
      {
        port: 0,
        host: '127.0.0.1',
        limits: patient,
      },
    );
    const head = requestOf('GET / HTTP/1.1', 'Host: fovea.test', 'Content-Length: 100000');
    const answer = await sendRaw(url, `${head}abc`);
    expect([answer.status, answer.closed]).toEqual([200, true]);
    const whole = requestOf('GET / HTTP/1.1', 'Host: fovea.test', 'Content-Length: 3');
    expect((await sendRaw(url, `${whole}abc`, { waitMs: 1_000 })).closed).toBe(false);
    await close();
  });

  it('between two requests is closed', async () => {
    const { url, close } = await impatient();
    const answer = await sendRaw(url, get('Host: fovea.test'));
    expect([answer.status, answer.closed]).toEqual([200, true]);
    await close();
  });

  it('over reading the answer is closed', async () => {
    let cancelled: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => {
      cancelled = resolve;
    });
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
      cancel: () => cancelled(),
    });
    const { url, close } = await listen({ fetch: () => new Response(endless) }, { port: 0, host: '127.0.0.1', limits });
    const socket = await open(url);
    const began = performance.now();
    socket.pause();
    socket.write(get('Host: fovea.test'));
    await gone;
    // Node looks at a pending write twice before it believes that nothing moves.
    expect(performance.now() - began).toBeGreaterThan(limits.sendStallTimeoutMs);
    socket.destroy();
    await close();
  });

  it('in a crowd past the bound is turned away, and the others are served', async () => {
    const { url, close } = await impatient();
    const holders = await Promise.all(Array.from({ length: 50 }, () => open(url)));
    expect((await sendRaw(url, get('Host: fovea.test'))).closed).toBe(true);
    for (const holder of holders) holder.destroy();
    await expect.poll(async () => (await sendRaw(url, get('Host: fovea.test', 'Connection: close'))).status).toBe(200);
    await close();
  });
});

describe('a server that drains', () => {
  it('still takes connections, and says on every answer that they end', async () => {
    const own = await listen(house.service.app, { port: 0, host: '127.0.0.1' });
    const before = await sendRaw(own.url, get('Host: fovea.test'), { until: (text) => text.includes('\r\n\r\n') });
    expect(before.text).not.toMatch(/^Connection: close\r$/im);
    own.drain();
    const after = await sendRaw(own.url, get('Host: fovea.test'));
    expect([after.status, after.closed]).toEqual([200, true]);
    expect(after.text).toMatch(/^Connection: close\r$/im);
    await own.close();
    await expect(open(own.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
