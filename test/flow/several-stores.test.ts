import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { run } from '../../src/cli/index.ts';
import { readConfig } from '../../src/config/index.ts';
import { openOperations } from '../../src/service/index.ts';
import { createDiskStore } from '../../src/storage/index.ts';
import { startRenderer } from '../support/renderer.ts';
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
    ...{ FOVEA_ORIGINALS: `file:${last}`, FOVEA_VARIANTS: `file:${folder}/variants`, FOVEA_RENDERERS: '1' },
    FOVEA_CONFIG: join(folder, 'fovea.json'),
  };
  const fovea = async (...words: readonly string[]) => {
    const [out, err] = [new PassThrough(), new PassThrough()];
    const terminal = { stdin: Readable.from([]), stdout: out, stderr: err, signal: new AbortController().signal };
    const open = () => openOperations(readConfig(environment), createRecordingTelemetry(), { renderer });
    const code = await run(words, terminal, { open, serve: async () => undefined, work: async () => undefined });
    return { code, said: `${out.read() ?? ''}${err.read() ?? ''}` };
  };
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
