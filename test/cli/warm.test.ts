import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/failure.ts';
import { createCommandLine, putAll } from '../support/command-line.ts';
import { createFakeRenderer } from '../support/fake-renderer.ts';
import { createFaultyStore, type FaultyStore } from '../support/faulty-store.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { keysIn } from '../support/uploads.ts';

const keys = ['a/1.jpg', 'a/2.jpg', 'b/3.jpg', 'b/4.jpg'];
const small = ['--transform', 'w_40'];

/** Several are made at once: their lines come as each is done. */
function keysOf(records: readonly unknown[]): readonly string[] {
  return records.map((record) => (record as { readonly key: string }).key).sort();
}

/** What was looked up, in that order. */
function lookedUp(originals: FaultyStore): readonly string[] {
  return originals.calls.filter(({ operation }) => operation === 'head').map(({ key }) => key);
}

async function warming(parts: Parameters<typeof createCommandLine>[0] = {}) {
  const renderer = createFakeRenderer();
  const command = createCommandLine({ renderer, ...parts });
  await putAll(command.originals, keys);
  return { ...command, renderer };
}

describe('fovea warm', () => {
  test('stores what was asked for, and makes it once only', async () => {
    const { fovea, variants, renderer } = await warming();
    const words = ['warm', 'a/1.jpg', ...small, '--transform', 'w_80,f_auto', '--json'];
    expect((await fovea(words)).json).toEqual([
      { key: 'a/1.jpg', rendered: 4, present: 0 },
      { originals: 1, failed: 0, rendered: 4, present: 0 },
    ]);
    expect(variants && (await keysIn(variants))).toHaveLength(4);
    expect((await fovea(words)).json.at(-1)).toEqual({ originals: 1, failed: 0, rendered: 0, present: 4 });
    expect(renderer.renders).toHaveLength(4);
  });

  test.each([
    ['all', ['--all'], keys],
    ['those below a prefix', ['--prefix', 'b/'], keys.slice(2)],
    ['those behind a key', ['--all', '--start-after', 'a/2.jpg'], keys.slice(2)],
    ['the words', ['b/4.jpg', 'a/1.jpg'], ['b/4.jpg', 'a/1.jpg']],
  ])('takes %s', async (_, words, expected) => {
    const originals = createFaultyStore(createMemoryStore());
    const { fovea } = await warming({ originals });
    const { code, json } = await fovea(['warm', ...words, ...small, '--json']);
    expect(code).toBe(0);
    expect(lookedUp(originals)).toEqual(expected);
    expect(keysOf(json.slice(0, -1))).toEqual([...expected].sort());
  });

  test('reads keys from stdin however the lines arrive, and goes on behind one of them', async () => {
    const originals = createFaultyStore(createMemoryStore());
    const { fovea } = await warming({ originals });
    async function* stdin() {
      yield 'b/4.jpg\r\na/';
      yield '1.jpg\n\nb/3.j';
      yield 'pg';
    }
    const all = await fovea(['warm', '-', ...small, '--json'], { stdin: stdin() });
    expect(lookedUp(originals)).toEqual(['b/4.jpg', 'a/1.jpg', 'b/3.jpg']);
    expect(keysOf(all.json.slice(0, -1))).toEqual(['a/1.jpg', 'b/3.jpg', 'b/4.jpg']);
    const rest = await fovea(['warm', '-', ...small, '--json', '--start-after', 'a/1.jpg'], { stdin: stdin() });
    expect(keysOf(rest.json.slice(0, -1))).toEqual(['b/3.jpg']);
  });

  test('reads stdin no faster than it works', async () => {
    const { fovea, renderer } = await warming();
    const release = renderer.hold();
    let asked = 0;
    async function* stdin() {
      for (const key of Array.from({ length: 500 }, (_, index) => keys[index % keys.length])) {
        asked += 1;
        if (asked === 20) release();
        yield `${key}\n`;
      }
    }
    const stopping = new AbortController();
    const running = fovea(['warm', '-', ...small], { stdin: stdin(), signal: stopping.signal });
    while (renderer.renders.length === 0) await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(asked).toBeLessThan(10);
    release();
    expect((await running).code).toBe(0);
    expect(asked).toBe(500);
  });

  test('goes past an original that fails, names it, and ends with its exit code', async () => {
    const { fovea } = await warming();
    const { code, json, stderr } = await fovea(['warm', 'gone.jpg', 'a/1.jpg', ...small, '--json']);
    expect(code).toBe(4);
    expect(json[0]).toMatchObject({ key: 'gone.jpg', error: { kind: 'not_found' } });
    expect(json.at(-1)).toMatchObject({ originals: 1, failed: 1 });
    expect(stderr).toContain('gone.jpg: There is no such original.');
  });

  test('stops when one after the other fails for what lies outside of them', async () => {
    const renderer = createFakeRenderer();
    const { fovea, originals } = await warming({ renderer });
    const many = Array.from({ length: 40 }, (_, index) => `many/${String(index).padStart(2, '0')}.jpg`);
    await putAll(originals, many);
    renderer.failWith(new Failure('overloaded', 'too much'));
    const { code, json } = await fovea(['warm', '--prefix', 'many/', ...small, '--json']);
    expect(code).toBe(6);
    expect(json.length).toBeLessThan(20);
  });

  test('says after which key to go on when it is interrupted, and ends with 130', async () => {
    const stopping = new AbortController();
    const { fovea, variants } = await warming();
    async function* stdin() {
      yield 'a/1.jpg\na/2.jpg\n';
      while (variants && (await keysIn(variants)).length < 2) await new Promise((resolve) => setImmediate(resolve));
      yield 'b/3.jpg\nb/4.jpg\n';
      stopping.abort();
      yield 'gone.jpg\n';
    }
    const { code, stderr, json } = await fovea(['warm', '-', ...small, '--json'], {
      stdin: stdin(),
      signal: stopping.signal,
    });
    expect(code).toBe(130);
    const resume = /--start-after "(.*)"/.exec(stderr)?.[1];
    const finished = json.filter((record) => typeof record === 'object' && record !== null && 'rendered' in record);
    expect(json.at(-1)).toEqual({ resumeAfter: resume });
    // What comes after it, and is finished all the same, is only done once more.
    const upToResume = keys.slice(0, keys.indexOf(resume ?? '') + 1);
    expect(upToResume.length).toBeGreaterThan(1);
    expect(keysOf(finished)).toEqual(expect.arrayContaining(upToResume));
  });

  test('ends with 6 when what it made could not be stored', async () => {
    const variants = createFaultyStore(createMemoryStore());
    variants.fail('put', { kind: 'upstream' });
    const { fovea } = await warming({ variants });
    const { code, stderr } = await fovea(['warm', 'a/1.jpg', ...small]);
    expect(code).toBe(6);
    expect(stderr).toContain('may be stored');
  });

  test.each([
    ['no keys', ['warm', ...small], 'Nothing is named'],
    ['no transformation', ['warm', 'a/1.jpg'], 'Nothing to make'],
    ['a transformation that is none', ['warm', 'a/1.jpg', '--transform', 'w_many'], 'w_many'],
    ['what is no transformation', ['warm', 'a/1.jpg', '--transform', 'w400'], 'did you mean w_400?'],
    ['an unknown preset', ['warm', 'a/1.jpg', '--preset', 'nosuch'], 'nosuch'],
    ['keys and a prefix', ['warm', 'a/1.jpg', '--all', ...small], 'together'],
    ['a key to start after that never comes', ['warm', 'a/1.jpg', '--start-after', 'z', ...small], 'not in the list'],
  ])('refuses %s with exit code 2, before anything is rendered', async (_, words, message) => {
    const { fovea, renderer } = await warming();
    const { code, stderr } = await fovea(words);
    expect([code, renderer.renders]).toEqual([2, []]);
    expect(stderr).toContain(message);
  });

  test('refuses to make what nothing keeps', async () => {
    const { fovea } = await warming({ variants: undefined });
    expect((await fovea(['warm', 'a/1.jpg', ...small])).code).toBe(2);
  });

  test('draws a bar on a terminal only', async () => {
    const { fovea } = await warming();
    const shown = await fovea(['warm', ...keys, ...small], { isTerminal: true });
    expect(shown.stderr).toContain('warming');
    expect(shown.stdout).toBe('4 original(s): 4 variant(s) made, 0 were there\n');
    expect((await fovea(['warm', ...keys, ...small])).stderr).toBe('');
  });
});
