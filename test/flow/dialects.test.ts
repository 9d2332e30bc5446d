import { describe, expect, it } from 'vitest';
import { type ConfigurationFile, readConfig } from '../../src/config/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const adminToken = 'the admin token of the tests';

interface Setting {
  readonly keys?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly file?: Partial<ConfigurationFile>;
}

async function serviceWith({ keys = ['a.jpg'], environment = {}, file = {} }: Setting) {
  const originals = createMemoryStore();
  for (const key of keys) await originals.put(key, Buffer.from(`the picture ${key}`));
  const config = { file: { ...readConfig({}).file, ...file } };
  return createPixelFreeService({ originals, environment: { FOVEA_UNSIGNED: 'any', ...environment }, config });
}

const etagOf = async (answer: Promise<Response>) => (await answer).headers.get('etag');

describe('a key that begins as the long form does', () => {
  const keys = ['images/project/a.jpg', 'image/b.jpg', 'video/c.jpg', 'v3/d.jpg'];

  it('is found under its plain path', async () => {
    const { ask } = await serviceWith({ keys });
    for (const key of keys) {
      const [plain, marked] = [await ask(`/${key}`), await ask(`/v1/${key}`)];
      expect([key, plain.status, plain.headers.get('etag')]).toEqual([key, 200, marked.headers.get('etag')]);
    }
  });

  it('gives way to what the long form names', async () => {
    const { ask } = await serviceWith({ keys: ['images/project/a.jpg', 'project.jpg'] });
    expect(await etagOf(ask('/images/project/a.jpg'))).toBe(await etagOf(ask('/project.jpg')));
  });

  it('has the options of its query', async () => {
    const { ask, renderer } = await serviceWith({ keys, file: { dialects: ['query'] } });
    const [query, path] = [await ask('/images/project/a.jpg?w=80'), await ask('/w_80/v1/images/project/a.jpg')];
    expect(query.status).toBe(200);
    expect(query.headers.get('etag')).toBe(path.headers.get('etag'));
    expect(renderer.renders).toHaveLength(1);
    expect((await ask('/images/project/a.jpg?rect=1,2')).status).toBe(400);
  });

  it('leaves its answer to what is not there', async () => {
    const { ask } = await serviceWith({});
    expect((await ask('/images/project/none.jpg')).status).toBe(404);
    const unreadable = await ask('/image/none.jpg');
    expect(unreadable.status).toBe(400);
    expect(unreadable.headers.get('x-cld-error')).toContain('After /image/ comes upload');
  });

  it('is asked for as that key, in protected folders too', async () => {
    const folders = { private: [], authenticated: ['images/project/', 'image/'] };
    const { ask } = await serviceWith({ keys, file: { protected: folders } });
    expect((await ask('/images/project/a.jpg')).status).toBe(404);
    expect((await ask('/image/b.jpg')).status).toBe(400);
    expect((await ask('/video/c.jpg')).status).toBe(200);
  });

  it('is purged by its plain path', async () => {
    const environment = { FOVEA_ADMIN_TOKEN: adminToken };
    const { ask } = await serviceWith({ keys, environment });
    const status = async () => (await ask('/w_9/v1/images/project/a.jpg')).headers.get('cache-status');
    expect(await status()).toContain('fwd=miss');
    expect(await status()).toContain('hit');
    const headers = { Authorization: `Bearer ${adminToken}` };
    for (const path of ['/images/project/a.jpg', '/image/b.jpg']) {
      expect((await ask(path, { method: 'PURGE', headers })).status).toBe(200);
    }
    expect(await status()).toContain('fwd=miss');
  });
});

describe('other programs’ URLs', () => {
  it('share their variant with our own', async () => {
    const { ask, renderer } = await serviceWith({
      keys: ['old/a.jpg'],
      file: { dialects: ['vercel', 'netlify'], sources: { 'https://old.example/': 'old/' } },
    });
    const source = encodeURIComponent('https://old.example/a.jpg');
    const etags = [
      await etagOf(ask(`/_vercel/image?url=${source}&w=64&q=75`)),
      await etagOf(ask(`/.netlify/images?url=${source}&w=64&q=75`)),
      await etagOf(ask('/c_limit,w_64,f_auto,q_75/old/a.jpg')),
    ];
    expect(new Set(etags).size).toBe(1);
    expect(renderer.renders).toHaveLength(1);
  });

  it('may show no more of protected folders than ours', async () => {
    const { ask } = await serviceWith({
      keys: ['secret/a.jpg'],
      file: {
        dialects: ['vercel'],
        sources: { 'https://old.example/': 'secret/' },
        protected: { private: [], authenticated: ['secret/'] },
      },
    });
    expect((await ask('/_vercel/image?url=%2Fsecret%2Fa.jpg&w=64')).status).toBe(401);
    expect((await ask('/_vercel/image?url=https%3A%2F%2Fold.example%2Fa.jpg&w=64')).status).toBe(401);
  });

  it('are held to the ladder as ours', async () => {
    const { ask } = await serviceWith({ environment: { FOVEA_UNSIGNED: 'ladder' }, file: { dialects: ['vercel'] } });
    expect((await ask('/_vercel/image?url=%2Fa.jpg&w=640')).status).toBe(200);
    expect((await ask('/_vercel/image?url=%2Fa.jpg&w=641')).status).toBe(400);
  });
});
