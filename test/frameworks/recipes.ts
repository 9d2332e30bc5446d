import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'vite';
import { pathOf, readPage } from '../readme/pages.ts';
import type { App } from './apps.ts';

const run = promisify(execFile);

/** The recipes there are, by name. */
export const recipeNames: readonly string[] = readdirSync(pathOf('docs/recipes'))
  .map((name) => name.replace(/\.md$/, ''))
  .sort();

/** The files that a recipe shows, each under the line that names it, with this server in place of the example's. */
export function filesOf(recipe: string, server: string): Readonly<Record<string, string>> {
  const shown = readPage(`docs/recipes/${recipe}.md`).matchAll(/^`([^`\n]+)`:\n\n```\w+\n([\s\S]*?)^```$/gm);
  return Object.fromEntries(
    [...shown].map(([, path = '', text = '']) => [path, text.replaceAll('https://img.example.com', server)]),
  );
}

async function write(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** Packs `@fovea/url` as whoever publishes it would; the tarball. */
export async function packUrl(folder: string): Promise<string> {
  const { stdout } = await run('npm', ['pack', '--json', '--workspace', '@fovea/url', '--pack-destination', folder], {
    cwd: pathOf('.'),
  });
  const [{ filename }]: [{ filename: string }] = JSON.parse(stdout.slice(stdout.indexOf('[')));
  return join(folder, filename);
}

/** Some frameworks ask for more than the oldest Node that fovea runs on: `npm ci --prefix .ci/nodes` has a newer one. */
const newer = pathOf('.ci/nodes/node_modules/n24/bin');

/** Makes a project of a recipe, installs what it asks for, and builds it as its framework does; the built site. */
export async function buildSite(recipe: string, app: App, folder: string, given: { tarball: string; server: string }) {
  const dependencies = { ...app.packages, '@fovea/url': `file:${given.tarball}` };
  const packageFile = { name: `recipe-${recipe}`, private: true, type: 'module', dependencies };
  await write(folder, { 'package.json': JSON.stringify(packageFile), ...app.files, ...filesOf(recipe, given.server) });
  const path = [join(folder, 'node_modules/.bin'), ...(existsSync(newer) ? [newer] : []), process.env['PATH']].join(
    ':',
  );
  const { NODE_ENV: _, VITEST: __, ...inherited } = process.env;
  const env = {
    ...inherited,
    PATH: path,
    CI: '1',
    NEXT_TELEMETRY_DISABLED: '1',
    NUXT_TELEMETRY_DISABLED: '1',
    ASTRO_TELEMETRY_DISABLED: '1',
  };
  const options = { cwd: folder, env, maxBuffer: 64 * 1024 ** 2 };
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], options);
  await run('sh', ['-c', app.build], options).catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`${app.build}: ${error.stdout.slice(-4000)}${error.stderr.slice(-4000)}`);
  });
  return join(folder, app.output);
}

/** Builds the package into a folder, as it is packed. */
async function buildUrl(folder: string): Promise<void> {
  await run(process.execPath, [pathOf('packages/url/build.mjs'), folder]);
}

/** The recipe that nothing builds: its page, and the module of the package beside it. */
export async function plainSite(folder: string, server: string): Promise<string> {
  await write(folder, filesOf('plain', server));
  await buildUrl(join(folder, 'dist'));
  await cp(join(folder, 'dist/url.js'), join(folder, 'fovea-url.js'));
  return folder;
}

/** The recipe for Vite without an installation: with the Vite that tests run by, and the package in its place. */
export async function viteSite(folder: string, server: string): Promise<string> {
  await write(folder, filesOf('vite', server));
  const installed = join(folder, 'node_modules/@fovea/url');
  await buildUrl(join(installed, 'dist'));
  await cp(pathOf('packages/url/package.json'), join(installed, 'package.json'));
  const output = join(folder, 'built');
  await build({ root: folder, configFile: false, logLevel: 'error', build: { outDir: output } });
  return output;
}
