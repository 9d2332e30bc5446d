import { describe, expect, it } from 'vitest';
import { createFaultyStore } from '../support/faulty-store.ts';
import { resolveTarget } from '../support/grammar.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const picture = Buffer.from('a picture of a cat');

async function counted(config: Parameters<typeof createPixelFreeService>[0] = {}) {
  const originals = createFaultyStore(createMemoryStore());
  const variants = createFaultyStore(createMemoryStore());
  await originals.put('cat.jpg', picture);
  originals.forgetCalls();
  return { originals, variants, ...(await createPixelFreeService({ originals, variants, ...config })) };
}

const crowd = (size: number, ask: (index: number) => Promise<Response>) =>
  Promise.all(Array.from({ length: size }, (_, index) => ask(index)));

describe('a crowd', () => {
  it('of 300 on one cold variant costs one look-up, one fetch, one render and one put, and gets one picture', async () => {
    const { ask, originals, variants, renderer, service } = await counted();
    const responses = await crowd(300, () => ask('/w_128,h_128/cat.jpg'));
    await service.variants.settled();
    const bodies = new Set(await Promise.all(responses.map((response) => response.text())));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(responses.map(({ headers }) => headers.get('etag'))).size).toBe(1);
    expect(bodies.size).toBe(1);
    expect([originals.count('head'), originals.count('get'), renderer.renders.length]).toEqual([1, 1, 1]);
    expect([variants.count('get'), variants.count('put')]).toEqual([1, 1]);
    // Who is told of the version of the original after the first picture is there has it from memory.
    const shared = responses.filter(({ headers }) => /collapsed|memory/.test(headers.get('cache-status') ?? ''));
    expect(shared).toHaveLength(299);
  });

  it('on eight widths of one cold original costs one fetch', async () => {
    const { ask, originals, renderer } = await counted();
    const responses = await crowd(8, (index) => ask(`/w_${100 + index}/cat.jpg`));
    expect(responses.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect([originals.count('head'), originals.count('get'), renderer.renders.length]).toEqual([1, 1, 8]);
  });

  it('on a picture that is not there costs one look-up and one listing of the names it may have, for a while', async () => {
    const { ask, originals } = await counted();
    await crowd(50, () => ask('/w_128/dog'));
    await crowd(50, () => ask('/w_128/dog'));
    expect(originals.calls).toEqual([
      { operation: 'head', key: 'dog' },
      { operation: 'list', key: 'dog.' },
    ]);
  });

  it('is answered from the store after a restart, with the same bytes and tag', async () => {
    const first = await counted();
    const before = await first.ask('/w_128/cat.jpg');
    await first.service.close();
    const { originals, variants } = first;
    const second = await createPixelFreeService({ originals, variants });
    const after = await second.ask('/w_128/cat.jpg');
    expect(after.headers.get('cache-status')).toBe('fovea; hit; detail=store');
    expect(after.headers.get('etag')).toBe(before.headers.get('etag'));
    expect(await after.text()).toBe(await before.text());
    expect(second.renderer.renders).toHaveLength(0);
    const again = await second.ask('/w_128/cat.jpg');
    expect(again.headers.get('cache-status')).toBe('fovea; hit; detail=memory');
  });

  it('waits for one round trip when the store is warm and memory is cold: look-up and read go out together', async () => {
    const { ask, originals, variants, service } = await counted();
    await ask('/w_128/cat.jpg');
    await service.variants.settled();
    const second = await createPixelFreeService({ originals, variants });
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    variants.forgetCalls();
    for (const store of [originals, variants]) store.fail('head', { kind: 'delayed', gate });
    originals.forgetCalls();
    const answer = second.ask('/w_128/cat.jpg');
    const underWay = () => [originals.count('head'), variants.count('get'), variants.count('head')];
    // Nothing is held here that a purge could be about.
    await expect.poll(underWay).toEqual([1, 1, 0]);
    open();
    expect((await answer).headers.get('cache-status')).toBe('fovea; hit; detail=store');
    expect(variants.count('get')).toBe(1);
    // Of an original that is known, the look for purges goes out with them.
    for (const store of [originals, variants]) store.forgetCalls();
    expect((await second.ask('/w_64/cat.jpg')).status).toBe(200);
    expect(underWay()).toEqual([0, 1, 1]);
  });
});

describe('a full house', () => {
  const small = { environment: { FOVEA_RENDERERS: '1', FOVEA_QUEUE_MAX: '4' } };

  it('refuses at once with 503 and Retry-After, while hits go on', async () => {
    const { ask, renderer } = await counted(small);
    await ask('/w_1/cat.jpg');
    const release = renderer.hold();
    // One renderer has two slots (one fetches while the other renders); four more may wait.
    const admitted = Array.from({ length: 6 }, (_, index) => ask(`/w_${10 + index}/cat.jpg`));
    await expect.poll(() => renderer.renders.length).toBe(3);
    const started = performance.now();
    const refused = await crowd(20, (index) => ask(`/w_${50 + index}/cat.jpg`));
    const refusalMs = performance.now() - started;
    expect(refused.map(({ status }) => status)).toEqual(Array(20).fill(503));
    // Each at a time of its own: the first behind 4 others, the last behind 23, two at a time.
    const comeAgain = refused.map(({ headers }) => Number(headers.get('retry-after')));
    expect(comeAgain.every((seconds) => Number.isInteger(seconds) && seconds >= 1 && seconds <= 30)).toBe(true);
    expect(comeAgain.at(-1)).toBeGreaterThan(comeAgain[0] ?? 0);
    expect(refused.every(({ headers }) => headers.get('cache-control') === 'no-store')).toBe(true);
    // Long before the time after which whoever waits is told to come again.
    expect(refusalMs).toBeLessThan(5_000);
    expect((await ask('/w_1/cat.jpg')).headers.get('cache-status')).toBe('fovea; hit; detail=memory');
    release();
    expect((await Promise.all(admitted)).map(({ status }) => status)).toEqual(Array(6).fill(200));
  });

  it('takes no picture from whoever joined the request of somebody that waits for too many', async () => {
    const { service, renderer } = await counted(small);
    const signal = new AbortController().signal;
    const deliver = async (client: string, width: number) => {
      const transform = resolveTarget(`/w_${width}/cat.jpg`);
      const found = await service.variants.identify([{ key: 'cat.jpg', transform }], { signal, readAhead: false });
      if (found.kind !== 'variant') throw new Error('a candidate with a transform is a variant');
      return service.variants.deliver(found, { signal, client: () => client });
    };
    const release = renderer.hold();
    const hogs = [10, 11, 12, 13, 14].map((width) => deliver('hog', width));
    await expect.poll(() => renderer.renders.length).toBe(2);
    const [own, again, visitor] = [deliver('hog', 15), deliver('hog', 15), deliver('visitor', 15)];
    const last = Promise.allSettled([own, again, visitor]);
    // Refused only once the queue is full: with those that asked before it.
    await expect(deliver('hog', 16)).rejects.toMatchObject({ kind: 'overloaded' });
    const other = deliver('another', 20);
    await expect(own).rejects.toMatchObject({ kind: 'overloaded' });
    release();
    expect((await last).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect((await other).from).toBe('render');
    await Promise.allSettled(hogs);
  });

  it('drops queued work when its last visitor leaves, and keeps it while one stays', async () => {
    const { ask, renderer } = await counted(small);
    const release = renderer.hold();
    const running = [ask('/w_10/cat.jpg'), ask('/w_11/cat.jpg')];
    await expect.poll(() => renderer.renders.length).toBe(2);
    const leaver = new AbortController();
    const stayer = ask('/w_12/cat.jpg');
    const shared = ask('/w_12/cat.jpg', { signal: leaver.signal });
    const alone = ask('/w_13/cat.jpg', { signal: leaver.signal });
    // The queue is full once these two wait as well: so the work of all four is in it before anybody leaves.
    const fillers = [ask('/w_14/cat.jpg'), ask('/w_15/cat.jpg')];
    await expect.poll(async () => (await ask('/w_16/cat.jpg')).status).toBe(503);
    leaver.abort();
    expect((await alone).status).toBe(499);
    expect((await shared).status).toBe(499);
    release();
    await Promise.all([...running, ...fillers]);
    expect((await stayer).status).toBe(200);
    expect(renderer.renders).not.toContain('c_fill,w_13/f_jpeg');
  });

  it('tells a visitor who has waited too long to come again, and drops or finishes what was asked for', async () => {
    const { ask, renderer } = await counted({ ...small, config: { renderTimeoutMs: -800 } });
    const release = renderer.hold();
    const begun = ask('/w_10/cat.jpg');
    await expect.poll(() => renderer.renders.length).toBe(1);
    const waiting = ['/w_11/cat.jpg', '/w_12/cat.jpg', '/w_13/cat.jpg'].map((path) => ask(path));
    for (const answer of [begun, ...waiting]) {
      const { status, headers } = await answer;
      expect([status, headers.get('retry-after'), headers.get('cache-control')]).toEqual([503, '2', 'no-store']);
    }
    release();
    await expect.poll(async () => (await ask('/w_10/cat.jpg')).headers.get('cache-status')).toContain('hit');
    expect(renderer.renders).not.toContain('c_fill,w_13/f_jpeg');
  });

  it('finishes a render whose visitor has left, into the cache', async () => {
    const { ask, renderer, service } = await counted(small);
    const release = renderer.hold();
    const leaver = new AbortController();
    const left = ask('/w_10/cat.jpg', { signal: leaver.signal });
    await expect.poll(() => renderer.renders.length).toBe(1);
    leaver.abort();
    expect((await left).status).toBe(499);
    release();
    await expect.poll(async () => (await ask('/w_10/cat.jpg')).status).toBe(200);
    expect(renderer.renders).toHaveLength(1);
    await service.close();
  });
});

describe('an overwritten original', () => {
  it('is never answered with the old picture once its version is looked up again', async () => {
    const { ask, originals, service } = await counted({ config: { originalTtlMs: 0 } });
    const before = await (await ask('/w_128/cat.jpg')).text();
    await service.variants.settled();
    await originals.put('cat.jpg', Buffer.from('another cat'));
    const after = await ask('/w_128/cat.jpg');
    expect(after.headers.get('cache-status')).toContain('fwd=miss');
    expect(await after.text()).not.toBe(before);
  });

  it('that changed behind a remembered version is noticed when it is read, and rendered as it is now', async () => {
    const { ask, originals } = await counted();
    // The version is remembered, the bytes are not yet: a request for the original looked it up.
    await ask('/cat.jpg', { method: 'HEAD' });
    await originals.put('cat.jpg', Buffer.from('another cat'));
    const expected = await createPixelFreeService({ originals });
    const response = await ask('/w_2/cat.jpg');
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(await (await expected.ask('/w_2/cat.jpg')).text());
  });
});
