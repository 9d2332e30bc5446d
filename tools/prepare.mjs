import { existsSync } from 'node:fs';
import { isInstalled } from './is-installed.mjs';

// After `npm ci` in a clone, and where another project has this one from git: builds what was never built. Later builds are for
// `npm start` and `npm pack`. Where what builds is left out (NODE_ENV=production, --omit=dev) there is nothing to do.

const canBuild = ['esbuild/package.json', 'typescript/package.json'].every(isInstalled);

if (canBuild && existsSync('src') && !existsSync('dist/server.js')) await import('./build-anew.mjs');
