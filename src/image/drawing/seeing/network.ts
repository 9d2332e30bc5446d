import type { Graph } from './graph.ts';
import { createKernels } from './kernels.ts';
import { createMemory, type NetworkMemory, type Tensor } from './memory.ts';
import { operations } from './operations.ts';

/** A network that is ready to run. */
export interface Network {
  /** From rows of pixels, channel by channel, 0 to 255, to the values of each output, by its name. */
  run(pixels: Uint8Array): ReadonlyMap<string, Float32Array>;
}

/** Lays a network out in memory: where a node's values lie the next ones come that are made after their last use. */
export function createNetwork(graph: Graph): Network {
  const memory = createMemory();
  const workshop = { graph, memory, kernels: createKernels(memory.memory) };
  const tensors = new Map<string, Tensor>();
  const steps: (() => void)[] = [];
  for (const [index, node] of graph.nodes.entries()) {
    const operation = operations[node.operation];
    if (operation === undefined) throw new Error(`No network of ours has the operation ${node.operation}.`);
    const inputs = node.inputs.flatMap((name) => tensors.get(name) ?? []);
    const { output, run } = operation(workshop, node, inputs);
    tensors.set(node.name, output);
    if (run !== undefined) steps.push(run);
    const needed = addressesNeededAfter(graph, index, tensors);
    for (const address of new Set(inputs.map((input) => input.address))) {
      if (!needed.has(address)) memory.giveBack(address);
    }
  }
  return {
    run(pixels) {
      for (const { name, operation } of graph.nodes) {
        if (operation === 'Placeholder') put(pixels, memory.floats(tensors.get(name)?.address ?? 0, pixels.length));
      }
      for (const step of steps) step();
      return outputsOf(graph, tensors, memory);
    },
  };
}

/** Where it is needed, and nowhere else: a copy of so many floats with each look would grow the process. Values are from -1 to 1. */
function put(pixels: Uint8Array, input: Float32Array): void {
  for (let at = 0; at < pixels.length; at += 1) input[at] = (pixels[at] ?? 0) / 127.5 - 1;
}

/** Places whose values a later node reads, or the caller. */
function addressesNeededAfter(
  { nodes }: Graph,
  index: number,
  tensors: ReadonlyMap<string, Tensor>,
): ReadonlySet<number> {
  const later = nodes.slice(index + 1).flatMap(({ inputs }) => inputs);
  const last = nodes.slice(0, index + 1).flatMap(({ name, operation }) => (operation === 'Identity' ? [name] : []));
  return new Set([...later, ...last].flatMap((name) => tensors.get(name)?.address ?? []));
}

/** Copies, since what is in memory is written over by the next run; without what fills pixels up. */
function outputsOf(
  { nodes }: Graph,
  tensors: ReadonlyMap<string, Tensor>,
  memory: NetworkMemory,
): ReadonlyMap<string, Float32Array> {
  const outputs = new Map<string, Float32Array>();
  for (const { name, operation } of nodes) {
    const tensor = tensors.get(name);
    if (operation !== 'Identity' || tensor === undefined) continue;
    const { address, height, width, channels, pitch } = tensor;
    const padded = memory.floats(address, height * width * pitch);
    const values = new Float32Array(height * width * channels);
    for (let pixel = 0; pixel < height * width; pixel += 1) {
      values.set(padded.subarray(pixel * pitch, pixel * pitch + channels), pixel * channels);
    }
    outputs.set(name, values);
  }
  return outputs;
}
