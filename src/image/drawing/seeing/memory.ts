const floatBytes = 4;
const pageBytes = 65_536;

/** Values of one node in memory: rows of pixels, channel by channel. */
export interface Tensor {
  /** In bytes. */
  readonly address: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Floats from one pixel to the next: channels, and room up to a round number. */
  readonly pitch: number;
}

/** WebAssembly's memory, given out in places. */
export interface NetworkMemory {
  readonly memory: WebAssembly.Memory;
  /** A place for so many floats, for good. */
  keep(floats: number): number;
  /** One that may have been somebody else's before. */
  take(floats: number): number;
  /** Gives a place back: what is taken next may lie there. */
  giveBack(address: number): void;
  /** So many floats at that address, as they are now. */
  floats(address: number, count: number): Float32Array;
}

interface Place {
  readonly address: number;
  readonly floats: number;
}

interface MemoryState {
  readonly memory: WebAssembly.Memory;
  readonly taken: Map<number, Place>;
  free: readonly Place[];
  /** Bytes given out. */
  end: number;
}

export function createMemory(): NetworkMemory {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const state: MemoryState = { memory, taken: new Map(), free: [], end: 0 };
  return {
    memory,
    keep: (floats) => keep(state, floats),
    take: (floats) => take(state, floats),
    giveBack(address) {
      const place = state.taken.get(address);
      state.taken.delete(address);
      if (place !== undefined) state.free = [...state.free, place];
    },
    floats: (address, count) => new Float32Array(memory.buffer, address, count),
  };
}

function keep(state: MemoryState, floats: number): number {
  const address = state.end;
  // Fours of floats are read fastest from multiples of sixteen bytes.
  state.end += Math.ceil((floats * floatBytes) / 16) * 16;
  const missing = state.end - state.memory.buffer.byteLength;
  if (missing > 0) state.memory.grow(Math.ceil(missing / pageBytes));
  return address;
}

/** The smallest that is free and large enough. */
function take(state: MemoryState, floats: number): number {
  const [fitting] = state.free
    .filter((place) => place.floats >= floats)
    .sort((one, other) => one.floats - other.floats);
  const place = fitting ?? { address: keep(state, floats), floats };
  state.free = state.free.filter((other) => other !== place);
  state.taken.set(place.address, place);
  return place.address;
}
