import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import type { TestProject } from 'vitest/node';
import packageJson from '../../package.json' with { type: 'json' };

const root = fileURLToPath(new URL('../..', import.meta.url));
const variable = 'BUILT_PROGRAM';

/** How `npm run build` builds the program, from that script's own words, but into that folder. */
export function buildOptions(outdir: string, script: string = packageJson.scripts['build:program']): BuildOptions {
  return optionsOf(script, outdir);
}

/** The same for the page of the playground: what runs in browsers, and how it looks. */
export function playgroundOptions(outdir: string): BuildOptions {
  const { entryPoints = [], absWorkingDir = root } = optionsOf(packageJson.scripts['build:playground'], outdir);
  const given = { entryPoints, absWorkingDir, logLevel: 'warning' } as const;
  const page = { bundle: true, minify: true, target: 'es2022', format: 'esm', jsx: 'automatic' } as const;
  return { ...given, outdir, ...page, jsxImportSource: 'preact' };
}

function optionsOf(script: string, outdir: string): BuildOptions {
  const words = script.split(' ').slice(1);
  const entryPoints = words
    .filter((word) => /^[\w-]+=(?:src|playground)\//.test(word))
    .map((word) => {
      const [out = '', file = ''] = word.split('=');
      return { out, in: file };
    });
  const copied = words.flatMap((word) => /^--loader:(\.\w+)=copy$/.exec(word)?.[1] ?? []);
  return {
    entryPoints,
    loader: Object.fromEntries(copied.map((extension) => [extension, 'copy' as const])),
    outdir,
    absWorkingDir: root,
    bundle: true,
    splitting: words.includes('--splitting'),
    platform: 'node',
    target: 'node20',
    format: 'esm',
    // As the script of the last release has it.
    ...(words.includes('--packages=external') && { packages: 'external' }),
    external: valuesOf(words, '--external:'),
    banner: { js: valuesOf(words, '--banner:js=').join('') },
    logLevel: 'warning',
  };
}

/** What follows these words, without the shell's quotes. */
function valuesOf(words: readonly string[], word: string): string[] {
  const values = words.filter((one) => one.startsWith(word)).map((one) => one.slice(word.length));
  return values.map((value) => value.replace(/^"(.*)"$/, '$1'));
}

/** A folder for a build of this process's own: inside the project, so that packages resolve from it. */
export function buildFolder(purpose: string): string {
  return join(root, 'node_modules', '.cache', `fovea-${purpose}-${process.pid}`);
}

/**
 * Builds the program in a folder of this run's own: vitest calls it once, before any test, as a `globalSetup`. In watch
 * mode it is built anew before tests run again. Returns what takes the folder away again.
 */
export async function setup(project?: Pick<TestProject, 'onTestsRerun'>): Promise<() => Promise<void>> {
  const outdir = buildFolder('test');
  await buildAll(outdir);
  project?.onTestsRerun(async () => {
    // Thrown here it would end the watch. Without a program the tests that want one fail, and say so.
    await buildAll(outdir).catch(() => rm(outdir, { recursive: true, force: true }));
  });
  process.env[variable] = outdir;
  return () => rm(outdir, { recursive: true, force: true });
}

async function buildAll(outdir: string): Promise<void> {
  const builds = [build(buildOptions(outdir)), build(playgroundOptions(outdir))];
  // Each has ended before one of them is said to have failed: what is taken away then stays away.
  const failed = (await Promise.allSettled(builds)).find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** The same where no test run has done it: for scripts. */
export async function ensureBuilt(): Promise<() => Promise<void>> {
  return process.env[variable] === undefined ? setup() : async () => undefined;
}

/** What node is given to start a built server as `npm start` does, from that script's own words. */
export function serverWords(folder: string): readonly string[] {
  return [...packageJson.scripts.start.split(' ').slice(1, -1), join(folder, 'server.js')];
}

/** The folder of the program that this run has built. */
export function builtProgram(): string {
  const folder = process.env[variable];
  if (folder === undefined) throw new Error(`${variable} is not set: add test/support/program.ts to globalSetup.`);
  if (!existsSync(folder)) throw new Error('The program could not be built: esbuild has said why.');
  return folder;
}
