import { createRequire } from 'node:module';
import { dirname, extname, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Arguments for `node` that start our own processes. */
export interface ProcessArguments {
  readonly renderProcess: readonly string[];
  readonly nursery: readonly string[];
}

/** The scripts beside the module of that URL (this one). */
export function processArguments(module: string = import.meta.url): ProcessArguments {
  return {
    renderProcess: scriptArguments('render-process', module, permissions),
    nursery: scriptArguments('nursery-process', module, () => []),
  };
}

/**
 * In the build a script is a `.js`. From source it is a `.ts`, which Node runs itself from 22.18 on; before that tsx has
 * to be loaded first.
 */
function scriptArguments(
  name: string,
  module: string,
  builtOptions: (script: string) => readonly string[],
): readonly string[] {
  const extension = extname(module);
  const script = fileURLToPath(new URL(`./${name}${extension}`, module));
  const runsTypeScript = Reflect.get(process.features, 'typescript') === 'strip';
  if (extension === '.js') return [...builtOptions(script), script];
  if (runsTypeScript) return [script];
  const tsx = createRequire(import.meta.url).resolve('tsx');
  return ['--import', pathToFileURL(tsx).href, script];
}

/**
 * Where Node has a permission model: no file but the program and its packages may be read, no process, thread or
 * debugger be started. It binds our own code and what it imports; the decoders are native code, which the limits of
 * `limitedCommand` bind.
 */
function permissions(script: string): readonly string[] {
  if (!process.allowedNodeEnvironmentFlags.has('--permission')) return [];
  const sharp = createRequire(script).resolve('sharp');
  const packages = sharp.slice(0, sharp.lastIndexOf(`${sep}node_modules${sep}`) + `${sep}node_modules`.length);
  return [
    '--permission',
    '--allow-addons',
    // It says what we know: that addons are not bound.
    '--disable-warning=PERM0001',
    `--allow-fs-read=${dirname(script)}`,
    `--allow-fs-read=${packages}`,
    '--allow-fs-write=/proc/self/oom_score_adj',
  ];
}

/** No core with somebody's picture in it, no byte written to any file, and few descriptors. */
const limits = 'ulimit -c 0; ulimit -f 0; ulimit -n 64; unset PWD';

/**
 * A command line that runs `node` under resource limits. Only a shell can set them between fork and exec; it replaces
 * itself, so that the process is the one that was started. Address space is not limited: V8 and libvips reserve far
 * more than they use.
 */
export function limitedCommand(nodeArguments: readonly string[]): readonly [string, readonly string[]] {
  if (process.platform === 'win32') return [process.execPath, nodeArguments];
  return ['/bin/sh', ['-c', `${limits}; exec "$0" "$@"`, process.execPath, ...nodeArguments]];
}
