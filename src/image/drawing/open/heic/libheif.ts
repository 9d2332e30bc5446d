import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * What we use of libheif's interface in C, as the package `libheif-js` has it (libheif/heif.h). Addresses are numbers; what
 * returns an error writes it to the address that comes first.
 */
export interface LibHeif {
  /** Replaced whenever the memory grows. */
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _heif_context_alloc(): number;
  _heif_context_get_security_limits(context: number): number;
  _heif_context_read_from_memory_without_copy(
    error: number,
    context: number,
    file: number,
    bytes: number,
    options: number,
  ): void;
  _heif_context_get_primary_image_handle(error: number, context: number, handle: number): void;
  _heif_image_handle_get_raw_color_profile_size(handle: number): number;
  _heif_image_handle_get_raw_color_profile(error: number, handle: number, into: number): void;
  _heif_decoding_options_alloc(): number;
  _heif_decode_image(
    error: number,
    handle: number,
    image: number,
    colours: number,
    chroma: number,
    options: number,
  ): void;
  _heif_image_get_width(image: number, channel: number): number;
  _heif_image_get_height(image: number, channel: number): number;
  _heif_image_get_bits_per_pixel_range(image: number, channel: number): number;
  _heif_image_get_plane_readonly(image: number, channel: number, stride: number): number;
}

interface Settings {
  print(line: string): void;
  printErr(line: string): void;
  instantiateWasm(imports: WebAssembly.Imports, receive: (instance: WebAssembly.Instance) => unknown): unknown;
}

type Factory = (settings: Settings) => LibHeif;

interface Package {
  readonly factory: Factory;
  readonly module: WebAssembly.Module;
}

/** Loaded when it is first asked for: some 50 ms. */
let loaded: Package | undefined;

/**
 * libheif with a memory of its own that ends with it, of so many bytes at most. A new one for each picture: nothing of one is
 * there when the next is decoded, and its memory is given back.
 */
export function startLibHeif(mostBytes: number): LibHeif {
  loaded ??= load();
  const { factory, module } = loaded;
  return factory({
    print: () => {},
    printErr: () => {},
    instantiateWasm(imports, receive) {
      const instance = new WebAssembly.Instance(module, imports);
      for (const exported of Object.values(instance.exports)) {
        if (exported instanceof WebAssembly.Memory) bound(exported, mostBytes);
      }
      return receive(instance);
    },
  });
}

/** A memory that may not grow is no failure to the library but an allocation that failed. */
function bound(memory: WebAssembly.Memory, mostBytes: number): void {
  const grow = memory.grow.bind(memory);
  memory.grow = (pages) => {
    if (memory.buffer.byteLength + pages * pageBytes > mostBytes) throw new RangeError('The decoder has its memory.');
    return grow(pages);
  };
}

const pageBytes = 65_536;

/** Installed by who runs this, or not: it is no dependency. */
function load(): Package {
  const fromHere = createRequire(import.meta.url);
  const path = fromHere.resolve('libheif-js/libheif-wasm/libheif.js');
  // Just what the package exports.
  const factory = fromHere(path) as Factory;
  return { factory, module: new WebAssembly.Module(new Uint8Array(readFileSync(join(dirname(path), 'libheif.wasm')))) };
}
