import { describe, expect, it } from 'vitest';
import { Failure, failureKinds } from '../../src/failure.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const chromium = 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8';
const oldFirefox = 'image/webp,*/*';
const safari = 'image/webp,image/avif,image/jxl,video/*;q=0.8,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5';
const navigation = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8';

async function house(environment: Readonly<Record<string, string>> = {}) {
  const originals = createMemoryStore();
  await originals.put('cat.jpg', Buffer.from('a cat'));
  const service = await createPixelFreeService({ originals, environment });
  const typeFor = async (headers: Readonly<Record<string, string>>, path = '/w_9/none.jpg') =>
    (await service.ask(path, { headers })).headers.get('content-type');
  return { ...service, typeFor };
}

const forImages = { 'sec-fetch-dest': 'image' };

describe('a failure, asked for as a picture,', () => {
  it.each(failureKinds)('is of a type that a browser lets a page see, and %s in all else', async (kind) => {
    const { ask, renderer } = await house();
    renderer.failWith(new Failure(kind, 'no <b> & "c" here'));
    const [plain, shown] = [await ask('/w_9/cat.jpg'), await ask('/w_9/cat.jpg', { headers: forImages })];
    expect([shown.status, plain.headers.get('content-type')]).toEqual([plain.status, 'application/problem+json']);
    expect(shown.headers.get('content-type')).toBe('image/svg+xml');
    for (const name of ['cache-control', 'x-cld-error', 'retry-after', 'vary', 'content-security-policy'])
      expect([name, shown.headers.get(name)]).toEqual([name, plain.headers.get(name)]);
    expect(shown.headers.get('vary')).toBe('Accept, Sec-Fetch-Dest');
    expect([shown.headers.get('x-content-type-options'), shown.headers.get('content-security-policy')]).toEqual([
      'nosniff',
      "default-src 'none'; sandbox",
    ]);
    const body = await shown.text();
    expect(body).toContain('no &lt;b&gt; &amp; &quot;c&quot; here');
    expect(shown.headers.get('content-length')).toBe(String(Buffer.byteLength(body)));
  });

  it.each([
    ['/w_9/none.jpg', 404],
    ['/w_0/cat.jpg', 400],
    ['/w_9,q_auto,f_auto/none.jpg', 404],
    ['/image/nonsense/cat.jpg', 400],
    ['/s--AAAAAAAA--/w_9/cat.jpg', 401],
  ])('is that for %s', async (path, status) => {
    const { ask } = await house();
    const answer = await ask(path, { headers: forImages });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'image/svg+xml']);
    expect(answer.headers.get('vary')).toContain('Sec-Fetch-Dest');
  });

  it('names every header that it hangs on, and none twice', async () => {
    const { ask } = await house();
    const answer = await ask('/w_9,q_auto,f_auto/none.jpg', { headers: forImages });
    expect(answer.headers.get('vary')).toBe('Accept, Save-Data, Sec-Fetch-Dest');
  });

  it('is drawn when the URL says so, whatever is wrong with the rest of it, and no picture otherwise', async () => {
    const { ask } = await house();
    const drawn = ['/fl_draw_errors,w_9/none.jpg', '/w_9,fl_lossy.draw_errors/none.jpg', '/fl_draw_errors/w_0/cat.jpg'];
    for (const path of drawn) {
      const body = await (await ask(path, { headers: forImages })).text();
      expect([path, body.includes('xmlns="http://www.w3.org/2000/svg"')]).toEqual([path, true]);
    }
    expect(await (await ask('/w_9/fl_draw_errors.jpg', { headers: forImages })).text()).not.toContain('xmlns');
    expect((await ask('/fl_draw_errors,w_9/cat.jpg')).headers.get('etag')).toBe(
      (await ask('/w_9/cat.jpg')).headers.get('etag'),
    );
  });

  it('gives way to the substitute that `d_` names', async () => {
    const { typeFor } = await house();
    expect(await typeFor(forImages, '/d_cat.jpg,w_9/none.jpg')).toBe('image/jpeg');
  });
});

describe('a picture is asked for', () => {
  it.each([chromium, oldFirefox, safari, 'image/*', 'image/png,*/*;q=0.1'])('with Accept: %s', async (accept) => {
    const { typeFor } = await house();
    expect(await typeFor({ accept })).toBe('image/svg+xml');
  });

  it.each([navigation, '*/*', 'application/json', 'application/json,image/*;q=0.5', 'image/none', ''])(
    'not with Accept: %s',
    async (accept) => {
      const { typeFor } = await house();
      expect(await typeFor({ accept })).toBe('application/problem+json');
    },
  );

  it('by what a browser says it is for, before its Accept', async () => {
    const { typeFor } = await house();
    expect(await typeFor({ accept: chromium, 'sec-fetch-dest': 'empty' })).toBe('application/problem+json');
    expect(await typeFor({ accept: '*/*', 'sec-fetch-dest': 'image' })).toBe('image/svg+xml');
  });
});
