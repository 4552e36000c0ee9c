/**
 * Static quantisation to eight bits: which values of a graph become whole numbers, with which scale and zero, from the ranges
 * that they have on calibration instances (Jacob et al. 2018; Nagel et al. 2021).
 */
import { shapeOf, type GraphWeight, type ModelGraph, type ModelNode } from '../../nn/graph/model-graph';

/** Least and greatest number of a value. */
export type Range = readonly [low: number, high: number];

/** A value as whole numbers 0..255: number = (integer - zero) * scale. */
export interface ValueScale {
  scale: number;
  zero: number;
}

/** A kernel as whole numbers -127..127, each output channel with its own scale. */
export interface KernelScale {
  integers: Int8Array<ArrayBuffer>;
  /** [out], or one number for all. */
  scales: Float32Array<ArrayBuffer>;
  /** The axis of the channels in PyTorch's layout; null for one scale. */
  axis: 0 | null;
}

export interface Quantisation {
  /** By the name of the value; the graph's input among them. */
  values: ReadonlyMap<string, ValueScale>;
  /** By the name of the kernel. */
  kernels: ReadonlyMap<string, KernelScale>;
  /** Biases as whole numbers of 32 bits with a scale for each channel, by the name of the bias. */
  biases: ReadonlyMap<string, { integers: Int32Array<ArrayBuffer>; scales: Float32Array<ArrayBuffer> }>;
}

type Layer = Extract<ModelNode, { kind: 'conv' | 'dense' }>;

/** Ops that runtimes compute in whole numbers. */
const inIntegers: readonly ModelNode['kind'][] = [
  ...(['conv', 'dense', 'add', 'maxPool', 'averagePool', 'globalAveragePool'] as const),
  ...(['concat', 'slice', 'shuffle', 'reshape'] as const),
];
/** Ops that are computed together with the layer before them. */
const joined: readonly ModelNode['kind'][] = ['relu', 'clippedRelu', 'batchNorm', 'elu', 'roundedRelu'];

/**
 * Names of the values that become whole numbers: what such an op reads, unless a single op that belongs to the layer before it
 * stands between. The output stays as it is.
 */
export function quantisedValues(graph: ModelGraph): string[] {
  const names = [graph.input.name, ...graph.nodes.map(({ name }) => name)];
  return names.filter((name) => {
    const readers = graph.nodes.filter(({ inputs }) => inputs.some((input) => input === name));
    if (name === graph.output && readers.length === 0) return false;
    if (readers.every(({ kind }) => joined.includes(kind))) return false;
    return readers.some(({ kind }) => inIntegers.includes(kind));
  });
}

/**
 * @param graph with batch norms folded as far as they can be: an unfolded one is computed in float
 * @param ranges of the values of `quantisedValues`
 * @throws Error where a range is missing
 */
export function quantisationOf(graph: ModelGraph, ranges: ReadonlyMap<string, Range>): Quantisation {
  const values = new Map(
    quantisedValues(graph).map((name) => {
      const range = ranges.get(name);
      if (!range) throw new Error(`The range of “${name}” was not measured.`);
      return [name, valueScale(range)] as const;
    }),
  );
  const kernels = new Map<string, KernelScale>();
  const biases: Map<string, { integers: Int32Array<ArrayBuffer>; scales: Float32Array<ArrayBuffer> }> =
    new Map();
  for (const node of graph.nodes) {
    if (!isLayer(node)) continue;
    const kernel = kernelScale(graph.weights.get(node.kernel)!);
    kernels.set(node.kernel, kernel);
    if (node.bias === null) continue;
    const { scale } = values.get(node.inputs[0])!;
    const { torch } = graph.weights.get(node.bias)!;
    const scales = Float32Array.from(torch, (_, c) => scale * kernel.scales[kernel.axis === null ? 0 : c]!);
    biases.set(node.bias, {
      integers: Int32Array.from(torch, (value, c) => clamp(Math.round(value / scales[c]!), 2 ** 31 - 1)),
      scales,
    });
  }
  return { values, kernels, biases };
}

function isLayer(node: ModelNode): node is Layer {
  return node.kind === 'conv' || node.kind === 'dense';
}

/** Zero is among the whole numbers, so that padding is exact. */
function valueScale([low, high]: Range): ValueScale {
  const [least, most] = [Math.min(0, low), Math.max(0, high)];
  const scale = Math.fround((most - least) / 255) || 1;
  return { scale, zero: Math.min(255, Math.max(0, Math.round(-least / scale))) };
}

function kernelScale({ shape, torch, integers }: GraphWeight): KernelScale {
  // A kernel in low precision is made of whole numbers already, with one step.
  if (integers?.integers.every((value) => Math.abs(value) <= 127))
    return {
      integers: Int8Array.from(integers.integers),
      scales: Float32Array.of(integers.step),
      axis: null,
    };
  const channels = shape.at(-1)!;
  const size = torch.length / channels;
  const scales = Float32Array.from({ length: channels }, (_, c) => {
    const most = torch.subarray(c * size, (c + 1) * size).reduce((top, w) => Math.max(top, Math.abs(w)), 0);
    return most / 127 || 1;
  });
  return {
    integers: Int8Array.from(torch, (w, i) => clamp(Math.round(w / scales[Math.floor(i / size)]!), 127)),
    scales,
    axis: 0,
  };
}

const clamp = (value: number, most: number) => Math.min(most, Math.max(-most, value));

/** How many numbers a value has, of one instance. */
export function sizeOfValue(graph: ModelGraph, name: string): number {
  return shapeOf(graph, name).reduce((product, side) => product * side, 1);
}
