import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Failure } from '../../src/failure.ts';
import { remoteUrl } from '../../src/grammar/index.ts';
import { createDiskStore, type ObjectStore } from '../../src/storage/index.ts';
import { createCommandLine } from '../support/command-line.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { keysIn, picture } from '../support/uploads.ts';

const jpeg = await picture('jpeg');
const png = await picture('png');

async function folderOf(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-import-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
  return folder;
}

/** Another host with these pictures; which hosts were named, and what was asked for. */
function elsewhere(pictures: Readonly<Record<string, Uint8Array | Failure>>) {
  const asked: string[] = [];
  const named: (readonly string[])[] = [];
  const get: ObjectStore['get'] = async (key) => {
    const url = remoteUrl(key)?.href ?? '';
    asked.push(url);
    const bytes = pictures[url];
    if (bytes instanceof Failure) throw bytes;
    if (bytes === undefined) return undefined;
    const info = { key, size: bytes.byteLength, etag: '', lastModified: new Date(0), contentType: '', metadata: {} };
    return { info, body: Readable.from([bytes]) };
  };
  return {
    asked,
    named,
    remote: (hosts: readonly string[]) => {
      named.push(hosts);
      return { get };
    },
  };
}

describe('fovea import of a list', () => {
  test('brings the pictures of URLs in under their paths, and leaves what is there', async () => {
    const { remote, named } = elsewhere({
      'https://old.example/media/a.jpg': jpeg,
      'https://old.example/media/b%20c/d.png?v=2': png,
    });
    const { fovea, originals } = createCommandLine({ remote });
    await originals.put('old/there.jpg', Buffer.from('as it is'));
    const lines = [
      'https://old.example/media/a.jpg',
      'https://old.example/media/b%20c/d.png?v=2',
      'https://old.example/media/a.jpg\tcats/tom.jpg',
      'https://old.example/media/there.jpg',
    ];
    const options = ['--host', 'old.example', '--strip', 'https://old.example/media/', '--prefix', 'old/', '--json'];
    const { code, json, stderr } = await fovea(['import', '-', ...options], { stdin: lines.join('\n') });
    expect([code, stderr]).toEqual([0, '3 original(s) imported, 1 were there, 0 failed\n']);
    expect(json).toContainEqual({ source: lines[3], key: 'old/there.jpg', outcome: 'present' });
    expect(await keysIn(originals)).toEqual(['old/a.jpg', 'old/b c/d.png', 'old/cats/tom.jpg', 'old/there.jpg']);
    expect((await originals.head('old/there.jpg'))?.size).toBe(8);
    expect(named).toEqual([['old.example']]);
  });

  test('takes what Cloudinary exports: pages of its API, and CSV', async () => {
    const at = 'https://res.cloudinary.com/demo/image/upload/v12';
    const { remote } = elsewhere({ [`${at}/cats/tom.jpg`]: jpeg, [`${at}/b.png`]: png, [`${at}/c.jpg`]: jpeg });
    const page = {
      resources: [
        { public_id: 'cats/tom', format: 'jpg', resource_type: 'image', secure_url: `${at}/cats/tom.jpg` },
        { public_id: 'film', format: 'mp4', resource_type: 'video', secure_url: `${at}/film.mp4` },
      ],
      next_cursor: 'x',
    };
    const { fovea, originals } = createCommandLine({ remote });
    const host = ['--host', 'res.cloudinary.com'];
    const first = `${JSON.stringify(page)}\n${JSON.stringify({ url: `${at}/b.png` })}\n`;
    expect((await fovea(['import', '-', ...host], { stdin: first })).code).toBe(0);
    const csv = `Public ID,format,Secure URL,"Display, name"\nx/c,jpg,${at}/c.jpg,"a ""b"", c"\n`;
    expect((await fovea(['import', '-', ...host], { stdin: csv })).code).toBe(0);
    expect(await keysIn(originals)).toEqual(['b.png', 'cats/tom.jpg', 'x/c.jpg']);
  });

  test('names its keys by what "sources" stand for', async () => {
    const folder = await folderOf({
      'fovea.json': JSON.stringify({ sources: { 'https://old.example/m/': 'media/' } }),
    });
    const { remote } = elsewhere({ 'https://old.example/m/a.jpg': jpeg });
    const { fovea, originals } = createCommandLine({
      remote,
      environment: { FOVEA_CONFIG: join(folder, 'fovea.json') },
    });
    await fovea(['import', '-', '--host', 'old.example'], { stdin: 'https://old.example/m/a.jpg\n' });
    expect(await keysIn(originals)).toEqual(['media/a.jpg']);
  });

  test('tells what cannot come in, and goes on', async () => {
    const busy = new Failure('upstream', 'The host of the picture answered 500.');
    const { remote, asked } = elsewhere({
      'https://old.example/a.jpg': jpeg,
      'https://old.example/text.jpg': Buffer.from('hello'),
      'https://old.example/busy.jpg': busy,
    });
    const { fovea, originals } = createCommandLine({ remote });
    const urls = ['gone.jpg', 'text.jpg', 'busy.jpg', 'a.jpg', '../x/.fovea-y/a.jpg'].map(
      (name) => `https://old.example/${name}`,
    );
    const stdin = [...urls, 'https://other.example/a.jpg', 'no URL'].join('\n');
    const { code, stderr, json } = await fovea(['import', '-', '--host', 'old.example', '--json'], { stdin });
    expect(code).not.toBe(0);
    expect(await keysIn(originals)).toEqual(['a.jpg']);
    expect(stderr).toContain('1 original(s) imported, 0 were there, 6 failed');
    expect(stderr).toContain('other.example are not fetched here');
    expect(json).toContainEqual({ source: urls[3], key: 'a.jpg', outcome: 'imported' });
    // What broke off is asked once more, and no more often.
    expect(asked.filter((url) => url.endsWith('busy.jpg'))).toHaveLength(2);
  });

  test('asks no host that is not named, and none of a private address', async () => {
    const { fovea, originals } = createCommandLine();
    const stdin = 'http://127.0.0.1:1/a.jpg\nhttp://old.example/a.jpg\n';
    const { stderr } = await fovea(['import', '-', '--host', 'http://127.0.0.1:1'], { stdin });
    expect(stderr).toMatch(/127\.0\.0\.1:1\/a\.jpg: .*address/);
    expect(stderr).toContain('old.example are not fetched here');
    expect(await keysIn(originals)).toEqual([]);
  });
});

describe('fovea import of a folder or a bucket', () => {
  test('brings its pictures in, without what lies beside them', async () => {
    const folder = await folderOf({ 'a.jpg': jpeg, 'b/c.png': png, 'notes.txt': 'hello' });
    const { fovea, originals } = createCommandLine();
    const { code, stderr } = await fovea(['import', `file:${folder}`, '--prefix', 'x/']);
    expect([code, await keysIn(originals)]).toEqual([0, ['x/a.jpg', 'x/b/c.png']]);
    expect(stderr).toContain('notes.txt: not taken for a picture');
    expect((await fovea(['import', folder])).code).toBe(0);
    expect(await keysIn(originals)).toEqual(['a.jpg', 'b/c.png', 'x/a.jpg', 'x/b/c.png']);
  });

  test('says what would come in, and brings nothing', async () => {
    const folder = await folderOf({ 'a.jpg': jpeg });
    const { fovea, originals } = createCommandLine();
    const { json } = await fovea(['import', folder, '--dry-run', '--json']);
    expect(json[0]).toEqual({ source: 'a.jpg', key: 'a.jpg', outcome: 'imported', dryRun: true });
    expect(await keysIn(originals)).toEqual([]);
  });

  test('goes on where it stopped, by its journal', async () => {
    const names = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'];
    const folder = await folderOf(Object.fromEntries(names.map((name) => [name, jpeg])));
    const journal = join(await folderOf({}), 'import.json');
    const store = createMemoryStore();
    const stop = new AbortController();
    // Stopped by whoever watches once the second one is there.
    const watched: ObjectStore = {
      ...store,
      async put(key, ...rest) {
        const put = await store.put(key, ...rest);
        if (key === 'b.jpg') stop.abort();
        return put;
      },
    };
    const words = ['import', folder, '--journal', journal, '--concurrency', '1'];
    expect((await createCommandLine({ originals: watched }).fovea(words, { signal: stop.signal })).code).toBe(130);
    const kept = JSON.parse(await readFile(journal, 'utf8')) as { after: string };
    expect(['a.jpg', 'b.jpg']).toContain(kept.after);
    // What was looked at before is not looked at again, be it there or not.
    await store.delete(['a.jpg']);
    const { fovea } = createCommandLine({ originals: store });
    const { code, stderr } = await fovea(words);
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^4 original\(s\) imported|^3 original\(s\) imported, 1 were there/),
    ]);
    expect((await keysIn(store)).filter((key) => !key.startsWith('.'))).toEqual(['b.jpg', 'c.jpg', 'd.jpg']);
    // Nothing but the journal is left where it lies.
    expect(await readdir(dirname(journal))).toEqual(['import.json']);
    const other = await fovea(['import', await folderOf({ 'a.jpg': jpeg }), '--journal', journal]);
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('journal of another import')]);
  });

  test('is told what is not there, and what is no place', async () => {
    const { fovea } = createCommandLine();
    expect((await fovea(['import', '/nowhere/at/all'])).code).toBe(4);
    expect((await fovea(['import'])).code).toBe(2);
    expect((await fovea(['import', 's3://'])).code).toBe(2);
    expect((await fovea(['import', '-', '--host', 'no host'])).code).toBe(2);
  });
});

test('an import of a folder store takes its own files for no pictures', async () => {
  const folder = await folderOf({});
  const from = createDiskStore({ directory: folder });
  await from.put('a.jpg', jpeg, { metadata: { focus: '0.1,0.2' } });
  await from.put('a.jpg/.fovea/w_10', jpeg).catch(() => undefined);
  const { fovea, originals } = createCommandLine();
  await fovea(['import', folder]);
  expect(await keysIn(originals)).toEqual(['a.jpg']);
});
