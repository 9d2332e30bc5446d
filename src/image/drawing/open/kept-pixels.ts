import type { Raster } from '../picture/raster.ts';

/** Pixels of originals that were decoded lately, by the names that jobs give them. */
export interface KeptPixels {
  find(name: string): Raster | undefined;
  /** Lets go of the oldest until so many bytes more are no more than `mostBytes` together. */
  makeRoom(bytes: number, mostBytes: number): void;
  keep(name: string, raster: Raster): void;
  names(): readonly string[];
}

export function createKeptPixels(): KeptPixels {
  const kept = new Map<string, Raster>();
  return {
    find: (name) => touched(kept, name),
    makeRoom: (bytes, mostBytes) => makeRoom(kept, bytes, mostBytes),
    keep: (name, raster) => void kept.set(name, raster),
    names: () => [...kept.keys()],
  };
}

/** Whoever was asked for last is let go of last. */
function touched(kept: Map<string, Raster>, name: string): Raster | undefined {
  const raster = kept.get(name);
  if (raster === undefined) return undefined;
  kept.delete(name);
  kept.set(name, raster);
  return raster;
}

function makeRoom(kept: Map<string, Raster>, bytes: number, mostBytes: number): void {
  let held = bytes;
  for (const { data } of kept.values()) held += data.length;
  for (const [name, { data }] of kept) {
    if (held <= mostBytes) return;
    kept.delete(name);
    held -= data.length;
  }
}
