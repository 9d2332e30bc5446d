/** A network as TensorFlow.js writes it: nodes in the order of the work, and their weights in one file. */

/** What one node does. */
export interface GraphNode {
  readonly name: string;
  readonly operation: string;
  /** Names of nodes. */
  readonly inputs: readonly string[];
  /** Pixels from one output to the next, across and down. */
  readonly stride: number;
  /** Activations that follow in the same node. */
  readonly fused: readonly string[];
  /** Of a placeholder: height, width and channels. */
  readonly shape: readonly number[];
}

export interface Weights {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly weights: ReadonlyMap<string, Weights>;
}

interface WrittenNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: {
    readonly strides?: { readonly list: { readonly i: readonly string[] } };
    readonly fused_ops?: { readonly list: { readonly s?: readonly string[] } };
    readonly shape?: { readonly shape: { readonly dim: readonly { readonly size: string }[] } };
  };
}

interface WrittenGraph {
  readonly modelTopology: { readonly node: readonly WrittenNode[] };
  readonly weightsManifest: readonly {
    readonly weights: readonly { readonly name: string; readonly shape: readonly number[]; readonly dtype: string }[];
  }[];
}

/** Reads the two files of a model of ours, which are as they were when they were tried. */
export function readGraph(topology: string, weights: Uint8Array): Graph {
  const written = JSON.parse(topology) as WrittenGraph;
  return {
    nodes: written.modelTopology.node.filter(({ op }) => op !== 'Const').map(readNode),
    weights: readWeights(written, weights),
  };
}

function readNode({ name, op, input = [], attr = {} }: WrittenNode): GraphNode {
  return {
    name,
    operation: op,
    inputs: input,
    stride: Number(attr.strides?.list.i[1] ?? 1),
    fused: (attr.fused_ops?.list.s ?? []).map((text) => Buffer.from(text, 'base64').toString('latin1')),
    shape: (attr.shape?.shape.dim ?? []).slice(1).map(({ size }) => Number(size)),
  };
}

function readWeights({ weightsManifest }: WrittenGraph, bytes: Uint8Array): Graph['weights'] {
  // Floats have to begin at a multiple of four.
  const { buffer } = Uint8Array.from(bytes);
  let at = 0;
  return new Map(
    weightsManifest.flatMap(({ weights }) =>
      weights.map(({ name, shape, dtype }) => {
        const count = shape.reduce((product, side) => product * side, 1);
        const values = dtype === 'int32' ? new Int32Array(buffer, at, count) : new Float32Array(buffer, at, count);
        at += count * 4;
        return [name, { shape, values }] as const;
      }),
    ),
  );
}
