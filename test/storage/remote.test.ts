import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { isFailure } from '../../src/failure.ts';
import { defaultGrammarOptions, parseTarget } from '../../src/grammar/index.ts';
import { createRemoteStore, isPublicAddress, readBody } from '../../src/storage/index.ts';

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** A host on loopback that the store knows by a public name. */
async function hostWith(listener: RequestListener, options: { readonly timeoutMs?: number } = {}) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const base = `http://pictures.example:${port}`;
  const hosts = [`${base}?size&of`];
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  const parts = { hosts: () => hosts, resolve, maxBytes: 1000, timeoutMs: options.timeoutMs ?? 30_000 };
  const store = createRemoteStore({ ...parts, isAllowedAddress: () => true });
  const keyOf = (url: string) =>
    parseTarget(`/image/fetch/w_10/${url}`, { ...defaultGrammarOptions, fetchHosts: hosts }).id;
  return { store, guarded: createRemoteStore(parts), keyOf: (path: string) => keyOf(base + path), requests, base };
}

async function kindOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'nothing',
    (error: unknown) => (isFailure(error) ? error.kind : String(error)),
  );
}

const picture: RequestListener = (_request, response) => {
  const headers = { ETag: '"v1"', 'Last-Modified': 'Tue, 01 Sep 2026 10:00:00 GMT', 'Content-Type': 'image/png' };
  response.writeHead(200, { ...headers, 'Content-Length': '7' }).end('picture');
};

describe('a picture on another host', () => {
  it('is read by the key that stands for its URL, path and query as they were', async () => {
    const { store, keyOf, requests } = await hostWith(picture);
    const key = keyOf('/folder/a%2520b.jpg%3Fsize=2%26of=c%2Fd');
    const object = await store.get(key);
    if (object === undefined) throw new Error('it is there');
    expect(object.info).toMatchObject({ key, size: 7, etag: 'v1', lastModified: new Date('2026-09-01T10:00:00Z') });
    expect(String(await readBody(object, { maxBytes: 100 }))).toBe('picture');
    expect(await store.head(key)).toEqual(object.info);
    expect(requests).toEqual(['GET /folder/a%20b.jpg?size=2&of=c%2Fd', 'HEAD /folder/a%20b.jpg?size=2&of=c%2Fd']);
  });

  it('is read whole, of which only the part is given that was asked for', async () => {
    const { store, keyOf } = await hostWith(picture);
    for (const [start, end, text] of [
      [0, 3, 'pic'],
      [3, 99, 'ture'],
      [7, 9, ''],
    ] as const) {
      const object = await store.get(keyOf('/a.jpg'), { range: { start, end } });
      if (object === undefined) throw new Error('it is there');
      expect([object.info.size, object.part]).toEqual([7, { start, end: Math.min(end, 7) }]);
      expect(String(await readBody(object, { maxBytes: 100 }))).toBe(text);
    }
  });

  it('that is not there is absent; any other answer is the host’s fault', async () => {
    for (const [status, kind] of [
      [404, 'nothing'],
      [410, 'nothing'],
      [500, 'upstream'],
      [401, 'upstream'],
      [204, 'upstream'],
    ] as const) {
      const { store, keyOf } = await hostWith((_request, response) => response.writeHead(status).end());
      expect([status, await kindOf(store.get(keyOf('/a.jpg')))]).toEqual([status, kind]);
      expect([status, await kindOf(store.head(keyOf('/a.jpg')))]).toEqual([status, kind]);
    }
  });

  it('is asked for by GET where HEAD is not answered', async () => {
    const { store, keyOf, requests } = await hostWith((request, response) => {
      if (request.method === 'HEAD') response.writeHead(405).end();
      else picture(request, response);
    });
    expect(await store.head(keyOf('/a.jpg'))).toMatchObject({ etag: 'v1' });
    expect(requests).toEqual(['HEAD /a.jpg', 'GET /a.jpg']);
  });

  it('has one version for ever on a host that tells of none', async () => {
    const { store, keyOf } = await hostWith((_request, response) => response.end('picture'));
    const [head, object] = [await store.head(keyOf('/a.jpg')), await store.get(keyOf('/a.jpg'))];
    expect([head?.etag, head?.lastModified]).toEqual([object?.info.etag, object?.info.lastModified]);
  });

  it('past the limit is refused, announced or not, and a body cut short is no picture', async () => {
    const long = Buffer.alloc(2000);
    const announced = await hostWith((_request, response) => response.end(long));
    expect(await kindOf(announced.store.get(announced.keyOf('/a')))).toBe('too_large');
    const endless = await hostWith((_request, response) => {
      const timer = setInterval(() => response.write(long), 1);
      response.once('close', () => clearInterval(timer));
    });
    expect(await kindOf(endless.store.get(endless.keyOf('/a')))).toBe('too_large');
    const cut = await hostWith((_request, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('half');
      response.socket?.end();
    });
    expect(await kindOf(cut.store.get(cut.keyOf('/a')))).toBe('upstream');
  });

  it('has a time limit for the whole of it, and stops for whoever leaves', async () => {
    const silent = await hostWith(() => undefined, { timeoutMs: 50 });
    expect(await kindOf(silent.store.get(silent.keyOf('/a')))).toBe('timeout');
    const patient = await hostWith(() => undefined);
    const leaving = new AbortController();
    const asked = patient.store.get(patient.keyOf('/a'), { signal: leaving.signal });
    leaving.abort();
    expect(await kindOf(asked)).toBe('cancelled');
  });
});

describe('what a request must not reach', () => {
  it('is any address that is not public, whatever the name: nothing is sent', async () => {
    const { guarded, keyOf, requests } = await hostWith(picture);
    expect(await kindOf(guarded.get(keyOf('/a.jpg')))).toBe('invalid');
    expect(await kindOf(guarded.head(keyOf('/a.jpg')))).toBe('invalid');
    expect(requests).toEqual([]);
  });

  it('is a host behind a name with one public and one private address', async () => {
    const store = createRemoteStore({
      hosts: () => ['pictures.example'],
      maxBytes: 1000,
      timeoutMs: 30_000,
      resolve: async () => [
        { address: '93.184.216.34', family: 4 },
        { address: '10.0.0.1', family: 4 },
      ],
    });
    expect(await kindOf(store.get('.fovea-fetch/https/pictures.example/a.jpg'))).toBe('invalid');
  });

  it('is another host behind a redirect; on the same one a few are followed', async () => {
    const { store, keyOf, requests } = await hostWith((request, response) => {
      const to: Record<string, string> = {
        '/a': '/b',
        '/b': '/picture',
        '/away': 'http://elsewhere.example/a.jpg',
        '/inside': 'http://169.254.169.254/latest/meta-data',
        '/file': 'file:///etc/passwd',
        '/loop': '/loop',
        '/bad': 'http://[',
      };
      const location = to[request.url ?? ''];
      if (location === undefined) picture(request, response);
      else response.writeHead(302, { Location: location }).end();
    });
    expect((await store.get(keyOf('/a')))?.info.size).toBe(7);
    expect(requests).toEqual(['GET /a', 'GET /b', 'GET /picture']);
    for (const path of ['/away', '/inside', '/file', '/loop', '/bad']) {
      expect([path, await kindOf(store.get(keyOf(path)))]).toEqual([path, 'upstream']);
    }
  });

  it('is a host that is not configured, even by a key', async () => {
    const { store } = await hostWith(picture);
    expect(await kindOf(store.get('.fovea-fetch/https/elsewhere.example/a.jpg'))).toBe('upstream');
    expect(await kindOf(store.get('cat.jpg'))).toBe('invalid');
  });

  it.each([
    ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '100.64.0.1', '127.0.0.1', '127.255.0.1', '169.254.169.254', '172.16.0.1'],
    ...['172.31.255.255', '192.0.0.1', '192.0.2.1', '192.88.99.1', '192.168.1.1', '198.18.0.1', '198.51.100.1'],
    ...['203.0.113.1', '224.0.0.1', '239.1.1.1', '240.0.0.1', '255.255.255.255'],
    ...['::', '::1', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::127.0.0.1', '64:ff9b::a00:1', '64:ff9b:1::1'],
    ...['2001::1', '2001:db8::1', '2002:a00:1::1', 'fc00::1', 'fd12:3456::1', 'fe80::1', 'fec0::1', 'ff02::1'],
    ...['100::1', '2001:10::1', '2001:20::1', '3fff::1', '5f00::1', 'fe80::1%eth0', 'localhost', '', '127.1', '0x7f.1'],
    // Where clouds keep what a machine may know: Azure, Alibaba, Oracle, Amazon, Google.
    ...['168.63.129.16', '::ffff:168.63.129.16', '64:ff9b::a83f:8110', '2002:a83f:8110::1', '0xa8.63.129.16'],
    ...['100.100.100.200', '192.0.0.192', 'fd00:ec2::254', 'fd20:ce::254'],
  ])('is the address %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    '8.8.8.8',
    '93.184.216.34',
    '168.63.129.15',
    '168.63.129.17',
    '100.63.255.255',
    '172.32.0.1',
    '2606:4700::1111',
    '2a00:1450:4001::1',
  ])('is not %s, which anybody may have', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

describe('a URL to fetch', () => {
  const options = { ...defaultGrammarOptions, fetchHosts: ['a.example', '*.b.example?x&y', 'http://c.example:8080'] };
  const read = (target: string) => parseTarget(target, options);

  it.each([
    ['/image/fetch/w_10/https://a.example/x/y.jpg', '.fovea-fetch/https/a.example/x/y.jpg'],
    ['/image/fetch/w_10/v1/https://a.example/x.jpg', '.fovea-fetch/https/a.example/x.jpg'],
    ['/image/fetch/w_10/https:/a.example/x.jpg', '.fovea-fetch/https/a.example/x.jpg'],
    ['/image/fetch/w_10/https%3A%2F%2Fa.example%2Fx.jpg', '.fovea-fetch/https/a.example/x.jpg'],
    ['/image/fetch/w_10/HTTPS://A.EXAMPLE/x.jpg', '.fovea-fetch/https/a.example/x.jpg'],
    ['/image/fetch/w_10/https://d.b.example/x.jpg%3Fx=1,2', '.fovea-fetch/https/d.b.example/x.jpg/?x=1,2'],
    ['/image/fetch/w_10/https://d.b.example/x.jpg%3Fy=2&z=9&x=1,2', '.fovea-fetch/https/d.b.example/x.jpg/?x=1,2&y=2'],
    ['/image/fetch/w_10/https://a.example/x.jpg%3Fn=17', '.fovea-fetch/https/a.example/x.jpg'],
    ['/image/fetch/w_10/http://c.example:8080/x.jpg', '.fovea-fetch/http/c.example:8080/x.jpg'],
    ['/image/fetch/w_10/https://a.example/x/../y.jpg', '.fovea-fetch/https/a.example/y.jpg'],
    ['/_ipx/w_10/https://a.example/x.jpg', '.fovea-fetch/https/a.example/x.jpg'],
    ['/cdn-cgi/image/w=10/https://a.example/x.jpg', '.fovea-fetch/https/a.example/x.jpg'],
    ['/_next/image?url=https%3A%2F%2Fa.example%2Fx.jpg&w=10', '.fovea-fetch/https/a.example/x.jpg'],
  ])('%s is read', (target, id) => {
    expect(read(target)).toMatchObject({ delivery: 'fetch', id });
  });

  it.each([
    ['/image/fetch/w_10/https://evil.example/x.jpg', 'evil.example are not fetched here'],
    ['/image/fetch/w_10/https://b.example/x.jpg', 'not fetched here'],
    ['/image/fetch/w_10/https://evilb.example/x.jpg', 'not fetched here'],
    ['/image/fetch/w_10/https://a.example.evil.example/x.jpg', 'not fetched here'],
    ['/image/fetch/w_10/http://a.example/x.jpg', 'not fetched here'],
    ['/image/fetch/w_10/https://a.example:8443/x.jpg', 'not fetched here'],
    ['/image/fetch/w_10/https://127.0.0.1/x.jpg', 'not fetched here'],
    ['/image/fetch/w_10/https://a.example@evil.example/x.jpg', 'is no URL'],
    ['/image/fetch/w_10/https://user:word@a.example/x.jpg', 'is no URL'],
    ['/image/fetch/w_10/file:///etc/passwd', 'a URL with http:// or https://'],
    ['/image/fetch/w_10/x.jpg', 'a URL with http:// or https://'],
    ['/image/fetch/w_10/https://a.example//x.jpg', 'an empty or a reserved segment'],
    ['/image/fetch/w_10/https://a.example/.fovea/x.jpg', 'an empty or a reserved segment'],
    [`/image/fetch/w_10/https://a.example/${'x'.repeat(700)}`, 'too long'],
  ])('%s is refused', (target, message) => {
    expect(() => read(target)).toThrow(message);
  });

  it('cannot be imitated by an id', () => {
    expect(() => read('/w_10/.fovea-fetch/https/evil.example/x.jpg')).toThrow('reserved');
  });

  it('carries the signatures of the official clients', () => {
    const target = '/image/fetch/s--e4Ebz37---/c_scale,w_10/https://a.example/a%20b.jpg%3Fx%3D1';
    expect(read(target).signature?.signed).toContain('c_scale,w_10/https://a.example/a%20b.jpg%3Fx%3D1');
  });
});
