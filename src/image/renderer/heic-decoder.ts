import { createRequire } from 'node:module';
import type { Failure } from '../../failure.ts';
import { type MediaType, mediaTypeOf } from '../../formats.ts';
import { withoutHeicDecoder } from '../plan/limits.ts';

/** Whether the package that decodes HEIC is where render processes find it: beside fovea, installed by who runs it. */
export function hasHeicDecoder(): boolean {
  try {
    createRequire(import.meta.url).resolve('libheif-js/libheif-wasm/libheif.js');
    return true;
  } catch {
    return false;
  }
}

/** Why pictures of that type are not read here, since their decoder is for who runs this to install; undefined where they are. */
export function lackingDecoder(type: MediaType): Failure | undefined {
  return type === mediaTypeOf('heic') && !hasHeicDecoder() ? withoutHeicDecoder() : undefined;
}
