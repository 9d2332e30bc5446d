import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pathOf } from '../readme/readme.ts';

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
  it('ends in one line that says what to run', () => {
    const { status, stderr } = npmStart();
    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(/esbuild.*npm ci --include=dev$/)]);
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
