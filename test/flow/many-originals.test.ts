import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import { cacheTag } from '../../src/variants/index.ts';
import { createFaultyStore } from '../support/faulty-store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createRecordingCdn } from '../support/recording-cdn.ts';
import { createPixelFreeService } from '../support/test-service.ts';
import { keysIn, picture } from '../support/uploads.ts';

const adminToken = 'an admin token of the tests';
const headers = { Authorization: `Bearer ${adminToken}` };
const png = await picture('png');
const keys = Array.from({ length: 230 }, (_, index) => `cats/${String(index).padStart(3, '0')}.png`);

async function house() {
  const stores = { originals: createFaultyStore(createMemoryStore()), variants: createMemoryStore() };
  for (const key of [...keys, 'secret/a.png'])
    await stores.originals.put(key, png, { metadata: { focal: '0.3,0.25' } });
  const cdn = createRecordingCdn();
  const file = { ...readConfig({}).file, protected: { private: ['secret/'], authenticated: [] } };
  const its = await createPixelFreeService({ ...stores, cdn, config: { adminToken, file } });
  const send = (body: unknown) => its.ask('/-/originals', { method: 'POST', headers, body: JSON.stringify(body) });
  const lines = async (body: unknown) => {
    const response = await send(body);
    const text = await response.text();
    return response.status === 200
      ? text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line))
      : [response.status];
  };
  return { ...stores, cdn, ...its, send, lines };
}

describe('many originals in one request', () => {
  it('are deleted with what was made of them, a line for each in their order, and told to the edge a hundred at a time', async () => {
    const { ask, lines, originals, variants, cdn, service, telemetry } = await house();
    await ask(`/w_1/${keys[0]}`);
    await service.variants.settled();
    const told = await lines({ delete: [...keys, 'cats/none.png'] });
    expect(told.slice(0, -1)).toEqual([
      ...keys.map((key) => ({ key, dryRun: false, wasThere: true })),
      { key: 'cats/none.png', dryRun: false, wasThere: false },
    ]);
    expect(told.at(-1)).toMatchObject({ id: expect.any(String), done: 231, failed: 0, variantsDeleted: 1 });
    expect(await keysIn(originals)).toEqual(['secret/a.png']);
    expect((await keysIn(variants)).filter((key) => key.startsWith('cats/'))).toEqual([]);
    expect(cdn.calls.map(({ tags }) => tags.length)).toEqual([100, 100, 31]);
    expect(cdn.calls[0]?.tags).toContain(cacheTag(keys[0] ?? ''));
    const audits = telemetry.events.filter(({ type }) => type === 'audit');
    expect(audits).toMatchObject([{ act: 'change originals', who: 'admin', count: 231, outcome: 'done' }]);
  });

  it('are counted by a dry run, and are there afterwards', async () => {
    const { lines, originals, telemetry } = await house();
    const told = await lines({ delete: keys.slice(0, 2), dryRun: true });
    expect(told).toMatchObject([{ dryRun: true, wasThere: true }, { wasThere: true }, { done: 2, failed: 0 }]);
    expect((await keysIn(originals)).length).toBe(keys.length + 1);
    expect(telemetry.events.filter(({ type }) => type === 'audit')).toEqual([]);
  });

  it('are moved with what people have said of them, but for those that cannot be', async () => {
    const { ask, lines, originals } = await house();
    expect((await ask('/w_1/new.png')).status).toBe(404);
    const moves = [
      { from: keys[0], to: 'new.png' },
      { from: keys[1], to: keys[2] },
      { from: 'cats/none.png', to: 'none.png' },
    ];
    expect(await lines({ move: moves })).toMatchObject([
      { from: keys[0], to: 'new.png' },
      { from: keys[1], error: { status: 400, detail: expect.stringContaining('taken') } },
      { from: 'cats/none.png', error: { status: 404 } },
      { done: 1, failed: 2 },
    ]);
    expect((await originals.head('new.png'))?.metadata).toEqual({ focal: '0.3,0.25' });
    expect((await ask('/w_1/new.png')).status).toBe(200);
    expect((await ask(`/w_1/${keys[0]}`)).status).toBe(404);
    expect((await ask(`/w_1/${keys[1]}`)).status).toBe(200);
  });

  it('are looked at as one is', async () => {
    const { ask, lines } = await house();
    const one = await (await ask(`/-/originals/${keys[0]}`, { headers })).json();
    const told = await lines({ stat: [keys[0], 'cats/none.png', 'secret/a.png'] });
    expect(told).toEqual([
      one,
      { key: 'cats/none.png', error: expect.objectContaining({ status: 404 }) },
      expect.objectContaining({ key: 'secret/a.png', isProtected: true }),
      expect.objectContaining({ done: 2, failed: 1 }),
    ]);
  });

  it.each([
    [{}],
    [{ delete: [] }],
    [{ delete: ['a.png'], stat: ['a.png'] }],
    [{ delete: ['cats/000.png', 'cats/000.png'] }],
    [{ delete: ['cats/000.png', '.fovea-staging/a'] }],
    [{ delete: ['cats/000.png', 'secret/a.png'] }],
    [{ move: [{ from: 'secret/a.png', to: 'b.png' }] }],
    [
      {
        move: [
          { from: 'cats/000.png', to: 'b.png' },
          { from: 'b.png', to: 'c.png' },
        ],
      },
    ],
    [{ stat: Array.from({ length: 1001 }, (_, index) => `${index}.png`) }],
  ])('are refused as a whole where one of them cannot be meant: %j', async (body) => {
    const { lines, originals } = await house();
    expect(await lines(body)).toEqual([400]);
    expect((await keysIn(originals)).length).toBe(keys.length + 1);
  });

  it('end with what failed when a store does, and with what was done until then', async () => {
    const { lines, originals, telemetry } = await house();
    const before = await keysIn(originals);
    originals.failOnce('delete', { kind: 'upstream' });
    const told = await lines({ delete: keys.slice(0, 3) });
    expect(told).toMatchObject([{ done: 0, failed: 0, error: { status: 502 } }]);
    expect(await keysIn(originals)).toEqual(before);
    expect(telemetry.events.filter(({ type }) => type === 'bug')).toEqual([]);
  });

  it('stop with those under way when their client leaves', async () => {
    const { send, originals, telemetry } = await house();
    const reader = (await send({ delete: keys })).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect((await keysIn(originals)).length).toBe(131);
    await expect
      .poll(() => telemetry.events.filter(({ type }) => type === 'audit'))
      .toMatchObject([{ count: 100, outcome: 'done' }]);
  });
});
