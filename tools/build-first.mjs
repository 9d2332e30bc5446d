import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

// Before `npm start`: builds where there is what builds it. NODE_ENV=production makes npm leave that out.

const isInstalled = (name) => {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
};

if (isInstalled('esbuild/package.json')) {
  await import('./build-anew.mjs');
} else if (!existsSync('dist/server.js')) {
  process.stderr.write(
    'fovea is not built yet, and esbuild, which builds it, is not installed (NODE_ENV=production leaves it out): run npm ci --include=dev\n',
  );
  process.exitCode = 1;
}
