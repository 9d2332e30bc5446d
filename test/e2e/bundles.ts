import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const run = promisify(execFile);
const folders = ['', 'uppy-5/'].map((name) => fileURLToPath(new URL(`./${name}`, import.meta.url)));

/** Installs the upload clients, as their lock files say, where that was not done before. */
export async function setup(): Promise<void> {
  for (const folder of folders) {
    if (!existsSync(`${folder}node_modules`)) await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder });
  }
}

/** The scripts of the page, for a browser. */
export async function bundlePage(): Promise<readonly string[]> {
  return Promise.all(
    folders.map(async (folder) => {
      const { outputFiles } = await build({
        entryPoints: [`${folder}page.js`],
        bundle: true,
        format: 'iife',
        write: false,
        define: { 'process.env.NODE_ENV': '"production"' },
        logLevel: 'error',
      });
      return outputFiles[0]?.text ?? '';
    }),
  );
}
