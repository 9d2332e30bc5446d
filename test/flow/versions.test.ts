import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config/index.ts';
import {
  type ObjectStore,
  type ObjectVersion,
  readBody,
  type StoredObject,
  withListed,
} from '../../src/storage/index.ts';
import { cacheTag } from '../../src/variants/index.ts';
import { createCommandLine } from '../support/command-line.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createRecordingCdn } from '../support/recording-cdn.ts';
import { createPixelFreeService } from '../support/test-service.ts';
import { picture } from '../support/uploads.ts';

const adminToken = 'an admin token of the tests';
const headers = { Authorization: `Bearer ${adminToken}` };
const first = await picture('png');
const second = await picture();
const batch = '019a9f3e-6a5c-7000-8000-000000000000';

interface Kept extends Omit<ObjectVersion, 'isLatest'> {
  readonly object?: Pick<StoredObject, 'info'>;
  readonly bytes?: Buffer;
}

/** A bucket that keeps what was put, as S3 does: each put and each deletion is a version. Without versioning one that is called null. */
function bucket(isVersioned = true): ObjectStore {
  const store = createMemoryStore();
  const kept = new Map<string, Kept[]>();
  const keep = async (key: string) => {
    const object = await store.get(key);
    const all = isVersioned ? (kept.get(key) ?? []) : [];
    const id = isVersioned ? `v${all.length + 1}` : 'null';
    const at = { id, lastModified: new Date(), size: object?.info.size };
    if (object === undefined) return kept.set(key, isVersioned ? [...all, at] : []);
    const bytes = await readBody(object, { maxBytes: 1_000_000 });
    return kept.set(key, [...all, { ...at, object: { info: object.info }, bytes }]);
  };
  return {
    ...store,
    async put(key, body, options) {
      const info = await store.put(key, body, options);
      if (info !== undefined) await keep(key);
      return info;
    },
    async deleteUnchanged(seen, options) {
      const deleted = await store.deleteUnchanged(seen, options);
      for (const key of deleted) await keep(key);
      return deleted;
    },
    async delete(keys, options) {
      await store.delete(keys, options);
      for (const key of keys) if (kept.has(key)) await keep(key);
    },
    versions: {
      list: async (key) => {
        const all = kept.get(key) ?? [];
        return all
          .map(({ id, lastModified, size }, index) => ({ id, lastModified, size, isLatest: index === all.length - 1 }))
          .reverse();
      },
      get: async (key, id) => {
        const found = kept.get(key)?.find((one) => one.id === id);
        return found?.object && { info: found.object.info, body: Readable.from([found.bytes]) };
      },
    },
  };
}

async function house(originals: ObjectStore) {
  await originals.put('a.png', first, { contentType: 'image/png', metadata: { alt: 'A cat', 'fovea-batch': batch } });
  const cdn = createRecordingCdn();
  const its = await createPixelFreeService({ originals, cdn, config: { adminToken, file: readConfig({}).file } });
  const restore = (version: unknown, key = 'a.png') =>
    its.ask(`/-/versions/${key}`, { method: 'POST', headers, body: JSON.stringify({ version }) });
  return { ...its, cdn, restore };
}

describe('earlier states of an original', () => {
  it('are told newest first, deletions too, and one of them comes back with what was said of it', async () => {
    const originals = bucket();
    const { ask, cdn, restore } = await house(originals);
    const put = { method: 'PUT', headers, body: new Uint8Array(second) };
    expect((await ask('/-/originals/a.png?focal=0.5,0.5', put)).status).toBe(200);
    expect((await ask('/-/originals/a.png', { method: 'DELETE', headers })).status).toBe(200);
    expect((await ask('/w_1/a.png')).status).toBe(404);
    expect(await (await ask('/-/versions/a.png', { headers })).json()).toEqual({
      key: 'a.png',
      versions: [
        { id: 'v3', lastModified: expect.any(String), isLatest: true, isDeleted: true },
        { id: 'v2', lastModified: expect.any(String), isLatest: false, isDeleted: false, bytes: second.byteLength },
        { id: 'v1', lastModified: expect.any(String), isLatest: false, isDeleted: false, bytes: first.byteLength },
      ],
    });
    const called = cdn.calls.length;
    expect(await (await restore('v1')).json()).toMatchObject({ key: 'a.png', version: 'v1', bytes: first.byteLength });
    expect(cdn.calls[called]?.tags).toEqual([cacheTag('a.png')]);
    expect(await originals.head('a.png')).toMatchObject({ contentType: 'image/png', metadata: { alt: 'A cat' } });
    // What took part in an upload is nobody's to take back any more.
    expect((await originals.head('a.png'))?.metadata).not.toHaveProperty('fovea-batch');
    expect(new Uint8Array(await (await ask('/a.png')).arrayBuffer())).toEqual(new Uint8Array(first));
    // And over what is there.
    expect((await restore('v2')).status).toBe(200);
    expect((await originals.head('a.png'))?.metadata).toMatchObject({ focal: '0.5,0.5', alt: 'A cat' });
  });

  it('are not what no version is called, nor the mark of a deletion, nor of another key', async () => {
    const { ask, restore } = await house(bucket());
    await ask('/-/originals/a.png', { method: 'DELETE', headers });
    for (const version of ['v2', 'v9', 'null', '../v1'])
      expect([version, (await restore(version)).status]).toEqual([version, 404]);
    expect((await restore('v1', 'b.png')).status).toBe(404);
    expect((await restore('v1', '.fovea-staging/a.png')).status).toBe(400);
    expect((await restore(1)).status).toBe(400);
    expect((await ask('/-/versions/b.png', { headers })).status).toBe(404);
    expect((await restore('v1')).status).toBe(200);
  });

  it('are not there where the bucket keeps none (409), or the store cannot (501), and the answer says so', async () => {
    const { ask, restore } = await house(bucket(false));
    expect(await (await ask('/-/versions/a.png', { headers })).json()).toMatchObject({ versions: [{ id: 'null' }] });
    const unversioned = await restore('null');
    expect([unversioned.status, await unversioned.json()]).toMatchObject([
      409,
      { detail: expect.stringContaining('keeps no versions') },
    ]);
    const folder = await house(createMemoryStore());
    const refused = await folder.restore('v1');
    expect([refused.status, await refused.json()]).toMatchObject([501, { detail: expect.stringContaining('folder') }]);
    expect((await folder.ask('/-/versions/a.png', { headers })).status).toBe(501);
    const shop = { prefix: 'shop/', store: bucket(), isReadOnly: false };
    const several = await (await house(withListed(bucket(), [shop]))).restore('v1');
    expect([several.status, await several.json()]).toMatchObject([501, { detail: expect.stringContaining('several') }]);
  });

  it('are told and restored by fovea versions', async () => {
    const originals = bucket();
    const { fovea } = createCommandLine({ originals });
    await originals.put('a.png', first);
    await originals.put('a.png', second);
    const { json } = await fovea(['versions', 'a.png', '--json']);
    expect(json).toMatchObject([
      { id: 'v2', isLatest: true },
      { id: 'v1', bytes: first.byteLength },
    ]);
    expect((await fovea(['versions', 'a.png', '--restore', 'v1'])).stdout).toContain('v1 is back');
    expect((await originals.head('a.png'))?.size).toBe(first.byteLength);
    expect((await fovea(['versions', 'a.png', '--restore', 'v9'])).code).toBe(4);
    expect((await fovea(['versions', 'b.png'])).code).toBe(4);
    expect((await createCommandLine().fovea(['versions', 'a.png'])).code).toBe(2);
  });
});
