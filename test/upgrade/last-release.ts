import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { buildFolder, buildOptions } from '../support/program.ts';

/**
 * What this program has to get on with: the tag of the last release, once there is one. Until then a commit of the day on
 * which processes learned to keep pixels, from before they did.
 */
export const lastRelease = '108dc15ef1e1f13065f56092ae50a2e74b7481b0';

const root = fileURLToPath(new URL('../..', import.meta.url));
const variable = 'LAST_RELEASE_PROGRAM';

function git(...words: readonly string[]) {
  return spawnSync('git', words, { cwd: root, maxBuffer: 256 * 1024 ** 2 });
}

/** Builds the last release as it was, on the packages that are installed now; vitest calls it before any test. */
export async function setup(): Promise<() => Promise<void>> {
  if (git('cat-file', '-e', `${lastRelease}^{commit}`).status !== 0) {
    throw new Error(
      `This clone has no commit ${lastRelease}: git fetch --unshallow (or --depth=1 origin ${lastRelease}).`,
    );
  }
  const folder = buildFolder('last-release');
  const remove = () => rm(folder, { recursive: true, force: true });
  await remove();
  mkdirSync(folder, { recursive: true });
  const archive = git('archive', '--format=tar', lastRelease, 'src', 'package.json', 'tsconfig.json');
  const unpacked = spawnSync('tar', ['-x', '-C', folder], { input: archive.stdout });
  if (archive.status !== 0 || unpacked.status !== 0)
    throw new Error(`git archive: ${archive.stderr}${unpacked.stderr}`);
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const program = join(folder, 'dist');
  await build({ ...buildOptions(program, scripts['build:program'] ?? scripts.build), absWorkingDir: folder });
  process.env[variable] = program;
  return remove;
}

/** The folder of the last release's program. */
export function lastReleaseProgram(): string {
  const folder = process.env[variable];
  if (folder === undefined) throw new Error(`${variable} is not set: add test/upgrade/last-release.ts to globalSetup.`);
  return folder;
}
