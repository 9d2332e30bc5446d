import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import { listen } from '../../src/http/index.ts';
import { sign } from '../../src/signing.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { sendRaw } from '../support/raw-http.ts';
import { type AskOptions, serveByTwoLanes } from '../support/two-lanes.ts';

// What was answered out of memory is answered again ahead of everything: with the same words, and only while it is true.

const secret = 'a signing secret of the tests: long enough';
const environment = { FOVEA_SIGNING_SECRETS: secret };
const config = { file: { ...readConfig({}).file, clientHints: true } };
const signed = (text: string) => `/s--${sign(text, secret, 'sha256')}--/${text}`;
const path = '/w_100/cat.jpg';

type House = Awaited<ReturnType<typeof serveByTwoLanes>>;

async function serve(parts: Parameters<typeof serveByTwoLanes>[0] = {}): Promise<House> {
  const house = await serveByTwoLanes({ environment, config, ...parts });
  onTestFinished(house.close);
  return house;
}

/** Until it is in memory and its answer known. */
async function warmUp({ byLane }: House, options: AskOptions = {}, at = path): Promise<void> {
  for (let times = 0; times < 2; times += 1) await byLane(at, options);
}

describe('an answer of the lane', () => {
  let house: House;
  beforeAll(async () => {
    house = await serveByTwoLanes({ environment, config });
  });
  afterAll(() => house.close());

  const chrome = { accept: 'image/avif,image/webp,image/*,*/*;q=0.8', 'save-data': 'on' };
  const cases: readonly (readonly [string, string, AskOptions])[] = [
    ['a size', path, {}],
    ['HEAD', path, { method: 'HEAD' }],
    ['a format that is chosen', '/w_101,f_auto,q_auto/cat.jpg', { headers: chrome }],
    ['the same without a word of the client’s', '/w_101,f_auto,q_auto/cat.jpg', {}],
    ['client hints', '/c_limit,w_auto/dpr_auto/cat.jpg', { headers: { 'sec-ch-width': '600', dpr: '2' } }],
    ['a name to keep it by', '/w_102,fl_attachment:na%C3%AFve/cat.jpg', {}],
    ['a signed URL', signed('w_103/cat.jpg'), {}],
    ['a layer', '/w_104,l_cat.jpg/cat.jpg', {}],
    ['a query', `${path}?v=1`, {}],
    ['headers that decide nothing', path, { headers: { cookie: 'a=b', origin: 'http://x.test', 'x-odd': '1' } }],
  ];

  it.each(cases)('is that of the whole way, header by header: %s', async (_, at, options) => {
    await warmUp(house, options, at);
    const whole = await house.byWhole(at, options);
    let answered: unknown;
    const isInLane = await house.inLane(async () => {
      answered = await house.byLane(at, options);
    });
    expect([isInLane, answered]).toEqual([true, whole]);
    expect(whole.status).toBe(200);
  });

  it.each([
    ['the tag itself', (etag: string) => etag],
    ['a weak one', (etag: string) => `W/${etag}`],
    ['a list', (etag: string) => `"a, b", ${etag}`],
    ['whatever there is', () => '*'],
    ['another', () => '"another"'],
  ])('to If-None-Match with %s is too', async (_, condition) => {
    await warmUp(house);
    const etag = (await house.byLane(path)).headers.find((line) => line.startsWith('etag: '))?.slice(6) ?? '';
    const options = { headers: { 'if-none-match': condition(etag) } };
    const whole = await house.byWhole(path, options);
    const head = { ...options, method: 'HEAD' };
    const isInLane = await house.inLane(async () => {
      expect(await house.byLane(path, options)).toEqual(whole);
      expect(await house.byLane(path, head)).toEqual({ ...whole, body: '' });
    });
    expect(isInLane).toBe(true);
    expect(whole.status).toBe(condition('') === '"another"' ? 200 : 304);
  });

  it('of large pictures is too, one after the other: each makes room once it was sent', async () => {
    const large = await serve({ sendingBytes: 300_000 });
    large.renderer.pad(200_000);
    const paths = ['/w_201/cat.jpg', '/w_202/cat.jpg'];
    for (const at of paths) await warmUp(large, {}, at);
    for (const at of [...paths, ...paths]) {
      const whole = await large.byWhole(at);
      const isInLane = await large.inLane(async () => expect(await large.byLane(at)).toEqual(whole));
      expect([isInLane, whole.body.length]).toEqual([true, 200_000]);
    }
  });

  it('is logged and counted alike', async () => {
    const asked: readonly AskOptions[] = [{}, { method: 'HEAD' }, { headers: { 'if-none-match': '*' } }];
    for (const options of asked) {
      await warmUp(house, options);
      const told = async (work: () => Promise<unknown>) => {
        const before = house.telemetry.events.length;
        await work();
        return house.telemetry.events.slice(before).map((event) => {
          if (event.type !== 'request') return event;
          expect(event.requestId).toMatch(/^[\da-f-]{36}$/);
          expect(event.durationMs).toBeGreaterThan(0);
          return { ...event, requestId: '…', durationMs: 0 };
        });
      };
      const whole = await told(() => house.byWhole(path, options));
      expect(await told(() => house.byLane(path, options))).toEqual(whole);
    }
  });
});

describe('the lane leaves to the whole way', () => {
  it.each<[string, AskOptions]>([
    ['a range', { headers: { range: 'bytes=0-3' } }],
    ['a date that is compared', { headers: { 'if-modified-since': new Date(0).toUTCString() } }],
    ['whoever brings a token', { headers: { authorization: 'Bearer x' } }],
    ['a body', { headers: { 'content-length': '1' }, body: 'x' }],
    ['another method', { method: 'DELETE' }],
    ['a long list of tags', { headers: { 'if-none-match': '"a", '.repeat(60) } }],
    ['another host', { headers: { host: 'img.example' } }],
    ['other hints', { headers: { 'sec-ch-dpr': '3' } }],
    ['another Accept, be it empty', { headers: { accept: '' } }],
  ])('%s', async (_, options) => {
    const house = await serve();
    await warmUp(house);
    expect(await house.inLane(() => house.byLane(path))).toBe(true);
    expect(await house.inLane(() => house.byLane(path, options))).toBe(false);
  });

  it('a host that is none, which it refuses', async () => {
    const house = await serve();
    await warmUp(house);
    expect((await house.byLane(path, { headers: { host: 'a b' } })).status).toBe(400);
  });

  it('a URL that ends, each time', async () => {
    const house = await serve();
    const at = signed(`e_${Math.floor(Date.now() / 1000) + 60}/w_100/cat.jpg`);
    await warmUp(house, {}, at);
    expect(await house.inLane(() => house.byLane(at))).toBe(false);
  });

  it('a picture of more bytes than one turn of the event loop has for it, or than there is room for', async () => {
    const { service } = await serve({ sendingBytes: 300_000 });
    const facts = { contentType: 'image/jpeg', etag: '"large"', version: '1', lastModified: new Date(0) };
    const held: (() => void)[] = [];
    const resent = (bytes: number) =>
      service.variants.resend(
        { ...facts, bytes: new Uint8Array(bytes) },
        { client: () => 'one', onHeld: (giveBack) => held.push(giveBack) },
      )?.byteLength;
    expect([resent(262_145), held.length]).toEqual([undefined, 0]);
    expect([resent(65_536), held.length]).toEqual([65_536, 0]);
    expect([resent(262_144), held.length]).toEqual([262_144, 1]);
    expect([resent(65_537), held.length]).toEqual([undefined, 1]);
    for (const giveBack of held) giveBack();
    expect(resent(65_537)).toBe(65_537);
  });

  it('everything, once the server drains: its answers end their connections', async () => {
    const house = await serve();
    await warmUp(house);
    house.drain();
    expect(await house.inLane(() => house.byLane(path))).toBe(false);
  });

  it('whoever was passed on, where that makes another policy', async () => {
    const ladder = { ...config.file.ladder, snap: true };
    const house = await serve({ environment: { FOVEA_UNSIGNED: '' }, config: { file: { ...config.file, ladder } } });
    const at = '/c_limit,w_333/cat.jpg';
    await warmUp(house, {}, at);
    const forwarded = { headers: { 'x-forwarded-for': '203.0.113.7' } };
    await warmUp(house, forwarded, at);
    const [whole, answered] = [await house.byWhole(at, forwarded), await house.byLane(at, forwarded)];
    expect(answered).toEqual(whole);
    expect(await house.inLane(() => house.byLane(at))).toBe(true);
    expect((await house.byLane(at)).body).not.toBe(answered.body);
  });
});

describe('what the lane knows ends', () => {
  const signal = new AbortController().signal;

  it('with a purge', async () => {
    const house = await serve();
    await warmUp(house);
    const before = await house.byLane(path);
    await house.originals.put('cat.jpg', Buffer.from('another cat'));
    await house.service.variants.purge({ keys: ['cat.jpg'] }, { signal });
    const after = await house.byLane(path);
    expect(after.body).not.toBe(before.body);
    await house.byLane(path);
    expect(await house.inLane(async () => expect((await house.byLane(path)).body).toBe(after.body))).toBe(true);
  });

  it('not with the purge of another picture', async () => {
    const house = await serve();
    await house.originals.put('dog.jpg', Buffer.from('a dog'));
    await warmUp(house);
    await house.service.variants.purge({ keys: ['dog.jpg'] }, { signal });
    expect(await house.inLane(() => house.byLane(path))).toBe(true);
  });

  it('with the time that a version is believed', async () => {
    const house = await serve({ environment: { ...environment, FOVEA_ORIGINAL_TTL: '0' } });
    await warmUp(house);
    expect(await house.inLane(() => house.byLane(path))).toBe(false);
    await house.originals.put('cat.jpg', Buffer.from('another cat'));
    const [answered, whole] = [await house.byLane(path), await house.byWhole(path)];
    expect(answered.body).toBe(whole.body);
  });

  it('when the picture has left memory', async () => {
    const house = await serve({ config: { ...config, memoryBytes: 8_000 } });
    await warmUp(house);
    for (let width = 1; width < 40; width += 1) await house.byWhole(`/w_${width}/cat.jpg`);
    expect(await house.inLane(() => house.byLane(path))).toBe(false);
  });

  it('when a layer of it is purged', async () => {
    const house = await serve();
    await house.originals.put('dog.jpg', Buffer.from('a dog'));
    const at = '/w_100,l_dog.jpg/cat.jpg';
    await warmUp(house, {}, at);
    expect(await house.inLane(() => house.byLane(at))).toBe(true);
    await house.service.variants.purge({ keys: ['dog.jpg'] }, { signal });
    expect(await house.inLane(() => house.byLane(at))).toBe(false);
  });

  it('when another process has purged, within a second', async () => {
    const variants = createMemoryStore();
    const originals = createMemoryStore();
    const house = await serve({ originals, variants });
    const other = await serve({ originals, variants });
    await warmUp(house);
    const before = await house.byLane(path);
    await originals.put('cat.jpg', Buffer.from('another cat'));
    await other.service.variants.purge({ keys: ['cat.jpg'] }, { signal });
    await expect
      .poll(async () => (await house.byLane(path)).body, { timeout: 1_500, interval: 20 })
      .not.toBe(before.body);
  });
});

describe('many requests in one packet', () => {
  it('are answered one after the other, and none twice', async () => {
    const house = await serve();
    const server = await listen(house.service.app, { port: 0, host: '127.0.0.1' });
    onTestFinished(() => server.close());
    const request = `GET ${path} HTTP/1.1\r\nHost: fovea.test\r\n\r\n`;
    await sendRaw(server.url, request.repeat(2), { until: (text) => text.split('HTTP/1.1 200').length > 2 });
    const last = `GET ${path} HTTP/1.1\r\nHost: fovea.test\r\nConnection: close\r\n\r\n`;
    const { statuses, closed } = await sendRaw(server.url, request.repeat(199) + last);
    expect([statuses.length, new Set(statuses), closed]).toEqual([200, new Set([200]), true]);
  });

  it('of a client that reads nothing stay under watch', async () => {
    const house = await serve();
    const limits = { checkIntervalMs: 20, sendStallTimeoutMs: 40 };
    const server = await listen(house.service.app, { port: 0, host: '127.0.0.1', limits });
    onTestFinished(() => server.close());
    await warmUp(house);
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    let hasEnded = false;
    socket.pause().once('error', () => {
      hasEnded = true;
    });
    const requests = `GET ${path} HTTP/1.1\r\nHost: fovea.test\r\n\r\n`.repeat(500);
    // What the kernel would take for it has an end.
    await expect.poll(() => !socket.write(requests) && hasEnded, { timeout: 20_000, interval: 5 }).toBe(true);
  }, 30_000);
});
