import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import packageJson from '../../package.json' with { type: 'json' };

const root = fileURLToPath(new URL('../..', import.meta.url));
const variable = 'BUILT_PROGRAM';

/**
 * Builds the program as `npm run build` does, from that script's own words, in a folder of this run's own: vitest calls
 * it once, before any test, as a `globalSetup`. Returns what takes the folder away again.
 */
export async function setup(): Promise<() => Promise<void>> {
  const words = packageJson.scripts.build.split(' ').slice(1);
  const entryPoints = words
    .filter((word) => /^[\w-]+=src\//.test(word))
    .map((word) => {
      const [out = '', file = ''] = word.split('=');
      return { out, in: file };
    });
  // Inside the project, so that packages resolve from it.
  const outdir = join(root, 'node_modules', '.cache', `fovea-test-${process.pid}`);
  await build({
    entryPoints,
    outdir,
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  });
  process.env[variable] = outdir;
  return () => rm(outdir, { recursive: true, force: true });
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
  return folder;
}
