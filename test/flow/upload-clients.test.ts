import { afterAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { startRenderer } from '../support/renderer.ts';
import { createTestService } from '../support/test-service.ts';
import { keysIn, picture, visible } from '../support/uploads.ts';

const { renderer } = startRenderer();
afterAll(() => renderer.close());

const adminToken = 'the admin token of the tests';
const admin = { Authorization: `Bearer ${adminToken}` };
const jpeg = await picture();

async function start(publicUrl = 'https://img.example') {
  const originals = createMemoryStore();
  const file = { ...readConfig({}).file, publicUrl };
  const its = await createTestService({ renderer, originals, config: { adminToken, file } });
  const ask = (path: string, init: RequestInit = {}) =>
    its.ask(path.replace('https://img.example', ''), { ...init, headers: { ...admin, ...init.headers } });
  const json = async <Shape>(path: string, init: RequestInit = {}) =>
    (await (await ask(path, init)).json()) as Shape & { readonly detail?: string };
  const ticket = await json<{ ticket: string; endpoint: string }>('/-/uploads/tickets', { method: 'POST', body: '{}' });
  return { ...its, ask, json, originals, ticket };
}

const body = (bytes: Uint8Array) => new Uint8Array(bytes);

function formOf(fields: Readonly<Record<string, string>>, bytes: Uint8Array, name = 'file'): FormData {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  form.append(name, new Blob([body(bytes)], { type: 'image/jpeg' }), 'photo.jpg');
  return form;
}

describe("Uppy's Companion routes", () => {
  interface Params {
    readonly method: string;
    readonly url: string;
    readonly fields: Readonly<Record<string, string>>;
    readonly expires: number;
  }

  test('answer where to post a whole file, and publish it as it arrives', async () => {
    const { ask, json, ticket } = await start();
    const asked = `${ticket.endpoint}/s3/params?filename=photo.jpg&type=image%2Fjpeg&metadata[name]=photo.jpg`;
    const { method, url, fields, expires } = await json<Params>(asked, { headers: { Authorization: '' } });
    expect(method).toBe('POST');
    // An hour from when it was signed, which may be a while ago on a busy machine.
    expect(expires).toBeGreaterThan(3540);
    expect(expires).toBeLessThanOrEqual(3600);
    expect(fields['key']).toMatch(/^\d{4}\/\d\d\/[0-9a-f-]{36}\.jpg$/);
    const sent = await ask(url, { method, body: formOf(fields, jpeg), headers: { Authorization: '' } });
    expect(sent.status).toBe(201);
    expect(sent.headers.get('etag')).toMatch(/^".+"$/);
    expect(sent.headers.get('location')).toBe(`https://img.example/${fields['key']}`);
    expect((await ask(`/w_20/${fields['key']}`)).status).toBe(200);
    // Where Uppy 6 believes it to be.
    const place = await ask(`${url}/${fields['key']}`);
    expect([place.status, place.headers.get('location')]).toEqual([303, `/${fields['key']}`]);
  });

  test.each([
    ['filename=photo.png', 'png'],
    ['filename=photo&type=image/webp', 'webp'],
    ['filename=photo.JPEG&type=undefined', 'jpg'],
  ])('find the type out of %s', async (query, extension) => {
    const { json } = await start();
    const { fields } = await json<Params>(`/-/uploads/s3/params?${query}`);
    expect(fields['key']).toMatch(new RegExp(`\\.${extension}$`));
  });

  test('refuse what is no picture, at the latest when it arrives', async () => {
    const { ask, json, originals } = await start();
    expect((await ask('/-/uploads/s3/params?filename=a.pdf&type=application/pdf')).status).toBe(415);
    expect((await ask('/-/uploads/s3/params?filename=a')).status).toBe(415);
    const { url, fields } = await json<Params>('/-/uploads/s3/params?filename=a.jpg');
    const sent = await ask(url, { method: 'POST', body: formOf(fields, Buffer.from('no picture')) });
    expect(sent.status).toBe(415);
    expect(visible(await keysIn(originals))).toEqual([]);
  });

  test('refuse a form with the fields of another file, as S3 does', async () => {
    const { ask, json, originals } = await start();
    const [one, other] = [
      await json<Params>('/-/uploads/s3/params?filename=a.jpg'),
      await json<Params>('/-/uploads/s3/params?filename=b.jpg'),
    ];
    const sent = await ask(one.url, { method: 'POST', body: formOf(other.fields, jpeg) });
    expect([sent.status, await sent.text()]).toEqual([400, expect.stringContaining('Another key was signed')]);
    expect(visible(await keysIn(originals))).toEqual([]);
  });

  test('take a file in parts, list them, and publish it when it is complete', async () => {
    const { ask, json } = await start();
    const create = { method: 'POST', body: JSON.stringify({ filename: 'a.jpg', type: 'image/jpeg', metadata: {} }) };
    const { key, uploadId } = await json<{ key: string; uploadId: string }>('/-/uploads/s3/multipart', create);
    const base = `/-/uploads/s3/multipart/${uploadId}`;
    const halves = [jpeg.subarray(0, 100), jpeg.subarray(100)];
    const parts = await Promise.all(
      halves.map(async (half, index) => {
        const { url } = await json<{ url: string }>(`${base}/${index + 1}?key=${encodeURIComponent(key)}`);
        const sent = await ask(url, {
          method: 'PUT',
          body: body(half),
          headers: { 'Content-Length': `${half.length}` },
        });
        return { PartNumber: index + 1, ETag: sent.headers.get('etag') };
      }),
    );
    expect(await json(`${base}?key=${key}`)).toMatchObject([{ PartNumber: 1, Size: 100 }, { PartNumber: 2 }]);
    const wrong = { method: 'POST', body: JSON.stringify({ parts: parts.toReversed() }) };
    expect((await ask(`${base}/complete?key=${key}`, wrong)).status).toBe(400);
    const complete = { method: 'POST', body: JSON.stringify({ parts }) };
    expect(await json(`${base}/complete?key=${key}`, complete)).toEqual({
      location: `https://img.example/${key}`,
      key,
    });
    expect((await ask(`/w_20/${key}`)).status).toBe(200);
  });

  test('forget a file in parts that is given up, and refuse parts that are none', async () => {
    const { ask, json } = await start();
    const create = { method: 'POST', body: JSON.stringify({ filename: 'a.jpg' }) };
    const { uploadId } = await json<{ uploadId: string }>('/-/uploads/s3/multipart', create);
    for (const part of ['0', '10001', 'x']) {
      expect((await ask(`/-/uploads/s3/multipart/${uploadId}/${part}`)).status).toBe(400);
    }
    expect((await ask(`/-/uploads/s3/multipart/${uploadId}`, { method: 'DELETE' })).status).toBe(200);
    expect((await ask(`/-/uploads/s3/multipart/${uploadId}/1`)).status).toBe(404);
  });

  test('sign for clients that ask one by one', async () => {
    const { ask, json } = await start();
    const sign = (request: unknown) =>
      json<{ url: string; key: string; headers: Record<string, string> }>('/-/uploads/s3/sign', {
        method: 'POST',
        body: JSON.stringify(request),
      });
    const { url, key, headers } = await sign({ method: 'PUT', key: 'x-photo.jpg', contentType: 'image/jpeg' });
    expect((await ask(url, { method: 'PUT', headers, body: body(jpeg) })).status).toBe(201);
    expect((await ask(`/${key}`)).status).toBe(200);
    expect((await sign({ method: 'PUT', key: 'a.jpg', uploadId: 'x', partNumber: 1 })).detail).toContain('whole files');
  });

  test('let nobody in without a token or a ticket', async () => {
    const { ask, ticket } = await start();
    const headers = { Authorization: '' };
    for (const path of ['/-/uploads/s3/params?filename=a.jpg', '/-/uploads/s3/multipart/x', '/-/uploads/filepond']) {
      expect([path, (await ask(path, { headers })).status]).toEqual([path, 401]);
    }
    const forged = `${ticket.ticket.slice(0, -3)}abc`;
    expect((await ask(`/-/uploads/tickets/${forged}/s3/params?filename=a.jpg`, { headers })).status).toBe(401);
  });
});

describe("FilePond's protocol", () => {
  const path = '/-/uploads/filepond';

  test('takes a file in a form and answers its id as text', async () => {
    const { ask } = await start();
    const response = await ask(path, { method: 'POST', body: formOf({ filepond: '{}' }, jpeg, 'filepond') });
    const id = await response.text();
    expect([response.status, response.headers.get('content-type')]).toEqual([
      201,
      expect.stringContaining('text/plain'),
    ]);
    expect((await ask(`/w_20/${id}`)).status).toBe(200);
    expect((await ask(`${path}?load=${id}`)).headers.get('location')).toBe(`/${id}`);
    expect((await ask(path, { method: 'DELETE', body: id })).status).toBe(204);
    expect((await ask(`/${id}`)).status).toBe(404);
  });

  test('leads to a picture below the path of publicUrl, which a proxy in front takes off', async () => {
    const { ask } = await start('https://img.example/pictures/');
    const id = await (await ask(path, { method: 'POST', body: formOf({}, jpeg) })).text();
    for (const query of [`load=${id}`, `restore=${id}`]) {
      const response = await ask(`${path}?${query}`);
      expect([response.status, response.headers.get('location')]).toEqual([303, `/pictures/${id}`]);
    }
  });

  test('takes a file in chunks, tells how far it has come, and forgets it when told', async () => {
    const { ask, originals } = await start();
    const length = { 'Upload-Length': String(jpeg.byteLength) };
    const begin = async () => (await ask(path, { method: 'POST', headers: length, body: new FormData() })).text();
    const patch = (id: string, offset: number, bytes: Uint8Array) => {
      const headers = { ...length, 'Upload-Offset': String(offset), 'Content-Length': String(bytes.byteLength) };
      const type = { 'Content-Type': 'application/offset+octet-stream' };
      return ask(`${path}?patch=${id}`, { method: 'PATCH', headers: { ...headers, ...type }, body: body(bytes) });
    };
    const id = await begin();
    expect((await patch(id, 0, jpeg.subarray(0, 100))).status).toBe(204);
    const asked = await ask(`${path}?patch=${id}`, { method: 'HEAD' });
    expect([asked.status, asked.headers.get('upload-offset')]).toEqual([200, '100']);
    expect((await ask(`/${id}`)).status).toBe(404);
    expect((await patch(id, 100, jpeg.subarray(100))).status).toBe(204);
    expect((await ask(`/w_20/${id}`)).status).toBe(200);
    const other = await begin();
    await patch(other, 0, jpeg.subarray(0, 100));
    expect((await ask(path, { method: 'DELETE', body: other })).status).toBe(204);
    expect(visible(await keysIn(originals))).toEqual([`${id}.jpg`]);
  });

  test("lets a ticket's holder take back his own uploads and no others", async () => {
    const { ask, json } = await start();
    const { ticket } = await json<{ ticket: string }>('/-/uploads/tickets', { method: 'POST', body: '{}' });
    const post = await ask(path, { method: 'POST', body: formOf({}, jpeg) });
    const id = await post.text();
    const headers = { Authorization: `Bearer ${ticket}` };
    expect((await ask(path, { method: 'DELETE', body: id, headers })).status).not.toBe(204);
    expect((await ask(`/${id}`)).status).toBe(200);
  });
});
