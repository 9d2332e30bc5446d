import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Config, readConfig } from '../../src/config/index.ts';
import type { Renderer } from '../../src/image/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { from, quarters } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { createTestService } from '../support/test-service.ts';

const { renderer } = startRenderer();
afterAll(() => renderer.close());

const adminToken = 'the admin token of the tests';

async function house(file: Partial<Config['file']> = {}, unsigned: Config['unsigned'] = 'ladder') {
  const originals = createMemoryStore();
  const picture = await from(quarters(64, 48)).png().toBuffer();
  for (const key of ['a.png', 'members/a.png']) await originals.put(key, picture, { contentType: 'image/png' });
  const config = { adminToken, unsigned, file: { ...readConfig({}).file, ...file } };
  let renders = 0;
  const counting: Renderer = {
    ...renderer,
    render: (...given) => {
      renders += 1;
      return renderer.render(...given);
    },
  };
  const its = await createTestService({ originals, renderer: counting, config });
  onTestFinished(() => its.service.variants.settled());
  const told = async (path: string, headers: Readonly<Record<string, string>> = {}) => its.ask(path, { headers });
  return { ...its, originals, told, renders: () => renders };
}

describe('GET /-/info/<key>', () => {
  it('describes an original once for each version, whatever unsigned URLs may ask for', async () => {
    const { told, renders } = await house();
    const first = await told('/-/info/a.png');
    expect([first.status, first.headers.get('cache-control')]).toEqual([200, 'public, max-age=60']);
    expect(await first.json()).toMatchObject({
      width: 64,
      height: 48,
      format: 'png',
      placeholder: expect.stringMatching(/^data:/),
    });
    const etag = first.headers.get('etag') ?? '';
    expect((await told('/-/info/a.png', { 'if-none-match': etag })).status).toBe(304);
    expect((await told('/-/info/a.png')).status).toBe(200);
    expect(renders()).toBe(1);
  });

  it('tells whoever has it that nothing has changed, without making it again', async () => {
    const { ask, told, renders } = await house();
    const etag = (await told('/-/info/a.png')).headers.get('etag') ?? '';
    const purge = { method: 'POST', headers: { authorization: `Bearer ${adminToken}` } };
    expect((await ask('/-/purge', { ...purge, body: JSON.stringify({ keys: ['a.png'] }) })).status).toBe(200);
    for (const name of ['info', 'placeholder']) {
      const unchanged = await told(`/-/${name}/a.png`, { 'if-none-match': etag });
      expect([name, unchanged.status, unchanged.headers.get('etag')]).toEqual([name, 304, etag]);
    }
    expect(renders()).toBe(1);
  });

  it('has the placeholder as a picture of its own', async () => {
    const { told } = await house();
    const response = await told('/-/placeholder/a.png');
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/webp']);
    expect((await response.arrayBuffer()).byteLength).toBeLessThan(300);
  });

  it('is for whoever may have the original, and for the admin', async () => {
    const { told } = await house({ protected: { private: [], authenticated: ['members/'] } });
    for (const name of ['info', 'placeholder']) {
      const [there, absent] = [await told(`/-/${name}/members/a.png`), await told(`/-/${name}/members/b.png`)];
      expect([there.status, absent.status]).toEqual([401, 401]);
      const admin = await told(`/-/${name}/members/a.png`, { authorization: `Bearer ${adminToken}` });
      expect([admin.status, admin.headers.get('cache-control')]).toEqual([200, 'no-store']);
    }
  });

  it('is not there for what is not there', async () => {
    const { told } = await house();
    expect((await told('/-/info/none.png')).status).toBe(404);
    expect((await told('/-/info/.fovea-fetch/x')).status).toBe(400);
  });
});

describe('POST /-/info', () => {
  const lines = async (response: Response) =>
    (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('describes many as one is described, each for whoever may have it, and in their order', async () => {
    const { ask, told, renders } = await house({ protected: { private: ['members/'], authenticated: [] } });
    const keys = ['members/a.png', 'none.png', 'a.png'];
    const asked = (headers: Record<string, string> = {}) =>
      ask('/-/info', { method: 'POST', headers, body: JSON.stringify({ keys }) });
    const one = (await (await told('/-/info/a.png')).json()) as object;
    const response = await asked();
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(await lines(response)).toEqual([
      { key: 'members/a.png', error: expect.objectContaining({ status: 401 }) },
      { key: 'none.png', error: expect.objectContaining({ status: 404 }) },
      { key: 'a.png', ...one },
    ]);
    expect(renders()).toBe(1);
    const asAdmin = await lines(await asked({ authorization: `Bearer ${adminToken}` }));
    expect(asAdmin[0]).toMatchObject({ key: 'members/a.png', width: 64 });
  });

  it('tells what goes wrong with one in its line, and a bug to the operator alone', async () => {
    const { ask, originals, telemetry } = await house();
    const { head } = originals;
    vi.spyOn(originals, 'head').mockImplementation(async (key, options) => {
      if (key === 'b.png') throw new TypeError('a secret');
      return head(key, options);
    });
    const response = await ask('/-/info', { method: 'POST', body: JSON.stringify({ keys: ['b.png', 'a.png'] }) });
    const [broken, whole] = await lines(response);
    expect([broken.key, broken.error.status, JSON.stringify(broken).includes('secret')]).toEqual(['b.png', 500, false]);
    expect(whole).toMatchObject({ key: 'a.png', width: 64 });
    expect(telemetry.events).toContainEqual(expect.objectContaining({ type: 'bug', where: 'http' }));
  });

  it('refuses what is no list of keys, or too long a one', async () => {
    const { ask } = await house();
    const many = Array.from({ length: 101 }, (_, index) => `${index}.png`);
    for (const body of [{}, { keys: [] }, { keys: ['a.png', 'a.png'] }, { keys: many }, { keys: ['../a.png'] }]) {
      const response = await ask('/-/info', { method: 'POST', body: JSON.stringify(body) });
      expect([body, response.status]).toEqual([body, 400]);
    }
  });
});

describe('the words for what an original shows', () => {
  it('are those that people set, kept with it and told by its description, and else those of the file', async () => {
    const { ask, told, service } = await house();
    const put = (body: unknown, token = adminToken) =>
      ask('/-/alt/a.png', {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      });
    const alt = async () => ((await (await told('/-/info/a.png')).json()) as { alt?: string }).alt;
    expect(await alt()).toBeUndefined();
    const etag = (await told('/-/info/a.png')).headers.get('etag') ?? '';
    const said = await put({ alt: ' Ein Kater,\nder schläft \u{1f408} ' });
    expect(said.status).toBe(200);
    expect(await alt()).toBe('Ein Kater, der schläft \u{1f408}');
    expect((await told('/-/info/a.png', { 'if-none-match': etag })).status).toBe(200);
    const state = await service.variants.stat('a.png', new AbortController().signal);
    expect(state?.alt).toBe('Ein Kater, der schläft \u{1f408}');
    expect((await put({ alt: 'A tabby' })).status).toBe(200);
    expect(await alt()).toBe('A tabby');
    await service.variants.setFocus('a.png', { x: 0.5, y: 0.5 }, { signal: new AbortController().signal });
    expect(await alt()).toBe('A tabby');
    expect((await put({ clear: true })).status).toBe(200);
    expect(await alt()).toBeUndefined();
    for (const body of [{}, { alt: '' }, { alt: ' ' }, { alt: 'x'.repeat(501) }])
      expect((await put(body)).status).toBe(400);
    expect((await put({ alt: 'x' }, 'another token')).status).toBe(401);
  });
});

describe('where a picture was taken', () => {
  it('is told to the admin who asks for it, and in no other answer', async () => {
    const { ask, told, service, originals } = await house();
    const exif = {
      IFD3: {
        ...{ GPSLatitudeRef: 'N', GPSLatitude: '52/1 22/1 30/1' },
        ...{ GPSLongitudeRef: 'E', GPSLongitude: '13/1 6/1 0/1' },
      },
    };
    await originals.put('there.jpg', await from(quarters(64, 48)).withExif(exif).jpeg().toBuffer());
    const headers = { authorization: `Bearer ${adminToken}` };
    const at = '/-/originals/there.jpg';
    const answer = await (await ask(`${at}?position=true`, { headers })).json();
    expect(answer).toMatchObject({ key: 'there.jpg', position: { latitude: 52.375, longitude: 13.1 } });
    expect((await ask(`${at}?position=true`)).status).toBe(401);
    expect((await ask(`${at}?position=maybe`, { headers })).status).toBe(400);
    for (const path of [at, '/-/info/there.jpg', '/fl_getinfo/there.jpg', '/fl_describe/there.jpg'])
      expect(await (await told(path, headers)).text()).not.toMatch(/position|52\.375/);
    await service.variants.settled();
  });
});
