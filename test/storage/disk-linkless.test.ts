import { createHash } from 'node:crypto';
import type { PathLike } from 'node:fs';
import fileSystem, { link, mkdir, mkdtemp, opendir, readdir, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDiskStore, type ObjectStore, readBody } from '../../src/storage/index.ts';
import { describeObjectStore } from '../contracts/object-store.ts';
import { createRecordingTelemetry } from '../support/test-service.ts';

/** What the file system says instead, by its call and the path's end. */
const refusals = new Map<'link' | 'opendir', { readonly end: string; readonly code: string }>();
const real = { link: fileSystem.link, opendir: fileSystem.opendir };

function refuse(call: 'link' | 'opendir', where: PathLike): void {
  const refusal = refusals.get(call);
  if (refusal === undefined || !String(where).endsWith(refusal.end)) return;
  const text = `${refusal.code}: told to, ${call} '${String(where)}'`;
  throw Object.assign(new Error(text), { code: refusal.code, syscall: call });
}

/** Puts these calls into the place of Node's own, for whoever has imported them already. */
function replaceCalls(calls: Pick<typeof fileSystem, 'link' | 'opendir'>): void {
  Object.assign(fileSystem, calls);
  syncBuiltinESMExports();
}

beforeAll(() =>
  replaceCalls({
    link: async (from, to) => {
      refuse('link', to);
      return real.link(from, to);
    },
    opendir: async (folder, options) => {
      refuse('opendir', folder);
      return real.opendir(folder, options);
    },
  }),
);
afterAll(() => replaceCalls(real));

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'fovea-linkless-'));
});
afterEach(async () => {
  refusals.clear();
  vi.restoreAllMocks();
  await rm(directory, { recursive: true });
});

async function textOf(store: ObjectStore, key: string): Promise<string | undefined> {
  const object = await store.get(key);
  return object && (await readBody(object, { maxBytes: 1000 })).toString();
}

describe('a folder on a file system without hard links', () => {
  // exFAT and FAT say EPERM, SMB and Azure Files ENOTSUP, FUSE ENOSYS, unions of file systems EXDEV.
  test.each(['EPERM', 'ENOTSUP', 'ENOSYS', 'EXDEV', 'EMLINK'])(
    'creates a key all the same, and once (%s)',
    async (code) => {
      refusals.set('link', { end: '', code });
      await expect(link('/a', '/b')).rejects.toMatchObject({ code });
      const store = createDiskStore({ directory });
      const options = { onlyIfAbsent: true, metadata: { who: 'first' } };
      expect(await store.put('a/b.jpg', Buffer.from('the first'), options)).toMatchObject({ size: 9 });
      expect(await store.put('a/b.jpg', Buffer.from('another'), { onlyIfAbsent: true })).toBeUndefined();
      expect(await textOf(store, 'a/b.jpg')).toBe('the first');
      expect((await store.head('a/b.jpg'))?.metadata).toEqual({ who: 'first' });
      await expect(store.put('a', Buffer.from('x'), { onlyIfAbsent: true })).rejects.toMatchObject({ kind: 'invalid' });
      expect(await readdir(path.join(directory, '.fovea-tmp'))).toEqual([]);
    },
  );

  test('of many who create one key at once, in several processes, lets one win', async () => {
    refusals.set('link', { end: '', code: 'ENOTSUP' });
    // A store each, as processes have: they share nothing but the folder.
    const stores = Array.from({ length: 6 }, () => createDiskStore({ directory }));
    for (let round = 0; round < 20; round++) {
      const key = `round/${round}.jpg`;
      const puts = stores.map((store, index) => store.put(key, Buffer.from(`writer ${index}`), { onlyIfAbsent: true }));
      const winners = (await Promise.all(puts)).flatMap((put, index) => (put === undefined ? [] : [index]));
      expect(winners).toHaveLength(1);
      expect(await textOf(stores[0] ?? createDiskStore({ directory }), key)).toBe(`writer ${winners[0]}`);
    }
    expect(await readdir(path.join(directory, '.fovea-tmp'))).toEqual([]);
  });

  test('gets over the lock of a process that was killed while it held one', async () => {
    const store = createDiskStore({ directory });
    refusals.set('link', { end: '', code: 'ENOSYS' });
    const name = createHash('sha256').update('a.jpg').digest('hex').slice(0, 40);
    await mkdir(path.join(directory, '.fovea-tmp'));
    await writeFile(path.join(directory, '.fovea-tmp', `${name}.lock`), 'a process that is gone');
    // Each look is a second after the one before: nobody has to wait.
    const watching = vi.spyOn(performance, 'now');
    let seconds = 0;
    watching.mockImplementation(() => 1000 * ++seconds);
    expect(await store.put('a.jpg', Buffer.from('x'), { onlyIfAbsent: true })).toMatchObject({ size: 1 });
    watching.mockRestore();
    expect(await readdir(path.join(directory, '.fovea-tmp'))).toEqual([]);
  });

  test('tells a fault of the disk from the want of links', async () => {
    refusals.set('link', { end: '', code: 'EIO' });
    const put = createDiskStore({ directory }).put('a.jpg', Buffer.from('x'), { onlyIfAbsent: true });
    await expect(put).rejects.toMatchObject({ kind: 'upstream' });
  });
});

describe('a folder without hard links keeps what every store promises', () => {
  beforeEach(() => void refusals.set('link', { end: '', code: 'ENOTSUP' }));
  describeObjectStore('linkless disk', async () => {
    const kept = await mkdtemp(path.join(tmpdir(), 'fovea-linkless-'));
    return { store: createDiskStore({ directory: kept }), cleanup: () => rm(kept, { recursive: true }) };
  });
});

describe('a folder with one in it that may not be read', () => {
  async function listed(store: ObjectStore, prefix = ''): Promise<readonly string[]> {
    const keys: string[] = [];
    for await (const { key } of store.list(prefix)) keys.push(key);
    return keys;
  }

  test.each(['EACCES', 'EPERM'])('is listed but for that one, which is told once (%s)', async (code) => {
    const telemetry = createRecordingTelemetry();
    const store = createDiskStore({ directory, telemetry });
    for (const key of ['a.jpg', 'lost+found/x.jpg', 'z/1.jpg']) await store.put(key, Buffer.from('x'));
    refusals.set('opendir', { end: 'lost+found', code });
    await expect(opendir(path.join(directory, 'lost+found'))).rejects.toMatchObject({ code });
    expect(await listed(store)).toEqual(['a.jpg', 'z/1.jpg']);
    expect(await listed(store, 'lost')).toEqual([]);
    expect(await listed(store, 'z')).toEqual(['z/1.jpg']);
    const message = expect.stringContaining(`${path.join(directory, 'lost+found')}/ may not be read`);
    expect(telemetry.events).toEqual([{ type: 'warning', message }]);
  });

  test('fails where that is the folder that was asked for, or the store’s own', async () => {
    const store = createDiskStore({ directory });
    await store.put('private/x.jpg', Buffer.from('x'));
    refusals.set('opendir', { end: 'private', code: 'EACCES' });
    await expect(listed(store, 'private/')).rejects.toMatchObject({ kind: 'upstream' });
    refusals.set('opendir', { end: directory, code: 'EACCES' });
    await expect(listed(store)).rejects.toMatchObject({ kind: 'upstream' });
  });

  test('fails where the disk is at fault: what it holds is unknown', async () => {
    const store = createDiskStore({ directory });
    await store.put('bad/x.jpg', Buffer.from('x'));
    refusals.set('opendir', { end: 'bad', code: 'EIO' });
    await expect(listed(store)).rejects.toMatchObject({ kind: 'upstream' });
  });
});
