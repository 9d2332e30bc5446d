import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { withMostMemory } from '../bounded-memory.ts';

/** A pointer or a number, where in the table the error is, and whether there is one. */
type Result = readonly [value: number, error: number, isFailed: number];

/**
 * What we use of jxl-oxide's interface, as the package `jxl-oxide-wasm` has it below its classes: those share one memory for as long as
 * they are loaded. Addresses are numbers.
 */
export interface JxlOxide {
  readonly memory: WebAssembly.Memory;
  __wbindgen_malloc(bytes: number, alignment: number): number;
  jxlimage_new(): number;
  jxlimage_feedBytes(image: number, file: number, bytes: number): Result;
  jxlimage_tryInit(image: number): Result;
  jxlimage_is_loading_done(image: number): number;
  jxlimage_width(image: number): number;
  jxlimage_height(image: number): number;
  jxlimage_render(image: number, frame: number): Result;
  renderresult_encodeToPng(result: number): readonly [address: number, bytes: number, error: number, isFailed: number];
}

interface Exports extends JxlOxide {
  /** Values of JavaScript that are known inside by their numbers. */
  readonly __wbindgen_export_2: { set(index: number, value: unknown): void; grow(by: number): number };
  __wbindgen_start(): void;
}

/** What each is: a build of another version names its table by another number. */
const kinds: Readonly<Record<keyof Exports, 'function' | 'object'>> = {
  memory: 'object',
  __wbindgen_export_2: 'object',
  __wbindgen_start: 'function',
  __wbindgen_malloc: 'function',
  jxlimage_new: 'function',
  jxlimage_feedBytes: 'function',
  jxlimage_tryInit: 'function',
  jxlimage_is_loading_done: 'function',
  jxlimage_width: 'function',
  jxlimage_height: 'function',
  jxlimage_render: 'function',
  renderresult_encodeToPng: 'function',
};

function isJxlOxide(exports: object): exports is Exports {
  return Object.entries(kinds).every(([name, kind]) => typeof Reflect.get(exports, name) === kind);
}

interface Loaded {
  readonly file: Buffer;
  compiled: { readonly mostBytes: number; readonly module: WebAssembly.Module } | undefined;
}

/** Read when it is first asked for: some 20 ms. */
let loaded: Loaded | undefined;

/** jxl-oxide with a memory of its own that ends with it, of so many bytes at most. A new one for each picture. */
export function startJxlOxide(mostBytes: number): JxlOxide {
  loaded ??= { file: readFileSync(pathOfModule()), compiled: undefined };
  if (loaded.compiled?.mostBytes !== mostBytes) {
    loaded.compiled = { mostBytes, module: new WebAssembly.Module(withMostMemory(loaded.file, mostBytes)) };
  }
  const { module } = loaded.compiled;
  const started: Started = { exports: undefined };
  const imports = Object.fromEntries(
    WebAssembly.Module.imports(module).map(({ name }) => [name, importOf(name, started)] as const),
  );
  const instance = new WebAssembly.Instance(module, { wbg: imports });
  const { exports } = instance;
  if (!isJxlOxide(exports))
    throw new Error('The package jxl-oxide-wasm has another interface than the one that is called here.');
  started.exports = exports;
  exports.__wbindgen_start();
  return exports;
}

function pathOfModule(): string {
  return join(dirname(createRequire(import.meta.url).resolve('jxl-oxide-wasm/package.json')), 'jxl_oxide_wasm_bg.wasm');
}

interface Started {
  exports: Exports | undefined;
}

/** Of a browser, which it asks for first, there is nothing here. */
function importOf(name: string, started: Started): (...values: number[]) => unknown {
  switch (name) {
    case '__wbindgen_init_externref_table':
      return () => fillTable(started);
    case '__wbindgen_is_undefined':
      return (value?: unknown) => (value === undefined ? 1 : 0);
    case '__wbindgen_throw':
      return () => {
        throw new WebAssembly.RuntimeError('The decoder has given up.');
      };
    default:
      return () => 0;
  }
}

/** As the package's own program does. */
function fillTable({ exports }: Started): void {
  if (exports === undefined) return;
  const table = exports.__wbindgen_export_2;
  const first = table.grow(4);
  for (const [index, value] of [undefined, null, true, false].entries()) table.set(first + index, value);
}
