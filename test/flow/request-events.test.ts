import { expect, it, onTestFinished } from 'vitest';
import { sign } from '../../src/signing.ts';
import { type AskOptions, serveByTwoLanes } from '../support/two-lanes.ts';

// What the log and the metrics are told of a request, by whichever way it is answered.

const secret = 'a signing secret of the tests: long enough';
const environment = { FOVEA_SIGNING_SECRETS: secret, FOVEA_TRUSTED_PROXIES: '127.0.0.1' };

async function serve() {
  const house = await serveByTwoLanes({ environment });
  onTestFinished(house.close);
  const told = () => house.telemetry.events.flatMap((event) => (event.type === 'request' ? [event] : []));
  return { ...house, told };
}

it('tells from which tier a picture came, in which format, and that it was unchanged', async () => {
  const { byLane, byWhole, service, told } = await serve();
  const { headers } = await byLane('/w_100/cat.jpg');
  await service.variants.settled();
  const etag = headers.find((line) => line.startsWith('etag: '))?.slice(6) ?? '';
  for (const ask of [byWhole, byLane, byLane]) {
    await ask('/w_100/cat.jpg');
    await ask('/w_100/cat.jpg', { headers: { 'if-none-match': etag } });
  }
  await byWhole('/cat.jpg');
  await byWhole('/w_100/no.jpg');
  await byWhole('/-/health');
  expect(told().map(({ picture }) => picture)).toEqual([
    { tier: 'render', format: 'jpeg' },
    ...Array.from({ length: 3 }, () => [{ tier: 'memory', format: 'jpeg' }, { tier: 'unchanged' }]).flat(),
    // What stands for a picture here has no format.
    { tier: 'original' },
    undefined,
    undefined,
  ]);
});

it('tells who asks as trusted proxies say it, from which page without its query, and by which program, in bounds', async () => {
  const { byLane, byWhole, told } = await serve();
  const page = `https://me:secret@shop.example/s--${sign('w_1/a.jpg', secret, 'sha256')}--/cart?token=abc#top`;
  const asked: AskOptions = {
    headers: { 'x-forwarded-for': '203.0.113.9', referer: page, 'user-agent': `Mozilla ${'x'.repeat(1_000)}` },
  };
  // The second of the lane is answered by it.
  for (const ask of [byWhole, byLane, byLane]) await ask('/w_100/cat.jpg', asked);
  const visitors = told().map(({ visitor }) => visitor);
  expect(visitors).toHaveLength(3);
  for (const visitor of visitors) {
    expect(visitor).toEqual({
      client: '203.0.113.9',
      referer: 'https://shop.example/s--…--/cart',
      userAgent: `Mozilla ${'x'.repeat(192)}`,
    });
  }
  await byWhole('/w_100/cat.jpg', { headers: { referer: `https://a.example/${'p'.repeat(5_000)}` } });
  expect(told().at(-1)?.visitor?.referer).toHaveLength(300);
});
