import { describe, expect, test } from 'vitest';
import type { Cdn } from '../../src/cdn/index.ts';
import { cacheTag } from '../../src/variants/index.ts';
import { type CommandLineParts, createCommandLine, putAll } from '../support/command-line.ts';
import { startProvider } from '../support/provider-stand-in.ts';
import { keysIn } from '../support/uploads.ts';

const keys = ['cats/ginger.jpg', 'cats/tom.jpg', 'dogs/rex.jpg'];

async function warmed(parts: CommandLineParts = {}) {
  const command = createCommandLine(parts);
  await putAll(command.originals, keys);
  await command.fovea(['warm', '--all', '--transform', 'w_40', '--transform', 'w_80']);
  const left = async () => {
    const variants = command.variants === undefined ? [] : await keysIn(command.variants);
    return [...new Set(variants.map((key) => key.slice(0, key.indexOf('/.fovea/'))))];
  };
  return { ...command, left };
}

describe('fovea purge', () => {
  test.each([
    ['a word', ['cats/tom.jpg']],
    ['--key', ['--key', 'cats/tom.jpg']],
    ['--tag', ['--tag', cacheTag('cats/tom.jpg')]],
    ['--url', ['--url', 'https://img.example/w_40,h_40/cats/tom.jpg']],
    ['a path', ['--url', '/cats/tom.jpg']],
  ])('forgets the variants of what %s names, and leaves the original', async (_, words) => {
    const { fovea, left, originals } = await warmed();
    const { code, json } = await fovea(['purge', ...words, '--json']);
    expect([code, json]).toEqual([0, [{ dryRun: false, originals: 1, variantsDeleted: 2, edge: 0 }]]);
    expect(await left()).toEqual(['cats/ginger.jpg', 'dogs/rex.jpg']);
    expect(await keysIn(originals)).toEqual(keys);
  });

  test('counts only, when that is asked for', async () => {
    const { fovea, left } = await warmed();
    const { stdout } = await fovea(['purge', '--prefix', 'cats/', '--dry-run']);
    expect(stdout).toBe('2 original(s): would delete 4 stored variant(s)\n');
    expect(await left()).toEqual(keys);
    expect((await fovea(['purge', '--prefix', 'cats/'])).stdout).toContain('deleted 4');
    expect(await left()).toEqual(['dogs/rex.jpg']);
  });

  test('reads a list of any length from stdin', async () => {
    const { fovea, left } = await warmed();
    const list = [...Array.from({ length: 2500 }, (_, index) => `gone/${index}.jpg`), ...keys.slice(1)];
    const { json } = await fovea(['purge', '-', '--json'], { stdin: list.join('\n') });
    expect(json).toEqual([{ dryRun: false, originals: 2, variantsDeleted: 4, edge: 0 }]);
    expect(await left()).toEqual(['cats/ginger.jpg']);
  });

  test('purges the CDN, and once more when every server must have noticed', async () => {
    const varnish = await startProvider(() => ({ status: 200, reason: 'purged 1' }));
    const environment = { FOVEA_CDN: `varnish:${varnish.url}`, FOVEA_ORIGINAL_TTL: '0' };
    const { fovea } = await warmed({ environment });
    const { json, stderr } = await fovea(['purge', 'cats/tom.jpg', '--json']);
    expect(json).toMatchObject([{ edge: 1 }]);
    expect(stderr).toContain('once more in 1 s');
    expect(varnish.requests.map(({ headers }) => headers['xkey'])).toEqual(Array(2).fill(cacheTag('cats/tom.jpg')));
    await fovea(['purge', 'cats/tom.jpg', '--no-wait']);
    expect(varnish.requests).toHaveLength(3);
  });

  test('ends with 2 when the CDN refuses, so that nobody thinks it is purged', async () => {
    const varnish = await startProvider(() => ({ status: 405 }));
    const { fovea } = await warmed({ environment: { FOVEA_CDN: `varnish:${varnish.url}` } });
    expect((await fovea(['purge', 'cats/tom.jpg'])).code).toBe(2);
  });

  test('ends its wait when it is interrupted, and says so by its exit code', async () => {
    const stopping = new AbortController();
    const cdn: Cdn = { isPresent: true, purgeTags: async () => [{ provider: 'varnish', id: '', status: 'ok' }] };
    const { fovea } = await warmed({ cdn });
    const running = fovea(['purge', 'cats/tom.jpg'], { signal: stopping.signal });
    stopping.abort();
    expect((await running).code).toBe(130);
  });

  test.each([
    ['nothing', []],
    ['an empty key', ['--key', '']],
    ['a tag that is none of ours', ['--tag', 'cats']],
    ['a URL that names nothing', ['--url', 'https://img.example/']],
  ])('refuses %s with exit code 2', async (_, words) => {
    const { fovea, left } = await warmed();
    expect((await fovea(['purge', ...words])).code).toBe(2);
    expect(await left()).toEqual(keys);
  });
});
