import { createMemoryTier } from '../../src/variants/index.ts';
import type { Asked, Format } from './trace.ts';

/** Bytes of a variant. */
export type SizeOf = (asked: Pick<Asked, 'width' | 'format'>) => number;

export interface Cache {
  /** True when it was there; it is afterwards. */
  ask(asked: Asked): boolean;
}

const largest = new ArrayBuffer(4 * 1024 * 1024);

/** A cache of so many bytes: the service's own memory tier, with views of one buffer in place of pictures. */
export function createCache(maxBytes: number, sizeOf: SizeOf): Cache {
  const tier = createMemoryTier(maxBytes, { report: () => undefined });
  const lastModified = new Date(0);
  return {
    ask(asked) {
      const source = String(asked.original);
      const identity = { source, memoryKey: `${source} ${asked.width} ${asked.format}` };
      if (tier.get(identity) !== undefined) return true;
      const bytes = new Uint8Array(largest, 0, Math.min(sizeOf(asked), largest.byteLength));
      tier.set(identity, { bytes, contentType: '', etag: '', version: '', lastModified });
      return false;
    },
  };
}

/** Bits per pixel, at the qualities that are used by default, from encodings of photographs (see bench/README.md). */
const bytesAt640: Readonly<Record<Format, number>> = { avif: 27_000, webp: 57_000, jpeg: 65_000 };

/** Bytes grow slower than pixels: small pictures have more detail in each. */
export const typicalSize: SizeOf = ({ width, format }) => Math.round(bytesAt640[format] * (width / 640) ** 1.8);
