import { expect, onTestFinished, test, vi } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import { openPresigner, openStores } from '../../src/service/stores.ts';
import { type PresignedUpload, tryUpload } from '../../src/storage/index.ts';
import { startS3FaultServer } from '../support/s3-fault-server.ts';
import type { S3Oddities } from '../support/s3-oddities.ts';
import { createRecordingTelemetry } from '../support/test-service.ts';

/** Stores and presigner as a configuration opens them, on a stub. */
async function openOn(oddities: Partial<S3Oddities>, environment: Readonly<Record<string, string>>) {
  const server = await startS3FaultServer(oddities);
  onTestFinished(() => server.close());
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, 'stub');
  vi.stubEnv('AWS_REGION', 'us-east-1');
  onTestFinished(() => void vi.unstubAllEnvs());
  const config = readConfig({
    FOVEA_S3_ENDPOINT: server.endpoint,
    FOVEA_ORIGINALS: `s3://${server.bucket}/originals`,
    FOVEA_VARIANTS: `s3://${server.bucket}/variants`,
    ...environment,
  });
  const telemetry = createRecordingTelemetry();
  const learnt = new Map<string, string>();
  const { originalsStore: originals, variantsStore: variants } = await openStores(config, telemetry, learnt);
  const presigner = await openPresigner(config, learnt);
  if (variants === undefined || presigner === undefined) throw new Error('both are in S3');
  const warnings = () => telemetry.events.filter(({ type }) => type === 'warning');
  return { server, originals, variants, presigner, warnings };
}

const put = { key: 'put.jpg', contentType: 'image/jpeg', bytes: 1, expiresSeconds: 60 };
const post = { key: 'post.jpg', contentType: 'image/jpeg', minBytes: 1, maxBytes: 1, expiresSeconds: 60 };
const send = (upload: PresignedUpload) =>
  tryUpload(upload, new Uint8Array(1), { proxy: undefined, signal: new AbortController().signal });

const encryption = 'x-amz-server-side-encryption';

test.each([
  ['s3', { [encryption]: 'AES256' }],
  ['kms', { [encryption]: 'aws:kms' }],
  ['kms:alias/pictures', { [encryption]: 'aws:kms', [`${encryption}-aws-kms-key-id`]: 'alias/pictures' }],
])('everything that is put is encrypted by %s, by whomever it is sent', async (given, expected) => {
  const { server, originals, variants, presigner } = await openOn({}, { FOVEA_S3_ENCRYPTION: given });
  await originals.put('a', Buffer.from('a'), { onlyIfAbsent: true });
  await variants.put('b', Buffer.from('b'));
  expect((await send(await presigner.presignPut(put))).status).toBe(200);
  expect((await send(await presigner.presignPost(post))).status).toBe(201);
  const keys = ['originals/a', 'originals/post.jpg', 'originals/put.jpg', 'variants/b'];
  expect([...server.objects.keys()].toSorted()).toEqual(keys);
  for (const key of keys) {
    const headers = Object.entries(server.objects.get(key)?.headers ?? {});
    expect([key, Object.fromEntries(headers.filter(([name]) => name.startsWith(encryption)))]).toEqual([key, expected]);
  }
});

test('each store has a storage class of its own, and a browser is held to that of the originals', async () => {
  const environment = { FOVEA_ORIGINALS_STORAGE_CLASS: 'INTELLIGENT_TIERING', FOVEA_VARIANTS_STORAGE_CLASS: 'COLD' };
  const { server, originals, variants, presigner } = await openOn({}, environment);
  await originals.put('a', Buffer.from('a'));
  await variants.put('b', Buffer.from('b'));
  const signed = await presigner.presignPut(put);
  expect(new URL(signed.url).searchParams.get('X-Amz-SignedHeaders')).toContain('x-amz-storage-class');
  await send(signed);
  const form = await presigner.presignPost(post);
  expect((await send({ ...form, fields: { ...form.fields, 'x-amz-storage-class': 'STANDARD' } })).status).toBe(403);
  const classOf = (key: string) => server.objects.get(key)?.headers['x-amz-storage-class'];
  expect(['originals/a', 'originals/put.jpg', 'variants/b'].map(classOf)).toEqual([
    'INTELLIGENT_TIERING',
    'INTELLIGENT_TIERING',
    'COLD',
  ]);
});

test('nothing of that is said where nobody set it', async () => {
  const { server, originals } = await openOn({}, {});
  await originals.put('a', Buffer.from('a'));
  const { headers = {} } = server.objects.get('originals/a') ?? {};
  expect(Object.keys(headers).filter((name) => name.startsWith('x-amz-'))).toEqual([]);
});

test('a bucket in another region is asked for there from the second request on, and that is told once', async () => {
  const { server, originals, variants, presigner, warnings } = await openOn({ region: 'eu-west-3' }, {});
  await originals.put('a', Buffer.from('a'));
  expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'PUT']);
  expect(await originals.head('a')).toMatchObject({ size: 1 });
  await variants.put('b', Buffer.from('b'));
  expect(await variants.get('c')).toBeUndefined();
  // What is signed is signed for where it is.
  expect((await send(await presigner.presignPut(put))).status).toBe(200);
  const redirected = server.requests.length - 7;
  expect(redirected).toBe(0);
  expect(warnings()).toEqual([
    { type: 'warning', message: expect.stringMatching(/is in eu-west-3,.*set FOVEA_ORIGINALS_REGION=eu-west-3/) },
  ]);
});

test('buckets may lie in several regions, and are asked for there at once where that is said', async () => {
  const { server, originals, variants, warnings } = await openOn(
    { region: 'eu-west-3' },
    { FOVEA_ORIGINALS_REGION: 'eu-west-3' },
  );
  await originals.head('a');
  expect(server.requests).toHaveLength(2);
  expect(warnings()).toEqual([]);
  await variants.put('b', Buffer.from('b'));
  expect(warnings()).toMatchObject([{ message: expect.stringContaining('set FOVEA_VARIANTS_REGION=eu-west-3') }]);
});
