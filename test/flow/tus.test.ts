import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type DetailedError, Upload, type UploadOptions } from 'tus-js-client';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import { listen } from '../../src/http/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { from, noise } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { createTestService } from '../support/test-service.ts';
import { keysIn, picture, visible } from '../support/uploads.ts';

const { renderer } = startRenderer();
afterAll(() => renderer.close());

const adminToken = 'the admin token of the tests';
const jpeg = await picture();
/** Some 9 MB: two pieces, and a part of a third. */
const large = await from(noise(1_700, 1_800)).png({ compressionLevel: 0 }).toBuffer();

async function start() {
  const originals = createMemoryStore();
  const file = { ...readConfig({}).file, publicUrl: undefined };
  const its = await createTestService({ renderer, originals, config: { adminToken, file } });
  const { ticket } = await its.service.uploads.ticket(600, {});
  const ask = (path: string, method: string, headers: Readonly<Record<string, string>> = {}, body?: Uint8Array) =>
    its.ask(path, {
      method,
      headers: { 'Tus-Resumable': '1.0.0', Authorization: `Bearer ${ticket}`, ...headers },
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    });
  const begin = async (length: number, headers: Readonly<Record<string, string>> = {}) => {
    const answer = await ask('/-/uploads/tus', 'POST', { 'Upload-Length': String(length), ...headers });
    expect(answer.status).toBe(201);
    return new URL(answer.headers.get('location') ?? '').pathname;
  };
  const send = (path: string, offset: number, body: Uint8Array, headers: Readonly<Record<string, string>> = {}) =>
    ask(
      path,
      'PATCH',
      { 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream', ...headers },
      body,
    );
  const offset = async (path: string) => (await ask(path, 'HEAD')).headers.get('upload-offset');
  const published = async () => visible(await keysIn(originals));
  return { ...its, originals, ticket, ask, begin, send, offset, published };
}

/** Passes bytes on, and cuts the connection that is at work whenever so many have gone through in all. */
async function startBadLine(port: number, cuts: number[]): Promise<string> {
  const sockets = new Set<Socket>();
  let passed = 0;
  const server: Server = createServer((client) => {
    const origin = connect(port, '127.0.0.1');
    for (const socket of [client, origin]) sockets.add(socket.on('error', () => undefined));
    client.on('data', (chunk: Buffer) => {
      passed += chunk.length;
      origin.write(chunk);
      if (passed < (cuts[0] ?? Number.POSITIVE_INFINITY)) return;
      cuts.shift();
      client.resetAndDestroy();
      origin.end();
    });
    origin.pipe(client);
    client.on('close', () => origin.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('tus-js-client', () => {
  async function serve(cuts: number[] = []) {
    const its = await start();
    const server = await listen(its.service.app, { port: 0, host: '127.0.0.1' });
    onTestFinished(() => server.close());
    const url = await startBadLine(Number(new URL(server.url).port), cuts);
    const requests: string[] = [];
    const offsets: number[] = [];
    const upload = (bytes: Buffer, options: UploadOptions = {}) =>
      new Promise<{ readonly url: string | null; readonly place: string | undefined }>((resolve, reject) => {
        let place: string | undefined;
        const sending = new Upload(bytes, {
          endpoint: `${url}/-/uploads/tus`,
          headers: { Authorization: `Bearer ${its.ticket}` },
          metadata: { filename: 'a photo.jpg', filetype: 'image/jpeg' },
          retryDelays: Array(10).fill(10),
          storeFingerprintForResuming: false,
          onBeforeRequest: (request) => {
            requests.push(request.getMethod());
            if (request.getMethod() === 'PATCH') offsets.push(Number(request.getHeader('Upload-Offset')));
          },
          onAfterResponse: (_, response) => {
            place = response.getHeader('Content-Location') ?? place;
          },
          onSuccess: () => resolve({ url: sending.url, place }),
          onError: reject,
          ...options,
        });
        sending.start();
      });
    return { ...its, url, requests, offsets, upload };
  }

  test('uploads a photograph, which is published, and is told where', async () => {
    const { upload, published, ask, requests } = await serve();
    const { place, url } = await upload(jpeg);
    const [key] = await published();
    expect(key).toMatch(/^\d{4}\/\d\d\/[0-9a-f-]{36}\.jpg$/);
    expect(new URL(place ?? '').pathname).toBe(`/${key}`);
    expect(requests).toEqual(['POST', 'PATCH']);
    const lead = await ask(new URL(url ?? '').pathname, 'GET');
    expect([lead.status, lead.headers.get('location')]).toEqual([303, `/${key}`]);
  });

  test.each([
    ['in chunks', { chunkSize: 3_000_000 }, 4],
    ['in one request with its creation', { uploadDataDuringCreation: true }, 0],
    ['by POST alone', { overridePatchMethod: true }, 1],
  ] satisfies [string, UploadOptions, number][])('uploads %s', async (_, options, later) => {
    const { upload, originals, published, requests } = await serve();
    await upload(large, { metadata: {}, ...options });
    const [key = ''] = await published();
    expect(key).toMatch(/\.png$/);
    expect((await originals.head(key))?.size).toBe(large.length);
    expect(requests).toHaveLength(1 + later);
  });

  test('goes on where its line broke, again and again, and sends nothing twice that had arrived', async () => {
    const { upload, originals, published, requests, offsets } = await serve([3_000_000, 6_000_000]);
    await upload(large, { metadata: { filename: 'a.png' } });
    const [key = ''] = await published();
    expect((await originals.head(key))?.size).toBe(large.length);
    expect(await published()).toHaveLength(1);
    expect(requests.filter((method) => method === 'HEAD').length).toBeGreaterThanOrEqual(2);
    expect(requests.filter((method) => method === 'POST')).toHaveLength(1);
    // One that asks before the end of the last connection was heard is told to ask again.
    expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
    expect(offsets.at(-1)).toBeGreaterThan(3_000_000);
  });

  test('is told of what is no picture, and tries no more', async () => {
    const { upload, published, requests } = await serve();
    const error: DetailedError = await upload(Buffer.from('no picture at all')).then(
      () => expect.unreachable(),
      (reason) => reason,
    );
    expect(error.originalResponse?.getStatus()).toBe(415);
    expect(requests).toEqual(['POST', 'PATCH']);
    expect(await published()).toEqual([]);
  });

  test('ends an upload that it gives up', async () => {
    const { url, ticket, originals } = await serve();
    await new Promise<void>((resolve, reject) => {
      const sending = new Upload(large, {
        endpoint: `${url}/-/uploads/tus`,
        headers: { Authorization: `Bearer ${ticket}` },
        chunkSize: 5_000_000,
        onChunkComplete: () => sending.abort(true).then(resolve, reject),
        onError: reject,
      });
      sending.start();
    });
    expect((await keysIn(originals)).filter((key) => key.includes('/files/'))).toEqual([]);
  });
});

describe('the protocol of tus', () => {
  test('says what there is, to a preflight too', async () => {
    const { ask } = await start();
    const { status, headers } = await ask('/-/uploads/tus', 'OPTIONS');
    expect([status, headers.get('tus-version'), headers.get('tus-max-size')]).toEqual([
      204,
      '1.0.0',
      String(50 * 1024 ** 2),
    ]);
    expect(headers.get('tus-extension')).toBe('creation,creation-with-upload,termination,expiration,checksum');
    for (const name of ['Tus-Resumable', 'Upload-Offset', 'Upload-Metadata', 'Upload-Checksum'])
      expect(headers.get('access-control-allow-headers')).toContain(name);
  });

  test('is spoken in its version, whatever is answered', async () => {
    const { ask, begin, send } = await start();
    const path = await begin(9);
    for (const other of ['', '0.2.2', '1.0.1']) {
      const answer = await ask(path, 'HEAD', { 'Tus-Resumable': other });
      expect([answer.status, answer.headers.get('tus-version')]).toEqual([412, '1.0.0']);
    }
    const answers = [
      await send(path, 5, Buffer.alloc(1)),
      await ask(path, 'HEAD'),
      await ask(`${path}x`, 'HEAD'),
      await ask(path, 'HEAD', { Authorization: 'Bearer x' }),
      await ask(path, 'PUT'),
    ];
    expect(answers.map(({ status, headers }) => [status, headers.get('tus-resumable')])).toEqual(
      [409, 200, 400, 401, 405].map((status) => [status, '1.0.0']),
    );
    for (const { headers } of answers) expect(headers.get('cache-control')).toBe('no-store');
  });

  test('tells how far an upload is, until when it may go on, and what was said of it', async () => {
    const { begin, send, ask } = await start();
    const metadata = `filename ${Buffer.from('Ä.jpg').toString('base64')},is_private`;
    const path = await begin(jpeg.length, { 'Upload-Metadata': metadata });
    expect((await send(path, 0, jpeg.subarray(0, 100))).headers.get('upload-offset')).toBe('100');
    const { status, headers } = await ask(path, 'HEAD');
    expect(status).toBe(200);
    expect(['upload-offset', 'upload-length', 'upload-metadata'].map((name) => headers.get(name))).toEqual([
      '100',
      String(jpeg.length),
      metadata,
    ]);
    // The ticket's ten minutes.
    expect(Date.parse(headers.get('upload-expires') ?? '') - Date.now()).toBeLessThanOrEqual(600_000);
    expect((await send(path, 100, jpeg.subarray(100))).status).toBe(204);
    expect((await ask(path, 'HEAD')).headers.get('upload-offset')).toBe(String(jpeg.length));
  });

  test.each([
    ['no length', {}],
    ['a length that is none', { 'Upload-Length': '-1' }],
    ['a length that comes later', { 'Upload-Defer-Length': '1' }],
    ['no byte', { 'Upload-Length': '0' }],
    ['a part of another file', { 'Upload-Length': '9', 'Upload-Concat': 'partial' }],
    ['too much to say', { 'Upload-Length': '9', 'Upload-Metadata': `filename ${'QQ=='.repeat(2_000)}` }],
  ])('begins nothing of %s', async (_, headers: Record<string, string>) => {
    const { ask, originals } = await start();
    expect((await ask('/-/uploads/tus', 'POST', headers)).status).toBe(400);
    expect(await keysIn(originals)).toEqual([]);
  });

  test('begins nothing of what is too large, of no type that is taken, or beyond its ticket', async () => {
    const { ask, service, ticket } = await start();
    const pdf = `filetype ${Buffer.from('application/pdf').toString('base64')}`;
    expect((await ask('/-/uploads/tus', 'POST', { 'Upload-Length': String(60 * 1024 ** 2) })).status).toBe(413);
    expect((await ask('/-/uploads/tus', 'POST', { 'Upload-Length': '9', 'Upload-Metadata': pdf })).status).toBe(415);
    const small = (await service.uploads.ticket(60, { bytes: 20 })).ticket;
    const statuses = [];
    for (let times = 0; times < 3; times += 1)
      statuses.push(
        (await ask('/-/uploads/tus', 'POST', { 'Upload-Length': '9', Authorization: `Bearer ${small}` })).status,
      );
    expect(statuses).toEqual([201, 201, 413]);
    expect(ticket).not.toBe(small);
  });

  test('takes a body where the upload ends, of its type and no longer than the rest', async () => {
    const { begin, send, offset } = await start();
    const path = await begin(10);
    expect((await send(path, 0, Buffer.alloc(4))).status).toBe(204);
    const answers = [
      await send(path, 0, Buffer.alloc(4)),
      await send(path, 5, Buffer.alloc(4)),
      await send(path, 4, Buffer.alloc(7)),
      await send(path, 4, Buffer.alloc(4), { 'Content-Type': 'application/octet-stream' }),
      await send(path, 4, Buffer.alloc(4), { 'Upload-Offset': 'x' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([409, 409, 413, 415, 400]);
    expect(await offset(path)).toBe('4');
  });

  test('goes on with one of two that send at once', async () => {
    const { begin, send, offset, published } = await start();
    const path = await begin(jpeg.length);
    const answers = await Promise.all([0, 1, 2, 3].map(() => send(path, 0, jpeg)));
    const statuses = answers.map(({ status }) => status).toSorted();
    // Those that came when it was published already hear of it.
    expect(statuses[0]).toBe(204);
    expect(new Set(statuses)).toEqual(new Set([204, 409].filter((status) => statuses.includes(status))));
    expect(await offset(path)).toBe(String(jpeg.length));
    expect(await published()).toHaveLength(1);
  });

  test('holds a body to its checksum, and keeps nothing of another', async () => {
    const { begin, send, offset, published } = await start();
    const path = await begin(jpeg.length);
    const half = jpeg.subarray(0, 100);
    const sum = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest('base64');
    const statusOf = async (checksum: string) => (await send(path, 0, half, { 'Upload-Checksum': checksum })).status;
    expect(await statusOf(`sha1 ${sum('sha1', jpeg)}`)).toBe(460);
    expect(await statusOf('sha1')).toBe(460);
    expect(await statusOf(`crc32 ${sum('sha1', half)}`)).toBe(400);
    expect(await offset(path)).toBe('0');
    expect(await statusOf(`sha256 ${sum('sha256', half)}`)).toBe(204);
    const rest = jpeg.subarray(100);
    expect((await send(path, 100, rest, { 'Upload-Checksum': `md5 ${sum('md5', rest)}` })).status).toBe(204);
    expect(await published()).toHaveLength(1);
  });

  test('publishes what had come whole when its server was ended, as soon as its client asks', async () => {
    const { begin, send, offset, originals, published } = await start();
    const path = await begin(jpeg.length);
    await send(path, 0, jpeg.subarray(0, 200));
    const batch = path.split('/').at(-1);
    const rest = jpeg.subarray(200);
    await originals.put(`.fovea-staging/${batch}/files/0/000000000200`, Buffer.from(rest));
    expect(await published()).toEqual([]);
    expect(await offset(path)).toBe(String(jpeg.length));
    expect(await published()).toHaveLength(1);
  });

  test('ends: what is published is taken back, and nothing goes on', async () => {
    const { begin, send, ask, published } = await start();
    const path = await begin(jpeg.length);
    await send(path, 0, jpeg);
    expect(await published()).toHaveLength(1);
    expect((await ask(path, 'DELETE')).status).toBe(204);
    expect(await published()).toEqual([]);
    expect((await ask(path, 'HEAD')).status).toBe(404);
    expect((await send(path, 0, jpeg)).status).toBe(404);
  });

  test('is bounded: crumbs end an upload, and leave no more than was promised', async () => {
    const { begin, send, originals } = await start();
    const path = await begin(2_000);
    let status = 204;
    for (let at = 0; status === 204; at += 1) status = (await send(path, at, Buffer.alloc(1))).status;
    expect(status).toBe(413);
    const pieces = (await keysIn(originals)).filter((key) => key.includes('/files/'));
    expect(pieces.length).toBeLessThanOrEqual(1_001);
  });

  test('is over when it has expired', async () => {
    const { ask, service } = await start();
    const { batch } = await service.uploads.promise(
      { bytes: 9 },
      { expiresSeconds: -1, owner: 'admin', signal: AbortSignal.timeout(9_000) },
    );
    expect((await ask(`/-/uploads/tus/${batch}`, 'HEAD', { Authorization: `Bearer ${adminToken}` })).status).toBe(410);
  });
});
