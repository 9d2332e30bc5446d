import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { storeOn } from '../support/fault-storm.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPausingStore } from '../support/pausing-store.ts';
import { startS3FaultServer } from '../support/s3-fault-server.ts';
import { createPixelFreeService } from '../support/test-service.ts';

afterEach(() => vi.restoreAllMocks());

/** A service on S3, and what its requests cost there. */
async function serviceOnS3() {
  const server = await startS3FaultServer();
  const stores = { originals: await storeOn(server, 'originals/'), variants: await storeOn(server, 'variants/') };
  await stores.originals.put('cat.jpg', randomBytes(1_000));
  await stores.originals.put('dog.jpg', randomBytes(1_000));
  const running = new Set<() => Promise<void>>();
  const start = async () => {
    const { ask, service } = await createPixelFreeService(stores);
    running.add(service.close);
    /** The status, and each call with where it went. */
    const callsOf = async (path: string) => {
      const before = server.requests.length;
      const response = await ask(path);
      await response.arrayBuffer();
      await service.variants.settled();
      const calls = server.requests.slice(before).map(({ method, key }) => `${method} ${key.split('/')[0]}`);
      return { status: response.status, calls: calls.sort() };
    };
    return { ask, callsOf, service };
  };
  const close = async () => {
    for (const end of running) await end();
    await server.close();
  };
  return { ...stores, server, start, close };
}

describe('calls of S3', () => {
  it('are four for a variant that has to be made, of an original nobody has asked for', async () => {
    const { start, close } = await serviceOnS3();
    const { callsOf } = await start();
    expect(await callsOf('/w_10/cat.jpg')).toEqual({
      status: 200,
      calls: ['GET originals', 'GET variants', 'HEAD originals', 'PUT variants'],
    });
    await close();
  });

  it('are two for one that is stored and not in memory', async () => {
    const { start, close } = await serviceOnS3();
    await (await start()).callsOf('/w_10/cat.jpg');
    expect(await (await start()).callsOf('/w_10/cat.jpg')).toEqual({
      status: 200,
      calls: ['GET variants', 'HEAD originals'],
    });
    await close();
  });

  it('are three for what is not there under any name that it may have', async () => {
    const { start, close } = await serviceOnS3();
    const { callsOf } = await start();
    expect(await callsOf('/w_10/nobody.jpg')).toEqual({
      status: 404,
      calls: ['GET originals', 'GET variants', 'HEAD originals'],
    });
    await close();
  });

  it('are three in two seconds of hits', async () => {
    const { start, server, close } = await serviceOnS3();
    const { callsOf, ask } = await start();
    await callsOf('/w_10/cat.jpg');
    let now = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    await ask('/w_10/cat.jpg');
    const before = server.requests.length;
    for (let tick = 0; tick < 200; tick += 1) {
      now += 10;
      await ask('/w_10/cat.jpg');
    }
    expect(server.requests.length - before).toBeLessThanOrEqual(3);
    await close();
  });

  it('are not saved for who joins what began before a purge elsewhere', async () => {
    const originals = createPausingStore(createMemoryStore());
    const variants = createMemoryStore();
    await originals.put('cat.jpg', randomBytes(1_000));
    const [here, there] = await Promise.all([
      createPixelFreeService({ originals, variants }),
      createPixelFreeService({ originals, variants }),
    ]);
    const old = (await there.ask('/w_10/cat.jpg')).headers.get('etag') ?? '';
    const { reached, release } = originals.pauseNext('head');
    const early = here.ask('/w_10/cat.jpg');
    await reached;
    await originals.put('cat.jpg', randomBytes(1_200));
    await there.service.variants.purge({ keys: ['cat.jpg'] }, { signal: new AbortController().signal });
    const late = here.ask('/w_10/cat.jpg', { headers: { 'if-none-match': old } });
    release();
    expect((await late).status).toBe(200);
    await early;
    await Promise.all([here.service.close(), there.service.close()]);
  });

  it('are saved only where nothing is remembered: a purge that another process has announced still counts', async () => {
    const { start, originals, close } = await serviceOnS3();
    const [here, there] = [await start(), await start()];
    await here.callsOf('/w_10/cat.jpg');
    const old = (await here.ask('/w_10/cat.jpg')).headers.get('etag');
    await originals.put('cat.jpg', randomBytes(1_200));
    await there.service.variants.purge({ keys: ['cat.jpg'] }, { signal: new AbortController().signal });
    // The first look of this process, since it has only asked for what it knew nothing of.
    const now = performance.now();
    vi.spyOn(performance, 'now').mockImplementation(() => now + 1_000);
    expect((await here.ask('/w_10/cat.jpg')).headers.get('etag')).not.toBe(old);
    await close();
  });
});
