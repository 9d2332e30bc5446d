import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/failure.ts';
import type { ObjectStore } from '../../src/storage/index.ts';
import { createAgeingStore } from '../support/ageing-store.ts';
import { everyStore } from '../support/every-store.ts';
import { storeOn } from '../support/fault-storm.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPausingStore } from '../support/pausing-store.ts';
import { startS3FaultServer } from '../support/s3-fault-server.ts';
import { createPixelFreeService, type TestServiceParts } from '../support/test-service.ts';
import { keysIn } from '../support/uploads.ts';

// Servers and functions that make variants into one store draw each picture once.

const signal = new AbortController().signal;
const place = 'cat.jpg/.fovea/c_fill,w_10;f_jpeg';
const hour = 3_600_000;

type House = Awaited<ReturnType<typeof createPixelFreeService>>;

async function originalsWithCat(): Promise<ObjectStore> {
  const originals = createMemoryStore();
  await originals.put('cat.jpg', randomBytes(1_000));
  return originals;
}

/** So many services on the same stores. */
function instances(count: number, parts: Omit<TestServiceParts, 'renderer'>): Promise<readonly House[]> {
  const environment = { FOVEA_INSTANCES: 'several', ...parts.environment };
  return Promise.all(Array.from({ length: count }, () => createPixelFreeService({ ...parts, environment })));
}

const rendersOf = (houses: readonly House[]) => houses.reduce((sum, { renderer }) => sum + renderer.renders.length, 0);

/** What so many visitors of each are answered: the statuses and the pictures, each once. */
async function crowd(houses: readonly House[], visitors: number) {
  const asked = houses.flatMap(({ ask }) => Array.from({ length: visitors }, () => ask('/w_10/cat.jpg')));
  const answers = await Promise.all(
    (await Promise.all(asked)).map(async (response) => `${response.status} ${await response.text()}`),
  );
  return [...new Set(answers)].map((answer) => answer.slice(0, 3));
}

const settledAll = (houses: readonly House[]) => Promise.all(houses.map(({ service }) => service.variants.settled()));

describe('a cold picture that 300 visitors of each of three instances ask for at once', () => {
  it.each(everyStore)('is drawn once, by one of them, with %s for a store', async (_, open) => {
    const houses = await instances(3, { originals: await originalsWithCat(), variants: await open() });
    const releases = houses.map(({ renderer }) => renderer.hold());
    const answers = crowd(houses, 300);
    await expect.poll(() => rendersOf(houses)).toBe(1);
    for (const release of releases) release();
    expect(await answers).toEqual(['200']);
    expect(rendersOf(houses)).toBe(1);
    await settledAll(houses);
  });

  it.each([
    ['cannot create a key once', { createsOnce: false }],
    ['creates it all the same', { createsOnce: true }],
  ])('is drawn by each of them where the store %s', async (_, { createsOnce }) => {
    const store = createMemoryStore();
    const put: ObjectStore['put'] = (key, body, { onlyIfAbsent: _passedOver, ...options } = {}) =>
      store.put(key, body, options);
    const houses = await instances(3, {
      originals: await originalsWithCat(),
      variants: { ...store, put, createsOnce },
    });
    const releases = houses.map(({ renderer }) => renderer.hold());
    const answers = crowd(houses, 10);
    await expect.poll(() => rendersOf(houses)).toBe(3);
    for (const release of releases) release();
    expect(await answers).toEqual(['200']);
    await settledAll(houses);
  });

  it('is drawn by each of them where the store refuses such puts, which costs each one try in ten seconds', async () => {
    const variants = createFaultyStore(createMemoryStore());
    variants.fail('put', { kind: 'upstream' }, (key) => key === place);
    const houses = await instances(2, { originals: await originalsWithCat(), variants });
    expect(await crowd(houses, 10)).toEqual(['200']);
    expect(rendersOf(houses)).toBe(2);
    await settledAll(houses);
    const before = variants.count('put');
    expect((await houses[0]?.ask('/w_11/cat.jpg'))?.status).toBe(200);
    await settledAll(houses);
    expect(variants.count('put') - before).toBe(1);
  });
});

describe('a lease', () => {
  it('is an empty object in the place of the variant, which replaces it', async () => {
    const variants = createMemoryStore();
    const [house] = await instances(1, { originals: await originalsWithCat(), variants });
    const release = house?.renderer.hold();
    const answer = house?.ask('/w_10/cat.jpg');
    await expect.poll(async () => (await variants.head(place))?.size).toBe(0);
    release?.();
    expect((await answer)?.status).toBe(200);
    await house?.service.variants.settled();
    expect((await variants.head(place))?.size).toBeGreaterThan(0);
    expect(await keysIn(variants)).toEqual([place]);
  });

  it('costs a cold variant one call of S3 more, and nothing where there is one instance', async () => {
    const server = await startS3FaultServer();
    const stores = { originals: await storeOn(server, 'originals/'), variants: await storeOn(server, 'variants/') };
    await stores.originals.put('cat.jpg', randomBytes(1_000));
    // Once for each process, of a store that is not AWS's.
    await stores.variants.conditions();
    const before = server.requests.length;
    const [house] = await instances(1, stores);
    expect((await house?.ask('/w_10/cat.jpg'))?.status).toBe(200);
    await house?.service.variants.settled();
    const calls = server.requests.slice(before).map(({ method, key }) => `${method} ${key.split('/')[0]}`);
    expect(calls.sort()).toEqual(['GET originals', 'GET variants', 'HEAD originals', 'PUT variants', 'PUT variants']);
    await house?.service.close();
    await server.close();
  });

  it('of one who is gone is waited for as long as a render may take, and the picture is drawn then', async () => {
    const variants = createMemoryStore();
    await variants.put(place, new Uint8Array());
    const config = { renderTimeoutMs: 200 };
    const houses = await instances(1, { originals: await originalsWithCat(), variants, config });
    expect(await crowd(houses, 5)).toEqual(['200']);
    expect(rendersOf(houses)).toBe(1);
    await settledAll(houses);
    expect((await variants.head(place))?.size).toBeGreaterThan(0);
  });

  it('that is older than clocks are wrong is not waited for', async () => {
    const store = createMemoryStore();
    const variants: ObjectStore = {
      ...store,
      async get(key, options) {
        const object = await store.get(key, options);
        const lastModified = new Date(Date.now() - hour);
        return object && { ...object, info: { ...object.info, lastModified } };
      },
    };
    await variants.put(place, new Uint8Array());
    // A wait of an hour would be the test's end.
    const config = { renderTimeoutMs: 2 * hour - 2 * 70_000 };
    const houses = await instances(1, { originals: await originalsWithCat(), variants, config });
    expect(await crowd(houses, 5)).toEqual(['200']);
    expect(rendersOf(houses)).toBe(1);
    await settledAll(houses);
  });

  it('is given back when nothing comes of it: the next one draws at once', async () => {
    const variants = createMemoryStore();
    const [house] = await instances(1, { originals: await originalsWithCat(), variants });
    house?.renderer.failWith(new Failure('corrupt', 'No picture.'));
    expect((await house?.ask('/w_10/cat.jpg'))?.status).toBe(422);
    await house?.service.variants.settled();
    expect(await keysIn(variants)).toEqual([]);
  });

  it('that we took without being told so is our own', async () => {
    const variants = createMemoryStore();
    const put: ObjectStore['put'] = async (key, body, options) => {
      const info = await variants.put(key, body, options);
      // The answer was lost, and a second try found the key taken.
      return options?.onlyIfAbsent ? undefined : info;
    };
    const houses = await instances(1, { originals: await originalsWithCat(), variants: { ...variants, put } });
    expect(await crowd(houses, 5)).toEqual(['200']);
    expect(rendersOf(houses)).toBe(1);
    await settledAll(houses);
    expect((await variants.head(place))?.size).toBeGreaterThan(0);
  });

  it('is not taken in the place of an older variant, which is replaced as by one instance', async () => {
    const originals = await originalsWithCat();
    const variants = createFaultyStore(createMemoryStore());
    const environment = { FOVEA_ORIGINAL_TTL: '0' };
    const houses = await instances(1, { originals, variants, environment });
    await crowd(houses, 1);
    await settledAll(houses);
    await originals.put('cat.jpg', randomBytes(1_200));
    const before = variants.count('put');
    expect(await crowd(houses, 1)).toEqual(['200']);
    await settledAll(houses);
    expect(rendersOf(houses)).toBe(2);
    expect(variants.count('put') - before).toBe(1);
  });
});

describe('a purge', () => {
  it('takes leases along: who waits for one draws the new picture', async () => {
    const originals = await originalsWithCat();
    const variants = createMemoryStore();
    const [here, there] = await instances(2, { originals, variants });
    const release = here?.renderer.hold();
    const early = here?.ask('/w_10/cat.jpg');
    await expect.poll(() => here?.renderer.renders.length).toBe(1);
    await originals.put('cat.jpg', randomBytes(1_200));
    const late = there?.ask('/w_10/cat.jpg');
    expect(await there?.service.variants.purge({ keys: ['cat.jpg'] }, { signal })).toMatchObject({
      variantsDeleted: 0,
    });
    const picture = await (await late)?.text();
    release?.();
    await (await early)?.text();
    await settledAll([here, there].flatMap((house) => house ?? []));
    expect(await (await there?.ask('/w_10/cat.jpg'))?.text()).toBe(picture);
    expect(there?.renderer.renders).toHaveLength(1);
  });

  it('that overtakes the owner has it give the lease back', async () => {
    const originals = createPausingStore(await originalsWithCat());
    const variants = createMemoryStore();
    const [house] = await instances(1, { originals, variants });
    const release = house?.renderer.hold();
    const asked = house?.ask('/w_10/cat.jpg');
    await expect.poll(() => house?.renderer.renders.length).toBe(1);
    await house?.service.variants.purge({ keys: ['cat.jpg'] }, { signal });
    release?.();
    expect((await asked)?.headers.get('cache-control')).toBe('no-store');
    await house?.service.variants.settled();
    expect((await keysIn(variants)).filter((key) => !key.startsWith('.fovea-purges/'))).toEqual([]);
  });
});

describe('the collection of variants', () => {
  it('takes leases that were left behind, and neither young ones nor marks', async () => {
    const originals = await originalsWithCat();
    const variants = createAgeingStore(createMemoryStore());
    const [house] = await instances(1, { originals, variants });
    await variants.put(place, new Uint8Array());
    await variants.put('cat.jpg/.fovea/-served', new Uint8Array());
    await variants.age(hour);
    await variants.put('cat.jpg/.fovea/w_11', new Uint8Array());
    const options = { minAgeMs: hour, maxShare: 1, dryRun: false, signal };
    for await (const _ of house?.service.variants.collectVariants(options) ?? []);
    expect(await keysIn(variants)).toEqual(['cat.jpg/.fovea/-served', 'cat.jpg/.fovea/w_11']);
  });
});
