/** A network as a list of nodes with weights: the form from which all model exports are written. */

import type { WeightRounding } from '../../engine/ops';
import type { IntegerWeights } from './integer-weights';

/** Without the batch axis: [H,W,C] for maps, [D] for vectors, as in the op table. */
export type Shape = readonly number[];

/** One array: its shape in our layout ([k,k,in,out], [in,out], [C]), its numbers in PyTorch's. */
export interface GraphWeight {
  shape: Shape;
  /** In PyTorch's layout: convolutions [out,in,k,k], dense layers [out,in]. */
  torch: Float32Array;
  /** The same numbers as whole ones, of a kernel in low precision. */
  integers?: IntegerWeights;
}

/** The operation that computes a value. Names of weights are PyTorch's. */
export type GraphStep =
  | {
      kind: 'conv';
      inputs: [string];
      kernel: string;
      bias: string | null;
      size: number;
      stride: number;
      /** Rows and columns of zeros at each edge. */
      padding: number;
      /** The kernel's shape is [k,k,in/groups,out]; a depthwise kernel is [k,k,1,C] with C groups. */
      groups: number;
      /** Of the kernel; left out for full precision. */
      rounding?: WeightRounding;
    }
  /** With running statistics, eps 1e-5. */
  | { kind: 'batchNorm'; inputs: [string]; scale: string; offset: string; mean: string; variance: string }
  | { kind: 'relu'; inputs: [string] }
  /** Cut off at 0 and 1, then rounded to multiples of 1/(2^bits - 1), ties to even. */
  | { kind: 'roundedRelu'; inputs: [string]; bits: number }
  /** Cut off at 0 and at the limit. */
  | { kind: 'clippedRelu'; inputs: [string]; limit: number }
  | { kind: 'elu'; inputs: [string] }
  | { kind: 'add'; inputs: [string, string] }
  /** Of maps without negative numbers where there is padding; left out for none. */
  | { kind: 'maxPool'; inputs: [string]; size: number; stride: number; padding?: number }
  /** Padding counts as pixels of value 0. */
  | { kind: 'averagePool'; inputs: [string]; size: number; stride: number; padding: number }
  | { kind: 'globalAveragePool'; inputs: [string] }
  /** Along the last axis. */
  | { kind: 'concat'; inputs: string[] }
  /** `shape.at(-1)` channels from `start` on. */
  | { kind: 'slice'; inputs: [string]; start: number }
  /** Moves channel c of group g from g * C/groups + c to c * groups + g. */
  | { kind: 'shuffle'; inputs: [string]; groups: number }
  | { kind: 'dense'; inputs: [string]; kernel: string; bias: string | null; rounding?: WeightRounding }
  /** Over the last axis. */
  | { kind: 'softmax'; inputs: [string] }
  /** A map to a vector, or a vector to a map of one pixel; numbers in [H,W,C] order. */
  | { kind: 'reshape'; inputs: [string] }
  /** In training only: sets each number to zero with probability `rate` and divides the others by 1 - rate. */
  | { kind: 'dropout'; inputs: [string]; rate: number };

export type GraphNode = GraphStep & {
  /** Name of its value; that of the layer where it has one. */
  name: string;
  /** Shape of its value. */
  shape: Shape;
};

/** A node of an inference graph, which has no dropouts. */
export type ModelNode = Exclude<GraphNode, { kind: 'dropout' }>;

export interface ModelGraph {
  input: { name: 'images'; shape: Shape };
  /** In the order of computation; all are needed. */
  nodes: readonly ModelNode[];
  /** Name of the last node. */
  output: string;
  /** The weights that the nodes name. */
  weights: ReadonlyMap<string, GraphWeight>;
}

/** The shape of a value of the graph. */
export function shapeOf(graph: ModelGraph, name: string): Shape {
  if (name === graph.input.name) return graph.input.shape;
  const node = graph.nodes.find((candidate) => candidate.name === name);
  if (!node) throw new Error(`No value is called ${name}`);
  return node.shape;
}

/** Names of the weights that a node needs. */
export function weightsOf(node: GraphNode): string[] {
  switch (node.kind) {
    case 'conv':
    case 'dense':
      return node.bias === null ? [node.kernel] : [node.kernel, node.bias];
    case 'batchNorm':
      return [node.scale, node.offset, node.mean, node.variance];
    default:
      return [];
  }
}

/** Epsilon of every batch norm, as in PyTorch. */
export const batchNormEpsilon = 1e-5;
