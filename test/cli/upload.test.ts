import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createDiskStore, readBody } from '../../src/storage/index.ts';
import { createCommandLine } from '../support/command-line.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { keysIn, picture } from '../support/uploads.ts';

async function folderOf(files: Readonly<Record<string, Uint8Array | string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-upload-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
  return folder;
}

const jpeg = await picture('jpeg');
const png = await picture('png');

describe('fovea upload', () => {
  test('brings a file in under the key it is told, on a folder store', async () => {
    const folder = await folderOf({ 'tom.jpg': jpeg });
    const originals = createDiskStore({ directory: join(folder, 'originals') });
    const { fovea } = createCommandLine({ originals });
    const { code, json } = await fovea(['upload', join(folder, 'tom.jpg'), '--key', 'cats/tom.jpg', '--json']);
    expect(code).toBe(0);
    expect(json).toMatchObject([{ status: 'published', key: 'cats/tom.jpg', format: 'jpeg', width: 60, height: 40 }]);
    const object = await originals.get('cats/tom.jpg');
    expect(object && (await readBody(object, { maxBytes: 100_000 })).equals(jpeg)).toBe(true);
    expect(await keysIn(originals)).toEqual(['cats/tom.jpg']);
  });

  test('brings the pictures of a folder in, and says what it leaves out', async () => {
    const folder = await folderOf({ 'a.jpg': jpeg, 'b/c.png': png, 'notes.txt': 'hello', 'b/._c.png': 'a fork' });
    const { fovea, originals } = createCommandLine();
    const { code, stderr } = await fovea(['upload', folder, '--prefix', '2026/']);
    expect([code, await keysIn(originals)]).toEqual([0, ['2026/a.jpg', '2026/b/c.png']]);
    expect(stderr).toContain('notes.txt: not taken for a picture');
  });

  test('publishes nothing of a batch with one bad file, names it, and ends with its exit code', async () => {
    const folder = await folderOf({ 'a.jpg': jpeg, 'b.jpg': 'not a picture', 'c.jpg': jpeg });
    const { fovea, originals } = createCommandLine();
    const { code, stderr, json } = await fovea(['upload', folder, '--json']);
    expect([code, await keysIn(originals)]).toEqual([5, []]);
    expect(stderr).toContain('b.jpg: The file is no picture');
    expect(json).toEqual([
      expect.objectContaining({ key: 'a.jpg', status: 'withheld' }),
      expect.objectContaining({
        key: 'b.jpg',
        status: 'refused',
        error: expect.objectContaining({ kind: 'unsupported' }),
      }),
      expect.objectContaining({ key: 'c.jpg', status: 'withheld' }),
    ]);
  });

  test('makes batches of a long folder: a bad file holds back its own', async () => {
    const names = Array.from({ length: 120 }, (_, index) => `${String(index).padStart(3, '0')}.jpg`);
    const folder = await folderOf({
      ...Object.fromEntries(names.map((name) => [name, jpeg])),
      '119.jpg': 'no picture',
    });
    const { fovea, originals } = createCommandLine();
    const { code, stderr } = await fovea(['upload', folder]);
    expect([code, await keysIn(originals)]).toEqual([5, names.slice(0, 100)]);
    expect(stderr).toContain('100 file(s) published, 1 batch(es) not');
    const rest = await fovea(['upload', folder, '--start-after', '117.jpg', '--json']);
    expect(rest.json.map((record) => (record as { key: string }).key)).toEqual(['118.jpg', '119.jpg']);
  });

  test('never overwrites, and leaves out what is there when asked to', async () => {
    const folder = await folderOf({ 'a.jpg': jpeg, 'b.png': png });
    const { fovea, originals } = createCommandLine();
    await fovea(['upload', join(folder, 'a.jpg')]);
    const again = await fovea(['upload', folder]);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('The key is taken: a.jpg')]);
    expect((await fovea(['upload', folder, '--skip-existing'])).code).toBe(0);
    expect(await keysIn(originals)).toEqual(['a.jpg', 'b.png']);
  });

  test.each([
    ['nothing', [], 2],
    ['what is not there', ['/nonexistent/tom.jpg'], 4],
    ['a batch that is not there', ['--commit', '019a9f3e-6a5c-7000-8000-000000000000'], 4],
    ['one key for two files', ['one.jpg', 'two.jpg', '--key', 'cats/tom.jpg'], 2],
  ])('refuses %s', async (_, words, code) => {
    const folder = await folderOf({ 'one.jpg': jpeg, 'two.jpg': jpeg });
    const paths = words.map((word) => (/^(one|two)/.test(word) ? join(folder, word) : word));
    expect((await createCommandLine().fovea(['upload', ...paths])).code).toBe(code);
  });
});

describe('fovea presign', () => {
  const environment = { FOVEA_ADMIN_TOKEN: 'a token of sixteen', PORT: '8080' };

  test('signs an upload that is published by its commit only', async () => {
    const { fovea, originals } = createCommandLine({ environment });
    const { json } = await fovea(['presign', 'tom.jpg', '--key', 'cats/tom.jpg', '--put', '--json']);
    const [signed] = json as { batch: string; uploads: { url: string; method: string }[] }[];
    expect(signed?.uploads).toMatchObject([
      {
        method: 'PUT',
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:8080\/-\/uploads\/files\//),
        key: 'cats/tom.jpg',
      },
    ]);
    await originals.put(`.fovea-staging/${signed?.batch}/files/0/000000000000`, jpeg);
    const committed = await fovea(['upload', '--commit', signed?.batch ?? '', '--json']);
    expect(committed.json).toMatchObject([{ status: 'published', key: 'cats/tom.jpg' }]);
  });

  test('prints a form for people', async () => {
    const { stdout } = await createCommandLine({ environment }).fovea(['presign', 'tom.jpg', '--key', 'tom.jpg']);
    expect(stdout).toMatch(
      /^POST http:.*\n {2}field key=tom\.jpg\n {2}field Content-Type=image\/jpeg\nkey {6}tom\.jpg/,
    );
  });

  test('prints what sends the file, and what publishes it then', async () => {
    const { fovea } = createCommandLine({ environment });
    const form = (await fovea(['presign', `it's "a".jpg`, '--key', 'tom.jpg'])).stdout;
    expect(form).toMatch(
      /^send {5}curl -f --form-string 'key=tom\.jpg' .*-F 'file=@"it'\\''s \\"a\\"\.jpg"' 'http:\S+'$/m,
    );
    const put = (await fovea(['presign', 'tom.jpg', '--put'])).stdout;
    expect(put).toMatch(/^send {5}curl -f (-H '[^']+' )*-T 'tom\.jpg' 'http:\S+'$/m);
    expect(put).toMatch(/^batch {4}(\S+)\ncommit {3}fovea upload --commit \1$/m);
  });

  test('refuses what no server would take, and leaves nothing', async () => {
    const { fovea, originals } = createCommandLine();
    const { code, stderr } = await fovea(['presign', 'tom.jpg']);
    expect([code, await keysIn(originals)]).toEqual([2, []]);
    expect(stderr).toContain('FOVEA_ADMIN_TOKEN');
  });

  test.each([
    ['a type that is no picture', ['notes.txt'], 5],
    ['more bytes than are taken', ['tom.jpg', '--bytes', '999999999'], 5],
    ['a checksum that is none', ['tom.jpg', '--sha256', 'abc'], 2],
  ])('refuses %s', async (_, words, code) => {
    expect((await createCommandLine({ environment }).fovea(['presign', ...words])).code).toBe(code);
  });
});

describe('fovea upload --replace', () => {
  test('puts files in the place of originals, tells which were there, and purges what was made of them', async () => {
    const folder = await folderOf({ 'a.jpg': jpeg, 'b.png': png });
    const variants = createMemoryStore();
    const { fovea, originals } = createCommandLine({ variants });
    await originals.put('a.jpg', png, { metadata: { focal: '0.3,0.25' } });
    await variants.put('a.jpg/.fovea/w_1', jpeg);
    const { code, json } = await fovea(['upload', folder, '--replace', '--json']);
    expect(code).toBe(0);
    expect(json).toMatchObject([
      { key: 'a.jpg', status: 'replaced' },
      { key: 'b.png', status: 'published' },
    ]);
    expect(await originals.head('a.jpg')).toMatchObject({ size: jpeg.byteLength, metadata: { focal: '0.3,0.25' } });
    expect((await keysIn(variants)).filter((key) => key.startsWith('a.jpg/'))).toEqual([]);
  });

  test('goes on behind what is refused, which stays as it was, and ends with its exit code', async () => {
    const folder = await folderOf({ 'a.jpg': 'not a picture', 'b.png': png });
    const { fovea, originals } = createCommandLine();
    await originals.put('a.jpg', jpeg);
    const { code, stderr, json } = await fovea(['upload', folder, '--replace', '--json']);
    expect(code).toBe(5);
    expect(json).toMatchObject([{ key: 'a.jpg' }, { key: 'b.png' }]);
    expect(stderr).toContain('a.jpg: The file is no picture');
    expect((await originals.head('a.jpg'))?.size).toBe(jpeg.byteLength);
    expect((await fovea(['upload', folder, '--replace', '--skip-existing'])).code).toBe(2);
  });
});
