import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { environmentVariables } from '../../src/config/index.ts';

// No container engine runs where these tests do: what can be checked is that the file fits what is beside it.
const compose = new URL('../../infra/local/compose.yaml', import.meta.url);
const text = readFileSync(compose, 'utf8');

it('the compose file sets variables that the server knows, with values that it takes', () => {
  const settings = [...text.matchAll(/^ {6}(FOVEA_[A-Z0-9_]+): (.+)$/gm)].map(
    ([, name = '', value = '']) => [name, value] as const,
  );
  expect(settings.length).toBeGreaterThan(4);
  const known = new Map(Object.entries(environmentVariables));
  for (const [name, value] of settings) {
    const result = known.get(name)?.schema.safeParse(value);
    expect(result?.success, `${name}=${value}`).toBe(true);
  }
});

it('the compose file mounts files that are there', () => {
  const mounts = [...text.matchAll(/^ {6}- (\.[^:]*):\//gm)].map(([, path = '']) => path);
  expect(mounts.length).toBeGreaterThan(2);
  for (const path of mounts) expect(existsSync(new URL(path, compose)), path).toBe(true);
});
