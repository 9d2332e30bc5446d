import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, PutBucketCorsCommand } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { createS3Client } from '../../src/storage/s3/client.ts';
import { createS3UploadPresigner } from '../../src/storage/s3/presign.ts';
import { createS3Store } from '../../src/storage/s3.ts';
import type { FileToPresign, PresignedFile } from '../../src/uploads/index.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { anybody, createTestUploads, incoming, live, picture, visible } from '../support/uploads.ts';

const { endpoint, ...credentials } = inject('s3');
const client = await createS3Client({ endpoint, credentials, region: 'us-east-1' });
afterAll(() => client.destroy());

const jpeg = await picture();
const ofJpeg = { type: 'image/jpeg', bytes: jpeg.byteLength };

async function start(prefix = 'originals/') {
  const bucket = `fovea-${randomUUID()}`;
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const store = createFaultyStore(createS3Store({ client, bucket, prefix }));
  const its = createTestUploads({ store, presigner: createS3UploadPresigner({ client, bucket, prefix }) });
  const sign = (files: readonly FileToPresign[], method: 'POST' | 'PUT' = 'POST', expiresSeconds = 600) =>
    its.uploads.presign(files, {
      origin: 'https://img.example',
      method,
      atomic: true,
      automatic: false,
      expiresSeconds,
      signal: live(),
    });
  return { ...its, store, sign, bucket };
}

function first({ uploads }: { readonly uploads: readonly PresignedFile[] }): PresignedFile {
  const [upload] = uploads;
  if (upload === undefined) throw new Error('a file was signed');
  return upload;
}

/** What a browser does with a signed file; `change` is what somebody else would do. */
async function send(upload: PresignedFile, bytes: Uint8Array, change: Readonly<Record<string, string>> = {}) {
  const { method, url, headers, fields } = upload;
  if (fields === undefined) {
    return fetch(url, { method, headers: { ...headers, ...change }, body: new Uint8Array(bytes) });
  }
  const form = new FormData();
  for (const [name, value] of Object.entries({ ...fields, ...change })) form.append(name, value);
  form.append('file', new Blob([new Uint8Array(bytes)]));
  return fetch(url, { method, body: form });
}

describe.each(['POST', 'PUT'] as const)('a file signed for %s to S3', (method) => {
  test('goes straight there, is committed, and has its facts', async () => {
    const its = await start();
    const signed = await its.sign([ofJpeg, { ...ofJpeg, key: 'cats/ü 1.jpg' }], method);
    expect(JSON.stringify(signed)).not.toMatch(/checksum/i);
    for (const upload of signed.uploads) {
      expect(new URL(upload.url).origin).toBe(new URL(endpoint).origin);
      expect((await send(upload, jpeg)).status).toBe(method === 'POST' ? 201 : 200);
    }
    expect(visible(await its.keys())).toEqual([]);
    const { published, files } = await its.uploads.commit(signed.batch, anybody());
    expect(published).toBe(true);
    expect(files[1]).toMatchObject({ key: 'cats/ü 1.jpg', width: 60, height: 40, bytes: jpeg.byteLength });
    expect((await its.store.head('cats/ü 1.jpg'))?.contentType).toBe('image/jpeg');
    await its.sweepLater();
    expect(await its.keys()).toHaveLength(2);
  });

  test('is refused by S3 when it is too large, too small, of another type, or its address is forged', async () => {
    const its = await start();
    const upload = first(await its.sign([ofJpeg], method));
    const typeField = method === 'POST' ? 'Content-Type' : 'content-type';
    const sizeStatus = method === 'POST' ? 400 : 403;
    expect((await send(upload, Buffer.concat([jpeg, jpeg]))).status).toBe(sizeStatus);
    expect((await send(upload, jpeg.subarray(1))).status).toBe(sizeStatus);
    expect((await send(upload, jpeg, { [typeField]: 'text/html' })).status).toBe(403);
    const forged =
      method === 'POST'
        ? await send(upload, jpeg, { key: 'originals/elsewhere.jpg' })
        : await send({ ...upload, url: upload.url.replace('/000000000000', '/000000000001') }, jpeg);
    expect(forged.status).toBe(403);
    expect((await its.keys()).filter((key) => !key.endsWith('manifest.json'))).toEqual([]);
    expect((await send(upload, jpeg)).status).toBeLessThan(300);
  });

  test('is refused by S3 once it has expired', async () => {
    const its = await start();
    const upload = first(await its.sign([ofJpeg], method, 1));
    await expect.poll(async () => (await send(upload, jpeg)).status, { timeout: 20_000, interval: 500 }).toBe(403);
  });
});

describe('an upload to S3', () => {
  test('by PUT is create-only: the second use of its address is refused', async () => {
    const its = await start();
    const upload = first(await its.sign([ofJpeg], 'PUT'));
    expect((await send(upload, jpeg)).status).toBe(200);
    expect((await send(upload, jpeg)).status).toBe(412);
    const { 'if-none-match': _, ...without } = upload.headers ?? {};
    expect((await send({ ...upload, headers: without }, jpeg)).status).toBe(403);
  });

  test('that lies about what it is gets through S3, and no further', async () => {
    const its = await start();
    const bytes = Buffer.from('<script>alert(1)</script>');
    const signed = await its.sign([{ type: 'image/jpeg', bytes: bytes.byteLength }]);
    expect((await send(first(signed), bytes)).status).toBe(201);
    const report = await its.uploads.commit(signed.batch, anybody());
    expect(report.files[0]).toMatchObject({ status: 'refused', failure: { kind: 'unsupported' } });
    expect(visible(await its.keys())).toEqual([]);
    await its.sweepLater();
    expect(await its.keys()).toEqual([]);
  });

  test('overwritten after it was checked is not what is published', async () => {
    const its = await start();
    const signed = await its.sign([ofJpeg]);
    await send(first(signed), jpeg);
    const other = await picture('jpeg', 30);
    const held = its.renderer.hold();
    const committing = its.uploads.commit(signed.batch, anybody());
    await expect.poll(() => its.store.count('get')).toBeGreaterThanOrEqual(3);
    const staged = (await its.keys()).find((key) => key.endsWith('/000000000000')) ?? '';
    await its.store.put(staged, Buffer.concat([other, Buffer.alloc(9)]));
    held();
    expect((await committing).files[0]).toMatchObject({ status: 'refused', failure: { kind: 'invalid' } });
    expect(visible(await its.keys())).toEqual([]);
  });

  test('in parts goes straight there part by part, and is published when it is complete', async () => {
    const its = await start();
    const { batch } = await its.uploads.promise({ filename: 'a.jpg' }, { expiresSeconds: 600, signal: live() });
    const halves = [jpeg.subarray(0, 100), jpeg.subarray(100)];
    const sent = await Promise.all(
      halves.map(async (half, index) => {
        const part = await its.uploads.presignPart(batch, { part: index + 1, origin: '', ...anybody() });
        expect(part.url).not.toMatch(/checksum/i);
        const response = await fetch(part.url, { method: 'PUT', body: new Uint8Array(half) });
        return { number: index + 1, etag: (response.headers.get('etag') ?? '').replaceAll('"', '') };
      }),
    );
    expect(await its.uploads.parts(batch, anybody())).toMatchObject(sent);
    await expect(its.uploads.complete(batch, sent.slice(1), anybody())).rejects.toMatchObject({ kind: 'invalid' });
    const report = await its.uploads.complete(batch, sent, anybody());
    expect(report.files[0]).toMatchObject({ status: 'published', bytes: jpeg.byteLength });
    expect(await its.uploads.complete(batch, sent, anybody())).toEqual(report);
  });

  test.each([0, 1, 2])('of three files in one request, of which %i fails, leaves nothing', async (k) => {
    const its = await start();
    const keys = ['a.jpg', 'b.jpg', 'c.jpg'];
    its.store.fail('put', { kind: 'lost-answer' }, (key) => key === keys[k]);
    const files = incoming(...keys.map((key) => ({ key, bytes: jpeg })));
    const report = await its.uploads.receive(files, { signal: live() });
    expect(report.published).toBe(false);
    expect(visible(await its.keys())).toEqual([]);
    its.store.heal();
    await its.sweepLater();
    expect(await its.keys()).toEqual([]);
  });

  test('is open to browsers of other origins where the bucket says so', async () => {
    const its = await start();
    const rule = {
      AllowedOrigins: ['https://shop.example'],
      AllowedMethods: ['POST', 'PUT'],
      AllowedHeaders: ['*'],
      ExposeHeaders: ['ETag', 'Location'],
    };
    await client.send(new PutBucketCorsCommand({ Bucket: its.bucket, CORSConfiguration: { CORSRules: [rule] } }));
    const { url } = first(await its.sign([ofJpeg], 'PUT'));
    const asked = {
      Origin: 'https://shop.example',
      'Access-Control-Request-Method': 'PUT',
      'Access-Control-Request-Headers': 'content-type,if-none-match',
    };
    const preflight = await fetch(url, { method: 'OPTIONS', headers: asked });
    expect(preflight.status).toBe(200);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://shop.example');
  });
});
