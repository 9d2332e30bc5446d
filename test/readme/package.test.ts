import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { allBlocks, pathOf } from './pages.ts';

const run = promisify(execFile);
const compiler = pathOf('node_modules/.bin/tsc');
const doors = Object.values(packageJson.exports);
let project: string;

/** Compiles one file as somebody's project would that has installed the package; what the compiler says. */
async function check(name: string, code: string): Promise<string> {
  await writeFile(join(project, name), code);
  const how = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--types', 'node'];
  return run(compiler, [...how, name], { cwd: project }).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );
}

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'fovea-package-'));
  const installed = join(project, 'node_modules', 'fovea');
  await mkdir(installed, { recursive: true });
  await symlink(pathOf('node_modules/@types'), join(project, 'node_modules', '@types'));
  await writeFile(join(project, 'package.json'), '{"type":"module"}');
  await writeFile(join(installed, 'package.json'), JSON.stringify(packageJson));
  await run(compiler, ['-p', pathOf('src/url/tsconfig.json'), '--outDir', join(installed, 'dist', 'types')]);
});
afterAll(() => rm(project, { recursive: true, force: true }));

describe('fovea/url in another project', () => {
  it('comes with the types that the package names, made by every build and packed', () => {
    expect(
      doors.map(({ types }) => types).filter((types) => !existsSync(join(project, 'node_modules/fovea', types))),
    ).toEqual([]);
    const { build, prepack, 'build:types': buildTypes } = packageJson.scripts;
    expect(build.split(' && ')).toContain('npm run --silent build:types');
    expect(buildTypes).toBe('tsc -p src/url/tsconfig.json');
    expect(prepack).toBe('node tools/build-anew.mjs');
    expect(packageJson.files).toContain('dist');
  });

  it('takes the code of the pages', async () => {
    const blocks = allBlocks('js').filter(({ code }) => code.includes("from 'fovea/url'"));
    expect(blocks.length).toBeGreaterThanOrEqual(2);
    for (const [at, { code }] of blocks.entries()) expect(await check(`block-${at}.ts`, code)).toBe('');
  });

  it('tells of a name and of a value that do not exist', async () => {
    const said = await check(
      'wrong.ts',
      "import { url } from 'fovea/url';\nurl('a.jpg', { widht: 3 });\nurl('a.jpg', { crop: 'nosuch' });\n",
    );
    expect(said).toContain("'widht' does not exist");
    expect(said).toContain('wrong.ts(3,');
  });
});
