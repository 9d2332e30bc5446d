import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type CommandLineParts, createCommandLine, putAll } from '../support/command-line.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { createPausingStore } from '../support/pausing-store.ts';
import { keysIn } from '../support/uploads.ts';

const keys = ['cats/ginger.jpg', 'cats/tom.jpg', 'dogs/rex.jpg'];

async function warmed(parts: CommandLineParts = {}) {
  const command = createCommandLine(parts);
  await putAll(command.originals, keys);
  await command.fovea(['warm', '--all', '--transform', 'w_40', '--transform', 'w_80']);
  const left = async () => {
    const variants = command.variants === undefined ? [] : await keysIn(command.variants);
    return [...new Set(variants.filter((key) => key.includes('/.fovea/')).map((key) => key.split('/.fovea/')[0]))];
  };
  return { ...command, left };
}

describe('fovea ls', () => {
  test('lists originals below a prefix, and nothing of what lies beside them', async () => {
    const { fovea, originals } = await warmed();
    await putAll(originals, ['.fovea-staging/batch/a.jpg', 'cats/tom.jpg/.fovea/w_1']);
    const { code, json, stderr } = await fovea(['ls', '--json']);
    expect([code, json]).toMatchObject([0, keys.map((key) => ({ key, bytes: expect.any(Number) }))]);
    expect(stderr).toContain('3 original(s)');
    const { stdout } = await fovea(['ls', 'cats/']);
    expect(stdout).toMatch(/^ +\d+ {2}\d{4}-\d\d-\d\dT[\d:.]+Z {2}cats\/ginger\.jpg\n.+cats\/tom\.jpg\n$/);
  });

  test('goes page by page', async () => {
    const { fovea } = await warmed();
    const page = async (...more: string[]) =>
      (await fovea(['ls', '--limit', '2', '--json', ...more])).json.map((line) => (line as { key: string }).key);
    expect(await page()).toEqual(keys.slice(0, 2));
    expect(await page('--start-after', keys[1] ?? '')).toEqual(keys.slice(2));
    expect((await fovea(['ls', 'a', 'b'])).code).toBe(2);
  });
});

describe('fovea rm', () => {
  test('tells what would go, and deletes nothing, without --yes', async () => {
    const { fovea, left, originals } = await warmed();
    const { code, stdout, stderr } = await fovea(['rm', 'cats/tom.jpg']);
    expect([code, stdout]).toEqual([0, 'cats/tom.jpg\n']);
    expect(stderr).toContain('Would delete 1 original(s) and 2 stored variant(s)');
    expect([await keysIn(originals), await left()]).toEqual([keys, keys]);
  });

  test('deletes originals and what was made of them, and of what is gone whatever is left', async () => {
    const { fovea, left, originals } = await warmed();
    await originals.delete(['dogs/rex.jpg']);
    const { code, json, stderr } = await fovea(['rm', '-', '--yes', '--json'], {
      stdin: 'cats/tom.jpg\ndogs/rex.jpg\n',
    });
    expect([code, json]).toEqual([
      0,
      [
        { key: 'cats/tom.jpg', dryRun: false, wasThere: true },
        { key: 'dogs/rex.jpg', dryRun: false, wasThere: false },
      ],
    ]);
    expect(stderr).toContain('1 original(s) and 4 stored variant(s) deleted; 1 not there');
    expect([await keysIn(originals), await left()]).toEqual([['cats/ginger.jpg'], ['cats/ginger.jpg']]);
  });

  test('deletes all below a prefix', async () => {
    const { fovea, left } = await warmed();
    expect((await fovea(['rm', '--prefix', 'cats/', '--yes'])).code).toBe(0);
    expect(await left()).toEqual(['dogs/rex.jpg']);
  });

  test.each([
    [[], 'Nothing is named'],
    [['.fovea-staging/batch/a.jpg'], 'reserved'],
    [['cats/tom.jpg/.fovea/w_1'], 'reserved'],
    [['cats/tom.jpg', 'secret/a.jpg'], '--protected'],
  ])('refuses %j, and deletes nothing', async (words, reason) => {
    const folder = await mkdtemp(join(tmpdir(), 'fovea-rm-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'fovea.json');
    await writeFile(file, JSON.stringify({ protected: { private: ['secret/'] } }));
    const { fovea, originals } = await warmed({ environment: { FOVEA_CONFIG: file } });
    const { code, stderr } = await fovea(['rm', ...words, '--yes']);
    expect([code, stderr]).toEqual([2, expect.stringContaining(reason)]);
    expect(await keysIn(originals)).toEqual(keys);
  });
});

describe('fovea mv', () => {
  test('takes an original with all that is said of it to another key, and leaves nothing behind', async () => {
    const { fovea, left, originals } = await warmed();
    await originals.put('cats/tom.jpg', Buffer.from('tom'), {
      contentType: 'image/jpeg',
      metadata: { focus: '0.3,0.2' },
    });
    const { code, json } = await fovea(['mv', 'cats/tom.jpg', 'old/tom.jpg', '--json']);
    expect([code, json]).toEqual([0, [{ from: 'cats/tom.jpg', to: 'old/tom.jpg' }]]);
    expect(await keysIn(originals)).toEqual(['cats/ginger.jpg', 'dogs/rex.jpg', 'old/tom.jpg']);
    const moved = await originals.head('old/tom.jpg');
    expect([moved?.size, moved?.contentType, moved?.metadata]).toEqual([3, 'image/jpeg', { focus: '0.3,0.2' }]);
    expect(await left()).toEqual(['cats/ginger.jpg', 'dogs/rex.jpg']);
  });

  test.each([
    [['cats/tom.jpg'], 2],
    [['cats/tom.jpg', 'cats/ginger.jpg'], 2],
    [['cats/tom.jpg', '.fovea-staging/a.jpg'], 2],
    [['nobody.jpg', 'old/nobody.jpg'], 4],
  ] as const)('refuses %j with exit code %i', async (words, expected) => {
    const { fovea, originals } = await warmed();
    expect((await fovea(['mv', ...words])).code).toBe(expected);
    expect(await keysIn(originals)).toEqual(keys);
  });

  test('moves a folder, a line for each, and goes on behind what cannot be moved', async () => {
    const { fovea, originals, left } = await warmed();
    await putAll(originals, ['old/cats/tom.jpg']);
    const { code, json, stderr } = await fovea(['mv', '--prefix', 'cats/', 'old/cats/', '--json']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('cats/tom.jpg: The key is taken')]);
    expect(json).toEqual([
      { from: 'cats/ginger.jpg', to: 'old/cats/ginger.jpg' },
      { key: 'cats/tom.jpg', error: { kind: 'invalid', message: expect.any(String) } },
    ]);
    expect(await keysIn(originals)).toEqual([
      'cats/tom.jpg',
      'dogs/rex.jpg',
      'old/cats/ginger.jpg',
      'old/cats/tom.jpg',
    ]);
    expect(await left()).toEqual(['cats/tom.jpg', 'dogs/rex.jpg']);
    for (const to of ['cats/old/', 'c']) expect((await fovea(['mv', '--prefix', 'cats/', to])).code).toBe(2);
  });

  test('leaves what somebody else has written meanwhile', async () => {
    const originals = createPausingStore(createMemoryStore());
    const { fovea } = await warmed({ originals });
    const { reached, release } = originals.pauseNext('put');
    const moving = fovea(['mv', 'cats/tom.jpg', 'old/tom.jpg']);
    await reached;
    await originals.put('cats/tom.jpg', Buffer.from('another'));
    release();
    const { code, stderr } = await moving;
    expect([code, stderr]).toEqual([6, expect.stringContaining('somebody else')]);
    expect((await originals.head('cats/tom.jpg'))?.size).toBe(7);
  });
});
