import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it, onTestFinished, vi } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { testsAbout } from '../support/importers.ts';
import { processGroup } from '../support/process-group.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A clone whose files may be changed; inside this one, so that packages resolve from it. */
async function makeClone(): Promise<string> {
  const clone = await mkdtemp(join(root, 'node_modules', '.cache', 'fovea-clone-'));
  onTestFinished(() => rm(clone, { recursive: true, force: true }));
  for (const path of ['src', 'playground', 'tools', 'package.json', 'test/support/program.ts'])
    await cp(join(root, path), join(clone, path), { recursive: true });
  return clone;
}

/** Starts `npm run dev` by that script's own words; the addresses that it serves on come one after the other. */
function startDev(clone: string) {
  const [loader = '', script = ''] = packageJson.scripts.dev.split(' ');
  const child = spawn(process.execPath, ['--import', loader, script], {
    cwd: clone,
    env: { PATH: process.env['PATH'], PORT: '0', FOVEA_RENDERERS: '1', FOVEA_MEMORY_MB: '16' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  onTestFinished(() => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  });
  const urls: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const url = /fovea serves .* on (http:\/\/[^\s,"]+)/.exec(line)?.[1];
    if (url !== undefined) urls.push(url);
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  return { child, urls, errors: () => errors };
}

async function titleOfRefusal(url: string | undefined): Promise<unknown> {
  const response = await fetch(`${url}/w_0/a.jpg`);
  return Reflect.get(Object(await response.json()), 'title');
}

it('npm run dev serves what the source has become, and leaves nothing behind at Ctrl-C', async () => {
  const clone = await makeClone();
  const { child, urls, errors } = startDev(clone);
  await vi.waitUntil(() => urls.length === 1, 30_000);
  expect(await titleOfRefusal(urls[0])).toBe('Bad request');

  const changed = join(clone, 'src/http/failures.ts');
  await writeFile(changed, (await readFile(changed, 'utf8')).replaceAll("'Bad request'", "'Changed'"));
  await vi.waitUntil(() => urls.length === 2, 30_000);
  expect(await titleOfRefusal(urls[1])).toBe('Changed');

  const family = processGroup(child.pid ?? 0).map(({ pid }) => pid);
  expect(family.length).toBeGreaterThan(3);
  // As a terminal does: to each process of the group.
  process.kill(-(child.pid ?? 0), 'SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
  await vi.waitUntil(() => family.every((pid) => !existsSync(`/proc/${pid}`)), 10_000);
  expect(await readdir(join(clone, 'node_modules', '.cache'))).toEqual([]);
  // There is no configuration file in the clone, and nothing is wrong with that.
  expect(errors()).toBe('');
});

it('a watch reruns the tests that import what has changed, and those that start the program', () => {
  const about = (path: string) => testsAbout(join(root, path), root).map((file) => file.slice(root.length));
  expect(about('src/turns.ts')).toEqual(expect.arrayContaining(['test/turns.test.ts', 'test/cli/program.test.ts']));
  expect(about('src/entry/cli.ts')).toContain('test/cli/program.test.ts');
  expect(about('src/entry/cli.ts')).not.toContain('test/turns.test.ts');
});

it('a watch builds the program anew before tests run again, and leaves none where the source does not build', async () => {
  const clone = await makeClone();
  // What it says to tests is ours to take back, before another file of this worker looks for its program.
  vi.stubEnv('BUILT_PROGRAM', process.env['BUILT_PROGRAM']);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { setup }: typeof import('../support/program.ts') = await import(join(clone, 'test/support/program.ts'));
  const reruns: (() => unknown)[] = [];
  onTestFinished(await setup({ onTestsRerun: (callback) => void reruns.push(() => callback([])) }));
  const folder = process.env['BUILT_PROGRAM'] ?? '';
  const rerun = () => Promise.all(reruns.map((callback) => callback()));
  const help = async () => (await promisify(execFile)(process.execPath, [join(folder, 'cli.js'), '--help'])).stdout;
  const changed = join(clone, 'src/cli/run.ts');
  const source = await readFile(changed, 'utf8');

  await writeFile(changed, source.replace("new Program('fovea')", "new Program('changed')"));
  expect(await help()).toMatch(/^Usage: fovea /);
  await rerun();
  expect(await help()).toMatch(/^Usage: changed /);
  await writeFile(changed, 'export const run = ;');
  await rerun();
  expect(existsSync(folder)).toBe(false);
  await writeFile(changed, source);
  await rerun();
  expect(await help()).toMatch(/^Usage: fovea /);
});
