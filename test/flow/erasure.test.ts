import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import { cacheTag } from '../../src/variants/index.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createRecordingCdn } from '../support/recording-cdn.ts';
import { createPixelFreeService, type TestServiceParts } from '../support/test-service.ts';
import { keysIn } from '../support/uploads.ts';

const adminToken = 'an admin token of the tests';
const headers = { Authorization: `Bearer ${adminToken}` };
const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

type Parts = Omit<TestServiceParts, 'renderer'>;

async function house(parts: Parts = {}) {
  const stores = {
    originals: createFaultyStore(createMemoryStore()),
    variants: createFaultyStore(createMemoryStore()),
  };
  await stores.originals.put('cats/tom.png', png, { contentType: 'image/png' });
  await stores.originals.put('cats/tom.png.png', png);
  const cdn = createRecordingCdn();
  const config = {
    adminToken,
    file: { ...readConfig({}).file, protected: { private: ['secret/'], authenticated: [] } },
  };
  const its = await createPixelFreeService({ ...stores, cdn, config, ...parts });
  const erase = (path: string, more: Record<string, string> = {}) =>
    its.ask(`/-/originals/${path}`, { method: 'DELETE', headers: { ...headers, ...more } });
  return { ...stores, cdn, ...its, erase };
}

const told = async (response: Response) => [response.status, await response.json()] as const;

describe('an original that an administrator asks about', () => {
  it('is told as the store has it, with the tag that it is answered with', async () => {
    const { ask } = await house();
    const response = await ask('/-/originals/cats/tom.png', { headers });
    const etag = (await ask('/cats/tom.png')).headers.get('etag');
    expect(await told(response)).toEqual([
      200,
      {
        key: 'cats/tom.png',
        bytes: png.byteLength,
        lastModified: expect.any(String),
        contentType: 'image/png',
        isProtected: false,
        etag,
      },
    ]);
    expect([response.headers.get('etag'), response.headers.get('cache-control')]).toEqual([etag, 'no-store']);
  });

  it('is looked for in the store, whatever is remembered of it', async () => {
    const { ask, originals } = await house();
    await ask('/cats/tom.png');
    await originals.delete(['cats/tom.png']);
    expect((await ask('/-/originals/cats/tom.png', { headers })).status).toBe(404);
  });
});

describe('an original that is deleted', () => {
  it('is nowhere any more: not in the stores, in no memory, and not at the edge', async () => {
    const { ask, erase, service, telemetry, originals, variants, cdn } = await house();
    const neighbour = await createPixelFreeService({ originals, variants, cdn });
    const paths = ['/cats/tom.png', '/w_1/cats/tom.png', '/w_2/cats/tom.png', '/fl_getinfo/cats/tom.png'];
    for (const path of [...paths, '/w_1/cats/tom.png.png']) {
      for (const one of [ask, neighbour.ask]) expect([path, (await one(path)).status]).toEqual([path, 200]);
    }
    await service.variants.settled();
    await neighbour.service.variants.settled();
    // What lies beside variants goes with them: the mark of what was served as it is, the faces, the right to draw.
    await variants.put('cats/tom.png/.fovea/-faces', png);
    await variants.put('cats/tom.png/.fovea/w_3', new Uint8Array());
    expect(await keysIn(variants)).toContain('cats/tom.png/.fovea/-served');
    const atTheEdge: string[][] = [];
    cdn.onCall = async () => void atTheEdge.push([...(await keysIn(originals)), ...(await keysIn(variants))]);
    const [status, answer] = await told(await erase('cats/tom.png'));
    expect([status, answer]).toMatchObject([200, { key: 'cats/tom.png', wasThere: true, variantsDeleted: 3 }]);
    // By then all that is left is of another original.
    const ofAnother = ['cats/tom.png.png', 'cats/tom.png.png/.fovea/c_fill,w_1;f_png'];
    expect(atTheEdge.map((keys) => keys.filter((key) => key.startsWith('cats/')))).toEqual([ofAnother]);
    expect(cdn.calls[0]?.tags).toEqual([cacheTag('cats/tom.png')]);
    for (const path of paths) expect([path, (await ask(path)).status]).toEqual([path, 404]);
    await expect.poll(async () => (await neighbour.ask('/w_1/cats/tom.png')).status).toBe(404);
    for (const path of paths) expect([path, (await neighbour.ask(path)).status]).toEqual([path, 404]);
    expect((await ask('/w_1/cats/tom.png.png')).status).toBe(200);
    const audits = telemetry.events.filter(({ type }) => type === 'audit');
    expect(audits).toMatchObject([{ act: 'delete an original', who: 'admin', count: 1, outcome: 'done' }]);
  });

  it('takes with it what another process kept while it went, when that is asked again', async () => {
    const { erase, variants } = await house();
    expect(await told(await erase('cats/tom.png'))).toMatchObject([200, { wasThere: true, variantsDeleted: 0 }]);
    await variants.put('cats/tom.png/.fovea/w_1', png);
    expect(await told(await erase('cats/tom.png'))).toMatchObject([200, { wasThere: false, variantsDeleted: 1 }]);
    expect((await keysIn(variants)).filter((key) => key.startsWith('cats/tom.png/'))).toEqual([]);
  });

  it('goes on where the stores or the edge failed', async () => {
    const { ask, erase, service, variants, cdn } = await house();
    await ask('/w_1/cats/tom.png');
    await service.variants.settled();
    cdn.onCall = () => {
      throw new Error('the edge is down');
    };
    expect((await erase('cats/tom.png')).status).toBeGreaterThanOrEqual(500);
    cdn.onCall = () => undefined;
    expect(await told(await erase('cats/tom.png'))).toMatchObject([200, { edge: [{ status: 'purged' }] }]);
    expect((await keysIn(variants)).filter((key) => key.startsWith('cats/tom.png/'))).toEqual([]);
  });

  it('stays where another was meant', async () => {
    const { ask, erase, originals } = await house();
    const { etag } = (await (await ask('/-/originals/cats/tom.png', { headers })).json()) as { readonly etag: string };
    await originals.put('cats/tom.png', Buffer.concat([png, png]));
    expect((await erase('cats/tom.png', { 'If-Match': etag })).status).toBe(412);
    expect(await originals.head('cats/tom.png')).toBeDefined();
    const now = (await ask('/-/originals/cats/tom.png', { headers })).headers.get('etag') ?? '';
    expect((await erase('cats/tom.png', { 'If-Match': `W/${now}` })).status).toBe(412);
    expect((await erase('cats/tom.png', { 'If-Match': `"other", ${now}` })).status).toBe(200);
    expect(await originals.head('cats/tom.png')).toBeUndefined();
    expect((await erase('cats/tom.png', { 'If-Match': now })).status).toBe(412);
  });

  it('is only counted in a dry run', async () => {
    const { ask, erase, service, originals, cdn, telemetry } = await house();
    await ask('/w_1/cats/tom.png');
    await service.variants.settled();
    const answer = await told(await erase('cats/tom.png?dryRun=true'));
    expect(answer).toMatchObject([200, { dryRun: true, wasThere: true, variantsDeleted: 1, edge: [] }]);
    expect([await originals.head('cats/tom.png'), cdn.calls]).toEqual([expect.anything(), []]);
    expect(telemetry.events.find(({ type }) => type === 'audit')).toMatchObject({ count: 0 });
  });

  it.each([
    ['.fovea-staging/batch/a', 'reserved'],
    ['cats/tom.png/.fovea/w_1', 'reserved'],
    ['.env', 'begins with a dot'],
    ['cats//tom.png', 'empty segment'],
    ['%ff.png', 'percent-encoding'],
    ['cats/tom.png?force=true', 'Unrecognized key'],
    ['cats/tom.png?dryRun=1', 'dryRun: expected true or false'],
  ])('is refused as %s, before anything is touched', async (path, reason) => {
    const { erase, originals } = await house();
    const before = await keysIn(originals);
    expect(await told(await erase(path))).toMatchObject([400, { detail: expect.stringContaining(reason) }]);
    expect(await keysIn(originals)).toEqual(before);
  });

  it('is named as protected where it lies in such a folder', async () => {
    const { erase, originals } = await house();
    await originals.put('secret/plan.png', png);
    const refused = await told(await erase('secret/plan.png'));
    expect(refused).toMatchObject([400, { detail: expect.stringContaining('protected=true') }]);
    expect(await originals.head('secret/plan.png')).toBeDefined();
    expect(await told(await erase('secret/plan.png?protected=true'))).toMatchObject([200, { wasThere: true }]);
  });
});
