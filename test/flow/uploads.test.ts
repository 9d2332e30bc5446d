import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readConfig } from '../../src/config/index.ts';
import { createDiskStore, type ObjectStore } from '../../src/storage/index.ts';
import { bmp } from '../support/bmps.ts';
import { heicFile } from '../support/heif.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { startRenderer } from '../support/renderer.ts';
import { createTestService, type TestService } from '../support/test-service.ts';
import { keysIn, picture, visible } from '../support/uploads.ts';

const { renderer } = startRenderer({ processes: 2 });
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-upload-flow-'));
});
afterAll(async () => {
  await renderer.close();
  await rm(folder, { recursive: true, force: true });
});

const adminToken = 'the admin token of the tests';
const admin = { Authorization: `Bearer ${adminToken}` };
const jpeg = await picture();

async function start(parts: { originals?: ObjectStore; origins?: readonly string[]; maxInputBytes?: number } = {}) {
  const originals = parts.originals ?? createMemoryStore();
  const file = { publicUrl: 'https://img.example', uploadOrigins: [...(parts.origins ?? [])] };
  const config = { adminToken, file: { ...readConfig({}).file, ...file } };
  const limit = parts.maxInputBytes === undefined ? {} : { maxInputBytes: parts.maxInputBytes };
  const its = await createTestService({ renderer, originals, config: { ...config, ...limit } });
  return { ...its, originals };
}

function form(...files: readonly (readonly [string | undefined, Uint8Array, string])[]): FormData {
  const data = new FormData();
  for (const [key, bytes, type] of files) {
    if (key !== undefined) data.append('key', key);
    data.append('image', new Blob([new Uint8Array(bytes)], { type }), 'photo');
  }
  return data;
}

function post(
  { ask }: Pick<TestService, 'ask'>,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = admin,
) {
  return ask(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

const signed = z.object({
  batch: z.string(),
  uploads: z.array(
    z.object({
      key: z.string(),
      method: z.string(),
      url: z.string(),
      fields: z.record(z.string(), z.string()).optional(),
      headers: z.record(z.string(), z.string()).optional(),
    }),
  ),
});
const report = z.object({
  batch: z.string(),
  files: z.array(
    z.looseObject({
      key: z.string(),
      status: z.string(),
      urls: z.record(z.string(), z.string()).optional(),
      error: z.object({ status: z.number(), detail: z.string() }).optional(),
    }),
  ),
});

/** The path of an absolute URL of ours. */
function pathOf(url: string): string {
  return url.replace('https://img.example', '');
}

describe('a form posted to /-/images', () => {
  test('is answered with what is known of its pictures, and their URLs work at once', async () => {
    const its = await start({ originals: createDiskStore({ directory: folder }) });
    const photo = await readFile(new URL('../../data/originals/seeding.jpg', import.meta.url));
    expect((await its.ask('/cats/photo.jpg')).status).toBe(404);
    const body = form(['cats/photo.jpg', photo, 'image/jpeg'], [undefined, await picture('png'), 'image/png']);
    const response = await its.ask('/-/images', { method: 'POST', headers: admin, body });
    const { files } = report.parse(await response.json());
    expect(response.status).toBe(201);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const { width, height } = await sharp(photo).metadata();
    expect(files[0]).toMatchObject({ key: 'cats/photo.jpg', width, height, format: 'jpeg', bytes: photo.length });
    expect(files[1]?.key).toMatch(/^\d{4}\/\d\d\/[0-9a-f-]{36}\.png$/);
    for (const url of files.flatMap((file) => Object.values(file.urls ?? {}))) {
      const answer = await its.ask(pathOf(url));
      expect([url, answer.status]).toEqual([url, 200]);
      expect((await sharp(Buffer.from(await answer.arrayBuffer())).metadata()).width).toBeGreaterThan(0);
    }
    expect(visible(await keysIn(its.originals))).toEqual(await keysIn(its.originals));
  });

  test('with one file that is no picture publishes none, and says which', async () => {
    const its = await start();
    const fake = Buffer.from('<html>not a picture</html>');
    const body = form(['a.jpg', jpeg, 'image/jpeg'], ['b.jpg', fake, 'image/jpeg'], ['c.jpg', jpeg, 'image/jpeg']);
    const response = await its.ask('/-/images', { method: 'POST', headers: admin, body });
    const { files } = report.parse(await response.clone().json());
    expect(response.status).toBe(415);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(files.map(({ status }) => status)).toEqual(['withheld', 'refused', 'withheld']);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining('b.jpg') });
    expect(await keysIn(its.originals)).toEqual([]);
  });

  test.each([
    [
      'a file that stops in the middle',
      () =>
        sharp(jpeg)
          .resize(900)
          .jpeg()
          .toBuffer()
          .then((all) => all.subarray(0, -900)),
      422,
    ],
    ['a file that is too large', async () => Buffer.concat([jpeg, Buffer.alloc(200_000)]), 413],
    ['an empty file', async () => Buffer.alloc(0), 400],
  ] as const)('with %s is refused, and leaves nothing', async (_, make, status) => {
    const its = await start({ maxInputBytes: 100_000 });
    const body = form([undefined, await make(), 'image/jpeg']);
    const response = await its.ask('/-/images', { method: 'POST', headers: admin, body });
    expect(response.status).toBe(status);
    expect(await keysIn(its.originals)).toEqual([]);
  });

  /** A form in this very order: `=x` is a field `key`, `-` a file that nobody chose, all else a field of that name or a picture. */
  function ordered(...parts: readonly string[]): FormData {
    const data = new FormData();
    for (const part of parts) {
      if (part.startsWith('=')) data.append('key', part.slice(1));
      else if (part === 'file') data.append('image', new Blob([new Uint8Array(jpeg)], { type: 'image/jpeg' }), 'photo');
      else if (part === '-') data.append('image', new Blob([], { type: 'application/octet-stream' }), '');
      else data.append(part, 'x');
    }
    return data;
  }

  test.each([
    [
      ['=a.jpg', 'file', '=b.jpg', 'file'],
      ['a.jpg', 'b.jpg'],
    ],
    [
      ['title', '=a.jpg', 'alt', 'file', 'note', 'file'],
      ['a.jpg', 'made'],
    ],
    [
      ['file', '=b.jpg', 'file', 'submit'],
      ['made', 'b.jpg'],
    ],
    [
      ['=', 'file', '=b.jpg', 'file'],
      ['made', 'b.jpg'],
    ],
    [['=', '-', '=b.jpg', 'file', '=', '-'], ['b.jpg']],
  ])('of the order %j names each file by the key right before it', async (order, expected) => {
    const its = await start();
    const response = await its.ask('/-/images', { method: 'POST', headers: admin, body: ordered(...order) });
    expect(response.status).toBe(201);
    const { files } = report.parse(await response.json());
    expect(files.map(({ key }) => (/^\d{4}\/\d\d\//.test(key) ? 'made' : key))).toEqual(expected);
  });

  test.each([
    [['file', '=a.jpg']],
    [['file', '=a.jpg', 'file', '=b.jpg']],
    [['file', 'title', '=a.jpg', 'alt', 'file', 'title', '=b.jpg', 'alt']],
    [['=a.jpg', '=b.jpg', 'file', 'file']],
    [['=', '=b.jpg', 'file', 'file']],
    [['=a.jpg', '=a.jpg', 'file']],
    [['=a.jpg', '-', 'file']],
    [['file', '=']],
    [['=a.jpg']],
  ])('of the order %j publishes nothing, since a key has no file behind it', async (order) => {
    for (const path of ['/-/images', '/-/uploads/filepond']) {
      const its = await start();
      const response = await its.ask(path, { method: 'POST', headers: admin, body: ordered(...order) });
      expect([path, response.status]).toEqual([path, 400]);
      expect(await response.json()).toMatchObject({ detail: expect.stringContaining('No file follows the key') });
      expect(await keysIn(its.originals)).toEqual([]);
    }
  });

  test('as browsers send it when nobody chose a file says that no file came', async () => {
    const its = await start();
    const disposition = 'Content-Disposition: form-data; name="image"; filename=""';
    const body = `--x\r\n${disposition}\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--x--\r\n`;
    const headers = { ...admin, 'Content-Type': 'multipart/form-data; boundary=x' };
    const response = await its.ask('/-/images', { method: 'POST', headers, body });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining('No file came') });
  });

  test('takes no key from the address, which would name one of several files', async () => {
    const its = await start();
    const body = ordered('file');
    const response = await its.ask('/-/images?key=a.jpg', { method: 'POST', headers: admin, body });
    expect([response.status, await keysIn(its.originals)]).toEqual([400, []]);
  });

  test.each([
    ['image/heic', 'heic', heicFile('photo')],
    ['image/heif', 'heic', heicFile('photo')],
    ['image/x-ms-bmp', 'bmp', bmp({ width: 1, height: 1, bits: 24, pixels: Buffer.alloc(4) })],
  ])('takes %s, which phones and shops send', async (type, extension, bytes) => {
    const its = await start();
    const response = await its.ask('/-/images', {
      method: 'POST',
      headers: admin,
      body: new Blob([new Uint8Array(bytes)], { type }),
    });
    expect([response.status, (await keysIn(its.originals)).map((key) => key.split('.').at(-1))]).toEqual([
      201,
      [extension],
    ]);
  });

  test.each(['image/*', 'image/jfif', 'image/pjpeg', 'binary/octet-stream', 'application/octet-stream', ''])(
    'is judged by its bytes where a file is said to be "%s"',
    async (type) => {
      const its = await start();
      const body = form([undefined, jpeg, type], [undefined, Buffer.from('<svg/>'), type]);
      const mixed = await its.ask('/-/images', { method: 'POST', headers: admin, body });
      expect(mixed.status).toBe(415);
      const ask = (content: FormData | Blob) => its.ask('/-/images', { method: 'POST', headers: admin, body: content });
      expect((await ask(form([undefined, jpeg, type]))).status).toBe(201);
      expect((await ask(new Blob([new Uint8Array(jpeg)], { type }))).status).toBe(201);
    },
  );

  test('says of an empty file that it is empty, however it comes', async () => {
    const its = await start();
    const empty = Buffer.alloc(0);
    const said = async (path: string, init: RequestInit) => {
      const response = await its.ask(path, { method: 'POST', ...init, headers: { ...admin, ...init.headers } });
      return [response.status, JSON.stringify(await response.json())];
    };
    const isSaid = [400, expect.stringContaining('The file is empty.')];
    expect(await said('/-/images', { body: form([undefined, empty, 'image/jpeg']) })).toEqual(isSaid);
    expect(await said('/-/images', { body: new Blob([], { type: 'image/jpeg' }) })).toEqual(isSaid);
    expect(await said('/-/uploads/filepond', { headers: { 'Upload-Length': '0' }, body: '' })).toEqual(isSaid);
    const signing = await post(its, '/-/uploads/s3/sign', { method: 'PUT', key: 'a.jpg', contentType: 'image/jpeg' });
    const { url } = z.object({ url: z.string() }).parse(await signing.json());
    const put = { method: 'PUT', headers: { 'Content-Type': 'image/jpeg' } };
    expect(await said(pathOf(url), put)).toEqual(isSaid);
    expect(visible(await keysIn(its.originals))).toEqual([]);
  });

  test('says what a folder cannot hold: a name of over 255 bytes, a way that leads out of it', async () => {
    const root = join(folder, 'with-links');
    await mkdir(root);
    await symlink(tmpdir(), join(root, 'out'));
    const its = await start({ originals: createDiskStore({ directory: root }) });
    const refused = async (key: string) => {
      const body = form([key, jpeg, 'image/jpeg']);
      const response = await its.ask('/-/images', { method: 'POST', headers: admin, body });
      return [response.status, JSON.stringify(await response.json())];
    };
    expect(await refused(`${'猫'.repeat(100)}.jpg`)).toEqual([
      400,
      expect.stringMatching(/at most 255 bytes.*got 304/),
    ]);
    expect(await refused('out/a.jpg')).toEqual([400, expect.stringContaining('leads out of the folder')]);
  });

  test('is refused under a key that is taken, whose picture stays', async () => {
    const its = await start();
    await its.originals.put('a.jpg', Buffer.from('the first'));
    const response = await its.ask('/-/images', {
      method: 'POST',
      headers: admin,
      body: form(['a.jpg', jpeg, 'image/jpeg']),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ detail: expect.stringContaining('taken') });
    expect((await its.originals.head('a.jpg'))?.size).toBe(9);
  });

  test('takes a body that says nothing for one that asks for nothing else, and names the type that is no picture', async () => {
    const its = await start();
    const ask = (path: string, init: RequestInit) => its.ask(path, { method: 'POST', ...init });
    expect((await ask('/-/uploads/tickets', { headers: admin })).status).toBe(201);
    const type = 'application/x-www-form-urlencoded';
    const refused = await ask('/-/images', { headers: { ...admin, 'Content-Type': type }, body: 'a' });
    expect([refused.status, await refused.text()]).toEqual([415, expect.stringContaining(type)]);
  });

  test('needs the admin token or a ticket, and a form', async () => {
    const its = await start();
    const body = () => form([undefined, jpeg, 'image/jpeg']);
    const ask = (path: string, headers: Readonly<Record<string, string>>, content: string | FormData = body()) =>
      its.ask(path, { method: 'POST', headers, body: content }).then(({ status }) => status);
    expect(await ask('/-/images', {})).toBe(401);
    expect(await ask('/-/images', { Authorization: 'Bearer wrong' })).toBe(401);
    const { ticket } = z.object({ ticket: z.string() }).parse(await (await post(its, '/-/uploads/tickets', {})).json());
    expect(await ask('/-/images', { Authorization: `Bearer ${ticket}` })).toBe(201);
    expect(await ask(`/-/images?ticket=${ticket}`, {})).toBe(201);
    expect(await ask(`/-/images?ticket=${ticket}`, {}, form(['mine.jpg', jpeg, 'image/jpeg']))).toBe(400);
    expect(await ask('/-/images', admin, 'text')).toBe(415);
    expect(await ask('/-/images', { ...admin, 'Content-Type': 'multipart/form-data; boundary=x' }, 'nonsense')).toBe(
      400,
    );
    expect(await ask('/-/images', admin, new FormData())).toBe(400);
    expect((await post(its, '/-/uploads/tickets', {}, { Authorization: `Bearer ${ticket}` })).status).toBe(401);
  });
});

describe('a signed batch', () => {
  async function send(its: TestService, upload: z.infer<typeof signed>['uploads'][number], bytes: Uint8Array) {
    const { method, url, fields, headers = {} } = upload;
    const data = new FormData();
    for (const [name, value] of Object.entries(fields ?? {})) data.append(name, value);
    if (fields !== undefined)
      data.append('file', new Blob([new Uint8Array(bytes)], { type: 'application/x-whatever' }));
    const body = fields === undefined ? new Uint8Array(bytes) : data;
    return its.ask(pathOf(url), { method, headers, body });
  }

  test.each(['POST', 'PUT'])(
    'by %s goes to our own address on a store without one, and is committed',
    async (method) => {
      const its = await start();
      const files = [{ filename: 'a.jpg', type: 'image/jpeg', bytes: jpeg.byteLength }];
      const answer = await post(its, '/-/uploads', { files, method });
      expect(answer.status).toBe(201);
      const { batch, uploads } = signed.parse(await answer.json());
      const [upload] = uploads;
      if (upload === undefined) throw new Error('one upload was signed');
      expect(upload).toMatchObject({
        method,
        url: expect.stringMatching(/^https:\/\/img\.example\/-\/uploads\/files\//),
      });
      expect((await its.ask(`/${upload.key}`)).status).toBe(404);
      const early = await its.ask(`/-/uploads/${batch}/commit`, { method: 'POST', headers: admin });
      expect([early.status, (await early.json()) as unknown]).toMatchObject([
        400,
        { detail: 'The file has not arrived.' },
      ]);
      const sent = await send(its, upload, jpeg);
      expect([sent.status, sent.headers.get('etag')]).toEqual([
        method === 'PUT' ? 200 : 201,
        expect.stringMatching(/^".+"$/),
      ]);
      expect((await send(its, upload, jpeg)).status).toBe(400);
      expect((await its.ask(`/${upload.key}`)).status).toBe(404);
      const committed = await its.ask(`/-/uploads/${batch}/commit`, { method: 'POST', headers: admin });
      expect(committed.status).toBe(200);
      expect(report.parse(await committed.json()).files[0]).toMatchObject({ status: 'published', key: upload.key });
      expect((await its.ask(`/w_20/${upload.key}`)).status).toBe(200);
      const deleted = await its.ask(`/-/uploads/${batch}`, { method: 'DELETE', headers: admin });
      expect(deleted.status).toBe(400);
    },
  );

  test('is aborted by DELETE', async () => {
    const its = await start();
    const files = [{ type: 'image/jpeg', bytes: jpeg.byteLength }];
    const { batch, uploads } = signed.parse(await (await post(its, '/-/uploads', { files })).json());
    expect((await its.ask(`/-/uploads/${batch}`, { method: 'DELETE' })).status).toBe(401);
    expect((await its.ask(`/-/uploads/${batch}`, { method: 'DELETE', headers: admin })).status).toBe(204);
    const [upload] = uploads;
    if (upload !== undefined) expect((await send(its, upload, jpeg)).status).toBe(404);
    expect((await its.ask(`/-/uploads/${batch}/commit`, { method: 'POST', headers: admin })).status).toBe(400);
  });

  test.each([
    [{}, /files/],
    [{ files: [] }, /files/],
    [{ files: [{ type: 'image/jpeg' }] }, /bytes/],
    [{ files: [{ type: 'text/html', bytes: 5 }] }, /text\/html/],
    [{ files: [{ type: 'image/jpeg', bytes: 5, key: '../x' }] }, /dot segments/],
    [{ files: [{ type: 'image/jpeg', bytes: 5, key: '.fovea-staging/x' }] }, /reserved/],
    [{ files: Array(101).fill({ type: 'image/jpeg', bytes: 5 }) }, /files/],
    [{ files: [{ type: 'image/jpeg', bytes: 5 }], colour: 'blue' }, /colour/],
  ])('asked for with something else is refused with a reason (%#)', async (body, reason) => {
    const response = await post(await start(), '/-/uploads', body);
    expect([400, 415]).toContain(response.status);
    expect(((await response.json()) as { detail: string }).detail).toMatch(reason);
  });

  test('is refused when the body is no JSON or endless', async () => {
    const its = await start();
    const ask = (body: string) => its.ask('/-/uploads', { method: 'POST', headers: admin, body });
    expect((await ask('{')).status).toBe(400);
    expect((await ask('x'.repeat(600_000))).status).toBe(413);
  });

  test('cannot be seen while it is staged, whatever is asked', async () => {
    const its = await start();
    const files = [{ type: 'image/jpeg', bytes: jpeg.byteLength }];
    const { uploads } = signed.parse(await (await post(its, '/-/uploads', { files })).json());
    const [upload] = uploads;
    if (upload !== undefined) await send(its, upload, jpeg);
    const staged = await keysIn(its.originals);
    expect(staged.length).toBeGreaterThan(1);
    for (const key of staged) {
      for (const path of [`/${key}`, `/w_10/${key}`, `/v1/${key}`, `/_/${key}`, `/image/upload/${key}`]) {
        expect([path, (await its.ask(path)).status]).toEqual([path, 400]);
        const encoded = path.replace('.fovea-staging', '%2Efovea%2Dstaging');
        expect([encoded, (await its.ask(encoded)).status]).toEqual([encoded, 400]);
      }
    }
  });
});

describe('pages of other origins', () => {
  const preflight = {
    method: 'OPTIONS',
    headers: { Origin: 'https://shop.example', 'Access-Control-Request-Method': 'POST' },
  };

  test('may upload when they are configured: preflight, answers and errors', async () => {
    const its = await start({ origins: ['https://shop.example'] });
    for (const path of [
      '/-/images',
      '/-/uploads',
      '/-/uploads/s3/params',
      '/-/uploads/files/x',
      '/-/uploads/filepond',
    ]) {
      const { status, headers } = await its.ask(path, preflight);
      expect([path, status, headers.get('access-control-allow-origin')]).toEqual([path, 204, 'https://shop.example']);
      expect(headers.get('access-control-allow-headers')).toMatch(/Authorization.*Content-Type/);
      expect(headers.get('vary')).toBe('Origin');
    }
    const refused = await its.ask('/-/uploads', { method: 'POST', headers: { Origin: 'https://shop.example' } });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, 'https://shop.example']);
    expect(refused.headers.get('access-control-expose-headers')).toContain('ETag');
  });

  test('may not when they are not, and any may with *', async () => {
    const none = await (await start()).ask('/-/uploads', preflight);
    expect(none.headers.get('access-control-allow-origin')).toBeNull();
    const other = await (await start({ origins: ['https://other.example'] })).ask('/-/uploads', preflight);
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
    const any = await (await start({ origins: ['*'] })).ask('/-/uploads', preflight);
    expect([any.headers.get('access-control-allow-origin'), any.headers.get('vary')]).toEqual(['*', null]);
  });

  test('leave no address and no ticket in the log', async () => {
    const its = await start();
    await its.ask('/-/uploads/files/secret-token', { method: 'PUT', body: 'x' });
    await its.ask('/-/uploads/tickets/secret-token/s3/params?filename=a.jpg');
    expect(JSON.stringify(its.telemetry.events)).not.toContain('secret-token');
  });
});
