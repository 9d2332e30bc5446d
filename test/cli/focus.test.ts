import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { focusIn } from '../../src/grammar/index.ts';
import { createCommandLine } from '../support/command-line.ts';
import { picture } from '../support/uploads.ts';

const jpeg = await picture('jpeg');

async function withOriginal() {
  const line = createCommandLine();
  await line.originals.put('tom.jpg', jpeg, { contentType: 'image/jpeg', metadata: { other: 'kept' } });
  const focus = async () => focusIn((await line.originals.head('tom.jpg'))?.metadata ?? {});
  return { ...line, focus };
}

describe('fovea focus', () => {
  test('keeps a focal point with an original, and leaves the rest of it alone', async () => {
    const { fovea, originals, focus } = await withOriginal();
    const { code } = await fovea(['focus', 'tom.jpg', '0.3,0.25']);
    expect([code, await focus()]).toEqual([0, { x: 0.3, y: 0.25 }]);
    const info = await originals.head('tom.jpg');
    expect([info?.size, info?.contentType, info?.metadata['other']]).toEqual([jpeg.byteLength, 'image/jpeg', 'kept']);
  });

  test('forgets it again', async () => {
    const { fovea, focus } = await withOriginal();
    await fovea(['focus', 'tom.jpg', '0.3,0.25']);
    expect((await fovea(['focus', 'tom.jpg', '--clear'])).code).toBe(0);
    expect(await focus()).toBeUndefined();
  });

  test.each([
    [['tom.jpg'], 2],
    [['tom.jpg', '3,4'], 2],
    [['tom.jpg', 'left'], 2],
    [['tom.jpg', '0.3,0.25', '--clear'], 2],
    [['nobody.jpg', '0.3,0.25'], 4],
  ] as const)('refuses %j with exit code %i', async (words, expected) => {
    const { fovea, focus } = await withOriginal();
    expect((await fovea(['focus', ...words])).code).toBe(expected);
    expect(await focus()).toBeUndefined();
  });

  test('comes with an upload', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'fovea-focus-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'tom.jpg'), jpeg);
    const { fovea, originals } = createCommandLine();
    expect((await fovea(['upload', join(folder, 'tom.jpg'), '--key', 'tom.jpg', '--focal', '0.5,0.1'])).code).toBe(0);
    expect(focusIn((await originals.head('tom.jpg'))?.metadata ?? {})).toEqual({ x: 0.5, y: 0.1 });
  });
});

describe('fovea alt', () => {
  test('keeps words with an original, beside what else is kept with it, and forgets them', async () => {
    const { fovea, originals, focus } = await withOriginal();
    await fovea(['focus', 'tom.jpg', '0.3,0.25']);
    const { code, json } = await fovea(['alt', 'tom.jpg', 'A tabby cat', '--json']);
    expect([code, json]).toEqual([0, [{ key: 'tom.jpg', alt: 'A tabby cat' }]]);
    expect((await originals.head('tom.jpg'))?.metadata).toEqual({
      other: 'kept',
      focal: '0.3,0.25',
      alt: 'A tabby cat',
    });
    expect((await fovea(['alt', 'tom.jpg', '--clear'])).code).toBe(0);
    expect([(await originals.head('tom.jpg'))?.metadata['alt'], await focus()]).toEqual([
      undefined,
      { x: 0.3, y: 0.25 },
    ]);
  });

  test.each([
    [['tom.jpg'], 2],
    [['tom.jpg', ' '], 2],
    [['tom.jpg', 'A', 'cat'], 2],
    [['nobody.jpg', 'A cat'], 4],
  ] as const)('refuses %j with exit code %i', async (words, expected) => {
    expect((await (await withOriginal()).fovea(['alt', ...words])).code).toBe(expected);
  });
});
