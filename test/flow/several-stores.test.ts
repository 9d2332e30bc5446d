import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { run } from '../../src/cli/index.ts';
import { readConfig } from '../../src/config/index.ts';
import { openOperations } from '../../src/service/index.ts';
import { createDiskStore } from '../../src/storage/index.ts';
import { storeOn } from '../support/fault-storm.ts';
import { startRenderer } from '../support/renderer.ts';
import { startS3FaultServer } from '../support/s3-fault-server.ts';
import { createRecordingTelemetry } from '../support/test-service.ts';
import { keysIn, picture } from '../support/uploads.ts';

const { renderer } = startRenderer();
afterAll(() => renderer.close());

const jpeg = await picture();

test('several stores of originals are what every command works on, by one configuration', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-several-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [last, shop, archive] = ['last', 'shop', 'archive'].map((name) => join(folder, name));
  for (const directory of [last, shop, archive]) {
    await createDiskStore({ directory: directory ?? '' }).put('a.jpg', jpeg);
  }
  const originals = [
    { prefix: 'shop/', store: `file:${shop}`, ttlSeconds: 5 },
    { prefix: 'archive/', store: `file:${archive}`, readOnly: true },
  ];
  await writeFile(join(folder, 'fovea.json'), JSON.stringify({ originals }));
  const environment = {
    ...{ FOVEA_ORIGINALS: `file:${last}`, FOVEA_VARIANTS: `file:${folder}/variants` },
    FOVEA_CONFIG: join(folder, 'fovea.json'),
  };
  const fovea = commandsOf(environment);
  expect((await fovea('ls', '--json')).said.match(/"key":"[^"]*"/g)).toEqual([
    '"key":"a.jpg"',
    '"key":"archive/a.jpg"',
    '"key":"shop/a.jpg"',
  ]);
  const upload = ['upload', join(last ?? '', 'a.jpg'), '--key'];
  expect((await fovea(...upload, 'shop/new.jpg')).code).toBe(0);
  expect(await keysIn(createDiskStore({ directory: shop ?? '' }))).toEqual(['a.jpg', 'new.jpg']);
  expect((await fovea(...upload, 'archive/a.jpg')).said).toContain('The key is taken');
  expect((await fovea('mv', 'shop/new.jpg', 'moved.jpg')).code).toBe(0);
  expect((await fovea('rm', 'archive/a.jpg', '--yes')).said).toContain('only read');
  expect((await fovea('rm', 'shop/a.jpg', '--yes')).code).toBe(0);
  expect((await fovea('warm', '--all', '--transform', 'w_10')).said).toContain('3 original(s): 3 variant(s) made');
  expect((await fovea('gc')).code).toBe(0);
  const doctor = (await fovea('doctor')).said;
  expect(doctor).toMatch(/listed stores of originals.*shop\/, archive\/ \(only read\): they answer/);
  await rm(archive ?? '', { recursive: true });
  expect((await fovea('doctor')).said).toMatch(/listed stores of originals.*archive/);
});

test('a bucket is read with credentials of its own, and another is imported from', async () => {
  const server = await startS3FaultServer();
  const folder = await mkdtemp(join(tmpdir(), 'fovea-several-'));
  onTestFinished(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });
  const shop = await storeOn(server, 'shop/');
  await shop.put('a.jpg', jpeg);
  const { bucket, endpoint } = server;
  const listed = {
    ...{ prefix: 'shop/', store: `s3://${bucket}/shop`, region: 'us-east-1', endpoint },
    credentials: { accessKeyId: 'stub', secretAccessKey: 'stub' },
  };
  await writeFile(join(folder, 'fovea.json'), JSON.stringify({ originals: [listed] }));
  await mkdir(join(folder, 'last'));
  const environment = {
    FOVEA_ORIGINALS: `file:${folder}/last`,
    FOVEA_VARIANTS: 'none',
    FOVEA_CONFIG: join(folder, 'fovea.json'),
  };
  const fovea = commandsOf(environment);
  expect((await fovea('ls')).said).toContain('shop/a.jpg');
  expect((await fovea('upload', ...[join(await fileOf(folder), 'b.jpg'), '--key', 'shop/b.jpg'])).code).toBe(0);
  expect(await keysIn(shop)).toEqual(['a.jpg', 'b.jpg']);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'stub').stubEnv('AWS_SECRET_ACCESS_KEY', 'stub');
  onTestFinished(() => void vi.unstubAllEnvs());
  const from = ['import', `s3://${bucket}/shop`, '--endpoint', endpoint, '--region', 'us-east-1'];
  expect((await fovea(...from, '--prefix', 'in/')).said).toContain('2 original(s) imported, 0 were there, 0 failed');
  expect(await keysIn(createDiskStore({ directory: join(folder, 'last') }))).toEqual(['in/a.jpg', 'in/b.jpg']);
});

async function fileOf(folder: string): Promise<string> {
  const files = join(folder, 'files');
  await mkdir(files);
  await writeFile(join(files, 'b.jpg'), jpeg);
  return files;
}

/** The command line on the stores that this configuration names. */
function commandsOf(environment: Readonly<Record<string, string>>) {
  return async (...words: readonly string[]) => {
    const [out, err] = [new PassThrough(), new PassThrough()];
    const terminal = { stdin: Readable.from([]), stdout: out, stderr: err, signal: new AbortController().signal };
    const open = () =>
      openOperations(readConfig({ FOVEA_RENDERERS: '1', ...environment }), createRecordingTelemetry(), { renderer });
    const code = await run(words, terminal, { open, serve: async () => undefined, work: async () => undefined });
    return { code, said: `${out.read() ?? ''}${err.read() ?? ''}` };
  };
}
