import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const token = 'the admin token of the tests';

/** A service as it comes: nobody has said what unsigned URLs may ask. */
async function serviceAsItComes(environment: Readonly<Record<string, string>> = {}, file: object = {}) {
  const originals = createMemoryStore();
  for (const key of ['cat.jpg', 'dog.jpg']) await originals.put(key, Buffer.from(`the picture ${key}`));
  const config = { file: { ...readConfig({}).file, ...file } };
  return createPixelFreeService({ originals, config, environment: { FOVEA_UNSIGNED: '', ...environment } });
}

/** What is in force and what was said, of a configuration that is read from a file. */
function unsignedOf(environment: Readonly<Record<string, string>>, publicUrl: string | undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-defaults-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'fovea.json');
  writeFileSync(path, JSON.stringify(publicUrl === undefined ? {} : { publicUrl }));
  const { unsigned, unsignedGiven } = readConfig({ ...environment, FOVEA_CONFIG: path });
  return [unsigned, unsignedGiven];
}

/** Off the ladder, and with what the closed set has not. */
const free = '/w_333,h_77,e_blur:7/cat.jpg';

describe('what unsigned URLs may ask when nobody has said', () => {
  it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', 'localhost', 'LOCALHOST'])(
    'is anything on %s',
    async (HOST) => {
      const { ask } = await serviceAsItComes({ HOST });
      expect((await ask(free)).status).toBe(200);
    },
  );

  it.each(['0.0.0.0', '::', '10.0.0.7', '128.0.0.1', '127.example.com', 'localhost.example.com', '::ffff:10.0.0.1'])(
    'is the ladder on %s',
    async (HOST) => {
      const { ask } = await serviceAsItComes({ HOST });
      expect((await ask(free)).status).toBe(400);
      expect((await ask('/c_limit,w_640,f_auto,q_auto/cat.jpg')).status).toBe(200);
    },
  );

  const forwarding: readonly (readonly [string, string])[] = [
    ['Forwarded', 'for=192.0.2.1'],
    ['Via', '1.1 varnish'],
    ['X-Forwarded-For', '192.0.2.1'],
    ['X-Forwarded-Host', 'img.example'],
    ['X-Forwarded-Proto', 'https'],
    ['x-forwarded-anything', 'x'],
    ['X-Real-IP', '192.0.2.1'],
    ['CF-Connecting-IP', '192.0.2.1'],
    ['CDN-Loop', 'cloudflare'],
    ...[
      ...[
        'X-Original-Forwarded-For',
        'X-Originating-IP',
        'X-Remote-IP',
        'X-Client-IP',
        'X-Cluster-Client-IP',
        'Client-IP',
      ],
      ...['True-Client-IP', 'CF-Ray', 'CF-Visitor', 'CF-IPCountry', 'CF-EW-Via', 'Fly-Client-IP', 'Fly-Region'],
      ...['Fastly-Client-IP', 'Fastly-FF', 'X-Amz-Cf-Id', 'X-Amzn-Trace-Id', 'X-Amz-Apigw-Id', 'X-Varnish', 'X-Cache'],
      ...[
        'X-Envoy-External-Address',
        'X-Envoy-Attempt-Count',
        'X-Azure-ClientIP',
        'X-Azure-FDID',
        'X-Appengine-User-IP',
      ],
      ...[
        'X-Cloud-Trace-Context',
        'Akamai-Origin-Hop',
        'Incap-Client-IP',
        'X-Sucuri-ClientIP',
        'X-Vercel-Id',
        'X-NF-Request-ID',
      ],
      ...[
        'X-Scheme',
        'X-Host',
        'X-Original-URL',
        'X-Original-Host',
        'X-Request-ID',
        'X-ProxyUser-Ip',
        'Proxy-Connection',
      ],
      ...[
        'Traceparent',
        'X-B3-TraceId',
        'Surrogate-Capability',
        'Max-Forwards',
        'Front-End-Https',
        'X-ARR-SSL',
        'WL-Proxy-Client-IP',
      ],
    ].map((name) => [name, '1'] as const),
    ['x-fovea-accept', 'webp'],
    ['x-fovea-accept', ''],
    ['Host', 'img.example'],
    ['Host', '192.168.1.7:3000'],
    ['Host', '127.0.0.1.img.example'],
  ];

  it.each(forwarding)('is the ladder on loopback for what was passed on: %s: %s', async (name, value) => {
    const { ask } = await serviceAsItComes();
    const passedOn = { headers: { [name]: value } };
    const refused = await ask(free, passedOn);
    expect(refused.status).toBe(400);
    // It hangs on a header that no cache looks at.
    expect(refused.headers.get('cache-control')).toBe('no-store');
    expect((await ask(free)).status).toBe(200);
    // What was once made, and remembered, for a program here is still not theirs.
    expect((await ask(free, passedOn)).status).toBe(400);
    expect((await ask('/c_limit,w_640/cat.jpg', passedOn)).status).toBe(200);
  });

  it.each([
    '127.0.0.1:3000',
    'localhost',
    'LocalHost:3000',
    '[::1]:3000',
    'fovea.localhost',
    'localhost.',
    '127.1.2.3',
  ])('is anything on loopback for the host %s', async (host) => {
    const { ask } = await serviceAsItComes();
    expect((await ask(free, { headers: { host } })).status).toBe(200);
  });

  it.each([
    [
      'a browser',
      {
        Accept: 'image/avif,*/*;q=0.8',
        'Accept-Encoding': 'gzip, br',
        'Accept-Language': 'en',
        DNT: '1',
        Referer: 'http://localhost:5173/',
        Cookie: 'a=b',
        'Sec-Fetch-Dest': 'image',
        'Sec-CH-UA-Mobile': '?0',
        Priority: 'i',
        'Cache-Control': 'no-cache',
        Pragma: 'no-cache',
        'Upgrade-Insecure-Requests': '1',
        'Save-Data': 'on',
        DPR: '2',
      },
    ],
    [
      'fetch of a server',
      {
        Accept: '*/*',
        'Accept-Language': '*',
        'Sec-Fetch-Mode': 'cors',
        'User-Agent': 'node',
        'If-None-Match': '"a"',
        'If-Modified-Since': 'Mon, 30 Nov 2026 10:00:00 GMT',
        Range: 'bytes=0-',
        Connection: 'keep-alive',
      },
    ],
  ])('is anything on loopback for what %s writes of itself', async (_, headers) => {
    const { ask, telemetry } = await serviceAsItComes();
    expect((await ask(free, { headers })).status).toBe('Range' in headers ? 206 : 200);
    expect(telemetry.events.filter(({ type }) => type === 'warning')).toEqual([]);
  });

  it.each([
    [{ FOVEA_TRUSTED_PROXIES: '127.0.0.1' }, undefined],
    [{ FOVEA_CDN: 'cloudfront:E123ABC' }, undefined],
    [{}, 'https://img.example'],
    [{ HOST: '::1' }, 'http://192.168.1.7:3000/images'],
  ] as const)('is the ladder for everybody where %j and publicUrl %s name a way here', (environment, publicUrl) => {
    expect(unsignedOf(environment, publicUrl)).toEqual(['ladder', undefined]);
    expect(unsignedOf({ ...environment, FOVEA_UNSIGNED: 'any' }, publicUrl)).toEqual(['any', 'any']);
  });

  it.each(['http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:3000'])(
    'is anything where publicUrl is %s',
    (publicUrl) => {
      expect(unsignedOf({}, publicUrl)).toEqual(['any', undefined]);
    },
  );

  it('is told of once where it is the ladder for what was passed on, since whoever set up the proxy has to say', async () => {
    const { ask, telemetry } = await serviceAsItComes();
    for (const name of ['X-Real-IP', 'Via']) await ask('/c_limit,w_640/cat.jpg', { headers: { [name]: '1' } });
    expect(telemetry.events.filter(({ type }) => type === 'warning')).toEqual([
      {
        type: 'warning',
        message: expect.stringMatching(/the header x-real-ip\) and is held to ladder.*FOVEA_UNSIGNED is not set/),
      },
    ]);
  });

  it('is as said, once it is said, whoever passes a request on', async () => {
    const { ask } = await serviceAsItComes({ FOVEA_UNSIGNED: 'any' });
    for (const [name, value] of forwarding) {
      expect([name, (await ask(free, { headers: { [name]: value } })).status]).toEqual([name, 200]);
    }
  });

  it('is warned of where it is anything and others reach the server, at each start', async () => {
    const warnings = async (environment: Readonly<Record<string, string>>) =>
      (await serviceAsItComes(environment)).telemetry.events.filter(({ type }) => type === 'warning');
    expect(await warnings({ HOST: '0.0.0.0', FOVEA_UNSIGNED: 'any' })).toEqual([
      { type: 'warning', message: expect.stringContaining('FOVEA_UNSIGNED=any on 0.0.0.0') },
    ]);
    expect(await warnings({ HOST: '0.0.0.0' })).toEqual([]);
    expect(await warnings({ FOVEA_UNSIGNED: 'any' })).toEqual([]);
  });
});

describe('on a loopback listener, our own paths', () => {
  const ours = ['/-/metrics', '/-/purge', '/-/uploads', '/-/images', '/-/uploads/tickets', '/-/nothing', '/-/'];
  const admin = { Authorization: `Bearer ${token}` };
  const environment = { FOVEA_ADMIN_TOKEN: token };

  it.each([
    'evil.example',
    'evil.example:3000',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '10.0.0.7',
    '',
    'a b',
    '[::2]',
  ])('are 421 for the host "%s", token or not, and in any method', async (host) => {
    const { ask } = await serviceAsItComes(environment, { publicUrl: 'https://img.example/' });
    for (const path of ours) {
      for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS', 'PURGE']) {
        const { status, headers } = await ask(path, { method, headers: { ...admin, host } });
        expect([path, method, status, headers.get('cache-control')]).toEqual([path, method, 421, 'no-store']);
      }
    }
    for (const path of ['/-/health', '/-/ready']) expect((await ask(path, { headers: { host } })).status).toBe(200);
    expect((await ask('/w_100/cat.jpg', { headers: { host } })).status).toBe(200);
  });

  it.each(['127.0.0.1:3000', 'localhost:3000', '[::1]', 'img.example', 'IMG.example:443', 'img.example.'])(
    'are there for the host %s',
    async (host) => {
      const { ask } = await serviceAsItComes(environment, { publicUrl: 'https://img.example/' });
      expect((await ask('/-/metrics', { headers: { ...admin, host } })).status).toBe(200);
      expect((await ask('/-/metrics', { headers: { host } })).status).toBe(401);
    },
  );

  it('are there for every host where others reach the listener, since there the token alone decides', async () => {
    const { ask } = await serviceAsItComes({ ...environment, HOST: '0.0.0.0' });
    const headers = { ...admin, host: 'anything.example' };
    expect((await ask('/-/metrics', { headers })).status).toBe(200);
  });
});

describe('a token that nobody gave', () => {
  function terminal(isTTY: boolean) {
    const stream = new PassThrough();
    const told: string[] = [];
    stream.on('data', (chunk: Buffer) => told.push(chunk.toString()));
    return { terminal: Object.assign(stream, { isTTY }), told: () => told.join('') };
  }
  const logOf = (events: readonly object[]) => JSON.stringify(events);

  it('is shown to who looks on, and not logged', async () => {
    const { service, telemetry } = await serviceAsItComes();
    const { adminToken = '' } = service;
    const { terminal: stderr, told } = terminal(true);
    await service.welcome('http://127.0.0.1:3000', stderr);
    expect(adminToken.length).toBeGreaterThanOrEqual(32);
    expect(told()).toBe(
      `Admin token of this run: ${adminToken}\nPlayground: http://127.0.0.1:3000/-/playground#token=${adminToken}\n`,
    );
    expect(logOf(telemetry.events)).toContain("with this run's token, which the terminal shows");
    expect(logOf(telemetry.events)).not.toContain(adminToken);
  });

  it('goes into no file and no pipe: the log says that there is none to use', async () => {
    const { service, telemetry } = await serviceAsItComes();
    const { terminal: stderr, told } = terminal(false);
    await service.welcome('http://127.0.0.1:3000', stderr);
    expect(told()).toBe('');
    expect(logOf(telemetry.events)).toContain('FOVEA_ADMIN_TOKEN sets none');
    expect(logOf(telemetry.events)).not.toContain(service.adminToken ?? 'none');
  });

  it('is not shown when it was given, and not made where others reach the server', async () => {
    const given = await serviceAsItComes({ FOVEA_ADMIN_TOKEN: token });
    const { terminal: stderr, told } = terminal(true);
    await given.service.welcome('http://127.0.0.1:3000', stderr);
    const open = await serviceAsItComes({ HOST: '0.0.0.0' });
    await open.service.welcome('http://0.0.0.0:3000', stderr);
    expect(told()).toBe('');
    expect(open.service.adminToken).toBeUndefined();
    expect((await open.ask('/-/metrics', { headers: { Authorization: 'Bearer ' } })).status).toBe(401);
    expect((await open.ask('/-/images', { method: 'POST' })).status).toBe(404);
    expect(logOf([...given.telemetry.events, ...open.telemetry.events])).not.toContain(token);
  });
});
