import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import { cacheTag } from '../../src/variants/index.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createRecordingCdn } from '../support/recording-cdn.ts';
import { createPixelFreeService } from '../support/test-service.ts';
import { keysIn, picture } from '../support/uploads.ts';

const adminToken = 'an admin token of the tests';
const headers = { Authorization: `Bearer ${adminToken}` };
const first = new Uint8Array(await picture('png'));
const second = new Uint8Array(await picture());

async function house() {
  const stores = { originals: createMemoryStore(), variants: createMemoryStore() };
  await stores.originals.put('cats/tom.png', first, {
    contentType: 'image/png',
    metadata: { focal: '0.3,0.25', 'fovea-batch': '019a9f3e-6a5c-7000-8000-000000000000', width: '8' },
  });
  const cdn = createRecordingCdn();
  const config = { adminToken, file: readConfig({}).file };
  const its = await createPixelFreeService({ ...stores, cdn, config });
  const put = (path: string, body: string | Uint8Array<ArrayBuffer>, more: Record<string, string> = {}) =>
    its.ask(`/-/originals/${path}`, { method: 'PUT', body, headers: { ...headers, ...more } });
  return { ...stores, cdn, ...its, put };
}

const told = async (response: Response) => [response.status, await response.json()] as const;

describe('an original that is replaced', () => {
  it('is the new one everywhere at once: in memory, in the stores, in another process, and at the edge', async () => {
    const { ask, put, originals, variants, cdn, service, telemetry } = await house();
    const neighbour = await createPixelFreeService({ originals, variants, cdn });
    const paths = ['/cats/tom.png', '/w_1/cats/tom.png'];
    const tags = async (one: typeof ask) =>
      Promise.all(paths.map(async (path) => (await one(path)).headers.get('etag')));
    const before = await tags(ask);
    expect(await tags(neighbour.ask)).toEqual(before);
    await service.variants.settled();
    const [status, answer] = await told(await put('cats/tom.png', second, { 'Content-Type': 'image/jpeg' }));
    expect([status, answer]).toMatchObject([
      200,
      { key: 'cats/tom.png', type: 'image/jpeg', format: 'jpeg', replaced: true, variantsDeleted: 1 },
    ]);
    expect(cdn.calls[0]?.tags).toEqual([cacheTag('cats/tom.png')]);
    const after = await tags(ask);
    for (const [index, etag] of after.entries()) expect(etag).not.toBe(before[index]);
    await expect.poll(() => tags(neighbour.ask)).toEqual(after);
    expect(new Uint8Array(await (await ask('/cats/tom.png')).arrayBuffer())).toEqual(second);
    expect((await keysIn(originals)).filter((key) => key.startsWith('.fovea-staging'))).toEqual([]);
    const audits = telemetry.events.filter(({ type }) => type === 'audit');
    expect(audits).toMatchObject([{ act: 'replace an original', who: 'admin', count: 1, outcome: 'done' }]);
  });

  it('keeps what people have said of it, and nothing else that was kept with the old one', async () => {
    const { put, originals } = await house();
    await put('cats/tom.png', second);
    expect((await originals.head('cats/tom.png'))?.metadata).toEqual({ focal: '0.3,0.25' });
    await put('cats/tom.png?focal=0.9,0.8', first);
    expect((await originals.head('cats/tom.png'))?.metadata).toEqual({ focal: '0.9,0.8' });
  });

  it('comes where none was, and then can be told from one that was replaced', async () => {
    const { ask, put } = await house();
    expect((await ask('/cats/new.jpg')).status).toBe(404);
    const response = await put('cats/new.jpg', second);
    expect([response.status, response.headers.get('location')]).toEqual([201, 'http://fovea.test/cats/new.jpg']);
    expect(await response.json()).toMatchObject({ replaced: false });
    expect((await ask('/cats/new.jpg')).status).toBe(200);
  });

  it('is only the one that the request names', async () => {
    const { ask, put, originals } = await house();
    const etag = (await ask('/cats/tom.png')).headers.get('etag') ?? '';
    const status = async (path: string, more: Record<string, string>) => (await put(path, second, more)).status;
    expect(await status('cats/tom.png', { 'If-Match': '"another"' })).toBe(412);
    expect(await status('cats/none.png', { 'If-Match': etag })).toBe(412);
    expect(await status('cats/tom.png', { 'If-None-Match': '*' })).toBe(412);
    expect(await status('cats/tom.png', { 'If-None-Match': etag })).toBe(400);
    expect((await originals.head('cats/tom.png'))?.size).toBe(first.byteLength);
    expect(await status('cats/none.png', { 'If-None-Match': '*' })).toBe(201);
    expect(await status('cats/tom.png', { 'If-Match': etag })).toBe(200);
  });

  it('stays when what comes is no picture, too large, or not what it says', async () => {
    const { ask, put, originals } = await house();
    const refused: [string | Uint8Array<ArrayBuffer>, Record<string, string>, number][] = [
      ['no picture', { 'Content-Type': 'application/octet-stream' }, 415],
      [second, { 'Content-Type': 'text/plain' }, 415],
      [second, { 'Content-Type': 'image/png' }, 415],
      [new Uint8Array(), {}, 400],
    ];
    for (const [body, more, status] of refused) expect((await put('cats/tom.png', body, more)).status).toBe(status);
    expect((await put('cats/tom.png?focal=2,2', second)).status).toBe(400);
    expect((await put('cats/.fovea/tom.png', second)).status).toBe(400);
    expect((await put('cats/tom.png?key=a.png', second)).status).toBe(400);
    expect((await ask('/-/originals/cats/tom.png', { method: 'PUT', body: second })).status).toBe(401);
    expect((await originals.head('cats/tom.png'))?.size).toBe(first.byteLength);
    expect((await keysIn(originals)).filter((key) => key.startsWith('.fovea-staging'))).toEqual([]);
  });

  it('is not overwritten when somebody else writes it meanwhile', async () => {
    const memory = createMemoryStore();
    await memory.put('a.png', first);
    const other = Buffer.concat([first, Buffer.from('by somebody else')]);
    const originals = {
      ...memory,
      put: async (...[key, body, options]: Parameters<typeof memory.put>) => {
        if (key === 'a.png') await memory.put('a.png', other);
        return memory.put(key, body, options);
      },
    };
    const { ask } = await createPixelFreeService({ originals, config: { adminToken, file: readConfig({}).file } });
    const response = await ask('/-/originals/a.png', { method: 'PUT', body: second, headers });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await memory.head('a.png'))?.size).toBe(other.byteLength);
  });
});
