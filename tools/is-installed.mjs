import { createRequire } from 'node:module';

/** Whether a package is there, by one of its files: `esbuild/package.json`. */
export function isInstalled(name) {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}
