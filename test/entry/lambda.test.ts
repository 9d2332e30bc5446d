import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createLambdaHandler } from '../../src/http/index.ts';
import type { ObjectStore } from '../../src/storage/index.ts';
import { invoke } from '../support/function-url.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { builtProgram } from '../support/program.ts';
import { createPixelFreeService } from '../support/test-service.ts';

/** A store whose writes wait to be let go. */
function createHeldStore() {
  const store = createMemoryStore();
  let letGo = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const written: string[] = [];
  const held: ObjectStore = {
    ...store,
    async put(key, ...rest) {
      await gate;
      const result = await store.put(key, ...rest);
      written.push(key);
      return result;
    },
  };
  return { held, letGo, written };
}

async function createOriginals(): Promise<ObjectStore> {
  const originals = createMemoryStore();
  const bytes = await readFile(new URL('../../data/originals/seeding.jpg', import.meta.url));
  await originals.put('folder/a b.jpg', bytes, { contentType: 'image/jpeg', signal: new AbortController().signal });
  return originals;
}

afterAll(() => vi.unstubAllEnvs());

describe('on Lambda', () => {
  it('the visitor has the picture before it is stored, and the invocation ends after', async () => {
    const { held, letGo, written } = createHeldStore();
    const { service } = await createPixelFreeService({ originals: await createOriginals(), variants: held });
    const handler = createLambdaHandler(service.app, () => service.variants.settled());
    const invocation = invoke(handler, '/w_40/folder/a%20b.jpg');
    await invocation.received(1);
    const { statusCode, headers } = invocation.metadata() ?? {};
    expect([statusCode, headers?.['content-type']]).toEqual([200, 'image/jpeg']);
    const body = await invocation.received(Number(headers?.['content-length']));
    expect(body).toHaveLength(Number(headers?.['content-length']));
    expect(written).toEqual([]);
    letGo();
    await invocation.ended;
    expect(written).toHaveLength(1);
  });

  it('failures and answers without a body come through as everywhere', async () => {
    const { service } = await createPixelFreeService({ originals: await createOriginals() });
    const handler = createLambdaHandler(service.app, () => service.variants.settled());
    const missing = invoke(handler, '/w_40/none.jpg');
    await missing.ended;
    expect(missing.metadata()?.statusCode).toBe(404);
    expect(missing.metadata()?.headers['cache-control']).toBe('public, max-age=10');
    const first = invoke(handler, '/w_40/folder/a%20b.jpg');
    await first.ended;
    const etag = first.metadata()?.headers['etag'] ?? '';
    const again = invoke(handler, '/w_40/folder/a%20b.jpg', { 'if-none-match': etag });
    await again.ended;
    expect(again.metadata()?.statusCode).toBe(304);
    const head = invoke(handler, '/w_40/folder/a%20b.jpg', {}, 'HEAD');
    await head.ended;
    expect(head.metadata()?.headers['content-length']).toBe(first.metadata()?.headers['content-length']);
  });

  it('the function itself starts from its environment, and heeds what the edge reduced Accept to', async () => {
    vi.stubEnv('FOVEA_ORIGINALS', `file:${fileURLToPath(new URL('../../data/originals', import.meta.url))}`);
    vi.stubEnv('FOVEA_VARIANTS', 'none');
    vi.stubEnv('FOVEA_RENDERERS', '1');
    vi.stubEnv('FOVEA_UNSIGNED', 'any');
    vi.stubEnv('FOVEA_TRUSTED_PROXIES', 'lambda');
    // Built, as in production: from source its render process opens more files at once than it may.
    const { handler } = await import(pathToFileURL(join(builtProgram(), 'lambda.js')).href);
    const invocation = invoke(handler, '/w_40,f_auto/seeding.jpg', { 'x-fovea-accept': 'webp' });
    await invocation.ended;
    expect(invocation.metadata()).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': 'image/webp', vary: 'Accept' },
    });
    const body = await invocation.received(1);
    expect(body.subarray(8, 12).toString('latin1')).toBe('WEBP');
  });
});
