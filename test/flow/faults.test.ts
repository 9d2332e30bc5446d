import { afterEach, describe, expect, it, vi } from 'vitest';
import { createFaultyStore, type StoreFault } from '../support/faulty-store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';

async function house(config: Parameters<typeof createPixelFreeService>[0] = {}) {
  const originals = createFaultyStore(createMemoryStore());
  const variants = createFaultyStore(createMemoryStore());
  await originals.put('cat.jpg', Buffer.alloc(5000, 'cat'));
  return { originals, variants, ...(await createPixelFreeService({ originals, variants, ...config })) };
}

afterEach(() => vi.useRealTimers());

describe('the variants store', () => {
  const faults: readonly StoreFault[] = [
    { kind: 'upstream' },
    { kind: 'overloaded' },
    { kind: 'timeout' },
    { kind: 'reset-after', bytes: 10 },
    { kind: 'short-body', bytes: 10 },
  ];

  it.each(faults)('failing with $kind fails no request', async (fault) => {
    const { ask, variants, originals, renderer, service } = await house();
    const expected = await (await ask('/w_128/cat.jpg')).text();
    await service.variants.settled();
    variants.fail('all', fault);
    const cold = await createPixelFreeService({ originals, variants });
    const response = await cold.ask('/w_128/cat.jpg');
    expect([response.status, await response.text()]).toEqual([200, expected]);
    expect(renderer.renders).toHaveLength(1);
    expect(cold.telemetry.events).toContainEqual(expect.objectContaining({ type: 'tier-fault', tier: 'variants' }));
  });

  it('down altogether fails none of 500 requests, and is left alone after a few tries', async () => {
    const { ask, variants } = await house();
    variants.fail('all', { kind: 'upstream' });
    for (let index = 1; index <= 500; index += 1) {
      expect((await ask(`/w_${index}/cat.jpg`)).status).toBe(200);
    }
    expect(variants.count('get') + variants.count('put')).toBeLessThan(20);
  });

  it('that takes no more writes still answers with all that it holds', async () => {
    const { ask, variants, originals, service } = await house();
    await ask('/w_128/cat.jpg');
    await service.variants.settled();
    variants.fail('put', { kind: 'upstream' });
    const cold = await createPixelFreeService({ originals, variants });
    await Promise.all(Array.from({ length: 20 }, (_, index) => cold.ask(`/w_${200 + index}/cat.jpg`)));
    await cold.service.variants.settled();
    expect((await cold.ask('/w_128/cat.jpg')).headers.get('cache-status')).toBe('fovea; hit; detail=store');
  });

  it('back after an outage is used again within seconds, although the clock was set back meanwhile', async () => {
    const { ask, variants, originals, service } = await house();
    const stored = [128, 129];
    for (const width of stored) await ask(`/w_${width}/cat.jpg`);
    await service.variants.settled();
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    variants.fail('all', { kind: 'upstream' });
    const cold = await createPixelFreeService({ originals, variants });
    for (let width = 200; width < 220; width += 1) await cold.ask(`/w_${width}/cat.jpg`);
    variants.heal();
    vi.setSystemTime(Date.now() - 600_000);
    const seen: (string | null)[] = [];
    for (const width of stored) {
      seen.push((await cold.ask(`/w_${width}/cat.jpg`)).headers.get('cache-status'));
      vi.advanceTimersByTime(6_000);
    }
    expect(seen).toEqual(['fovea; fwd=miss; stored; detail=render', 'fovea; hit; detail=store']);
  });

  it('that never answers a read costs one bounded wait, not the request', async () => {
    const { ask, variants } = await house();
    variants.fail('get', { kind: 'silent' });
    expect((await ask('/w_128/cat.jpg')).status).toBe(200);
  });

  it('holding something that is not a variant of ours is a miss', async () => {
    const { ask, variants, service, originals } = await house();
    await ask('/w_128/cat.jpg');
    await service.variants.settled();
    for await (const { key } of variants.list(''))
      await variants.put(key, Buffer.from('junk'), { contentType: 'text/html' });
    const cold = await createPixelFreeService({ originals, variants });
    const response = await cold.ask('/w_128/cat.jpg');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
  });
});

describe('the store of originals', () => {
  it.each([
    [{ kind: 'upstream' }, 502],
    [{ kind: 'timeout' }, 504],
    [{ kind: 'overloaded' }, 503],
  ] as const)(
    'failing a look-up with %j is answered %i, never cached, and never remembered as an absence',
    async (fault, status) => {
      const { ask, originals } = await house();
      originals.fail('head', fault);
      const response = await ask('/w_128/cat.jpg');
      expect([response.status, response.headers.get('cache-control')]).toEqual([status, 'no-store']);
      originals.heal();
      expect((await ask('/w_128/cat.jpg')).status).toBe(200);
    },
  );

  it.each([
    { kind: 'reset-after', bytes: 100 },
    { kind: 'short-body', bytes: 100 },
  ] as const)('breaking a body off once ($kind) is tried again', async (fault) => {
    const { ask, originals } = await house();
    originals.failOnce('get', fault);
    expect((await ask('/w_128/cat.jpg')).status).toBe(200);
    expect(originals.count('get')).toBe(2);
  });

  it.each([
    { kind: 'reset-after', bytes: 100 },
    { kind: 'short-body', bytes: 100 },
  ] as const)(
    'breaking bodies off again and again ($kind) is a 502, and nothing is rendered or stored',
    async (fault) => {
      const { ask, originals, renderer, variants, service } = await house();
      originals.fail('get', fault);
      expect((await ask('/w_128/cat.jpg')).status).toBe(502);
      await service.variants.settled();
      expect([renderer.renders.length, variants.count('put')]).toEqual([0, 0]);
    },
  );

  it('down leaves every stored variant served: by a version past its time, and by none at all', async () => {
    const { ask, originals, variants, service } = await house({ config: { originalTtlMs: 0 } });
    const expected = await (await ask('/w_128/cat.jpg')).text();
    await service.variants.settled();
    originals.fail('all', { kind: 'upstream' });
    expect(await (await ask('/w_128/cat.jpg')).text()).toBe(expected);
    const restarted = await createPixelFreeService({ originals, variants });
    const response = await restarted.ask('/w_128/cat.jpg');
    expect([response.status, await response.text()]).toEqual([200, expected]);
    expect((await restarted.ask('/w_129/cat.jpg')).status).toBe(502);
  });

  it('holding a larger original than we take is refused by its size, unread', async () => {
    const { ask, originals } = await house({ config: { maxInputBytes: 1000 } });
    const response = await ask('/w_128/cat.jpg');
    expect(response.status).toBe(413);
    expect(response.headers.get('x-cld-error')).toMatch(/5[,.]?000|5000/);
    expect(originals.count('get')).toBeLessThanOrEqual(1);
  });

  it('refusing makes readiness say so', async () => {
    const { ask, originals } = await house();
    originals.fail('head', { kind: 'upstream' });
    expect((await ask('/-/ready')).status).toBe(503);
    expect((await ask('/-/health')).status).toBe(200);
  });
});
