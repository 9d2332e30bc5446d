import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('the table of readers names every test of this folder, and no other', () => {
  const table = readFileSync(new URL('README.md', import.meta.url), 'utf8');
  const named = new Set([...table.matchAll(/`([\w-]+\.test\.ts)` \|$/gm)].map(([, file]) => file));
  const there = readdirSync(new URL('.', import.meta.url)).filter(
    (file) => file.endsWith('.test.ts') && file !== 'table.test.ts',
  );
  expect([...named].sort()).toEqual(there.sort());
});
