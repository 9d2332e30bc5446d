import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { openStore } from '../../src/storage/index.ts';

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
    expect(Object.keys(store)).toEqual(['listsAtOnce', 'probe', 'head', 'get', 'put', 'delete', 'list']);
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
