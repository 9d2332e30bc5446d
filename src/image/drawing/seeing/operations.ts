import type { Graph, GraphNode, Weights } from './graph.ts';
import { inputsAtOnce, type Kernels, outputsAtOnce } from './kernels.ts';
import type { NetworkMemory, Tensor } from './memory.ts';

/** What an operation is laid out with. */
export interface Workshop {
  readonly graph: Graph;
  readonly memory: NetworkMemory;
  readonly kernels: Kernels;
}

/** An operation in its place: where its output lies, and what computes it; nothing, where it is its input by another name. */
export interface LaidOut {
  readonly output: Tensor;
  readonly run?: () => void;
}

type Operation = (workshop: Workshop, node: GraphNode, inputs: readonly Tensor[]) => LaidOut;

/** Those of the one network that is here; what they take for granted is what it is like. */
export const operations: Readonly<Record<string, Operation>> = {
  Placeholder: placeholder,
  _FusedConv2D: convolution,
  DepthwiseConv2dNative: depthwise,
  AddV2: addition,
  Relu: rectified,
  MaxPool: largestOfFour,
  Pad: widened,
  Reshape: renamed,
  Identity: renamed,
};

const floatBytes = 4;
const atOnce = 4;

function placeholder({ memory }: Workshop, { shape }: GraphNode): LaidOut {
  const [height = 1, width = 1, channels = 1] = shape;
  return { output: { height, width, channels, pitch: channels, address: memory.take(height * width * channels) } };
}

/** Channels at each pixel, filled up to what kernels take at once. */
function taken(memory: NetworkMemory, shape: Omit<Tensor, 'address' | 'pitch'>): Tensor {
  const pitch = roundUp(shape.channels, outputsAtOnce);
  return { ...shape, pitch, address: memory.take(shape.height * shape.width * pitch) };
}

function takenLike(memory: NetworkMemory, { height, width, channels, pitch }: Tensor): Tensor {
  return { height, width, channels, pitch, address: memory.take(height * width * pitch) };
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}

function floatsOf({ height, width, pitch }: Tensor): number {
  return height * width * pitch;
}

function weightsOf({ graph }: Workshop, name: string | undefined): Weights {
  const weights = graph.weights.get(name ?? '');
  if (weights === undefined) throw new Error('A network of ours has all its weights.');
  return weights;
}

function only(inputs: readonly Tensor[]): Tensor {
  const [input] = inputs;
  if (input === undefined) throw new Error('An operation has an input.');
  return input;
}

/** Where a window of `size` begins in front of the first pixel, as TensorFlow pads for SAME. */
function paddingBefore(length: number, size: number, stride: number): number {
  const windows = Math.ceil(length / stride);
  return Math.floor(Math.max(0, (windows - 1) * stride + size - length) / 2);
}

/** A window wider than a pixel is laid out as inputs of one pixel, a row at a time. */
function convolution(workshop: Workshop, node: GraphNode, inputs: readonly Tensor[]): LaidOut {
  const { memory, kernels } = workshop;
  const input = only(inputs);
  const { shape } = weightsOf(workshop, node.inputs[1]);
  const [size = 1, , , channels = 1] = shape;
  const output = taken(memory, {
    height: Math.ceil(input.height / node.stride),
    width: Math.ceil(input.width / node.stride),
    channels,
  });
  const mixed = mixtureOf(workshop, node);
  const finish = node.fused.includes('Relu')
    ? () => kernels.floor(output.address, output.address, floatsOf(output) / atOnce)
    : () => undefined;
  if (size === 1) {
    const fours = (output.height * output.width) / atOnce;
    return {
      output,
      run() {
        kernels.mix(input.address, mixed.weights, mixed.biases, output.address, fours, mixed.inputs, output.pitch);
        finish();
      },
    };
  }
  const row = memory.take(output.width * mixed.inputs);
  memory.giveBack(row);
  const rowBytes = output.width * output.pitch * floatBytes;
  return {
    output,
    run() {
      for (let y = 0; y < output.height; y += 1) {
        const unfolded = memory.floats(row, output.width * mixed.inputs);
        unfold(memory.floats(input.address, floatsOf(input)), unfolded, { input, y, size, stride: node.stride });
        const to = output.address + y * rowBytes;
        kernels.mix(row, mixed.weights, mixed.biases, to, output.width / atOnce, mixed.inputs, output.pitch);
      }
      finish();
    },
  };
}

interface UnfoldedRow {
  readonly input: Tensor;
  /** Row of the output. */
  readonly y: number;
  readonly size: number;
  readonly stride: number;
}

/** Each window of a row as one run of inputs; nothing lies outside of the picture. */
function unfold(from: Float32Array, to: Float32Array, { input, y, size, stride }: UnfoldedRow): void {
  const { height, width, channels } = input;
  const inputs = roundUp(size * size * channels, inputsAtOnce);
  const [top, left] = [paddingBefore(height, size, stride), paddingBefore(width, size, stride)];
  to.fill(0);
  for (let x = 0; x * stride < width; x += 1) {
    const first = Math.max(0, x * stride - left);
    const last = Math.min(width, x * stride - left + size);
    for (let down = 0; down < size; down += 1) {
      const row = y * stride - top + down;
      if (row < 0 || row >= height) continue;
      const at = x * inputs + (down * size + first - (x * stride - left)) * channels;
      to.set(from.subarray((row * width + first) * channels, (row * width + last) * channels), at);
    }
  }
}

interface Mixture {
  /** Addresses. */
  readonly weights: number;
  readonly biases: number;
  /** What is summed up of a pixel, with what fills it up to a round number. */
  readonly inputs: number;
}

/** Weights as the kernel takes them: in blocks of outputs, input by input, with nothing in what fills them up. */
function mixtureOf(workshop: Workshop, node: GraphNode): Mixture {
  const { memory } = workshop;
  const { shape, values } = weightsOf(workshop, node.inputs[1]);
  const biases = weightsOf(workshop, node.inputs[2]).values;
  const [down = 1, across = 1, channels = 1, outputs = 1] = shape;
  const all = down * across * channels;
  const [inputs, room] = [roundUp(all, inputsAtOnce), roundUp(outputs, outputsAtOnce)];
  const mixture = { weights: memory.keep(inputs * room), biases: memory.keep(room), inputs };
  const blocks = memory.floats(mixture.weights, inputs * room).fill(0);
  for (let input = 0; input < all; input += 1) {
    for (let output = 0; output < outputs; output += 1) {
      const block = Math.floor(output / outputsAtOnce);
      blocks[(block * inputs + input) * outputsAtOnce + (output % outputsAtOnce)] =
        values[input * outputs + output] ?? 0;
    }
  }
  memory.floats(mixture.biases, room).fill(0).set(biases);
  return mixture;
}

/** With a frame of nothing round its input. */
function depthwise(workshop: Workshop, node: GraphNode, inputs: readonly Tensor[]): LaidOut {
  const { memory, kernels } = workshop;
  const input = only(inputs);
  const { stride } = node;
  const { values } = weightsOf(workshop, node.inputs[1]);
  const { channels } = input;
  const output = taken(memory, {
    height: Math.ceil(input.height / stride),
    width: Math.ceil(input.width / stride),
    channels,
  });
  const weights = memory.keep(values.length);
  memory.floats(weights, values.length).set(values);
  const [top, left] = [paddingBefore(input.height, 3, stride), paddingBefore(input.width, 3, stride)];
  const framedRow = (input.width + 2) * channels;
  const framed = memory.take((input.height + 2) * framedRow);
  // Its place is free again for whatever comes next.
  memory.giveBack(framed);
  const [channelBytes, rowBytes] = [channels * floatBytes, framedRow * floatBytes];
  return {
    output,
    run() {
      const from = memory.floats(input.address, floatsOf(input));
      const to = memory.floats(framed, (input.height + 2) * framedRow).fill(0);
      for (let y = 0; y < input.height; y += 1) {
        const row = from.subarray(y * input.width * channels, (y + 1) * input.width * channels);
        to.set(row, (y + top) * framedRow + left * channels);
      }
      for (let y = 0; y < output.height; y += 1) {
        const begin = framed + y * stride * rowBytes;
        const end = output.address + y * output.width * channelBytes;
        kernels.spread(begin, weights, end, output.width, channelBytes, rowBytes, stride * channelBytes);
      }
    },
  };
}

function addition({ memory, kernels }: Workshop, _node: GraphNode, inputs: readonly Tensor[]): LaidOut {
  const [left, right] = [only(inputs), only(inputs.slice(1))];
  const output = takenLike(memory, left);
  return {
    output,
    run: () => kernels.add(left.address, right.address, output.address, floatsOf(output) / atOnce),
  };
}

function rectified({ memory, kernels }: Workshop, _node: GraphNode, inputs: readonly Tensor[]): LaidOut {
  const input = only(inputs);
  const output = takenLike(memory, input);
  return { output, run: () => kernels.floor(input.address, output.address, floatsOf(output) / atOnce) };
}

/** Of two by two pixels. */
function largestOfFour({ memory }: Workshop, _node: GraphNode, inputs: readonly Tensor[]): LaidOut {
  const input = only(inputs);
  const { channels, width } = input;
  const output = taken(memory, { height: input.height / 2, width: width / 2, channels });
  return {
    output,
    run() {
      const from = memory.floats(input.address, floatsOf(input));
      const to = memory.floats(output.address, floatsOf(output));
      const row = width * channels;
      for (let y = 0, at = 0; y < output.height; y += 1) {
        for (let x = 0; x < output.width; x += 1) {
          for (let channel = 0; channel < channels; channel += 1, at += 1) {
            const first = (y * 2 * width + x * 2) * channels + channel;
            to[at] = Math.max(
              from[first] ?? 0,
              from[first + channels] ?? 0,
              from[first + row] ?? 0,
              from[first + row + channels] ?? 0,
            );
          }
        }
      }
    },
  };
}

/** More channels, of nothing. */
function widened(workshop: Workshop, node: GraphNode, inputs: readonly Tensor[]): LaidOut {
  const { memory } = workshop;
  const input = only(inputs);
  const added = weightsOf(workshop, node.inputs[1]).values[7] ?? 0;
  const channels = input.channels + added;
  const output = taken(memory, { height: input.height, width: input.width, channels });
  return {
    output,
    run() {
      const from = memory.floats(input.address, floatsOf(input));
      const to = memory.floats(output.address, floatsOf(output)).fill(0);
      for (let pixel = 0; pixel < input.height * input.width; pixel += 1) {
        to.set(from.subarray(pixel * input.channels, (pixel + 1) * input.channels), pixel * channels);
      }
    },
  };
}

function renamed(_workshop: Workshop, _node: GraphNode, inputs: readonly Tensor[]): LaidOut {
  return { output: only(inputs) };
}
