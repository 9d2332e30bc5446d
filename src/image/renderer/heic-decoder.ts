import { createRequire } from 'node:module';

/** Whether the package that decodes HEIC is where render processes find it: beside fovea, installed by who runs it. */
export function hasHeicDecoder(): boolean {
  try {
    createRequire(import.meta.url).resolve('libheif-js/libheif-wasm/libheif.js');
    return true;
  } catch {
    return false;
  }
}
