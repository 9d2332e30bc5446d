import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createPlainFile } from '../../src/storage/index.ts';

test('of writes at the same time the last counts, none fails, and nothing lies beside it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-plain-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = createPlainFile(join(folder, 'journal.json'));
  const texts = Array.from({ length: 40 }, (_, at) => `${at} `.repeat(1000 - at));
  await Promise.all(texts.map((text) => file.write(text)));
  expect(await file.read(1024 * 1024)).toBe(texts.at(-1));
  expect(await readdir(folder)).toEqual(['journal.json']);
});
