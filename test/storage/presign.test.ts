import { describe, expect, test } from 'vitest';
import type { PresignedUpload } from '../../src/storage/index.ts';
import { createS3Client } from '../../src/storage/s3/client.ts';
import { createS3UploadPresigner } from '../../src/storage/s3/presign.ts';

async function newPresigner(prefix = '') {
  const client = await createS3Client({
    endpoint: 'http://127.0.0.1:9',
    region: 'us-east-1',
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
  });
  return createS3UploadPresigner({ client, bucket: 'pictures', prefix });
}

const put = { key: 'a b/ü.jpg', contentType: 'image/jpeg', bytes: 1000, onlyIfAbsent: true, expiresSeconds: 60 };
const post = { key: 'a.jpg', contentType: 'image/jpeg', minBytes: 1, maxBytes: 1000, expiresSeconds: 60 };

function policyOf({ fields }: PresignedUpload): {
  readonly conditions: readonly unknown[];
  readonly expiration: string;
} {
  return JSON.parse(Buffer.from(fields?.['Policy'] ?? '', 'base64').toString());
}

describe('a signed PUT', () => {
  test('signs type, length and create-only as headers, and asks for no checksum of an empty body', async () => {
    const { method, url, headers } = await (await newPresigner()).presignPut(put);
    const { pathname, searchParams } = new URL(url);
    expect([method, pathname]).toEqual(['PUT', '/pictures/a%20b/%C3%BC.jpg']);
    expect(searchParams.get('X-Amz-SignedHeaders')?.split(';')).toEqual([
      'content-length',
      'content-type',
      'host',
      'if-none-match',
    ]);
    expect(headers).toEqual({ 'content-type': 'image/jpeg', 'if-none-match': '*' });
    expect(url).not.toMatch(/checksum/i);
  });

  test('without type and length is about its key and its time alone', async () => {
    const { url, headers } = await (await newPresigner('tenant/')).presignPut({ key: 'part', expiresSeconds: 60 });
    expect(new URL(url).pathname).toBe('/pictures/tenant/part');
    expect(new URL(url).searchParams.get('X-Amz-SignedHeaders')).toBe('host');
    expect(headers).toEqual({});
    expect(url).not.toMatch(/checksum/i);
  });

  test('with a SHA-256 names that one, as a header that is signed', async () => {
    const { url, headers } = await (await newPresigner()).presignPut({ ...put, sha256: 'abc=' });
    expect(headers).toMatchObject({ 'x-amz-checksum-sha256': 'abc=' });
    expect(new URL(url).searchParams.get('X-Amz-SignedHeaders')).toContain('x-amz-checksum-sha256');
    expect(url).not.toMatch(/crc32/i);
  });
});

describe('a signed POST', () => {
  test('holds its policy to key, exact type and size', async () => {
    const signed = await (await newPresigner('tenant/')).presignPost(post);
    expect(signed).toMatchObject({ method: 'POST', fields: { key: 'tenant/a.jpg', 'Content-Type': 'image/jpeg' } });
    expect(new URL(signed.url).pathname.replace(/\/$/, '')).toBe('/pictures');
    const { conditions, expiration } = policyOf(signed);
    expect(conditions).toEqual(
      expect.arrayContaining([
        ['content-length-range', 1, 1000],
        { 'Content-Type': 'image/jpeg' },
        { success_action_status: '201' },
        { key: 'tenant/a.jpg' },
        { bucket: 'pictures' },
      ]),
    );
    expect(Date.parse(expiration) - Date.now()).toBeLessThanOrEqual(61_000);
    expect(JSON.stringify(signed)).not.toMatch(/checksum/i);
  });

  test('refuses what is no key', async () => {
    const presigner = await newPresigner();
    await expect(presigner.presignPost({ ...post, key: '../up' })).rejects.toMatchObject({ kind: 'invalid' });
    await expect(presigner.presignPut({ ...put, key: '' })).rejects.toMatchObject({ kind: 'invalid' });
  });
});
