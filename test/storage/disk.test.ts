import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Failure } from '../../src/failure.ts';
import { createDiskStore, type ObjectStore, readBody, remedyOf, type StoredObject } from '../../src/storage/index.ts';
import { seededRandom } from '../support/s3-fault-server.ts';

let base: string;
let directory: string;
let store: ObjectStore;

beforeEach(async () => {
  base = await mkdtemp(path.join(tmpdir(), 'fovea-disk-'));
  directory = path.join(base, 'store');
  store = createDiskStore({ directory });
});
afterEach(() => rm(base, { recursive: true }));

test('a folder that is not there, or is a file, says why and what to do, in what no client reads', async () => {
  const failureOf = (refused: Promise<void>) => refused.catch((error: unknown) => error as Failure);
  const absent = (await failureOf(store.probe())) as Failure;
  expect(absent).toMatchObject({ kind: 'upstream', cause: { message: expect.stringMatching(/^ENOENT.*store'$/) } });
  expect(remedyOf(absent)).toContain('make the folder, mount it');
  await writeFile(directory, 'a file');
  const file = (await failureOf(store.probe())) as Failure;
  expect(remedyOf(file)).toContain('name a folder');
  expect(absent.message + file.message).not.toContain(base);
});

async function listed(prefix = ''): Promise<string[]> {
  const keys: string[] = [];
  for await (const info of store.list(prefix)) keys.push(info.key);
  return keys;
}

const limit = { maxBytes: 10_000_000 };

async function read(key: string): Promise<string | undefined> {
  const object = await store.get(key);
  return object && (await readBody(object, limit)).toString();
}

async function existing(key: string, options?: Parameters<ObjectStore['get']>[1]): Promise<StoredObject> {
  const object = await store.get(key, options);
  if (object === undefined) throw new Error(`${key} is not there`);
  return object;
}

/** The process made to be killed, as one file: it starts at once, without a compiler. */
async function builtWriter(): Promise<string> {
  const outfile = path.join(base, 'disk-writer.mjs');
  const entry = fileURLToPath(new URL('../support/disk-writer.ts', import.meta.url));
  await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm' });
  return outfile;
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

describe('a folder as a store', () => {
  test('a folder that does not exist is an empty store until the first put', async () => {
    expect(await store.head('a.jpg')).toBeUndefined();
    expect(await listed()).toEqual([]);
    await store.delete(['a.jpg']);
    expect(await readdir(base)).toEqual([]);
    await store.put('a.jpg', Buffer.from('a'));
    expect(await listed()).toEqual(['a.jpg']);
  });

  test('objects are plain files, and plain files are objects', async () => {
    await store.put('holiday/sea.jpg', Buffer.from('sea'), { contentType: 'image/jpeg' });
    expect(await readFile(path.join(directory, 'holiday/sea.jpg'), 'utf8')).toBe('sea');
    await writeFile(path.join(directory, 'holiday/SUN.PNG'), 'sun');
    await writeFile(path.join(directory, 'notes.txt'), 'text');
    expect(await store.head('holiday/SUN.PNG')).toMatchObject({ size: 3, contentType: 'image/png', metadata: {} });
    expect((await store.head('notes.txt'))?.contentType).toBeUndefined();
    expect(await listed()).toEqual(['holiday/SUN.PNG', 'holiday/sea.jpg', 'notes.txt']);
    expect(await filesBelow(path.join(directory, '.fovea-meta'))).toEqual([]);
  });

  test('a file replaced or edited by hand has another etag, and none of the facts of the old one', async () => {
    await store.put('a.jpg', Buffer.from('first'), { contentType: 'image/x-odd', metadata: { digest: 'of first' } });
    const first = await store.head('a.jpg');
    expect(first).toMatchObject({ contentType: 'image/x-odd', metadata: { digest: 'of first' } });
    await appendFile(path.join(directory, 'a.jpg'), 'edited');
    const second = await store.head('a.jpg');
    expect(second).toMatchObject({ contentType: 'image/jpeg', metadata: {} });
    await writeFile(path.join(directory, 'other'), 'first');
    await rename(path.join(directory, 'other'), path.join(directory, 'a.jpg'));
    const third = await store.head('a.jpg');
    expect(third).toMatchObject({ contentType: 'image/jpeg', metadata: {} });
    expect(new Set([first?.etag, second?.etag, third?.etag]).size).toBe(3);
  });

  test('a broken sidecar is ignored', async () => {
    await store.put('a.jpg', Buffer.from('a'), { metadata: { a: 'b' } });
    const [sidecar = ''] = await filesBelow(path.join(directory, '.fovea-meta'));
    for (const content of ['', '{"key":"a.jpg"', '[]', '{"key":"a.jpg","bodies":[{"etag":1}]}']) {
      await writeFile(sidecar, content);
      expect(await store.head('a.jpg')).toMatchObject({ size: 1, contentType: 'image/jpeg', metadata: {} });
    }
    await store.put('a.jpg', Buffer.from('a'), { metadata: { a: 'c' } });
    expect(await store.head('a.jpg')).toMatchObject({ metadata: { a: 'c' } });
  });

  test('bodies of equal size that follow at once never share an etag', async () => {
    const etags = new Set<string | undefined>();
    for (let round = 0; round < 300; round++) {
      etags.add((await store.put('a', Buffer.from(String(round).padStart(3, '0'))))?.etag);
    }
    expect(etags.size).toBe(300);
  });

  test('of many creators in two processes exactly one wins', async () => {
    const other = createDiskStore({ directory });
    for (let round = 0; round < 20; round++) {
      const create = (one: ObjectStore, who: string) =>
        one.put(`race/${round}`, Buffer.from(who), { onlyIfAbsent: true });
      const answers = await Promise.all([
        create(store, 'a'),
        create(other, 'b'),
        create(store, 'c'),
        create(other, 'd'),
      ]);
      const winners = ['a', 'b', 'c', 'd'].filter((_who, index) => answers[index] !== undefined);
      expect(winners).toEqual([await read(`race/${round}`)]);
    }
  });

  test('a body got before an overwrite keeps its own bytes and facts', async () => {
    await store.put('a', Buffer.alloc(1_000_000, 'o'), { metadata: { which: 'old' } });
    const old = await store.get('a');
    await store.put('a', Buffer.alloc(1_000_000, 'n'), { metadata: { which: 'new' } });
    await store.delete(['a']);
    if (!old) throw new Error('expected an object');
    expect(old.info.metadata).toEqual({ which: 'old' });
    expect((await readBody(old, { maxBytes: 2_000_000 })).equals(Buffer.alloc(1_000_000, 'o'))).toBe(true);
  });

  test('a process that stopped between sidecar and body left the old object with its facts', async () => {
    await store.put('a', Buffer.from('old'), { metadata: { which: 'old' } });
    const [file = ''] = await filesBelow(path.join(directory, '.fovea-meta'));
    const sidecar = JSON.parse(await readFile(file, 'utf8'));
    expect(sidecar.bodies).toMatchObject([{ metadata: { which: 'old' } }]);
    const unborn = { etag: 'of-a-body-that-never-came', metadata: { which: 'new' } };
    await writeFile(file, JSON.stringify({ ...sidecar, bodies: [unborn, ...sidecar.bodies] }));
    expect(await store.head('a')).toMatchObject({ metadata: { which: 'old' } });
    await store.put('a', Buffer.from('newer'), { metadata: { which: 'newer' } });
    expect(await store.head('a')).toMatchObject({ metadata: { which: 'newer' } });
  });

  test('a sidecar that was cut off stands for none, and in nobody’s way', async () => {
    await store.put('a', Buffer.from('old'), { metadata: { which: 'old' } });
    const [file = ''] = await filesBelow(path.join(directory, '.fovea-meta'));
    for (const length of [0, 20]) {
      await writeFile(file, (await readFile(file, 'utf8')).slice(0, length));
      expect(await store.head('a')).toMatchObject({ metadata: {} });
      await store.put('a', Buffer.from('new'), { metadata: { which: 'new' } });
      expect(await store.head('a')).toMatchObject({ metadata: { which: 'new' } });
    }
  });

  test('a file that shrinks or changes while it is read is an error, not a short body', async () => {
    for (const change of [(file: string) => writeFile(file, 'x'), (file: string) => appendFile(file, 'x')]) {
      const readers = [
        (object: StoredObject) => object.body.toArray(),
        (object: StoredObject) => readBody(object, limit),
      ];
      for (const readAll of readers) {
        await store.put('a', Buffer.alloc(2_000_000));
        const object = await existing('a');
        await change(path.join(directory, 'a'));
        await expect(readAll(object)).rejects.toMatchObject({ kind: 'upstream' });
      }
    }
  });

  test('what is read at once is what comes piece by piece, of the whole and of a part', async () => {
    const whole = Buffer.alloc(9_000_000);
    const random = seededRandom(7);
    for (let at = 0; at < whole.length; at += 4) whole.writeUInt32LE(Math.floor(random() * 2 ** 32), at);
    await store.put('a', whole);
    await store.put('empty', Buffer.alloc(0));
    const range = { start: 1_000_001, end: 8_000_003 };
    expect((await readBody(await existing('a'), limit)).equals(whole)).toBe(true);
    expect((await readBody(await existing('a', { range }), limit)).equals(whole.subarray(range.start, range.end))).toBe(
      true,
    );
    expect(await readBody(await existing('empty'), limit)).toHaveLength(0);
    const inPieces = await (await existing('a', { range })).body.toArray();
    expect(Buffer.concat(inPieces).equals(whole.subarray(range.start, range.end))).toBe(true);
    expect((await existing('a', { range })).body.readAtOnce).toBeDefined();
  });

  test('deleting leaves neither sidecars nor empty folders', async () => {
    await store.put('a/b/c/d', Buffer.from('x'), { metadata: { a: 'b' } });
    await store.put('a/z', Buffer.from('x'), { metadata: { a: 'b' } });
    await store.delete(['a/b/c/d']);
    expect(await readdir(path.join(directory, 'a'))).toEqual(['z']);
    await store.delete(['a/z']);
    expect((await readdir(directory)).toSorted()).toEqual(['.fovea-meta', '.fovea-tmp']);
    expect(await filesBelow(directory)).toEqual([]);
  });
});

describe('keys and the file system', () => {
  test('the store’s own folders hold no objects', async () => {
    await store.put('a', Buffer.from('x'), { metadata: { a: 'b' } });
    for (const key of ['.fovea-tmp/x', '.fovea-meta/x', '.fovea-tmp']) {
      await expect(store.put(key, Buffer.from('x'))).rejects.toMatchObject({ kind: 'invalid' });
      await expect(store.get(key)).rejects.toMatchObject({ kind: 'invalid' });
      await expect(store.delete([key])).rejects.toMatchObject({ kind: 'invalid' });
    }
    expect(await listed()).toEqual(['a']);
    expect(await listed('.fovea-')).toEqual([]);
    await store.put('deep/.fovea-tmp/x', Buffer.from('x'));
    expect(await read('deep/.fovea-tmp/x')).toBe('x');
  });

  test('a segment over 255 bytes cannot be there, and cannot be put', async () => {
    const key = `folder/${'é'.repeat(128)}`;
    expect(await store.head(key)).toBeUndefined();
    expect(await store.get(key)).toBeUndefined();
    await store.delete([key]);
    expect(await listed(key)).toEqual([]);
    await expect(store.put(key, Buffer.from('x'))).rejects.toMatchObject({ kind: 'invalid' });
    const longest = 'x'.repeat(255);
    await store.put(longest, Buffer.from('x'), { metadata: { a: 'b' } });
    expect(await store.head(longest)).toMatchObject({ metadata: { a: 'b' } });
  });

  test('a file where a key has a folder: absent for readers, invalid for writers', async () => {
    await store.put('a', Buffer.from('x'));
    expect(await store.get('a/b/c')).toBeUndefined();
    await expect(store.put('a/b/c', Buffer.from('x'))).rejects.toMatchObject({ kind: 'invalid' });
    await store.delete(['a/b/c']);
    await store.put('d/e', Buffer.from('x'));
    expect(await store.get('d')).toBeUndefined();
    await expect(store.put('d', Buffer.from('x'))).rejects.toMatchObject({ kind: 'invalid' });
    await store.delete(['d']);
    expect(await listed()).toEqual(['a', 'd/e']);
    expect(await filesBelow(path.join(directory, '.fovea-tmp'))).toEqual([]);
  });

  test('an empty folder in the way of a key is no obstacle', async () => {
    await mkdir(path.join(directory, 'left-over'), { recursive: true });
    await store.put('left-over', Buffer.from('x'));
    await mkdir(path.join(directory, 'another'));
    expect(await store.put('another', Buffer.from('x'), { onlyIfAbsent: true })).toMatchObject({ key: 'another' });
    expect(await listed()).toEqual(['another', 'left-over']);
  });

  test('special files are not objects, and opening one waits for nobody', async () => {
    await store.put('a', Buffer.from('x'));
    await once(spawn('mkfifo', [path.join(directory, 'pipe.jpg')]), 'close');
    expect(await store.get('pipe.jpg')).toBeUndefined();
    expect(await store.head('pipe.jpg')).toBeUndefined();
    expect(await listed()).toEqual(['a']);
  });
});

describe('symbolic links', () => {
  beforeEach(async () => {
    await mkdir(path.join(base, 'outside'));
    await writeFile(path.join(base, 'outside/secret.jpg'), 'secret');
    await store.put('inside/real.jpg', Buffer.from('real'));
    await symlink(path.join(base, 'outside/secret.jpg'), path.join(directory, 'file.jpg'));
    await symlink('../outside', path.join(directory, 'folder'));
    await symlink(base, path.join(directory, 'inside/base'));
  });

  test('what leads out of the folder is not there', async () => {
    for (const key of ['file.jpg', 'folder/secret.jpg', 'inside/base/outside/secret.jpg']) {
      expect(await store.get(key), key).toBeUndefined();
      expect(await store.head(key), key).toBeUndefined();
    }
    expect(await listed()).toEqual(['inside/real.jpg']);
    expect(await listed('folder/')).toEqual([]);
  });

  test('nothing is written or deleted outside', async () => {
    await expect(store.put('folder/new.jpg', Buffer.from('x'))).rejects.toMatchObject({ kind: 'invalid' });
    await expect(store.put('folder/new/deeper.jpg', Buffer.from('x'))).rejects.toMatchObject({ kind: 'invalid' });
    await store.delete(['folder/secret.jpg', 'inside/base/outside/secret.jpg']);
    await store.put('file.jpg', Buffer.from('mine'));
    expect(await readdir(path.join(base, 'outside'))).toEqual(['secret.jpg']);
    expect(await readFile(path.join(base, 'outside/secret.jpg'), 'utf8')).toBe('secret');
    expect(await read('file.jpg')).toBe('mine');
  });

  test('a folder whose name begins like the store’s is outside too', async () => {
    await mkdir(`${directory}-private`);
    await writeFile(`${directory}-private/secret.jpg`, 'secret');
    await symlink(`${directory}-private`, path.join(directory, 'sneaky'));
    expect(await store.get('sneaky/secret.jpg')).toBeUndefined();
  });

  test('whoever puts a key behind a link that leads out, or nowhere, is told so', async () => {
    await symlink('nowhere', path.join(directory, 'dangling'));
    const leadsOut = { kind: 'invalid', message: expect.stringContaining('leads out of the folder') };
    for (const key of ['folder/new.jpg', 'dangling/new.jpg', 'dangling', 'file.jpg']) {
      const put = store.put(key, Buffer.from('x'), { onlyIfAbsent: true });
      await expect(put, key).rejects.toMatchObject(leadsOut);
    }
    expect(await readdir(path.join(base, 'outside'))).toEqual(['secret.jpg']);
  });

  test('links that stay inside are followed, and circles end', async () => {
    await symlink('inside', path.join(directory, 'alias'));
    await symlink('..', path.join(directory, 'inside/up'));
    await symlink('.', path.join(directory, 'inside/circle'));
    await symlink('real.jpg', path.join(directory, 'inside/same.jpg'));
    await symlink('nowhere', path.join(directory, 'dangling.jpg'));
    expect(await read('alias/real.jpg')).toBe('real');
    expect(await store.get('dangling.jpg')).toBeUndefined();
    expect(await listed()).toEqual(['alias/real.jpg', 'alias/same.jpg', 'inside/real.jpg', 'inside/same.jpg']);
  });

  test('the store’s folder may itself be a link', async () => {
    await symlink(directory, path.join(base, 'link'));
    const linked = createDiskStore({ directory: path.join(base, 'link') });
    expect((await linked.head('inside/real.jpg'))?.etag).toBe((await store.head('inside/real.jpg'))?.etag);
    await linked.put('through/link.jpg', Buffer.from('x'));
    expect(await read('through/link.jpg')).toBe('x');
  });
});

describe('when the process or the disk fails', () => {
  test('a killed writer leaves whole objects or none, whenever it was killed', { timeout: 60_000 }, async () => {
    const random = seededRandom(20);
    const program = await builtWriter();
    const killOne = async (index: number) => {
      const writer = spawn(process.execPath, [program, directory, `${index}`], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let left = 1 + Math.floor(random() * 120);
      writer.stdout.on('data', (dots: Buffer) => {
        left -= dots.byteLength;
        if (left <= 0) writer.kill('SIGKILL');
      });
      const [, signal] = await once(writer, 'close');
      expect(signal).toBe('SIGKILL');
    };
    for (let index = 0; index < 20; index += 4) {
      await Promise.all([0, 1, 2, 3].map((lane) => killOne(index + lane)));
    }
    const keys = await listed('writer/');
    for (const key of keys) {
      const object = await store.get(key);
      if (!object) throw new Error('expected an object');
      const bytes = await readBody(object, { maxBytes: 1_000_000 });
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(object.info.metadata['digest']);
    }
    expect(keys.length).toBeGreaterThan(10);
    // Otherwise no kill came in the middle of a put, and nothing was shown.
    expect((await readdir(path.join(directory, '.fovea-tmp'))).length).toBeGreaterThan(0);
  });

  test('leftovers of killed writers are removed after an hour, and not before', async () => {
    await store.put('a', Buffer.from('x'));
    const temporary = path.join(directory, '.fovea-tmp');
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
    for (const [name, hours] of [
      ['old', 1.1],
      ['young', 0.9],
    ] as const) {
      await writeFile(path.join(temporary, name), 'part of a body');
      await utimes(path.join(temporary, name), hoursAgo(hours), hoursAgo(hours));
    }
    await createDiskStore({ directory }).put('b', Buffer.from('x'));
    expect(await readdir(temporary)).toEqual(['young']);
  });

  test('nothing temporary stays behind, whatever came of a put', async () => {
    await store.put('a', Buffer.from('x'), { metadata: { a: 'b' } });
    await store.put('a', Buffer.from('y'), { onlyIfAbsent: true });
    await store.put('a', Readable.from([Buffer.from('y')], { objectMode: false }), { size: 2 }).catch(() => undefined);
    await store.put('a/b', Buffer.from('y')).catch(() => undefined);
    expect(await readdir(path.join(directory, '.fovea-tmp'))).toEqual([]);
  });

  test('a disk that takes no more bytes is upstream, and leaves the object as it was', async () => {
    await store.put('writer/limited/0', Buffer.from('as it was'));
    // The limit on a file's size stops a write in the middle, for root as for anybody.
    const limited = [
      '-c',
      'ulimit -f 100; exec "$@"',
      'sh',
      process.execPath,
      await builtWriter(),
      directory,
      'limited',
    ];
    const writer = spawn('sh', limited, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    writer.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
    expect(await once(writer, 'close')).toEqual([1, null]);
    expect(said).toMatch(/kind: 'upstream'.*EFBIG/s);
    expect(await read('writer/limited/0')).toBe('as it was');
    expect(await readdir(path.join(directory, '.fovea-tmp'))).toEqual([]);
  });

  test('a store that can make no temporary files is upstream, and can still be read', async () => {
    await store.put('a', Buffer.from('as it was'));
    await rm(path.join(directory, '.fovea-tmp'), { recursive: true });
    await writeFile(path.join(directory, '.fovea-tmp'), 'a file where the folder should be');
    await expect(store.put('a', Buffer.from('new'))).rejects.toMatchObject({ kind: 'upstream' });
    expect(await read('a')).toBe('as it was');
  });
});
