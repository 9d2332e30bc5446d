import https from 'node:https';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openCdn } from '../../src/cdn/index.ts';
import { createHttpsAgent, isProxied, type OutboundProxy, sendOutbound } from '../../src/outbound/index.ts';
import { openQueue } from '../../src/queue/index.ts';
import { createRemoteStore, openStore } from '../../src/storage/index.ts';
import { certificate, startProxy, startSecureServer } from '../support/https-proxy.ts';

const live = () => new AbortController().signal;

describe('a request leads through the proxy', () => {
  const proxy = (...except: string[]): OutboundProxy => ({ url: 'http://proxy.example:3128', except });

  test.each([
    ['https://a.example/', [], true],
    ['http://a.example/', [], false],
    ['https://a.example/', ['*'], false],
    ['https://a.example/', ['a.example'], false],
    ['https://A.example/', ['a.EXAMPLE'], false],
    ['https://b.a.example/', ['a.example'], false],
    ['https://b.a.example/', ['.a.example'], false],
    ['https://b.a.example/', ['*.a.example'], false],
    ['https://ba.example/', ['a.example', '.a.example', 'other'], true],
    ['https://a.example:8443/', ['a.example:443'], true],
    ['https://a.example/', ['a.example:443'], false],
    ['https://10.1.2.3/', ['10.0.0.0/8'], false],
    ['https://10.1.2.3/', ['10.1.2.3'], false],
    ['https://11.1.2.3/', ['10.0.0.0/8', '10.0.0.0/99', '3', 'x/8'], true],
    ['https://[fd00::1]/', ['fd00::/8'], false],
    ['https://[fd00::1]:8443/', ['[fd00::1]:8443'], false],
    ['https://[fd00::1]/', ['fd00::1'], false],
    ['https://localhost:9000/', [], false],
    ['https://127.0.0.9/', [], false],
    ['https://[::1]/', [], false],
  ] as const)('%s, except %j: %s', (url, except, expected) => {
    expect(isProxied(proxy(...except), new URL(url))).toBe(expected);
    expect(isProxied(undefined, new URL(url))).toBe(false);
  });

  test('by CONNECT, with the name and the password that its URL has, over connections that are kept', async () => {
    const port = await startSecureServer((request, response) => response.end(`${request.headers.host}${request.url}`));
    const { url, asked, authorisations } = await startProxy(port);
    const named = url.replace('http://', 'http://me:p%40ss@');
    const agent = await createHttpsAgent({ url: named, except: [] }, { keepAlive: true, maxSockets: 1 });
    const get = (path: string) =>
      new Promise<string>((resolve, reject) => {
        https
          .get(`https://a.behind.example${path}`, { agent, ca: certificate }, (answer) => resolve(text(answer)))
          .on('error', reject);
      });
    expect(await Promise.all([get('/1'), get('/2'), get('/3')])).toEqual(
      ['/1', '/2', '/3'].map((path) => `a.behind.example${path}`),
    );
    expect(asked).toEqual(['a.behind.example:443']);
    expect(authorisations).toEqual([`Basic ${Buffer.from('me:p@ss').toString('base64')}`]);
    agent.destroy();
  });

  test('or straight, over the same agent, where it is excepted', async () => {
    const port = await startSecureServer((_request, response) => response.end('straight'));
    const { url, asked } = await startProxy(port);
    const agent = await createHttpsAgent({ url, except: [`behind.example:${port}`] }, {});
    const lookup = (_: string, options: { all?: boolean }, done: (...found: unknown[]) => void) =>
      options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
    const answer = await new Promise<string>((resolve, reject) => {
      https
        .get(`https://behind.example:${port}/`, { agent, ca: certificate, lookup: lookup as never }, (got) =>
          resolve(text(got)),
        )
        .on('error', reject);
    });
    expect([answer, asked]).toEqual(['straight', []]);
    agent.destroy();
  });

  test('and is no answer of the proxy that refuses it', async () => {
    const { url, asked } = await startProxy();
    const request = { method: 'GET', headers: {}, proxy: { url, except: [] }, signal: live() };
    const { statusCode } = await sendOutbound(new URL('https://a.behind.example/'), request);
    expect([statusCode, asked]).toEqual([403, ['a.behind.example:443']]);
  });
});

describe('what asks others goes through the proxy:', () => {
  afterEach(() => void vi.unstubAllEnvs());
  const once = { maxAttempts: 1, initialDelayMs: 1, maxDelayMs: 1, timeoutMs: 10_000 };
  const credentials = { accessKeyId: 'x', secretAccessKey: 'y' };
  const purge = async (location: string, proxy: OutboundProxy) => {
    const cdn = await openCdn(location, { retry: once, cloudflareToken: 't', credentials, proxy });
    await cdn.purgeTags(['a'], { callerReference: 'r', signal: live() });
  };

  test.each<[string, string, (proxy: OutboundProxy) => Promise<unknown>]>([
    [
      'S3',
      'pictures.s3.eu-west-3.amazonaws.com:443',
      async (proxy) => {
        await (await openStore('s3://pictures', { proxy })).head('a.jpg');
      },
    ],
    ['CloudFront', 'cloudfront.amazonaws.com:443', (proxy) => purge('cloudfront:E1', proxy)],
    ['Cloudflare', 'api.cloudflare.com:443', (proxy) => purge('cloudflare:0a', proxy)],
    ['a Varnish of https', 'varnish.example:443', (proxy) => purge('varnish:https://varnish.example', proxy)],
    [
      'SQS',
      'sqs.eu-west-3.amazonaws.com:443',
      async (proxy) => {
        await (await openQueue({ queueUrl: 'https://sqs.eu-west-3.amazonaws.com/1/q', proxy })).count(live());
      },
    ],
    [
      'a host to fetch from',
      'a.example:443',
      (proxy) =>
        createRemoteStore({ hosts: () => ['a.example'], maxBytes: 10, timeoutMs: 10_000, proxy }).head(
          '.fovea-fetch/https/a.example/b.jpg',
        ),
    ],
  ])('%s', async (_, expected, ask) => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'x');
    vi.stubEnv('AWS_REGION', 'eu-west-3');
    const { url, asked } = await startProxy();
    await expect(ask({ url, except: [] })).rejects.toMatchObject({ name: 'Failure' });
    expect(new Set(asked)).toEqual(new Set([expected]));
  });

  test('a host to fetch from that is written as an address within is asked of nobody', async () => {
    const { url, asked } = await startProxy();
    const hosts = ['10.0.0.1', '169.254.169.254', '[fd00::1]'];
    const store = createRemoteStore({
      hosts: () => hosts,
      maxBytes: 10,
      timeoutMs: 10_000,
      proxy: { url, except: [] },
    });
    for (const host of hosts) {
      await expect(store.head(`.fovea-fetch/https/${host}/b.jpg`)).rejects.toMatchObject({ name: 'Failure' });
    }
    expect(asked).toEqual([]);
  });
});
