import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { decode } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';
import { createTestService } from '../support/test-service.ts';
import { picture } from '../support/uploads.ts';

const { renderer } = startRenderer();
afterAll(() => renderer.close());

test('one path is another picture at another host, each time it is asked, and is purged as it is read there', async () => {
  const originals = createMemoryStore();
  await originals.put('a.jpg', await picture());
  await originals.put('old/a.jpg', await picture());
  const file = {
    ...readConfig({}).file,
    dialects: [{ name: 'imgix' as const, hosts: ['ix.example'] }, 'query' as const],
  };
  const adminToken = 'the admin token of the tests';
  const { ask, service } = await createTestService({ renderer, originals, config: { file, adminToken } });
  const sizeAt = async (host: string) => {
    const response = await ask('/a.jpg?w=30&h=10', { headers: { Host: host } });
    const { width, height } = await decode(Buffer.from(await response.arrayBuffer()));
    return [width, height];
  };
  // imgix keeps the shape, and what queries have in common cuts.
  for (let times = 0; times < 2; times += 1) {
    expect(await sizeAt('ix.example')).toEqual([15, 10]);
    expect(await sizeAt('img.example')).toEqual([30, 10]);
  }
  const explained = await ask(`/-/explain?url=${encodeURIComponent('https://ix.example/a.jpg?w=30&h=10')}`);
  expect(await explained.json()).toMatchObject({ dialect: 'imgix' });
  const { originals: purged } = await service.variants.purge(
    { urls: ['https://ix.example/a.jpg?w=30&h=10'] },
    { signal: AbortSignal.timeout(10_000) },
  );
  expect(purged).toBe(1);
});

test('a dash where imgproxy’s builders write no signature is a picture’s, and nothing of ours', async () => {
  const originals = createMemoryStore();
  await originals.put('a.jpg', await picture());
  const file = { ...readConfig({}).file, dialects: ['imgproxy' as const], sources: { 'local:///': '' } };
  const { ask } = await createTestService({ renderer, originals, config: { file } });
  const encoded = Buffer.from('local:///a.jpg').toString('base64url');
  const typeAt = async (path: string) =>
    (await ask(path, { headers: { Host: 'img.example' } })).headers.get('content-type');
  for (const rest of ['w:30/plain/local:///a.jpg', `w:30/${encoded}`, 'plain/local:///a.jpg']) {
    expect([rest, await typeAt(`/-/${rest}`)]).toEqual([rest, 'image/jpeg']);
  }
  expect(await typeAt('/-/health')).toMatch(/plain/);
  const { status } = await ask('/-/w:30/plain/local:///a.jpg', { method: 'DELETE' });
  expect(status).toBe(405);
});

test('two dialects that no URL tells apart are an error at the start, unless hosts do', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-hosts-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = (dialects: unknown) => {
    writeFileSync(join(folder, 'fovea.json'), JSON.stringify({ dialects }));
    return { FOVEA_CONFIG: join(folder, 'fovea.json') };
  };
  expect(() => readConfig(file(['thumbor', 'imagor']))).toThrow(/prefix, or hosts, of its own/);
  expect(readConfig(file(['thumbor', { name: 'imagor', hosts: ['im.example'] }])).file.dialects).toHaveLength(2);
  expect(() => readConfig(file([{ name: 'imagor', hosts: ['https://x'] }]))).toThrow(/expected a host/);
});
