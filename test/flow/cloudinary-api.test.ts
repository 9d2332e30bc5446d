import { createHash } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ConfigurationFile } from '../../src/config/index.ts';
import { readConfig } from '../../src/config/index.ts';
import { cloudinaryRoutes } from '../../src/http/routes.ts';
import { createRemoteStore, withRemote } from '../../src/storage/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { startRenderer } from '../support/renderer.ts';
import { createTestService } from '../support/test-service.ts';
import { keysIn, picture } from '../support/uploads.ts';

const { renderer } = startRenderer();
afterAll(() => renderer.close());

const [key, secret] = ['123456789012345', 'the secret of an account at Cloudinary'];
const jpeg = new Uint8Array(await picture());
const other = new Uint8Array(
  await sharp({ create: { width: 50, height: 30, channels: 3, background: 'red' } })
    .png()
    .toBuffer(),
);

type Fields = Readonly<Record<string, string>>;

/** As the SDKs sign: sorted, ampersands escaped, what is not known or not signed left out. */
function signed(fields: Fields, algorithm: 'sha1' | 'sha256' = 'sha1', at = Date.now(), by = secret): Fields {
  const all = { timestamp: String(Math.floor(at / 1000)), ...fields };
  const text = Object.entries(all)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`.replaceAll('&', '%26'))
    .join('&');
  const signature = createHash(algorithm)
    .update(text + by)
    .digest('hex');
  return { ...all, api_key: key, signature };
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>> & { readonly error?: { readonly message: string } };
}

async function start({ file, ...more }: { file?: Partial<ConfigurationFile>; fetchesFrom?: string } = {}) {
  const stored = createMemoryStore();
  const hosts = () => (more.fetchesFrom === undefined ? [] : [more.fetchesFrom]);
  const remote = createRemoteStore({ hosts, maxBytes: 1e6, timeoutMs: 5000, isAllowedAddress: () => true });
  const configured: ConfigurationFile = {
    ...readConfig({}).file,
    fetchHosts: hosts().slice(),
    publicUrl: 'https://img.example',
    uploadOrigins: ['https://shop.example'],
    cloudinaryApi: {
      key,
      secret: [secret, 'an older one'],
      overwrites: false,
      presets: { staged: { folder: 'staged' } },
      unsignedPresets: {
        open: { folder: 'open', tags: ['web'], eager: ['c_fill,w_64,h_64'], allowedFormats: ['jpg'] },
      },
    },
    ...file,
  };
  const its = await createTestService({
    renderer,
    originals: withRemote(stored, remote),
    config: { file: configured },
  });
  const post = async (action: string, body: FormData | URLSearchParams, headers = {}): Promise<Answer> => {
    const response = await its.ask(`/v1_1/demo/image/${action}`, { method: 'POST', body, headers });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
  };
  const form = (fields: Fields, file?: Blob | string) => {
    const made = new FormData();
    for (const [name, value] of Object.entries(fields)) made.append(name, value);
    if (typeof file === 'string') made.append('file', file);
    else if (file !== undefined) made.append('file', file, 'My photo.jpg');
    return made;
  };
  return {
    ...its,
    stored,
    post,
    form,
    upload: (fields: Fields, bytes: Uint8Array<ArrayBuffer> = jpeg) => post('upload', form(fields, new Blob([bytes]))),
  };
}

const pathOf = (url: unknown) => String(url).replace('https://img.example', '');

describe('a signed upload', () => {
  test.each(['sha1', 'sha256'] as const)('by %s is published, and its address answers with it', async (algorithm) => {
    const { upload, ask, stored } = await start();
    const asked = {
      public_id: 'cats/tom',
      tags: 'a,b',
      context: 'alt=Tom \\= cat|caption=x',
      eager: 'c_fill,w_40,h_20|w_30/png',
    };
    const { status, body } = await upload(signed(asked, algorithm));
    expect([status, body.error]).toEqual([200, undefined]);
    expect(body).toMatchObject({
      ...{ public_id: 'cats/tom', format: 'jpg', resource_type: 'image', type: 'upload', bytes: jpeg.byteLength },
      ...{ tags: ['a', 'b'], context: { custom: { alt: 'Tom = cat', caption: 'x' } }, original_filename: 'My_photo' },
    });
    expect(await keysIn(stored)).toEqual(['cats/tom.jpg']);
    const whole = await ask(pathOf(body['secure_url']));
    expect(Buffer.from(await whole.arrayBuffer()).equals(Buffer.from(jpeg))).toBe(true);
    const [first, second] = body['eager'] as { secure_url: string; transformation: string }[];
    const drawn = await sharp(Buffer.from(await (await ask(pathOf(first?.secure_url))).arrayBuffer())).metadata();
    expect([drawn.width, drawn.height, first?.transformation]).toEqual([40, 20, 'c_fill,w_40,h_20']);
    expect((await ask(pathOf(second?.secure_url))).headers.get('content-type')).toBe('image/png');
    // As `verifyApiResponseSignature` of the SDKs has it.
    const text = `public_id=cats/tom&version=${body['version']}${secret}`;
    expect(body['signature']).toBe(createHash(algorithm).update(text).digest('hex'));
  });

  test('may send its file before its words, and with an older secret', async () => {
    const { post, stored } = await start();
    const fields = signed({ public_id: 'first' }, 'sha1', Date.now(), 'an older one');
    const made = new FormData();
    made.append('file', new Blob([jpeg]), 'a.jpg');
    for (const [name, value] of Object.entries(fields)) made.append(name, value);
    expect((await post('upload', made)).status).toBe(200);
    expect(await keysIn(stored)).toEqual(['first.jpg']);
  });

  test.each([
    ['of another secret', signed({ public_id: 'a' }, 'sha1', Date.now(), 'guessed'), /Invalid Signature/],
    ['of other words', { ...signed({ public_id: 'a' }), public_id: 'b' }, /Invalid Signature/],
    ['of an hour ago', signed({ public_id: 'a' }, 'sha1', Date.now() - 3_700_000), /Stale request/],
    ['of an hour to come', signed({ public_id: 'a' }, 'sha1', Date.now() + 3_700_000), /Stale request/],
    ['without a time', { ...signed({ public_id: 'a' }), timestamp: '' }, /Invalid Signature/],
    ['of another key', { ...signed({ public_id: 'a' }), api_key: '1' }, /Unknown API key/],
    ['cut short', { ...signed({}), signature: signed({})['signature']?.slice(1) ?? '' }, /Invalid Signature/],
  ])('with a signature %s is refused, and leaves nothing', async (_name, fields, message) => {
    const { post, form, stored } = await start();
    const last = await post('upload', form(fields, new Blob([jpeg])));
    const first = new FormData();
    first.append('file', new Blob([jpeg]), 'a.jpg');
    for (const [name, value] of Object.entries(fields)) first.append(name, value);
    for (const { status, body, headers } of [last, await post('upload', first)]) {
      expect([status, body.error?.message]).toEqual([401, expect.stringMatching(message)]);
      expect(headers.get('x-cld-error')).toMatch(message);
    }
    expect(await keysIn(stored)).toEqual([]);
  });

  test('cannot be read as another: of two words that were one in the text, one is refused', async () => {
    const { upload } = await start();
    const { signature = '', timestamp = '' } = signed({ context: 'a=b&public_id=evil' });
    const { status } = await upload({ context: 'a=b', public_id: 'evil', timestamp, api_key: key, signature });
    expect(status).toBe(401);
    expect((await upload(signed({ public_id: 'a', context: 'alt=Tom & Jerry' }))).body['context']).toEqual({
      custom: { alt: 'Tom & Jerry' },
    });
  });

  test('replaces what is there only where that is said, and purges what was made of it', async () => {
    const { upload, ask, stored } = await start();
    const { body } = await upload(signed({ public_id: 'a' }));
    const small = `/w_20/a`;
    const before = (await ask(small)).headers.get('etag');
    const taken = await upload(signed({ public_id: 'a' }), other);
    expect([taken.status, taken.body.error?.message]).toEqual([400, expect.stringMatching(/already exists/)]);
    const kept = await upload(signed({ public_id: 'a', overwrite: 'false' }), other);
    expect(kept.body).toMatchObject({ existing: true, format: 'jpg', bytes: jpeg.byteLength, etag: body['etag'] });
    const replaced = await upload(signed({ public_id: 'a', overwrite: 'true' }), other);
    expect(replaced.body).toMatchObject({ overwritten: true, format: 'png', width: 50, height: 30 });
    // Of another format: the old one is gone, and nothing answers with it.
    expect(await keysIn(stored)).toEqual(['a.png']);
    const after = await ask(small);
    expect([after.status, after.headers.get('etag') === before]).toEqual([200, false]);
    const again = new Uint8Array(await sharp(other).negate().png().toBuffer());
    expect((await upload(signed({ public_id: 'a', overwrite: '1' }), again)).body['overwritten']).toBe(true);
    const shown = await (await ask(pathOf(replaced.body['secure_url']))).arrayBuffer();
    expect(Buffer.from(shown).equals(Buffer.from(again))).toBe(true);
    expect(await keysIn(stored)).toEqual(['a.png']);
  });

  test('replaces without a word where the configuration says so, as at Cloudinary', async () => {
    const cloudinaryApi = { key, secret: [secret], overwrites: true, presets: {}, unsignedPresets: {} };
    const { upload } = await start({ file: { cloudinaryApi } });
    await upload(signed({ public_id: 'a' }));
    expect((await upload(signed({ public_id: 'a' }))).body['overwritten']).toBe(true);
  });

  test('gets a name where it brings none: made, or that of its file', async () => {
    const { upload } = await start();
    expect((await upload(signed({ folder: 'shop' }))).body['public_id']).toMatch(/^shop\/[a-z0-9]{20}$/);
    expect((await upload(signed({ use_filename: 'true' }))).body['public_id']).toMatch(/^My_photo_[a-z0-9]{6}$/);
    const plain = signed({ use_filename: '1', unique_filename: '0', upload_preset: 'staged' });
    expect((await upload(plain)).body['public_id']).toBe('staged/My_photo');
    expect((await upload(signed({ upload_preset: 'other' }))).body.error?.message).toBe('Upload preset not found');
  });

  test.each([
    ['moderation', 'manual'],
    ['notification_url', 'https://shop.example/done'],
    ['transformation', 'w_100'],
    ['async', 'true'],
  ])('that asks for %s is refused by name, and leaves nothing', async (name, value) => {
    const { upload, stored } = await start();
    const { status, body } = await upload(signed({ [name]: value }));
    expect([status, body.error?.message]).toEqual([
      400,
      expect.stringMatching(new RegExp(`^${name} is not supported`)),
    ]);
    expect(await keysIn(stored)).toEqual([]);
  });

  test.each([
    ['no picture', {}, new Uint8Array(Buffer.from('no picture')), 400],
    ['a name that no URL can have', { public_id: 'a/../b' }, jpeg, 400],
    ['an eager transformation that is none', { eager: 'w_x' }, jpeg, 400],
    ['another format than it allows', { allowed_formats: 'png,gif' }, jpeg, 400],
    ['private, in a folder that is not', { type: 'private', public_id: 'a' }, jpeg, 400],
    ['a flag that is none', { discard_original_filename: 'perhaps' }, jpeg, 400],
  ])('with %s is refused, and leaves nothing', async (_name, fields: Fields, bytes, expected) => {
    const { upload, stored } = await start();
    const { status, body } = await upload(signed(fields), bytes);
    expect([status, typeof body.error?.message]).toEqual([expected, 'string']);
    expect(await keysIn(stored)).toEqual([]);
  });

  test('of a format that is not taken is read no further than its beginning for that', async () => {
    const { upload, stored } = await start();
    const get = vi.spyOn(stored, 'get');
    const { status } = await upload(signed({ allowed_formats: 'png' }));
    expect([status, get.mock.calls.map(([, options]) => options?.range)]).toEqual([400, [{ start: 0, end: 256 }]]);
  });
});

describe('a file as a text', () => {
  const uri = `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`;

  test('is a data URI, in a form or in URL encoding', async () => {
    const { post, form, stored } = await start();
    expect((await post('upload', form(signed({ public_id: 'a' }), uri))).body['bytes']).toBe(jpeg.byteLength);
    const words = new URLSearchParams({ ...signed({ public_id: 'b' }), file: uri });
    expect((await post('upload', words)).body['bytes']).toBe(jpeg.byteLength);
    expect(await keysIn(stored)).toEqual(['a.jpg', 'b.jpg']);
    for (const wrong of [`${uri}*`, 'data:image/jpeg,abc', 's3://bucket/a.jpg', 'https://other.example/a.jpg']) {
      expect((await post('upload', form(signed({}), wrong))).status).toBe(400);
    }
    expect(await keysIn(stored)).toEqual(['a.jpg', 'b.jpg']);
  });

  async function hostOf(answer: RequestListener): Promise<string> {
    const server = createServer(answer);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test('is a URL of a host that may be fetched from, which nobody is asked for without a signature', async () => {
    const asked: string[] = [];
    const fetchesFrom = await hostOf((request, response) => {
      asked.push(request.url ?? '');
      response.setHeader('Content-Type', 'image/jpeg').end(Buffer.from(jpeg));
    });
    const { post, form, stored } = await start({ fetchesFrom });
    const made = new FormData();
    made.append('file', `${fetchesFrom}/shop/Tom.jpg`);
    expect((await post('upload', made)).status).toBe(401);
    expect(asked).toEqual([]);
    const fields = signed({ use_filename: 'true', unique_filename: 'false' });
    expect((await post('upload', form(fields, `${fetchesFrom}/shop/Tom.jpg`))).body['public_id']).toBe('Tom');
    expect(await keysIn(stored)).toEqual(['Tom.jpg']);
  });

  test('is fetched when its turn comes, so many at a time as bodies may come of one sender', async () => {
    let [underWay, most] = [0, 0];
    const fetchesFrom = await hostOf((_request, response) => {
      underWay += 1;
      most = Math.max(most, underWay);
      // As slow as a host is: all that may ask have asked before it has answered the first.
      setTimeout(() => {
        underWay -= 1;
        response.setHeader('Content-Type', 'image/jpeg').end(Buffer.from(jpeg));
      }, 100);
    });
    const { post, form, stored } = await start({ fetchesFrom });
    const made = Array.from({ length: 10 }, (_, at) => form(signed({ public_id: `a${at}` }), `${fetchesFrom}/a.jpg`));
    const answers = await Promise.all(made.map((one) => post('upload', one)));
    expect(answers.map(({ status }) => status)).toEqual(made.map(() => 200));
    expect(most).toBeLessThanOrEqual(6);
    expect(await keysIn(stored)).toHaveLength(10);
  });

  test('is a URL under which something is: otherwise that is said, and nothing is left', async () => {
    const fetchesFrom = await hostOf((_request, response) => void response.writeHead(404).end());
    const { post, form, stored } = await start({ fetchesFrom });
    const { status, body } = await post('upload', form(signed({}), `${fetchesFrom}/lost.jpg`));
    expect([status, body.error?.message]).toEqual([404, `Resource not found - ${fetchesFrom}/lost.jpg`]);
    expect(await keysIn(stored)).toEqual([]);
  });
});

describe('an unsigned upload', () => {
  test('as the widget sends it comes in by a preset that is for everybody, and its page may read the answer', async () => {
    const { post, form, ask } = await start();
    const fields = { upload_preset: 'open', source: 'uw', tags: 'mine' };
    const headers = { Origin: 'https://shop.example', 'X-Requested-With': 'XMLHttpRequest' };
    const { status, body, headers: told } = await post('upload', form(fields, new Blob([jpeg])), headers);
    expect(status).toBe(200);
    expect(body['public_id']).toMatch(/^open\/[a-z0-9]{20}$/);
    expect(body['tags']).toEqual(['web', 'mine']);
    expect(told.get('access-control-allow-origin')).toBe('https://shop.example');
    const [eager] = body['eager'] as { secure_url: string }[];
    expect((await ask(pathOf(eager?.secure_url))).status).toBe(200);
    const preflight = await ask('/v1_1/demo/auto/upload', { method: 'OPTIONS', headers });
    expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([
      204,
      expect.stringContaining('X-Requested-With'),
    ]);
  });

  test.each([
    ['without a preset', {}, 401, /preset must be specified/],
    ['by the preset of whoever signs', { upload_preset: 'staged' }, 400, /preset not found/],
    ['that shall overwrite', { upload_preset: 'open', overwrite: 'true' }, 400, /overwrite parameter is not allowed/],
    ['with a format that the preset has not', { upload_preset: 'open' }, 400, /not allowed/],
  ])('%s is refused, and leaves nothing', async (_name, fields: Fields, expected, message) => {
    const { upload, stored } = await start();
    const { status, body } = await upload(fields, other);
    expect([status, body.error?.message]).toEqual([expected, expect.stringMatching(message)]);
    expect(await keysIn(stored)).toEqual([]);
  });

  test('goes where its preset says, whatever folder it names itself', async () => {
    const { upload, stored } = await start();
    await upload({ upload_preset: 'open', public_id: 'a', folder: 'staged' });
    await upload({ upload_preset: 'open', public_id: 'b', public_id_prefix: '/c/' });
    await upload(signed({ upload_preset: 'open', public_id: 'd', folder: '/staged/' }));
    expect(await keysIn(stored)).toEqual(['open/a.jpg', 'open/c/b.jpg', 'staged/d.jpg']);
  });

  test.each(['filename_override', 'public_id_prefix'])(
    'takes no longer for a %s that is nearly all ends',
    async (name) => {
      const { post } = await start();
      const file = `data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}`;
      const long = `a${(name === 'filename_override' ? '_' : '/').repeat(60_000)}b`;
      const before = process.cpuUsage();
      await post('upload', new URLSearchParams({ upload_preset: 'open', file, [name]: long }));
      expect(process.cpuUsage(before).user / 1e6).toBeLessThan(2);
    },
  );

  test.each([...'?&#\\%<>+'])('is not called by a name with %s, nor is anything else', async (letter) => {
    const { upload, post, form, stored } = await start();
    const asked = { public_id: `a${letter}timestamp=1` };
    for (const fields of [{ upload_preset: 'open', ...asked }, signed(asked)]) {
      expect((await upload(fields)).body.error?.message).toMatch(/is invalid/);
    }
    await upload(signed({ public_id: 'a' }));
    const { status } = await post('rename', form(signed({ from_public_id: 'a', to_public_id: `b${letter}` })));
    expect([status, await keysIn(stored)]).toEqual([400, ['a.jpg']]);
  });

  test('replaces nothing, and goes into no protected folder', async () => {
    const { upload } = await start({ file: { protected: { private: ['open/in/'], authenticated: [] } } });
    await upload({ upload_preset: 'open', public_id: 'a' });
    expect((await upload({ upload_preset: 'open', public_id: 'a' })).body.error?.message).toMatch(/already exists/);
    expect((await upload({ upload_preset: 'open', public_id: 'in/a' })).status).toBe(401);
  });
});

describe('of what is there', () => {
  test('destroy deletes it with what was made of it', async () => {
    const { upload, post, form, ask, stored } = await start();
    await upload(signed({ public_id: 'a' }));
    expect((await ask('/w_20/a')).status).toBe(200);
    const ofAnUpload = signed({ public_id: 'a', folder: 'in' });
    expect((await post('destroy', form(ofAnUpload))).body.error?.message).toMatch(/folder is not supported/);
    expect((await post('destroy', form(signed({ public_id: 'a', invalidate: 'true' })))).body).toEqual({
      result: 'ok',
    });
    expect((await ask('/w_20/a')).status).toBe(404);
    expect(await keysIn(stored)).toEqual([]);
    expect((await post('destroy', form(signed({ public_id: 'a' })))).body).toEqual({ result: 'not found' });
  });

  test('rename gives it another name, over what is there only where that is said', async () => {
    const { upload, post, form, ask, stored } = await start();
    await upload(signed({ public_id: 'a' }));
    await upload(signed({ public_id: 'taken' }), other);
    const rename = (fields: Fields) => post('rename', form(signed({ from_public_id: 'a', ...fields })));
    expect((await rename({ to_public_id: 'taken' })).body.error?.message).toMatch(/already exists/);
    expect((await rename({ to_public_id: 'b/c' })).body).toMatchObject({ public_id: 'b/c', format: 'jpg' });
    expect([(await ask('/a')).status, (await ask('/b/c')).status]).toEqual([404, 200]);
    expect((await rename({ to_public_id: 'd' })).status).toBe(404);
    const over = signed({ from_public_id: 'b/c', to_public_id: 'taken', overwrite: 'true' });
    expect((await post('rename', form(over))).body).toMatchObject({ public_id: 'taken', format: 'jpg' });
    expect(await keysIn(stored)).toEqual(['taken.jpg']);
  });

  test('explicit tells of it, and purges it where it is asked to', async () => {
    const { upload, post, form, telemetry } = await start();
    await upload(signed({ public_id: 'a' }));
    const asked = { public_id: 'a', type: 'upload', eager: 'w_30' };
    const { body } = await post('explicit', form(signed(asked)));
    expect(body).toMatchObject({
      public_id: 'a',
      format: 'jpg',
      bytes: jpeg.byteLength,
      eager: [{ transformation: 'w_30' }],
    });
    const purges = () => telemetry.events.filter(({ type }) => type === 'purged').length;
    expect(purges()).toBe(0);
    await post('explicit', form(signed({ ...asked, invalidate: 'true' })));
    expect(purges()).toBe(1);
    expect((await post('explicit', form(signed({ public_id: 'gone' })))).status).toBe(404);
  });
});

describe('who may', () => {
  const actions = cloudinaryRoutes
    .filter(({ method }) => method === 'POST')
    .map(({ path }) => path.split('/').at(-1) ?? '');

  test.each(actions)('%s: nobody without a signature, and it is in the log who did', async (action) => {
    const { post, form, telemetry } = await start();
    const fields = { public_id: 'a', from_public_id: 'a', to_public_id: 'b' };
    expect((await post(action, form(fields))).status).toBe(401);
    const guessed = { ...signed(fields), signature: 'f'.repeat(40) };
    expect((await post(action, form(guessed))).status).toBe(401);
    if (action !== 'upload')
      expect((await post(action, form({ ...fields, upload_preset: 'open' }))).status).not.toBe(200);
    await post(action, form(signed(fields)));
    const acts = telemetry.events.flatMap((event) => (event.type === 'audit' ? [event.who] : []));
    if (action !== 'destroy') expect(acts).toContain(`API key ${key}`);
    expect(JSON.stringify(telemetry.events)).not.toContain(secret);
  });

  test('nobody where the configuration does not open it: pictures alone lie there', async () => {
    const { form, ask } = await start({ file: { cloudinaryApi: undefined } });
    const response = await ask('/v1_1/demo/image/upload', { method: 'POST', body: form(signed({}), new Blob([jpeg])) });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });
});
