import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { v2 as cloudinary, type UploadApiOptions, type UploadApiResponse } from 'cloudinary';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { apiKey, type RunningService, startService } from './running-service.ts';

// By what it is when the SDK is loaded it decides between HTTP and HTTPS.
vi.hoisted(() => {
  process.env['CLOUDINARY_URL'] = 'cloudinary://key:secret@demo?upload_prefix=http://127.0.0.1';
});

let service: RunningService;
beforeAll(async () => {
  service = await startService();
  cloudinary.config({ cloud_name: 'demo', api_key: apiKey.key, api_secret: apiKey.secret, upload_prefix: service.url });
});
afterAll(() => service.close());

const colour = (background: string) =>
  sharp({ create: { width: 60, height: 40, channels: 3, background } })
    .png()
    .toBuffer();
const red = await colour('red');
const blue = await colour('blue');

function upload(bytes: Buffer, options: UploadApiOptions): Promise<UploadApiResponse> {
  return new Promise((resolve, reject) => {
    const stream = cloudinary.uploader.upload_stream(options, (error, result) =>
      result ? resolve(result) : reject(error),
    );
    pipeline(Readable.from([bytes]), stream).catch(reject);
  });
}

const bytesAt = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());

it('cloudinary 2.11.0 uploads by a stream, and its answer is as the SDK expects it', async () => {
  const options = {
    public_id: 'sdk/red',
    tags: ['a', 'b'],
    context: { alt: 'Tom & Jerry' },
    eager: [{ width: 30, crop: 'scale' }],
  };
  const result = await upload(red, options);
  expect(result).toMatchObject({ public_id: 'sdk/red', format: 'png', width: 60, height: 40, tags: ['a', 'b'] });
  expect((await bytesAt(result.secure_url)).equals(red)).toBe(true);
  expect((await sharp(await bytesAt(result['eager'][0].secure_url)).metadata()).width).toBe(30);
  const { verify_api_response_signature: verify } = cloudinary.utils as unknown as {
    verify_api_response_signature: (id: string, version: string, signature: string) => boolean;
  };
  expect(verify(result.public_id, String(result.version), result.signature)).toBe(true);
});

it('cloudinary 2.11.0 uploads a data URI and a URL, unsigned by a preset, and in SHA-256', async () => {
  const uri = `data:image/png;base64,${red.toString('base64')}`;
  expect((await cloudinary.uploader.upload(uri, { public_id: 'sdk/uri' })).bytes).toBe(red.length);
  const remote = await cloudinary.uploader.upload(`${service.remote}/logo.png`, { folder: 'sdk', use_filename: true });
  expect(remote.public_id).toMatch(/^sdk\/logo_[a-z0-9]{6}$/);
  expect((await cloudinary.uploader.unsigned_upload(uri, 'web', { folder: 'sdk' })).public_id).toMatch(
    /^sdk\/[a-z0-9]{20}$/,
  );
  const sha256 = { signature_algorithm: 'sha256', public_id: 'sdk/long' } as UploadApiOptions;
  expect((await cloudinary.uploader.upload(uri, sha256)).public_id).toBe('sdk/long');
});

it('cloudinary 2.11.0 replaces, renames, tells of and destroys what is there', async () => {
  await upload(red, { public_id: 'sdk/a' });
  await expect(upload(blue, { public_id: 'sdk/a' })).rejects.toMatchObject({ http_code: 400 });
  const replaced = await upload(blue, { public_id: 'sdk/a', overwrite: true, invalidate: true });
  expect((await bytesAt(replaced.secure_url)).equals(blue)).toBe(true);
  expect(await cloudinary.uploader.rename('sdk/a', 'sdk/b')).toMatchObject({ public_id: 'sdk/b' });
  const told = await cloudinary.uploader.explicit('sdk/b', {
    type: 'upload',
    eager: [{ width: 20 }],
    invalidate: true,
  });
  expect(told).toMatchObject({ public_id: 'sdk/b', width: 60 });
  expect(await cloudinary.uploader.destroy('sdk/b', { invalidate: true })).toEqual({ result: 'ok' });
  expect(await cloudinary.uploader.destroy('sdk/b')).toEqual({ result: 'not found' });
});
