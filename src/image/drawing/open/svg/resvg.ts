import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { withMostMemory } from '../bounded-memory.ts';

/** What we use of the package `@resvg/resvg-wasm`. */
export interface Resvg {
  readonly Resvg: new (
    svg: string,
    options: ResvgOptions,
  ) => {
    render(): { readonly width: number; readonly height: number; readonly pixels: Uint8Array };
  };
}

export interface ResvgOptions {
  readonly font: {
    readonly loadSystemFonts: false;
    readonly fontBuffers: readonly Uint8Array[];
    /** Stands for all that is not among them, generic names of CSS too. */
    readonly defaultFontFamily?: string;
  };
}

interface Package extends Resvg {
  initWasm(module: WebAssembly.Module): Promise<void>;
}

interface Loaded {
  readonly file: Buffer;
  compiled: { readonly mostBytes: number; readonly module: WebAssembly.Module } | undefined;
}

/** Read when it is first asked for: some 30 ms. */
let loaded: Loaded | undefined;

/**
 * resvg with a memory of its own that ends with it, of so many bytes at most. A new one for each picture: nothing of one is there when
 * the next is drawn, and its memory is given back.
 */
export async function startResvg(mostBytes: number): Promise<Resvg> {
  const fromHere = createRequire(import.meta.url);
  loaded ??= { file: readFileSync(fromHere.resolve('@resvg/resvg-wasm/index_bg.wasm')), compiled: undefined };
  if (loaded.compiled?.mostBytes !== mostBytes) {
    loaded.compiled = { mostBytes, module: new WebAssembly.Module(withMostMemory(loaded.file, mostBytes)) };
  }
  const fresh = evaluatedAnew(fromHere);
  await fresh.initWasm(loaded.compiled.module);
  return fresh;
}

/** The package has one memory for as long as it is loaded. */
function evaluatedAnew(fromHere: NodeJS.Require): Package {
  const path = fromHere.resolve('@resvg/resvg-wasm');
  delete fromHere.cache[path];
  const fresh: Package = fromHere(path);
  delete fromHere.cache[path];
  return fresh;
}
