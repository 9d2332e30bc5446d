import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import { openPresigner } from '../../src/service/stores.ts';
import { openStore, openUploadPresigner } from '../../src/storage/index.ts';

test('opens a folder by its path or by its URL', async () => {
  const base = await mkdtemp(path.join(tmpdir(), 'fovea-open-'));
  await (await openStore(`file:${base}/a folder`)).put('one', Buffer.from('1'));
  await (await openStore(pathToFileURL(path.join(base, 'a folder')).href)).put('two', Buffer.from('2'));
  expect(await readFile(path.join(base, 'a folder/one'), 'utf8')).toBe('1');
  expect(await readFile(path.join(base, 'a folder/two'), 'utf8')).toBe('2');
  await rm(base, { recursive: true });
});

test.each(['s3://bucket', 's3://bucket/', 's3://bucket/pre/fix', 's3://bucket/pre/fix/'])(
  'opens %s',
  async (location) => {
    const store = await openStore(location, { s3Endpoint: 'http://127.0.0.1:9' });
    const reading = ['listsAtOnce', 'createsOnce', 'versions', 'probe', 'head', 'get'];
    expect(Object.keys(store)).toEqual([...reading, 'put', 'delete', 'deleteUnchanged', 'conditions', 'list']);
  },
);

test.each([
  '',
  'none',
  './data',
  'file:',
  'file://host/path',
  's3:bucket',
  's3://',
  's3:///prefix',
  's3://b',
  's3://bucket/a//b',
  's3://bucket/../other',
  's3://user@bucket/x',
  'http://bucket/x',
])('refuses %j and says what was expected', async (location) => {
  await expect(openStore(location)).rejects.toMatchObject({
    kind: 'invalid',
    message: expect.stringContaining('expected file:DIR or s3://bucket/prefix'),
  });
});

test('a service on a folder does not load the AWS SDK', async () => {
  const entry = fileURLToPath(new URL('../../src/storage/index.ts', import.meta.url));
  const { metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    splitting: true,
    format: 'esm',
    packages: 'external',
    outdir: 'unwritten',
    write: false,
    metafile: true,
  });
  const importsOf = (file: string) => metafile.outputs[file]?.imports ?? [];
  const started = new Set(['unwritten/index.js']);
  for (const file of started) {
    for (const { path, kind } of importsOf(file)) if (kind === 'import-statement') started.add(path);
  }
  const everything = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  expect([...started]).toContain('node:fs/promises');
  expect([...started]).not.toContain('@aws-sdk/client-s3');
  expect(everything).toContain('@aws-sdk/client-s3');
});

describe('the door to uploaders of a bucket', () => {
  beforeEach(() => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'id');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('AWS_REGION', 'us-east-1');
  });
  afterEach(() => void vi.unstubAllEnvs());

  const put = { key: 'a.jpg', contentType: 'image/jpeg', expiresSeconds: 60 };
  const post = { ...put, minBytes: 1, maxBytes: 10 };

  test.each([
    ['path', 'https://oss.example/pictures/'],
    ['virtual', 'https://pictures.oss.example/'],
  ] as const)('is addressed in the style that is asked for: %s', async (s3Addressing, place) => {
    const options = { s3Endpoint: 'https://oss.example', s3Addressing };
    const presigner = await openUploadPresigner('s3://pictures', options);
    expect(`${(await presigner?.presignPost(post))?.url.replace(/\/$/, '')}/`).toBe(place);
    expect((await presigner?.presignPut(put))?.url.startsWith(`${place}a.jpg?`)).toBe(true);
  });

  test.each([
    ['POST', true],
    ['PUT', false],
  ] as const)('takes forms unless %s is said', async (method, takesForms) => {
    const config = readConfig({ FOVEA_ORIGINALS: 's3://pictures', FOVEA_S3_UPLOAD_METHOD: method });
    expect((await openPresigner(config, new Map()))?.takesForms).toBe(takesForms);
  });

  test('is shown to clients where they reach it, which may not be where we do', async () => {
    const environment = {
      FOVEA_ORIGINALS: 's3://pictures/in',
      FOVEA_S3_ENDPOINT: 'http://minio:9000',
      FOVEA_S3_PUBLIC_ENDPOINT: 'https://uploads.example',
    };
    const url = async (given: Readonly<Record<string, string>>) =>
      (await (await openPresigner(readConfig(given), new Map()))?.presignPost(post))?.url;
    expect(await url(environment)).toBe('https://uploads.example/pictures');
    expect(await url({ ...environment, FOVEA_S3_ADDRESSING: 'virtual' })).toBe('https://pictures.uploads.example/');
    const { FOVEA_S3_PUBLIC_ENDPOINT: _, ...inner } = environment;
    expect(await url(inner)).toBe('http://minio:9000/pictures');
  });
});
