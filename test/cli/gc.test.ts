import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createAgeingStore } from '../support/ageing-store.ts';
import { createCommandLine, putAll } from '../support/command-line.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { keysIn, picture } from '../support/uploads.ts';

const keys = Array.from({ length: 10 }, (_, index) => `photos/${index}.jpg`);
const twoDays = 2 * 86_400_000;

/** Ten originals, a variant of each, all of them two days old. */
async function tenOriginals() {
  const originals = createAgeingStore(createMemoryStore());
  const variants = createAgeingStore(createMemoryStore());
  const command = createCommandLine({ originals, variants });
  await putAll(originals, keys);
  await command.fovea(['warm', '--all', '--transform', 'w_40']);
  const age = async () => {
    await originals.age(twoDays);
    await variants.age(twoDays);
  };
  await age();
  return { ...command, originals, variants, age };
}

describe('fovea gc', () => {
  test('finds variants without an original and deletes nothing, unless told to', async () => {
    const { fovea, originals, variants } = await tenOriginals();
    await originals.delete(['photos/3.jpg']);
    const found = { collected: 'variants', scanned: 10, found: 1, foundBytes: expect.any(Number) };
    const dry = await fovea(['gc', '--json']);
    expect(dry.json.at(-1)).toEqual({ ...found, dryRun: true, deleted: 0 });
    expect(await keysIn(variants)).toHaveLength(10);
    const { code, json } = await fovea(['gc', '--variants', '--delete', '--json']);
    expect([code, json]).toEqual([0, [{ ...found, dryRun: false, deleted: 1 }]]);
    expect((await keysIn(variants)).filter((key) => key.startsWith('photos/3.jpg/'))).toEqual([]);
    expect(await keysIn(variants)).toHaveLength(9);
  });

  test('leaves what is too young', async () => {
    const { fovea, originals, variants } = await tenOriginals();
    await originals.delete(['photos/3.jpg']);
    await fovea(['gc', '--delete', '--min-age', '3d']);
    expect(await keysIn(variants)).toHaveLength(10);
  });

  test('refuses to delete more than the share, says what it found, and obeys --force', async () => {
    const { fovea, originals, variants } = await tenOriginals();
    await originals.delete(keys.slice(0, 5));
    const refused = await fovea(['gc', '--variants', '--delete', '--json']);
    expect([refused.code, await keysIn(variants)]).toEqual([2, expect.objectContaining({ length: 10 })]);
    expect(refused.json).toMatchObject([{ found: 5, deleted: 0 }]);
    expect(refused.stderr).toMatch(/5 of 10 .*50 %/);
    expect((await fovea(['gc', '--variants', '--delete', '--max-share', '49'])).code).toBe(2);
    expect((await fovea(['gc', '--variants', '--delete', '--force'])).code).toBe(0);
    expect(await keysIn(variants)).toHaveLength(5);
  });

  test('deletes originals that a list from a file or from stdin does not name, and their variants', async () => {
    const { fovea, originals, variants } = await tenOriginals();
    const folder = await mkdtemp(join(tmpdir(), 'fovea-gc-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'keys.txt'), `${keys.slice(1).join('\r\n')}\r\n`);
    const dry = await fovea(['gc', '--referenced', join(folder, 'keys.txt'), '--json']);
    expect(dry.json).toMatchObject([{ collected: 'originals', scanned: 10, found: 1, deleted: 0 }]);
    const words = ['gc', '--referenced', '-', '--delete'];
    expect((await fovea(words, { stdin: keys.slice(1).join('\n') })).code).toBe(0);
    expect(await keysIn(originals)).toEqual(keys.slice(1));
    expect(await keysIn(variants)).toHaveLength(9);
  });

  test('sweeps what unfinished uploads left, and nothing that is still going on', async () => {
    const { fovea, originals, age } = await tenOriginals();
    await originals.put('.fovea-staging/019a9f3e-6a5c-7000-8000-000000000000/files/0/0', await picture());
    expect((await fovea(['gc', '--staging', '--delete', '--json'])).json).toMatchObject([{ found: 0, deleted: 0 }]);
    await age();
    expect((await fovea(['gc', '--staging', '--json'])).json).toMatchObject([{ batches: 1, found: 1, deleted: 0 }]);
    expect((await fovea(['gc', '--delete', '--json'])).json[0]).toMatchObject({ collected: 'staging', deleted: 1 });
    expect(await keysIn(originals)).toEqual(keys);
  });

  test('goes on where it was told to', async () => {
    const { fovea, originals } = await tenOriginals();
    await originals.delete(['photos/0.jpg', 'photos/9.jpg']);
    const { json } = await fovea(['gc', '--variants', '--start-after', 'photos/5.jpg/~', '--json']);
    expect(json).toMatchObject([{ scanned: 4, found: 1 }]);
  });

  test.each([
    ['an age without a unit', ['--min-age', '24'], '--min-age'],
    ['a share of more than all', ['--max-share', '101'], '--max-share'],
    ['a place to go on that may be of two lists', ['--start-after', 'a'], '--start-after goes with one'],
    ['a list that names nothing', ['--referenced', '-', '--delete', '--force'], 'empty'],
  ])('refuses %s with exit code 2', async (_, words, message) => {
    const { fovea, originals } = await tenOriginals();
    const { code, stderr } = await fovea(['gc', ...words], { stdin: '\n\n' });
    expect([code, await keysIn(originals)]).toEqual([2, keys]);
    expect(stderr).toContain(message);
  });

  test('ends with 4 for a list that is not there', async () => {
    const { fovea } = await tenOriginals();
    expect((await fovea(['gc', '--referenced', '/nonexistent/keys.txt'])).code).toBe(4);
  });

  test('stops with 130 and says where to go on', async () => {
    const { fovea } = await tenOriginals();
    const stopping = new AbortController();
    stopping.abort();
    expect((await fovea(['gc', '--variants'], { signal: stopping.signal })).code).toBe(130);
  });
});
