import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FSWatcher, readdirSync, unwatchFile, watch, watchFile } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { context } from 'esbuild';
import { buildFolder, buildOptions, playgroundOptions, serverWords } from '../test/support/program.ts';

/**
 * `npm run dev`: builds as `npm run build` does, serves as `npm start` does, and does both again when a file of `src`,
 * of `playground` or the configuration file changes. A source that does not build leaves the server that runs alone.
 */

const sources = ['../src', '../playground'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
const folder = buildFolder('dev');
const configurationFile = process.env['FOVEA_CONFIG'] ?? 'fovea.json';

/** What was drawn or cached by the code of a minute ago would hide what the change does. */
const environment = {
  FOVEA_VARIANTS: 'none',
  FOVEA_CACHE_CONTROL: 'no-cache',
  ...process.env,
  // Nobody balances load here who would have to hear of the end.
  FOVEA_DRAIN_SECONDS: '0',
};

/** A server lets requests finish; past this one hangs, and whoever waits for the change should not. */
const patienceMs = 5000;

let server: ChildProcess | undefined;

async function stop(): Promise<void> {
  const child = server;
  server = undefined;
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  // Where Ctrl-C reached the server as well, this signal adds nothing to it: a second SIGINT would kill it.
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await ended;
  clearTimeout(timer);
}

/** Stops and starts follow each other: two servers would want one port. */
let last = Promise.resolve();
let ending = false;

function restart(): void {
  last = last.then(async () => {
    await stop();
    if (!ending) server = spawn(process.execPath, serverWords(folder), { env: environment, stdio: 'inherit' });
  });
}

const program = await context({
  ...buildOptions(folder),
  sourcemap: true,
  plugins: [
    {
      name: 'restart',
      setup: ({ onEnd }) => onEnd(({ errors }) => (errors.length === 0 ? restart() : undefined)),
    },
  ],
});

const page = await context(playgroundOptions(folder));

/** A build that fails has told so on the terminal, and never came to the restart. */
const rebuild = () =>
  void page
    .rebuild()
    .then(() => program.rebuild())
    .catch(() => undefined);

/** Editors write a file in several steps, and a checkout writes many files. */
const settleMs = 30;

/**
 * Folders are watched, each by itself: many editors put a new file in the old one's place, which a watcher of files
 * loses; and esbuild's own watch looks at every file only once in two seconds.
 */
const watchers = new Map<string, FSWatcher>();
let settling: NodeJS.Timeout | undefined;

function watchFolders(): void {
  const inside = sources
    .flatMap((source) => readdirSync(source, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isDirectory());
  const paths = new Set([...sources, ...inside.map(({ parentPath, name }) => join(parentPath, name))]);
  for (const [path, watcher] of watchers) {
    if (paths.has(path)) continue;
    watcher.close();
    watchers.delete(path);
  }
  for (const path of paths) {
    if (watchers.has(path)) continue;
    const watcher = watch(path, changed).on('error', () => watchers.delete(path));
    watchers.set(path, watcher);
  }
}

function changed(): void {
  clearTimeout(settling);
  settling = setTimeout(() => {
    // New folders are among what may have changed.
    watchFolders();
    rebuild();
  }, settleMs);
}

async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  clearTimeout(settling);
  for (const watcher of watchers.values()) watcher.close();
  unwatchFile(configurationFile);
  await Promise.all([program.dispose(), page.dispose()]);
  await last.then(stop);
  await rm(folder, { recursive: true, force: true });
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end());
watchFolders();
// Of a file that is not there it calls at once, though nothing has changed: that would stop the server as it starts.
watchFile(configurationFile, { interval: 250 }, (now, before) => void (now.mtimeMs === before.mtimeMs || restart()));
rebuild();
