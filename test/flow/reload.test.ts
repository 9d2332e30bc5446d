import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { rereadConfig } from '../../src/config/index.ts';
import type { Queue, QueueWork } from '../../src/queue/index.ts';
import { startLoad } from '../support/load.ts';
import { serveByTwoLanes } from '../support/two-lanes.ts';

// The configuration file is read again while everything goes on.

/** Written as pictures without pixels are: as files of another kind. */
const kinds = ['jpg'];
const origin = 'https://shop.example';
const adminToken = 'an admin token of the tests';

/** A service with a picture that is in memory, and a file of its own. */
async function serve(
  content: object,
  environment: Readonly<Record<string, string>> = {},
  parts: Parameters<typeof serveByTwoLanes>[0] = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-reload-'));
  const path = join(folder, 'fovea.json');
  const write = (text: string) => writeFileSync(path, text);
  write(JSON.stringify({ otherOriginals: kinds, ...content }));
  const variables = { FOVEA_CONFIG: path, FOVEA_ADMIN_TOKEN: adminToken, ...environment };
  const house = await serveByTwoLanes({ ...parts, environment: variables });
  onTestFinished(async () => {
    await house.close();
    rmSync(folder, { recursive: true });
  });
  const reload = () => house.service.reload((config) => rereadConfig(variables, config));
  const reloadWith = (changed: object) => {
    write(JSON.stringify({ otherOriginals: kinds, ...changed }));
    return reload();
  };
  const told = () => house.telemetry.events.flatMap((event) => (event.type === 'reload' ? [event] : []));
  return { ...house, write, reload, reloadWith, told, path };
}

describe('a reload', () => {
  it('makes presets, aliases, the ladder and the rest of the file hold from the next request on', async () => {
    const its = await serve({}, { FOVEA_UNSIGNED: 'ladder' });
    const paths = ['/t_card/cat.jpg', '/pictures/cat.jpg', '/w_333/cat.jpg', '/cat.jpg'];
    const statuses = async () => Promise.all(paths.map(async (path) => (await its.byLane(path)).status));
    expect(await statuses()).toEqual([400, 404, 400, 200]);
    await its.reloadWith({
      presets: { card: 'w_100' },
      aliases: { '/pictures/:key': 't_card' },
      ladder: { widths: [333] },
      protected: { private: ['secret/'] },
    });
    expect(await statuses()).toEqual([200, 200, 200, 200]);
    expect(its.told()).toEqual([
      expect.objectContaining({
        outcome: 'done',
        message: expect.stringMatching(/presets, ladder, aliases, .*protected/),
      }),
    ]);
  });

  it('ends what was remembered of questions, in the lane too', async () => {
    const its = await serve({ presets: { card: 'w_100' } });
    for (let times = 0; times < 3; times += 1) await its.byLane('/t_card/cat.jpg');
    await its.reloadWith({ presets: { card: 'w_200' } });
    for (let times = 0; times < 3; times += 1) {
      expect((await its.byLane('/t_card/cat.jpg')).body).toContain('w_200');
    }
    await its.reloadWith({ presets: { card: 'w_200' }, protected: { authenticated: ['secret/'] } });
    expect(await its.inLane(() => its.byLane('/t_card/cat.jpg'))).toBe(false);
  });

  it('changes whose pages may upload, and where addresses lead', async () => {
    const its = await serve({});
    const preflight = { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } };
    const allowed = `access-control-allow-origin: ${origin}`;
    expect((await its.byWhole('/-/uploads', preflight)).headers).not.toContain(allowed);
    expect(its.service.uploads.addresses('cat.jpg')).not.toHaveProperty('card');
    await its.reloadWith({ uploadOrigins: [origin], publicUrl: 'https://img.example', presets: { card: 'w_100' } });
    expect((await its.byWhole('/-/uploads', preflight)).headers).toContain(allowed);
    expect(its.service.uploads.addresses('cat.jpg')).toHaveProperty('card', '/t_card/cat.jpg');
  });

  it('bounds what unsigned URLs make by the new budget, and purges by the new aliases', async () => {
    const its = await serve({ maxVariantsPerOriginal: 1 });
    expect((await its.byLane('/w_111/cat.jpg')).status).toBe(200);
    expect((await its.byLane('/w_112/cat.jpg')).status).toBe(400);
    await its.reloadWith({ maxVariantsPerOriginal: 10, aliases: { '/pictures/:key': 'w_100' } });
    expect((await its.byLane('/w_112/cat.jpg')).status).toBe(200);
    await its.service.variants.settled();
    const { variantsDeleted } = await its.service.variants.purge(
      { urls: ['/pictures/cat.jpg'] },
      { signal: new AbortController().signal },
    );
    expect(variantsDeleted).toBe(2);
  });

  it('has new originals made into what the new file names', async () => {
    let toWarm: QueueWork['toWarm'] = () => [];
    const consumer = { start: () => undefined, stop: async () => undefined, depth: () => 0, ageSeconds: () => 0 };
    const queue: Queue = {
      postpone: async () => undefined,
      count: async () => 0,
      close: () => undefined,
      createConsumer(work) {
        toWarm = work.toWarm;
        return consumer;
      },
    };
    const its = await serve({}, {}, { queue });
    expect(toWarm('cat.jpg')).toEqual([]);
    await its.reloadWith({ presets: { card: 'w_100' }, warm: ['card'] });
    expect(toWarm('cat.jpg')).toHaveLength(1);
  });

  it('keeps the last good one where the new one is wrong, and tells all that is', async () => {
    const its = await serve({ presets: { card: 'w_100' } });
    its.write('{ "presets": { "card": "w_nothing" }, "laddr": {}, "warm": ["t_nosuch"] }');
    await its.reload();
    expect((await its.byLane('/t_card/cat.jpg')).status).toBe(200);
    const [event] = its.told();
    expect(event?.outcome).toBe('refused');
    for (const part of [/2 problem|3 problem/, /presets\.card/, /laddr/]) expect(event?.message).toMatch(part);
    its.write('{ not JSON');
    await its.reload();
    rmSync(its.path);
    await its.reload();
    expect(its.told().map(({ outcome }) => outcome)).toEqual(['refused', 'refused', 'refused']);
    expect((await its.byLane('/t_card/cat.jpg')).status).toBe(200);
    await its.reloadWith({ presets: { card: 'w_200' } });
    expect(its.told().at(-1)?.outcome).toBe('done');
  });

  it('names what render processes were started with, and keeps it', async () => {
    const its = await serve({ presets: { card: 'w_100' } });
    const before = await its.byLane('/t_card/cat.jpg');
    await its.reloadWith({ presets: { card: 'w_100' }, keepAiMark: false, fontsFolder: '/nowhere' });
    expect(its.telemetry.events).toContainEqual({
      type: 'warning',
      message: expect.stringMatching(/^keepAiMark, fontsFolder: .*until the next start/),
    });
    const tag = ({ headers }: typeof before) => headers.find((line) => line.startsWith('etag:'));
    expect(tag(await its.byLane('/t_card/cat.jpg'))).toBe(tag(before));
  });

  it('is one for many that are asked for at once, and fails no request under way', async () => {
    const its = await serve({ presets: { card: 'w_100' } });
    const load = startLoad(8, (index) => `${its.url}/t_card/cat.jpg?${index % 3}`);
    for (let times = 0; times < 5; times += 1) await Promise.all(Array.from({ length: 20 }, its.reload));
    await its.reloadWith({ presets: { card: 'w_200' } });
    await load.stop();
    expect([load.failures, load.times.length > 100]).toEqual([[], true]);
    expect(its.told()).toHaveLength(6);
  });

  it('leaves the token of this run as it is', async () => {
    const its = await serve({}, { FOVEA_ADMIN_TOKEN: '' });
    const asked = { headers: { authorization: `Bearer ${its.service.adminToken}` } };
    await its.reloadWith({ presets: { card: 'w_100' } });
    expect((await its.byWhole('/-/metrics', asked)).status).toBe(200);
  });

  it('takes tickets by a key that came in, and none by it when it is gone', async () => {
    const its = await serve({});
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const ticketKeys = [{ algorithm: 'EdDSA', publicKey: pem }];
    const claims = new SignJWT({ aud: 'fovea' }).setProtectedHeader({ alg: 'EdDSA' }).setExpirationTime('1h');
    const authorization = `Bearer ${await claims.sign(privateKey)}`;
    const ask = async () =>
      (await its.byWhole('/-/uploads/s3/params?filename=a.jpg&type=image/jpeg', { headers: { authorization } })).status;
    const statuses = [await ask()];
    for (const file of [{ ticketKeys }, {}]) {
      await its.reloadWith(file);
      statuses.push(await ask());
    }
    expect(statuses).toEqual([401, 200, 401]);
  });
});
