import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import { isFailure } from '../../src/failure.ts';
import { openStores } from '../../src/service/stores.ts';
import { createRemoteStore, hostEntry, type OldHost, withOldHost } from '../../src/storage/index.ts';
import type { TelemetryEvent } from '../../src/telemetry.ts';
import { createVersions } from '../../src/variants/index.ts';
import { createAgeingStore } from '../support/ageing-store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

interface Setting {
  readonly prefix?: string;
  readonly isAllowedAddress?: (address: string) => boolean;
  readonly named?: boolean;
}

/** A store beside an old host on loopback, which is known by a public name. */
async function storeBeside(
  listener: RequestListener,
  { prefix = '', isAllowedAddress = () => true, named = true }: Setting = {},
) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://old.example:${(server.address() as AddressInfo).port}/media/`;
  const own = createMemoryStore();
  const events: TelemetryEvent[] = [];
  let host: OldHost | undefined = named ? { url, prefix } : undefined;
  const name = (another: OldHost) => {
    host = another;
  };
  const store = withOldHost(own, {
    oldHost: () => host,
    remote: createRemoteStore({
      hosts: () => [hostEntry(url)],
      maxBytes: 100,
      timeoutMs: 5000,
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
      isAllowedAddress,
    }),
    isPicture: (bytes) => String(Buffer.from(bytes)).startsWith('picture'),
    maxBytes: 100,
    telemetry: { report: (event) => events.push(event) },
  });
  const outcomes = () => events.flatMap((event) => (event.type === 'old-host' ? [event.outcome] : []));
  return { store, own, asked, outcomes, url, name };
}

const pictures: RequestListener = ({ url = '' }, response) => {
  if (url.includes('none')) response.writeHead(404).end();
  else if (url.includes('page')) response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>');
  else if (url.includes('broken')) response.writeHead(500).end();
  else if (url.includes('large')) response.writeHead(200).end(Buffer.alloc(1000));
  else response.writeHead(200, { 'Content-Type': 'image/png' }).end(`picture ${url}`);
};

const kindOf = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing',
    (error: unknown) => (isFailure(error) ? error.kind : String(error)),
  );

describe('an original that is on the old host still', () => {
  it('is moved when it is asked for first, and then the store’s own', async () => {
    const { store, own, asked, outcomes } = await storeBeside(pictures);
    expect(await store.head('folder/a b.png')).toMatchObject({ contentType: 'image/png' });
    expect(await own.head('folder/a b.png')).toBeDefined();
    expect(await store.get('folder/a b.png')).toBeDefined();
    await store.head('folder/a b.png');
    expect(asked).toEqual(['GET /media/folder/a%20b.png']);
    expect(outcomes()).toEqual(['moved']);
  });

  it('is moved once, however many ask at the same time', async () => {
    const { store, asked } = await storeBeside(pictures);
    const found = await Promise.all(Array.from({ length: 20 }, () => store.head('a.png')));
    expect(found.every((info) => info !== undefined)).toBe(true);
    expect(asked).toHaveLength(1);
  });

  it('lies below the prefix, and no other key is looked for there', async () => {
    const { store, asked } = await storeBeside(pictures, { prefix: 'old/' });
    expect(await store.head('old/a.png')).toBeDefined();
    expect(await store.head('a.png')).toBeUndefined();
    expect(asked).toEqual(['GET /media/a.png']);
  });

  it('gives way to the store’s own', async () => {
    const { store, own, asked } = await storeBeside(pictures);
    await own.put('a.png', Buffer.from('newer'));
    expect(await store.head('a.png')).toMatchObject({ size: 5 });
    expect(asked).toEqual([]);
  });

  it('is not looked for by a key that no URL can name, or where no old host is named', async () => {
    const { store, asked } = await storeBeside(pictures);
    for (const key of ['.fovea-staging/a', 'a/.fovea/b', '.env']) expect(await store.head(key)).toBeUndefined();
    const other = await storeBeside(pictures, { named: false });
    expect(await other.store.head('a.png')).toBeUndefined();
    expect([...asked, ...other.asked]).toEqual([]);
  });
});

describe('an original that is deleted here, and is on the old host still', () => {
  const environment = { FOVEA_ADMIN_TOKEN: 'a-token-of-the-admin' };
  const headers = { authorization: `Bearer ${environment.FOVEA_ADMIN_TOKEN}` };
  const { signal } = new AbortController();
  const options = { minAgeMs: 1, maxShare: 1, dryRun: false, signal };

  it('is not moved again by what deletes, purges, collects or looks after it, but by who asks for it', async () => {
    const { store, own, asked } = await storeBeside(pictures);
    const variants = createAgeingStore(createMemoryStore());
    const { service, ask } = await createPixelFreeService({ originals: store, variants, environment });
    for (const key of ['a.jpg', 'b.jpg']) await own.put(key, Buffer.from('picture'));
    await variants.put('gone.jpg/.fovea/w_1', Buffer.from('of one that is gone'));
    await variants.age(1000);
    expect(await (await ask('/-/originals/a.jpg', { method: 'DELETE', headers })).json()).toMatchObject({
      wasThere: true,
    });
    for await (const _ of service.variants.collectOriginals(['c.jpg'], { ...options, minAgeMs: -1 }));
    for await (const _ of service.variants.collectVariants(options));
    expect(await service.variants.purge({ keys: ['a.jpg', 'never.jpg'] }, { signal })).toMatchObject({ originals: 0 });
    expect((await ask('/-/originals/a.jpg', { headers })).status).toBe(404);
    expect((await ask('/-/ready')).status).toBe(200);
    for (const key of ['a.jpg', 'b.jpg', 'gone.jpg']) expect(await own.head(key)).toBeUndefined();
    expect(await variants.head('gone.jpg/.fovea/w_1')).toBeUndefined();
    expect(asked).toEqual([]);
    expect((await ask('/a.jpg')).status).toBe(200);
    expect(asked).toEqual(['GET /media/a.jpg']);
  });
});

describe('what the old host does not have', () => {
  it('is asked for once', async () => {
    const { store, asked, outcomes } = await storeBeside(pictures);
    for (let times = 0; times < 3; times += 1) expect(await store.head('none.png')).toBeUndefined();
    expect(asked).toEqual(['GET /media/none.png']);
    expect(outcomes()).toEqual(['missing']);
  });

  it('is asked for again where another is named later, as by a reload', async () => {
    const { store, asked, url, name } = await storeBeside((request, response) =>
      request.url?.includes('/moved/') ? pictures(request, response) : response.writeHead(404).end(),
    );
    expect(await store.head('a.png')).toBeUndefined();
    name({ url: `${url}moved/`, prefix: '' });
    expect(await store.head('a.png')).toMatchObject({ contentType: 'image/png' });
    expect(asked).toEqual(['GET /media/a.png', 'GET /media/moved/a.png']);
  });

  it('is ruled out by a listing of the store only while no old host is named', async () => {
    const { store, url, name } = await storeBeside(pictures, { named: false });
    const telemetry = { report: () => undefined };
    const versions = createVersions({ store, listing: store, ttlMs: () => 60_000, telemetry, clock: performance });
    const { signal } = new AbortController();
    expect(store.listsAtOnce()).toBe(true);
    name({ url, prefix: '' });
    expect(store.listsAtOnce()).toBe(false);
    await versions.ruleOut(['a.jpg', 'a.png'], signal);
    expect(await versions.lookup('a.png', signal)).toMatchObject({ size: expect.any(Number) });
  });

  it('is a file that is no picture, too', async () => {
    const { store, own, asked } = await storeBeside(pictures);
    expect(await store.head('page.png')).toBeUndefined();
    expect(await store.head('page.png')).toBeUndefined();
    expect(await own.head('page.png')).toBeUndefined();
    expect(asked).toHaveLength(1);
  });
});

describe('what the old host fails to say', () => {
  it('is a failure and no absence, and is asked for again', async () => {
    const { store, asked, outcomes } = await storeBeside(pictures);
    expect(await kindOf(store.head('broken.png'))).toBe('upstream');
    expect(await kindOf(store.head('broken.png'))).toBe('upstream');
    expect(asked).toHaveLength(2);
    expect(outcomes()).toEqual(['failed', 'failed']);
  });

  it('is more than an original may have', async () => {
    const { store, own } = await storeBeside(pictures);
    expect(await kindOf(store.head('large.png'))).toBe('too_large');
    expect(await own.head('large.png')).toBeUndefined();
  });

  it('is everything, where its address is a private one', async () => {
    const { store, asked } = await storeBeside(pictures, { isAllowedAddress: () => false });
    expect(await kindOf(store.head('a.png'))).toBe('invalid');
    expect(asked).toEqual([]);
  });

  it('holds up no more than so many: who asks for more is told to come again', async () => {
    const { store } = await storeBeside(() => undefined);
    const first = Array.from({ length: 63 }, (_, index) => store.head(`${index}.png`).catch(() => undefined));
    expect(await kindOf(store.head('one-more.png'))).toBe('overloaded');
    for (const close of open.splice(0)) close();
    await Promise.all(first);
  });
});

describe('one who asks for many that are not there', () => {
  /** A store whose old host takes its time to say what it does not have, until it is let go. */
  async function storeBesideSlow() {
    const held: ServerResponse[] = [];
    let isSlow = true;
    const beside = await storeBeside((request, response) => {
      if (isSlow && request.url?.includes('none')) held.push(response);
      else pictures(request, response);
    });
    const letGo = () => {
      isSlow = false;
      for (const response of held) response.writeHead(404).end();
    };
    return { ...beside, held, letGo };
  }

  it('has a part of the line, and a place is left to others', async () => {
    const { store, letGo } = await storeBesideSlow();
    const many = Array.from({ length: 100 }, (_, index) =>
      kindOf(store.head(`none-${index}.png`, { client: () => 'many' })),
    );
    expect(await store.head('a.png', { client: () => 'other' })).toBeDefined();
    letGo();
    expect((await Promise.all(many)).filter((kind) => kind === 'overloaded')).toHaveLength(37);
  });

  it('goes from the line for others, who come next, and takes nobody along who asked for the same', async () => {
    const { store, held, letGo } = await storeBesideSlow();
    const versions = createVersions({
      store,
      ttlMs: () => 60_000,
      telemetry: { report: () => undefined },
      clock: performance,
    });
    const { signal } = new AbortController();
    const ask = (key: string, client: string) => kindOf(versions.lookup(key, signal, () => client));
    const many = Array.from({ length: 62 }, (_, index) => ask(`none-${index}.png`, 'many'));
    const theirs = ask('wanted.png', 'many');
    const second = ask('none-of-another.png', 'second');
    await vi.waitFor(() => expect(held).toHaveLength(4));
    const joined = ask('wanted.png', 'joined');
    const third = ask('a.png', 'third');
    expect(await theirs).toBe('overloaded');
    letGo();
    expect(await Promise.all([joined, third, second])).toEqual(['nothing', 'nothing', 'nothing']);
    expect(await versions.lookup('wanted.png', signal)).toMatchObject({ size: expect.any(Number) });
    await Promise.all(many);
  });
});

describe('the configuration', () => {
  it('names the old host, whose address may not be a private one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'old-host-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const read = readConfig({ FOVEA_ORIGINALS: `file:${folder}`, FOVEA_VARIANTS: 'none' });
    const config = { ...read, file: { ...read.file, oldHost: { url: 'http://127.0.0.1:9/', prefix: 'old/' } } };
    const { originalsStore } = await openStores(config, { report: () => undefined }, new Map());
    expect(await originalsStore.head('a.png')).toBeUndefined();
    expect(await kindOf(originalsStore.head('old/a.png'))).toBe('invalid');
  });
});
