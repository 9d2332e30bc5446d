import { createCipheriv, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type ConfigurationFile, readConfig } from '../../src/config/index.ts';
import { sign } from '../../src/signing.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPixelFreeService } from '../support/test-service.ts';

const secret = 'a signing secret of the tests: long enough';
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

  it('is found where its whole name is such a word', async () => {
    const { ask } = await serviceWith({ keys: ['image'], file: { dialects: ['dit'] } });
    const [plain, marked] = [await ask('/image?width=9'), await ask('/c_fit,w_9/v1/image')];
    expect([plain.status, plain.headers.get('etag')]).toEqual([200, marked.headers.get('etag')]);
    expect((await ask('/video')).status).toBe(400);
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
    const inFolder = await ask('/images/none.jpg');
    expect(inFolder.status).toBe(404);
    expect(inFolder.headers.get('x-cld-error')).toContain('images/none.jpg');
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

  it('share it with what Cloudinary fetches, signed or not', async () => {
    const { ask, renderer } = await serviceWith({
      keys: ['old/a.jpg'],
      environment: { FOVEA_SIGNING_SECRETS: secret },
      file: { sources: { 'https://old.example/': 'old/' } },
    });
    const text = 'c_limit,w_64/https://old.example/a.jpg';
    const etags = [
      await etagOf(ask(`/image/fetch/${text}`)),
      await etagOf(ask(`/image/fetch/s--${sign(text, secret, 'sha1')}--/${text}`)),
      await etagOf(ask('/c_limit,w_64/old/a.jpg')),
    ];
    expect(new Set(etags).size).toBe(1);
    expect(etags[0]).not.toBeNull();
    expect(renderer.renders).toHaveLength(1);
    expect((await ask(`/image/fetch/s--aaaaaaaa--/${text}`)).status).toBe(401);
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

/** The secrets of imgproxy's own documents: `secret` and `hello`. */
const imgproxy = [{ key: '736563726574', salt: '68656c6c6f' }];
const signedPath = '/rs:fill:300:400:0/g:sm/aHR0cDovL2V4YW1w/bGUuY29tL2ltYWdl/cy9jdXJpb3NpdHku/anBn.png';
const signature = 'oKfUtW34Dvo2BGQehJFR4Nr0_rIjOtdtzJ3QFsUcXH8';

describe('a dialect with a secret', () => {
  const keys = ['pictures/images/curiosity.jpg', 'a.jpg'];
  const sources = { 'http://example.com/': 'pictures/', 'local:///': '' };
  const file: Partial<ConfigurationFile> = { dialects: ['imgproxy'], sources };
  const paths = [`/${signature}${signedPath}`, `/unsafe${signedPath}`, `/${signature.slice(0, -1)}9${signedPath}`];
  const statuses = async (ask: (path: string) => Promise<Response>, asked = paths) =>
    Promise.all(asked.map(async (path) => (await ask(path)).status));

  it('takes URLs that are signed in its way, and no others, whatever the policy says', async () => {
    for (const policy of ['any', 'ladder', 'presets', 'none']) {
      const environment = { FOVEA_UNSIGNED: policy, FOVEA_SIGNING_SECRETS: secret };
      const { ask } = await serviceWith({ keys, environment, file: { ...file, dialectSecrets: { imgproxy } } });
      expect(await statuses(ask), policy).toEqual([200, 401, 401]);
    }
  });

  it('takes those that are signed in ours, too', async () => {
    const environment = { FOVEA_SIGNING_SECRETS: secret };
    const { ask } = await serviceWith({ keys, environment, file: { ...file, dialectSecrets: { imgproxy } } });
    const text = `unsafe${signedPath}`;
    expect((await ask(`/s--${sign(text, secret, 'sha256-long')}--/${text}`)).status).toBe(200);
  });

  it('takes every one of several, and signatures that are cut short where that is said', async () => {
    const several = [{ key: '00', salt: '00' }, ...imgproxy];
    const { ask } = await serviceWith({ keys, file: { ...file, dialectSecrets: { imgproxy: several } } });
    expect(await statuses(ask)).toEqual([200, 401, 401]);
    const short = Buffer.from(signature, 'base64url').subarray(0, 8).toString('base64url');
    const cut = imgproxy.map((one) => ({ ...one, signatureSize: 8 }));
    const its = await serviceWith({ keys, file: { ...file, dialectSecrets: { imgproxy: cut } } });
    expect(await statuses(its.ask, [`/${short}${signedPath}`, `/${signature}${signedPath}`])).toEqual([200, 401]);
  });

  it('leaves other URLs to the policy', async () => {
    const { ask } = await serviceWith({ keys, file: { ...file, dialectSecrets: { imgproxy } } });
    expect((await ask('/w_9/a.jpg')).status).toBe(200);
  });

  it('has no say where it is not named: the policy decides', async () => {
    const any = await serviceWith({ keys, file });
    expect(await statuses(any.ask)).toEqual([200, 200, 200]);
    const environment = { FOVEA_UNSIGNED: 'none', FOVEA_SIGNING_SECRETS: secret };
    const none = await serviceWith({ keys, file, environment });
    expect(await statuses(none.ask)).toEqual([401, 401, 401]);
  });

  it('opens what is protected, as ours do', async () => {
    const folders = { private: [], authenticated: ['pictures/'] };
    const { ask } = await serviceWith({ keys, file: { ...file, protected: folders, dialectSecrets: { imgproxy } } });
    expect(await statuses(ask)).toEqual([200, 401, 401]);
    const open = await serviceWith({ keys, file: { ...file, protected: folders } });
    expect(await statuses(open.ask)).toEqual([401, 401, 401]);
  });

  it('verifies what Nuxt Image prints', async () => {
    const nuxt = [
      {
        key: 'ee3b0e07dfc9ec20d5d9588a558753547a8a88c48291ae96171330daf4ce2800',
        salt: '8dd0e39bb7b14eeaf02d49e5dc76d2bc0abd9e09d52e7049e791acd3558db68e',
      },
    ];
    const key = 'system/downloadable_items/39099_Mars-MRO-orbiter-fresh-crater-sirenum-fossae.jpg';
    const { ask } = await serviceWith({
      keys: [key],
      file: { dialects: ['imgproxy'], sources: { 'https://mars.nasa.gov/': '' }, dialectSecrets: { imgproxy: nuxt } },
    });
    const source =
      'aHR0cHM6Ly9tYXJzLm5hc2EuZ292L3N5c3RlbS9kb3dubG9hZGFibGVfaXRlbXMvMzkwOTlfTWFycy1NUk8tb3JiaXRlci1mcmVzaC1jcmF0ZXItc2lyZW51bS1mb3NzYWUuanBn';
    expect((await ask(`/QNNbZATX7ZEkJIHPqdHhPVfu5UDXd4I9DnI2FW3-gLU/w:200/${source}`)).status).toBe(200);
    expect((await ask(`/QNNbZATX7ZEkJIHPqdHhPVfu5UDXd4I9DnI2FW3-gLU/w:201/${source}`)).status).toBe(401);
  });

  it('refuses what has expired, signed or not', async () => {
    const { ask } = await serviceWith({ keys, file });
    expect(await statuses(ask, ['/unsafe/exp:1000/plain/local:///a.jpg'])).toEqual([410]);
    expect(await statuses(ask, ['/unsafe/exp:99999999999/plain/local:///a.jpg'])).toEqual([200]);
  });

  it('keeps signatures out of the log', async () => {
    const { ask, telemetry } = await serviceWith({ keys, file: { ...file, dialectSecrets: { imgproxy } } });
    await ask(`/${signature}${signedPath}`);
    expect(JSON.stringify(telemetry.events)).toContain('rs:fill:300:400');
    for (const source of [Buffer.from('https://old.example/a.jpg').toString('base64url'), 'L2EuanBn', 'enc/L2EuanBn'])
      await ask(`/${signature}/${source}`);
    await ask(`/${signature.slice(0, 22)}/${Buffer.from('local:///a.jpg').toString('base64url')}`);
    expect(JSON.stringify(telemetry.events)).not.toContain(signature.slice(0, 8));
  });

  const sourceKey = '1eb5b0e971ad7f45324c1bb15c947cb207c43152fa5c6c7f35c4f36e0c18e0f1';
  const sealedOf = (source: string) => {
    const iv = Buffer.alloc(16, 7);
    const cipher = createCipheriv('aes-256-cbc', Buffer.from(sourceKey, 'hex'), iv);
    return Buffer.concat([iv, cipher.update(source), cipher.final()]).toString('base64url');
  };

  it('decrypts sources', async () => {
    const sealed = sealedOf('local:///a.jpg');
    const { ask } = await serviceWith({ keys, file: { ...file, dialectSecrets: { imgproxy: [{ sourceKey }] } } });
    expect(await etagOf(ask(`/unsafe/w:9/enc/${sealed}`))).toBe(await etagOf(ask('/c_limit,w_9/a.jpg')));
    expect((await ask(`/unsafe/w:9/enc/${sealed.slice(0, -4)}`)).status).toBe(400);
  });

  it('decrypts nothing of a URL that is not signed by its key', async () => {
    const secrets = imgproxy.map((one) => ({ ...one, sourceKey }));
    const environment = { FOVEA_SIGNING_SECRETS: secret };
    const { ask } = await serviceWith({ keys, environment, file: { ...file, dialectSecrets: { imgproxy: secrets } } });
    // Of what decrypts to a picture, to none and to no text nobody can tell which is which.
    const rights = ['unsafe', signature, 's--AAAAAAAA--/unsafe'];
    for (const right of rights) {
      const answers = ['local:///a.jpg', 's3://hidden/a.jpg'].map(sealedOf).concat('A'.repeat(86));
      const told = await Promise.all(answers.map(async (sealed) => (await ask(`/${right}/w:9/enc/${sealed}`)).headers));
      expect(new Set(told.map((headers) => headers.get('x-cld-error'))).size).toBe(1);
    }
    const path = `/w:9/enc/${sealedOf('local:///a.jpg')}`;
    const hmac = createHmac('sha256', Buffer.from('736563726574', 'hex')).update(Buffer.from('68656c6c6f', 'hex'));
    const signed = `/${hmac.update(path).digest('base64url')}${path}`;
    expect(await statuses(ask, [signed])).toEqual([200]);
  });

  it('tells nobody what a source decrypts to', async () => {
    const { ask } = await serviceWith({ keys, file: { ...file, dialectSecrets: { imgproxy: [{ sourceKey }] } } });
    for (const source of [
      'local:///a.jpg',
      'local:///hidden.jpg',
      's3://hidden/a.jpg',
      'https://hidden.example/a.jpg',
    ]) {
      const url = `/unsafe/w:9/enc/${sealedOf(source)}`;
      const explained = await (await ask(`/-/explain?url=${encodeURIComponent(url)}`)).text();
      expect(explained).toMatch(/answers|refused/);
      expect(explained).not.toMatch(/a\.jpg|hidden/);
      expect((await ask(url)).headers.get('x-cld-error') ?? '').not.toContain('hidden');
    }
  });
});

describe('thumbor’s secret', () => {
  // As its documents and its tests print them.
  const printed = [
    ['my-security-key', '/8ammJH8D-7tXy6kU3lTvoXlhu4o=/300x200/my.server.com/some/path/to/image.jpg'],
    ['ACME-SEC', '/5YRxzS2yxZxj9SZ50SoZ11eIdDI=/filters:fill(blue)/image.jpg'],
    ['ACME-SEC', '/oGi9XL4nHJKGEKVHjHEp1Jg1KpM=/meta/animated.gif'],
    ['MYKEY', '/Iw7LZGdr-hHj2gQ4ZzksP3llQHY=/smart/image.jpg%3Fts%3D1'],
  ] as const;
  const keys = ['my.server.com/some/path/to/image.jpg', 'image.jpg', 'animated.gif'];

  it.each(printed)('%s takes %s, and nothing else', async (key, path) => {
    const { ask, telemetry } = await serviceWith({
      keys,
      file: { dialects: ['thumbor'], dialectSecrets: { thumbor: [{ key }] } },
    });
    const [, signed = '', ...rest] = path.split('/');
    expect((await ask(path)).status).toBe(200);
    expect((await ask(`/${signed}/trim/${rest.join('/')}`)).status).toBe(401);
    expect((await ask(`/unsafe/${rest.join('/')}`)).status).toBe(401);
    expect(JSON.stringify(telemetry.events)).not.toContain(signed);
  });
});

describe('imagor’s attachment', () => {
  it('is saved under the name that it gives', async () => {
    const { ask } = await serviceWith({ file: { dialects: ['imagor'] } });
    const saved = await ask('/unsafe/9x9/filters:attachment(my.photo.jpg)/a.jpg');
    expect(saved.headers.get('content-disposition')).toMatch(/^attachment; filename="?my\.photo\./);
  });
});

describe('imagor’s secret', () => {
  const path = '500x500/top/raw.githubusercontent.com/cshum/imagor/master/testdata/gopher.png';
  const keys = ['raw.githubusercontent.com/cshum/imagor/master/testdata/gopher.png'];
  // As its documents print them.
  const printed = [
    [{ key: 'mysecret' }, 'cST4Ko5_FqwT3BDn-Wf4gO3RFSk='],
    [{ key: 'mysecret', hash: 'sha256', truncate: 40 }, 'IGEn3TxngivD0jy4uuiZim2bdUCvhcnVi1Nm0xGy'],
  ] as const;

  it.each(printed)('%j signs as its documents say, and nothing else', async (imagor, signed) => {
    const { ask, telemetry } = await serviceWith({
      keys,
      file: { dialects: ['imagor'], dialectSecrets: { imagor: [imagor] } },
    });
    expect((await ask(`/${signed}/${path}`)).status).toBe(200);
    expect((await ask(`/${signed}/meta/${path}`)).status).toBe(401);
    expect((await ask(`/unsafe/${path}`)).status).toBe(401);
    expect(JSON.stringify(telemetry.events)).not.toContain(signed);
  });
});

describe('a secret of AWS’ image handler', () => {
  it('signs the path, in the query', async () => {
    const { ask } = await serviceWith({ file: { dialects: ['dit'], dialectSecrets: { dit: [{ key: 'b' }] } } });
    const path = `/${Buffer.from('{"key":"a.jpg","edits":{"resize":{"width":9}}}').toString('base64')}`;
    const signed = createHmac('sha256', 'b').update(path).digest('hex');
    expect((await ask(`${path}?signature=${signed}`)).status).toBe(200);
    expect((await ask(`${path}?signature=${signed.slice(1)}0`)).status).toBe(401);
    expect((await ask(path)).status).toBe(401);
  });

  it('signs words before a key, and the query sorted, with the end that it says', async () => {
    const { ask } = await serviceWith({ file: { dialects: ['dit'], dialectSecrets: { dit: [{ key: 'b' }] } } });
    const signed = (text: string) => createHmac('sha256', 'b').update(text).digest('hex');
    const status = async (path: string) => (await ask(path)).status;
    expect(await status(`/9x9/a.jpg?signature=${signed('/9x9/a.jpg')}`)).toBe(200);
    expect(await status(`/9x8/a.jpg?signature=${signed('/9x9/a.jpg')}`)).toBe(401);
    expect(await status(`/a.jpg?width=9&format=png&signature=${signed('/a.jpg?format=png&width=9')}`)).toBe(200);
    expect(await status(`/a.jpg?width=8&format=png&signature=${signed('/a.jpg?format=png&width=9')}`)).toBe(401);
    expect(await status('/a.jpg?width=9')).toBe(401);
    const ended = '/a.jpg?expires=20200101T000000Z&width=9';
    expect(await status(`${ended}&signature=${signed(ended)}`)).toBe(410);
  });
});

describe('a secret of Cloudinary', () => {
  it('is one of ours, of whatever length, and leaves unsigned URLs to the policy', async () => {
    const { ask } = await serviceWith({ file: { dialectSecrets: { cloudinary: [{ key: 'b' }] } } });
    expect((await ask(`/image/upload/s--${sign('c_scale,w_9/a.jpg', 'b', 'sha1')}--/c_scale,w_9/a.jpg`)).status).toBe(
      200,
    );
    expect((await ask('/image/upload/s--aaaaaaaa--/c_scale,w_9/a.jpg')).status).toBe(401);
    expect((await ask('/image/upload/c_scale,w_9/a.jpg')).status).toBe(200);
  });
});

describe('a file’s name that a dialect says', () => {
  it('is what a browser saves it as', async () => {
    const { ask } = await serviceWith({ file: { dialects: ['imgproxy'], sources: { 'local:///': '' } } });
    const named = await ask('/unsafe/fn:clouds/w:9/plain/local:///a.jpg');
    expect(named.headers.get('content-disposition')).toMatch(/^inline; filename="?clouds\./);
    const saved = await ask('/unsafe/fn:clouds/att:1/w:9/plain/local:///a.jpg');
    expect(saved.headers.get('content-disposition')).toMatch(/^attachment; filename="?clouds\./);
  });
});
