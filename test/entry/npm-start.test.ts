import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pathOf } from '../readme/pages.ts';

/** What `npm start` says in a checkout where nothing was installed that only builds. */
function npmStart(built?: string) {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-checkout-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(pathOf('package.json'), join(folder, 'package.json'));
  cpSync(pathOf('tools'), join(folder, 'tools'), { recursive: true });
  mkdirSync(join(folder, 'dist'));
  if (built !== undefined) writeFileSync(join(folder, 'dist', 'server.js'), built);
  const env = { PATH: process.env['PATH'], NODE_ENV: 'production', npm_config_update_notifier: 'false' };
  return spawnSync('npm', ['start'], { cwd: folder, env, encoding: 'utf8' });
}

describe('npm start without what builds', () => {
  it('installs that, and says what to run where it cannot', () => {
    // Without a lock file there is nothing to install.
    const { status, stderr } = npmStart();
    expect(status).toBe(1);
    const lines = stderr.trim().split('\n');
    expect(lines.at(0)).toMatch(/not built yet: npm ci --include=dev/);
    expect(lines.at(-1)).toMatch(/could not install.*: run npm ci --include=dev$/);
  });

  it('starts what is built already', () => {
    const { status, stdout } = npmStart("console.log('serving');");
    expect([status, stdout]).toEqual([0, expect.stringContaining('serving')]);
  });

  it('is how the script is called before it', () => {
    const { scripts } = JSON.parse(readFileSync(pathOf('package.json'), 'utf8')) as { scripts: Record<string, string> };
    expect(scripts['prestart']).toBe('node tools/build-first.mjs');
  });
});

/** What lies in `dist` after a build before `npm pack`, whose script is that, where an earlier one has left `old.js`. */
function builtAnew(build: string) {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-build-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [dist, types] = [join(folder, 'dist'), join(folder, 'dist', 'types')];
  mkdirSync(types, { recursive: true });
  for (const path of [join(dist, 'old.js'), join(dist, 'server.js'), join(types, 'old.d.ts')]) {
    writeFileSync(path, 'old');
    utimesSync(path, 1, 1);
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { build } }));
  const { status } = spawnSync(process.execPath, [pathOf('tools/build-anew.mjs')], { cwd: folder });
  return { status, dist: readdirSync(dist), types: readdirSync(types) };
}

describe('a build before it is packed or started', () => {
  it('takes away what earlier ones have left, and nothing that it has made', () => {
    const write = `node -e "fs.writeFileSync('dist/server.js', 'new')"`;
    expect(builtAnew(write)).toEqual({ status: 0, dist: ['server.js', 'types'], types: [] });
  });

  it('leaves all as it was when it fails', () => {
    expect(builtAnew('node -e "process.exit(3)"')).toEqual({
      ...{ status: 3, dist: ['old.js', 'server.js', 'types'], types: ['old.d.ts'] },
    });
  });
});

/** What is in `dist` after `npm run prepare`, as npm calls it after an installation, in a folder with these of our own. */
function prepared(given: {
  readonly folders: readonly string[];
  readonly installed: readonly string[];
  built?: string;
}) {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-prepare-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { scripts } = JSON.parse(readFileSync(pathOf('package.json'), 'utf8')) as { scripts: Record<string, string> };
  const build = `node -e "fs.writeFileSync('dist/server.js', 'new')"`;
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts: { prepare: scripts['prepare'], build } }));
  for (const name of given.folders) cpSync(pathOf(name), join(folder, name), { recursive: true });
  for (const name of given.installed) {
    mkdirSync(join(folder, 'node_modules', name), { recursive: true });
    writeFileSync(join(folder, 'node_modules', name, 'package.json'), '{}');
  }
  if (given.built !== undefined) {
    mkdirSync(join(folder, 'dist'));
    writeFileSync(join(folder, 'dist/server.js'), given.built);
  }
  const { status } = spawnSync('npm', ['run', 'prepare'], { cwd: folder });
  const server = join(folder, 'dist/server.js');
  return { status, server: existsSync(server) ? readFileSync(server, 'utf8') : undefined };
}

describe('an installation', () => {
  const folders = ['tools', 'src/url'];
  const installed = ['esbuild', 'typescript'];

  it('builds what was never built, as for a project that has this one from git', () => {
    expect(prepared({ folders, installed })).toEqual({ status: 0, server: 'new' });
  });

  it.each([
    ['is built already', { folders, installed, built: 'old' }, 'old'],
    ['has nothing that builds', { folders, installed: [] }, undefined],
    ['is an image, without the source', { folders: [], installed }, undefined],
  ])('leaves alone what %s', (_what, given, server) => {
    expect(prepared(given)).toEqual({ status: 0, server });
  });
});
