/** Folds batch norms into the convolutions before them: a smaller, faster graph with the same outputs. */
import {
  batchNormEpsilon,
  type ModelNode,
  type GraphWeight,
  type ModelGraph,
} from '../../nn/graph/model-graph';
import { prune } from '../../nn/graph/emit';

type Conv = Extract<ModelNode, { kind: 'conv' }>;
type BatchNorm = Extract<ModelNode, { kind: 'batchNorm' }>;

/**
 * Folds each batch norm into its convolution if nothing else reads that convolution. A batch norm after a sum (as in
 * Wide ResNets) stays.
 */
export function foldBatchNorms(graph: ModelGraph): ModelGraph {
  const weights = new Map(graph.weights);
  const readers = (name: string) =>
    graph.nodes.filter(({ inputs }) => inputs.some((input) => input === name));
  const byName = new Map(graph.nodes.map((node) => [node.name, node]));
  const folded = new Map<string, ModelNode>();
  for (const norm of graph.nodes) {
    if (norm.kind !== 'batchNorm') continue;
    const conv = byName.get(norm.inputs[0]);
    // A kernel in low precision would no longer be made of whole numbers.
    if (conv?.kind !== 'conv' || conv.rounding || readers(conv.name).length > 1) continue;
    const { kernel, bias } = fold(conv, norm, graph.weights);
    const biasName = conv.bias ?? conv.kernel.replace(/weight$/, 'bias');
    weights.set(conv.kernel, kernel);
    weights.set(biasName, bias);
    // Takes the batch norm's name, so that its readers need not change.
    folded.set(norm.name, { ...conv, bias: biasName, name: norm.name, shape: norm.shape });
  }
  return prune({ ...graph, nodes: graph.nodes.map((node) => folded.get(node.name) ?? node), weights });
}

/** y = s (W x + b - mean) + offset with s = scale / sqrt(variance + eps), as new W and b. */
function fold(
  conv: Conv,
  norm: BatchNorm,
  weights: ReadonlyMap<string, GraphWeight>,
): { kernel: GraphWeight; bias: GraphWeight } {
  const numbers = (name: string) => weights.get(name)!.torch;
  const [scale, offset] = [numbers(norm.scale), numbers(norm.offset)];
  const [mean, variance] = [numbers(norm.mean), numbers(norm.variance)];
  const before = conv.bias === null ? new Float32Array(scale.length) : numbers(conv.bias);
  const factors = Float64Array.from(scale, (value, c) => value / Math.sqrt(variance[c]! + batchNormEpsilon));
  const { shape, torch } = weights.get(conv.kernel)!;
  // PyTorch's layout has the output channel first, so the numbers of a channel are contiguous.
  const perChannel = torch.length / scale.length;
  return {
    kernel: { shape, torch: torch.map((value, i) => value * factors[Math.floor(i / perChannel)]!) },
    bias: {
      shape: [scale.length],
      torch: offset.map((value, c) => value + (before[c]! - mean[c]!) * factors[c]!),
    },
  };
}
