import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isInstalled } from './is-installed.mjs';

// Before `npm start`: builds where there is what builds it. NODE_ENV=production makes npm leave that out; then what was built
// is started, and where nothing was, as after `NODE_ENV=production npm ci`, it is installed first.

function installWhatBuilds() {
  process.stderr.write('fovea is not built yet: npm ci --include=dev, for what builds it\n');
  const words = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  return spawnSync('npm', words, { stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' })
    .status;
}

if (isInstalled('esbuild/package.json')) {
  await import('./build-anew.mjs');
} else if (!existsSync('dist/server.js') && installWhatBuilds() !== 0) {
  process.stderr.write('fovea is not built, and npm could not install what builds it: run npm ci --include=dev\n');
  process.exitCode = 1;
} else if (!existsSync('dist/server.js')) {
  await import('./build-anew.mjs');
}
