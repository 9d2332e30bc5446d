import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { storeOn } from '../support/fault-storm.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { recordFigure } from '../support/figures.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { findHeadersRead, headerGuards } from '../support/request-headers.ts';
import { seededRandom, startS3FaultServer } from '../support/s3-fault-server.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const random = seededRandom(20261121);
const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;

async function originalsOf(...keys: readonly string[]) {
  const store = createFaultyStore(createMemoryStore());
  for (const key of keys) await store.put(key, Buffer.from(`the picture ${key}`));
  store.forgetCalls();
  return store;
}

it('ten thousand made-up requests store no more than what is allowed', async () => {
  const variants = createMemoryStore();
  const file = { presets: { card: 'w_300,h_200', full: 'c_limit,w_1200' } };
  const { ask, service } = await createPixelFreeService({
    originals: await originalsOf('cat.jpg'),
    variants,
    environment: { FOVEA_UNSIGNED: 'presets', FOVEA_SIGNING_SECRETS: 'a signing secret of the tests: long enough' },
    config: { file: { ...(await import('../../src/config/index.ts')).readConfig({}).file, ...file } },
  });
  const parts = ['t_card', 't_full', 'w_300', 'h_200', 'q_50', 'e_blur', 'dpr_2', 'f_png', 't_none', 'r_9', 'b_red'];
  const statuses = new Map<number, number>();
  for (let index = 0; index < 10_000; index += 1) {
    const transformation = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(parts)).join(
      pick([',', '/']),
    );
    const { status } = await ask(`/${transformation}/${index % 2 === 0 ? 'cat.jpg' : `cat.jpg?${index}`}`);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  await service.variants.settled();
  let stored = 0;
  for await (const _variant of variants.list('')) stored += 1;
  const shown = [...statuses].map(([status, count]) => `${status}: ${count}`).join(', ');
  recordFigure(9, `10,000 requests (${shown}): ${stored} variants stored, of two presets and chains of them`);
  // Chains of up to three presets, in any order, as they are or as the one other format that was asked for.
  expect(stored).toBeLessThanOrEqual(2 * (2 + 4 + 8));
  expect(stored).toBeGreaterThan(0);
  await service.close();
});

it('headers that no cache looks at change neither bytes nor headers', async () => {
  const made =
    'accept-charset accept-encoding accept-language authorization cookie forwarded from host-override max-forwards origin pragma prefer referer sec-ch-ua sec-fetch-mode sec-fetch-site te true-client-ip upgrade-insecure-requests user-agent via warning x-api-version x-client-ip x-cluster-client-ip x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-prefix x-forwarded-proto x-forwarded-scheme x-forwarded-server x-host x-http-method-override x-method-override x-original-host x-original-url x-real-ip x-request-id x-rewrite-url x-wap-profile'.split(
      ' ',
    );
  // And whatever else the program reads, but for what Vary names and what caches answer themselves.
  const read = [...findHeadersRead().names].filter((name) =>
    ['trusted', 'private'].includes(headerGuards[name] ?? 'private'),
  );
  const names = [...new Set([...made, ...read])];
  const { ask, service } = await createPixelFreeService({ originals: await originalsOf('cat.jpg') });
  const told = async (path: string, headers: Record<string, string>) => {
    const response = await ask(path, { headers: { accept: 'image/avif,image/webp,*/*', ...headers } });
    const own = ['x-request-id', 'server-timing', 'cache-status'];
    const kept = [...response.headers].filter(([name]) => !own.includes(name));
    // A problem repeats the id of its request.
    const body = (await response.text()).replace(/"requestId":"[^"]+"/, '');
    return JSON.stringify([response.status, kept, body]);
  };
  let differences = 0;
  let asked = 0;
  for (let url = 0; url < 50; url += 1) {
    const path = `/w_${100 + url}${url % 2 === 0 ? ',f_auto' : ''}/${url % 10 === 9 ? 'none' : 'cat'}.jpg`;
    const plain = await told(path, {});
    for (const name of names) {
      asked += 1;
      if ((await told(path, { [name]: pick(['evil.test', '127.0.0.1', 'Bearer x', 'bytes=0-1', '*']) })) !== plain)
        differences += 1;
    }
  }
  recordFigure(
    14,
    `${differences} differences in ${asked} requests: ${names.length} headers, ${read.length} of them read, 50 URLs`,
  );
  expect(differences).toBe(0);
  await service.close();
});

/** Targets as no client of ours would write them: hosts, schemes, dots, escapes, in whatever order chance wants. */
function wildTargets(count: number) {
  const targets = [
    '127.0.0.1',
    '0.0.0.0',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '169.254.169.254',
    '100.64.0.1',
    '2130706433',
    '0x7f.1',
    'localhost',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
  ];
  const schemes = [
    'http://',
    'https://',
    'file:///',
    'ftp://',
    'gopher://',
    's3://',
    '//',
    'http:/',
    'http:',
    'data:image/png;base64,',
    'jar:',
  ];
  const urls = schemes.flatMap((scheme) => targets.map((target) => `${scheme}${target}/x`));
  const alphabet = [
    '..',
    '.',
    '/',
    '//',
    '%2e',
    '%2F',
    '%5c',
    '%00',
    'a',
    'cat.jpg',
    '?',
    'w_1',
    's--',
    '%ff',
    '~',
    ':',
    '@',
    '\\',
  ];
  const hosts = [...urls, ...urls.map(encodeURIComponent)].map((text) => `/w_1/${text}`);
  const wild = Array.from({ length: count }, () =>
    Array.from({ length: 1 + Math.floor(random() * 8) }, () => pick(alphabet)).join(''),
  );
  return {
    hosts,
    wild: wild.map(
      (text, index) => `${pick(['/', '/w_1/', '/image/upload/', ''])}${index % 2 === 0 ? '' : 'w_2/'}${text}`,
    ),
  };
}

type Asked = Awaited<ReturnType<typeof createPixelFreeService>>['service'];

/** Asks with the target as it is: a URL would have its dots taken out before we see them. */
async function askRaw({ app }: Asked, target: string): Promise<number> {
  const incoming = Object.assign(new IncomingMessage(new Socket()), { url: target });
  const { status } = await app.request('http://fovea.test/', {}, { incoming });
  return status;
}

it('no request makes the store be asked for anything but a key of the grammar', async () => {
  const originals = await originalsOf('cat.jpg');
  const { service } = await createPixelFreeService({ originals });
  const { hosts, wild } = wildTargets(100_000);
  let drawn = 0;
  for (const target of [...hosts, ...wild]) if ((await askRaw(service, target)) === 200) drawn += 1;
  const segments = originals.calls.map(({ key }) => key.split('/'));
  const bad = segments.filter((parts) => parts.some((part) => part === '' || part === '.' || part === '..'));
  recordFigure(
    13,
    `${bad.length} of ${segments.length} keys asked of the store leave it, in ${hosts.length} URLs of hosts and ${wild.length} made-up paths, of which ${drawn} found the one original there is`,
  );
  expect(bad).toEqual([]);
  expect(segments.length).toBeGreaterThan(1_000);
  expect(drawn).toBeGreaterThan(100);
  await service.close();
});

it('S3 hears of no key outside of its prefix', async () => {
  const s3 = await startS3FaultServer();
  const originals = await storeOn(s3, 'pictures/originals/');
  await originals.put('cat.jpg', Buffer.from('the picture'));
  // What lies beside the prefix would be found if any key got there.
  for (const key of ['cat.jpg', 'pictures/cat.jpg', 'pictures/originalscat.jpg'])
    s3.seed(key, { bytes: Buffer.from('not for you'), headers: { etag: '"secret"' } });
  const { service } = await createPixelFreeService({ originals });
  const before = s3.requests.length;
  const { hosts, wild } = wildTargets(5_000);
  for (const target of [...hosts, ...wild]) await askRaw(service, target);
  const heard = s3.requests.slice(before);
  const outside = heard.filter(({ key }) => !key.startsWith('pictures/originals/'));
  recordFigure(
    13,
    `${outside.length} of ${heard.length} requests that S3 got for ${hosts.length + wild.length} such paths were for keys outside of the prefix`,
  );
  expect(outside).toEqual([]);
  expect(heard.length).toBeGreaterThan(100);
  await service.close();
  await s3.close();
});
