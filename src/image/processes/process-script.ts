import { createRequire } from 'node:module';
import { basename, dirname, extname, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Isolation } from './spawner.ts';

/** Arguments for `node` that start our own processes. */
export interface ProcessArguments {
  readonly renderProcess: readonly string[];
  readonly spawner: readonly string[];
  /** Files and folders that render processes read; undefined when run from source, which is compiled as it is read. */
  readonly readable: readonly string[] | undefined;
}

/** The scripts of the program that the module of that URL (this one) belongs to. */
export function processArguments(module: string = import.meta.url): ProcessArguments {
  const readable = extname(module) === '.js' ? readableFrom(module) : undefined;
  return {
    renderProcess: scriptArguments('../drawing/render-process', module, permissions(readable ?? [])),
    spawner: scriptArguments('./spawner-process', module, []),
    readable,
  };
}

/** The folder of the program, and that of its packages. */
function readableFrom(module: string): readonly string[] {
  const sharp = createRequire(module).resolve('sharp');
  const packages = sharp.slice(0, sharp.lastIndexOf(`${sep}node_modules${sep}`) + `${sep}node_modules`.length);
  return [dirname(fileURLToPath(module)), packages];
}

/**
 * In the build all scripts are a `.js` each in one folder. From source it is a `.ts`, which Node runs itself from 22.18
 * on; before that tsx has to be loaded first.
 */
function scriptArguments(path: string, module: string, builtOptions: readonly string[]): readonly string[] {
  const extension = extname(module);
  const script = fileURLToPath(new URL(extension === '.js' ? `${basename(path)}.js` : `${path}${extension}`, module));
  const runsTypeScript = Reflect.get(process.features, 'typescript') === 'strip';
  if (extension === '.js') return [...builtOptions, script];
  if (runsTypeScript) return [script];
  const tsx = createRequire(import.meta.url).resolve('tsx');
  return ['--import', pathToFileURL(tsx).href, script];
}

/** The same with a right to read more, where they have to have one. */
export function readingToo(words: readonly string[], paths: readonly string[]): readonly string[] {
  if (!words.includes('--permission')) return words;
  return [...paths.map((path) => `--allow-fs-read=${path}`), ...words];
}

/**
 * Where Node has a permission model: no file but the program and its packages may be read, no process, thread or
 * debugger be started. It binds our own code and what it imports; the decoders are native code, which the cage binds.
 */
function permissions(readable: readonly string[]): readonly string[] {
  if (!process.allowedNodeEnvironmentFlags.has('--permission')) return [];
  return [
    '--permission',
    '--allow-addons',
    // It says what we know: that addons are not bound.
    '--disable-warning=PERM0001',
    ...readable.map((path) => `--allow-fs-read=${path}`),
  ];
}

/**
 * No core with somebody's picture in it, no byte written to any file, and few descriptors. And when memory runs out the
 * kernel should take a render, not the server; where that cannot be said (not on Linux) the pool's own limits remain.
 */
function limits(descriptors: number): string {
  return `ulimit -c 0; ulimit -f 0; ulimit -n ${descriptors}; unset PWD; { echo 800 >/proc/self/oom_score_adj; } 2>/dev/null`;
}

const mostDescriptors = 64;
/** From source a module is a file, and as many are opened at once as import each other. */
const mostDescriptorsFromSource = 512;

/** The filter of system calls comes on a descriptor that nothing else uses: Node opens the first three where they are shut. */
const filterLast = '6<&0 </dev/null';

/**
 * Puts a command line under resource limits. Only a shell can set them between fork and exec; it replaces itself, so that
 * the process is the one that was started. Address space is not limited: V8 and libvips reserve far more than they use.
 */
export function limitedCommand(
  [command, words]: readonly [string, readonly string[]],
  isolation: Isolation,
): readonly [string, readonly string[]] {
  if (process.platform === 'win32') return [command, words];
  const run = `exec "$0" "$@"${isolation === 'none' ? '' : ` ${filterLast}`}`;
  const isFromSource = words.some((word) => word.endsWith('.ts'));
  const limited = limits(isFromSource ? mostDescriptorsFromSource : mostDescriptors);
  return ['/bin/sh', ['-c', `${limited}; ${run}`, command, ...words]];
}
