import { type Keeping, mostKept } from '../../protocol/job.ts';
import type { Raster } from '../picture/raster.ts';

/** Pixels of originals that were decoded lately, by the names that jobs give them. */
export interface KeptPixels {
  find(name: string): Raster | undefined;
  /** Lets go of the oldest until so many bytes more are no more than `mostBytes` together. */
  makeRoom(bytes: number, mostBytes: number): void;
  /** Lets go of the oldest where there are too many of them. */
  keep(name: string, raster: Raster): void;
  /** So many bytes are the file of an original, which is kept beside them, its own pixels first: what is too much goes. */
  countFile(bytes: number, of: Keeping): void;
  names(): readonly string[];
}

interface KeptState {
  readonly kept: Map<string, Raster>;
  fileBytes: number;
}

export function createKeptPixels(): KeptPixels {
  const state: KeptState = { kept: new Map(), fileBytes: 0 };
  const { kept } = state;
  return {
    find: (name) => touched(kept, name),
    makeRoom: (bytes, mostBytes) => makeRoom(state, bytes, mostBytes),
    keep: (name, raster) => keep(kept, name, raster),
    countFile(bytes, { name, mostBytes }) {
      state.fileBytes = bytes;
      // All that are of it have its name first.
      for (const one of [...kept.keys()]) if (one.startsWith(name)) touched(kept, one);
      makeRoom(state, 0, mostBytes);
    },
    names: () => [...kept.keys()],
  };
}

function keep(kept: Map<string, Raster>, name: string, raster: Raster): void {
  kept.set(name, raster);
  const [oldest] = kept.keys();
  if (oldest !== undefined && kept.size > mostKept) kept.delete(oldest);
}

/** Whoever was asked for last is let go of last. */
function touched(kept: Map<string, Raster>, name: string): Raster | undefined {
  const raster = kept.get(name);
  if (raster === undefined) return undefined;
  kept.delete(name);
  kept.set(name, raster);
  return raster;
}

function makeRoom({ kept, fileBytes }: KeptState, bytes: number, mostBytes: number): void {
  let held = fileBytes + bytes;
  for (const { data } of kept.values()) held += data.length;
  for (const [name, { data }] of kept) {
    if (held <= mostBytes) return;
    kept.delete(name);
    held -= data.length;
  }
}
