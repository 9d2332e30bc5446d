import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
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
  return { ...its, told, renders: () => renders };
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
