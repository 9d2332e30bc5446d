import {
  advance,
  assemble,
  type Code,
  get,
  integer,
  type KernelText,
  larger,
  load,
  loadSplat,
  plus,
  product,
  repeat,
  sequence,
  set,
  store,
  sum,
  times,
  zeros,
} from './assembler.ts';

/** Loops over memory, four floats at a time. All addresses are in bytes, and all lengths but those in floats. */
export interface Kernels {
  /**
   * At each pixel, each output is a weighted sum of all inputs and a bias. Pixels are taken four at a time, inputs too,
   * and outputs eight at a time: each count is a multiple of that. Weights lie in blocks of eight outputs, input by input.
   */
  mix(
    input: number,
    weights: number,
    biases: number,
    output: number,
    fours: number,
    inputs: number,
    outputs: number,
  ): void;
  /**
   * One row: each channel is a weighted sum of the three by three pixels at hand. `input` is the first of three rows that
   * are `rowBytes` apart; `stepBytes` lie between one output and the next. Channels are a multiple of four.
   */
  spread(
    input: number,
    weights: number,
    output: number,
    pixels: number,
    channelBytes: number,
    rowBytes: number,
    stepBytes: number,
  ): void;
  /** Each float and its other, of `fours` times four. */
  add(left: number, right: number, output: number, fours: number): void;
  /** Each float, or 0 where it is negative. */
  floor(input: number, output: number, fours: number): void;
}

const pixelsAtOnce = 4;
export const inputsAtOnce = 4;
export const outputsAtOnce = 8;
const floatBytes = 4;
const fourBytes = 16;

/** The functions, on that memory. */
export function createKernels(memory: WebAssembly.Memory): Kernels {
  const module = new WebAssembly.Module(assemble([mix(), spread(), add(), floor()]));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  if (!areKernels(exports)) throw new Error('A kernel was not assembled, or with another number of arguments.');
  return exports;
}

/** How many arguments each takes: the compiler holds them to the type, and what was assembled is held to them. */
const argumentCounts: { readonly [Name in keyof Kernels]: Parameters<Kernels[Name]>['length'] } = {
  mix: 7,
  spread: 7,
  add: 4,
  floor: 3,
};

function areKernels(exports: object): exports is Kernels {
  return Object.entries(argumentCounts).every(([name, count]) => {
    const kernel: unknown = Reflect.get(exports, name);
    return typeof kernel === 'function' && kernel.length === count;
  });
}

function mix(): KernelText {
  const [input, weights, biases, output, fours, inputs, outputs] = [0, 1, 2, 3, 4, 5, 6];
  const [rowBytes, outBytes, groups, weight, bias, place, counter] = [7, 8, 9, 10, 11, 12, 13];
  const rows = [14, 15, 16, 17];
  const low = [18, 19, 20, 21];
  const high = [22, 23, 24, 25];
  const [weightLow, weightHigh, value] = [26, 27, 28];
  const lanes = [0, 1, 2, 3];
  const step = (at: number): Code =>
    sequence(
      set(weightLow, load(get(weight), at * 2 * fourBytes)),
      set(weightHigh, load(get(weight), at * 2 * fourBytes + fourBytes)),
      ...lanes.map((lane) =>
        sequence(
          set(value, loadSplat(get(rows[lane] ?? 0), at * floatBytes)),
          set(low[lane] ?? 0, sum(get(low[lane] ?? 0), product(get(value), get(weightLow)))),
          set(high[lane] ?? 0, sum(get(high[lane] ?? 0), product(get(value), get(weightHigh)))),
        ),
      ),
    );
  const row = (lane: number) => plus(get(input), times(get(rowBytes), integer(lane)));
  const out = (lane: number) => plus(get(place), times(get(outBytes), integer(lane)));
  const body = sequence(
    set(rowBytes, times(get(inputs), integer(floatBytes))),
    set(outBytes, times(get(outputs), integer(floatBytes))),
    repeat(
      fours,
      set(groups, divided(get(outputs), 3)),
      set(weight, get(weights)),
      set(bias, get(biases)),
      set(place, get(output)),
      repeat(
        groups,
        ...lanes.map((lane) =>
          sequence(
            set(rows[lane] ?? 0, row(lane)),
            set(low[lane] ?? 0, load(get(bias))),
            set(high[lane] ?? 0, load(get(bias), fourBytes)),
          ),
        ),
        set(counter, divided(get(inputs), 2)),
        repeat(
          counter,
          ...Array.from({ length: inputsAtOnce }, (_, at) => step(at)),
          advance(weight, integer(inputsAtOnce * 2 * fourBytes)),
          ...rows.map((pointer) => advance(pointer, integer(inputsAtOnce * floatBytes))),
        ),
        ...lanes.map((lane) =>
          sequence(store(out(lane), get(low[lane] ?? 0)), store(out(lane), get(high[lane] ?? 0), fourBytes)),
        ),
        advance(bias, integer(2 * fourBytes)),
        advance(place, integer(2 * fourBytes)),
      ),
      advance(input, times(get(rowBytes), integer(pixelsAtOnce))),
      advance(output, times(get(outBytes), integer(pixelsAtOnce))),
    ),
  );
  return { name: 'mix', parameters: 7, integers: 11, fours: 11, body };
}

/** Divided by a power of two. */
function divided(value: Code, bits: number): Code {
  return [...value, ...integer(bits), 0x76];
}

function spread(): KernelText {
  const [input, weights, output, pixels, channelBytes, rowBytes, stepBytes] = [0, 1, 2, 3, 4, 5, 6];
  const [counter, groups, from, to] = [7, 8, 9, 10];
  const taps = Array.from({ length: 9 }, (_, tap) => ({ weight: 11 + tap, row: Math.floor(tap / 3), column: tap % 3 }));
  const total = 20;
  const at = (row: number, column: number) =>
    plus(plus(get(from), times(get(rowBytes), integer(row))), times(get(channelBytes), integer(column)));
  const body = sequence(
    set(groups, divided(get(channelBytes), 4)),
    repeat(
      groups,
      ...taps.map(({ weight }, tap) => set(weight, load(plus(get(weights), times(get(channelBytes), integer(tap)))))),
      set(from, get(input)),
      set(to, get(output)),
      set(counter, get(pixels)),
      repeat(
        counter,
        set(total, zeros),
        ...taps.map(({ weight, row, column }) =>
          set(total, sum(get(total), product(load(at(row, column)), get(weight)))),
        ),
        store(get(to), get(total)),
        advance(from, get(stepBytes)),
        advance(to, get(channelBytes)),
      ),
      advance(input, integer(fourBytes)),
      advance(weights, integer(fourBytes)),
      advance(output, integer(fourBytes)),
    ),
  );
  return { name: 'spread', parameters: 7, integers: 4, fours: 10, body };
}

function add(): KernelText {
  const [left, right, output, fours] = [0, 1, 2, 3];
  const body = repeat(
    fours,
    store(get(output), sum(load(get(left)), load(get(right)))),
    ...[left, right, output].map((pointer) => advance(pointer, integer(fourBytes))),
  );
  return { name: 'add', parameters: 4, integers: 0, fours: 0, body };
}

function floor(): KernelText {
  const [input, output, fours] = [0, 1, 2];
  const body = repeat(
    fours,
    store(get(output), larger(load(get(input)), zeros)),
    ...[input, output].map((pointer) => advance(pointer, integer(fourBytes))),
  );
  return { name: 'floor', parameters: 3, integers: 0, fours: 0, body };
}
