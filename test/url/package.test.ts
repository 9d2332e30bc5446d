import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import rootPackage from '../../package.json' with { type: 'json' };
import urlPackage from '../../packages/url/package.json' with { type: 'json' };
import { allBlocks, codeBlocks, pathOf } from '../readme/pages.ts';

const run = promisify(execFile);
const compiler = pathOf('node_modules/.bin/tsc');
/** Somebody's project, which has both packages: that of the URLs alone, and the server's. */
let project: string;
const installed = (name: string) => join(project, 'node_modules', name);

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'fovea-package-'));
  await run(process.execPath, [pathOf('packages/url/build.mjs'), join(installed('@fovea/url'), 'dist')]);
  for (const file of ['package.json', 'README.md', 'LICENSE']) {
    await cp(pathOf(`packages/url/${file}`), join(installed('@fovea/url'), file));
  }
  await mkdir(join(installed('fovea'), 'dist'), { recursive: true });
  await cp(pathOf('package.json'), join(installed('fovea'), 'package.json'));
  await cp(join(installed('@fovea/url'), 'dist'), join(installed('fovea'), 'dist/url'), { recursive: true });
  await symlink(pathOf('node_modules/@types'), installed('@types'));
  await writeFile(join(project, 'package.json'), '{"type":"module"}');
});
afterAll(() => rm(project, { recursive: true, force: true }));

/** Compiles files as somebody's project would; what the compiler says, a line each. */
async function check(files: Readonly<Record<string, string>>, ...modules: readonly string[]): Promise<string[]> {
  for (const [name, code] of Object.entries(files)) await writeFile(join(project, name), code);
  const how = ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node', '--module', ...modules];
  const said = await run(compiler, [...how, ...Object.keys(files)], { cwd: project }).then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );
  return said.split('\n').filter((line) => line !== '');
}

const packages = ['@fovea/url', 'fovea/url'];

describe.each(packages)('%s in another project', (name) => {
  it.each([
    ['ESM', 'esm.mjs', `import * as url from '${name}'; import * as sign from '${name}/sign';`],
    ['CommonJS', 'common.cjs', `const url = require('${name}'); const sign = require('${name}/sign');`],
  ])('is a module of %s', async (_kind, file, imports) => {
    const use = `console.log(url.url('a.jpg', { width: 300, sign: sign.createSigner({ secret: '${'x'.repeat(32)}' }) }))`;
    await writeFile(join(project, file), `${imports}\n${use}\n`);
    const { stdout } = await run(process.execPath, [file], { cwd: project });
    expect(stdout).toMatch(/^\/s--[\w-]{32}--\/w_300\/a\.jpg\n$/);
  });
});

describe('the types of both', () => {
  const uses = (name: string) => `
    import { createNextLoader, picture, srcset, type Step, url, type UrlOptions } from '${name}';
    import { createSigner } from '${name}/sign';
    const step: Step = { crop: 'limit', width: 300, gravity: 'auto', opacity: 50, quality: 'auto:eco' };
    const options: UrlOptions = { ...step, sign: createSigner({ secret: '' }) };
    export const all: readonly string[] = [url('a.jpg', options), srcset('a.jpg'), picture('a.jpg').img.src];
    export const loader: (asked: { src: string; width: number }) => string = createNextLoader();`;
  const filesEnding = (...ends: readonly string[]) =>
    Object.fromEntries(packages.flatMap((name, at) => ends.map((end) => [`uses-${at}${end}`, uses(name)])));

  it('are found from ES modules and from CommonJS, and take the code of the pages', async () => {
    const page = await readFile(pathOf('packages/url/README.md'), 'utf8');
    const blocks = [...allBlocks('js').map(({ code }) => code), ...codeBlocks(page, 'js')];
    const ours = blocks.filter((code) => /from '(@fovea|fovea)\/url/.test(code));
    expect(ours.length).toBeGreaterThanOrEqual(4);
    const shown = Object.fromEntries(ours.map((code, at) => [`block-${at}.ts`, code]));
    expect(await check({ ...filesEnding('.mts', '.cts'), ...shown }, 'nodenext')).toEqual([]);
  });

  it('are found by who bundles, and tell of a name and of a value that do not exist', async () => {
    const wrong = "import { url } from '@fovea/url';\nurl('a.jpg', { widht: 3 });\nurl('a.jpg', { crop: 'nosuch' });\n";
    const said = await check({ ...filesEnding('.ts'), 'wrong.ts': wrong }, 'esnext', '--moduleResolution', 'bundler');
    const faults = said.filter((line) => line.includes('error'));
    expect(faults).toEqual([
      expect.stringMatching(/^wrong\.ts\(2,.*'widht' does not exist/),
      expect.stringMatching(/^wrong\.ts\(3,/),
    ]);
  });
});

describe('@fovea/url', () => {
  it('is small, and asks for nothing: what signs is apart', async () => {
    const page = await readFile(join(installed('@fovea/url'), 'dist/url.js'), 'utf8');
    expect(gzipSync(page).byteLength).toBeLessThan(3000);
    expect(page).not.toMatch(/\bimport\b|\brequire\b|node:/);
    expect(urlPackage).not.toHaveProperty('dependencies');
  });

  it('packs modules, types, its page and the licence, and nothing else', async () => {
    const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: installed('@fovea/url'),
    });
    const [{ files }]: [{ files: readonly { readonly path: string }[] }] = JSON.parse(stdout);
    const others = files.map(({ path }) => path).filter((path) => !/^dist\/[\w/-]+\.(js|d\.ts)$/.test(path));
    expect(others.sort()).toEqual(['LICENSE', 'README.md', 'dist/cjs/package.json', 'package.json']);
    expect(urlPackage.scripts.prepack).toBe('node build.mjs');
  });

  it('is of the same version and licence as the program', async () => {
    const [ours, theirs] = [urlPackage, rootPackage].map(({ version, license }) => ({ version, license }));
    expect(ours).toEqual(theirs);
    expect(await readFile(pathOf('packages/url/LICENSE'), 'utf8')).toBe(await readFile(pathOf('LICENSE'), 'utf8'));
  });

  it('is what the program has as fovea/url, built and packed with it', () => {
    const { build, 'build:url': buildUrl, prepack } = rootPackage.scripts;
    expect(build.split(' && ')).toContain('npm run --silent build:url');
    expect(buildUrl).toBe('node packages/url/build.mjs dist/url');
    expect(prepack).toBe('node tools/build-anew.mjs');
    const theirs = JSON.stringify(rootPackage.exports).replaceAll('./dist/url/', './dist/').replaceAll('"./url', '".');
    expect(JSON.parse(theirs)).toEqual(urlPackage.exports);
  });
});
