import { afterAll, expect, it } from 'vitest';
import { createCommandLine } from '../support/command-line.ts';
import { from, quarters } from '../support/pictures.ts';
import { startRenderer } from '../support/renderer.ts';

const { renderer } = startRenderer();
afterAll(() => renderer.close());

it('writes a line for each original, keeps what it found, and tells of what is not there', async () => {
  const { fovea, originals, variants } = createCommandLine({ renderer });
  const picture = await from(quarters(64, 48)).png().toBuffer();
  for (const key of ['blog/a.png', 'blog/b.png', 'other.png']) await originals.put(key, picture);
  const told = await fovea(['describe', '--prefix', 'blog/']);
  expect(told.code).toBe(0);
  const lines = told.json as readonly { readonly key: string }[];
  expect(lines.map(({ key }) => key).toSorted()).toEqual(['blog/a.png', 'blog/b.png']);
  for (const line of lines) expect(line).toMatchObject({ width: 64, height: 48, palette: expect.any(Array) });
  const stored: string[] = [];
  for await (const { key } of variants?.list('blog/', {}) ?? []) stored.push(key);
  expect(stored.length).toBeGreaterThanOrEqual(2);
  expect((await fovea(['describe', 'none.png'])).code).toBe(4);
  expect((await fovea(['describe'])).code).toBe(2);
});
