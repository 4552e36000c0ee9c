/** Writes a network as a graph. */
import type { TraceOf, WeightRounding } from '../../engine/ops';
import { describeModule, planNetwork } from '../describe';
import { integerWeights, roundedNumbers } from './integer-weights';
import type { NamedArray } from '../layouts';
import type { JoinedDefinition } from '../networks/define-network';
import { stateProblem } from '../state-problem';
import { EmittingOps, type Sheet, type Value } from './emitting-ops';
import {
  weightsOf,
  type GraphNode,
  type GraphWeight,
  type ModelGraph,
  type ModelNode,
  type Shape,
} from './model-graph';

/** The computation of a network without its weights, as plain data that can be stored as JSON. */
export interface WrittenNetwork {
  /** Shape of the images, [h,w,c]. */
  input: Shape;
  /** In order of computation, including nodes that only training or hints use. */
  nodes: GraphNode[];
  /** Names of the trace's values. */
  trace: TraceOf<string>;
  /** Names and shapes (in our layout, not PyTorch's) of the weights. */
  parameters: { name: string; shape: Shape }[];
  /** Matrices that are part of the definition, in PyTorch's layout. */
  constants: { name: string; shape: Shape; torch: number[] }[];
}

/** Runs a definition over the emitting op table. @param input [h,w,c] of the images */
export function writeDown(define: JoinedDefinition, input: Shape): WrittenNetwork {
  const sheet: Sheet = { nodes: new Map(), constants: new Map() };
  const images = { name: 'images', shape: input };
  const { output, parameters } = describeModule(
    (shapes) => define<Value>(new EmittingOps(shapes, sheet), images),
    [input],
  );
  const name = (value: Value) => value.name;
  const { logits, embedding, stem, stages, preActivations, more } = output;
  return {
    input,
    nodes: [...sheet.nodes.values()],
    trace: {
      logits: name(logits),
      embedding: name(embedding),
      stem: name(stem),
      stages: stages.map(name),
      preActivations: preActivations.map(name),
      ...(more
        ? { more: Object.fromEntries(Object.entries(more).map(([key, value]) => [key, name(value)])) }
        : {}),
    },
    parameters: parameters.map((spec) => ({ name: spec.name, shape: spec.shape })),
    constants: [...sheet.constants].map(([constant, { shape, torch }]) => ({
      name: constant,
      shape,
      torch: Array.from(torch),
    })),
  };
}

/**
 * The same for a network by name.
 * @param network its name (see nn/network-names.ts)
 * @throws Error with a sentence when there is no such network
 */
export function writeNetwork(network: string, input: Shape, classes: number): WrittenNetwork {
  const plan = planNetwork(network, input, classes);
  if ('problem' in plan) throw new Error(plan.problem);
  return writeDown(plan.define, input);
}

/**
 * The graph from images to logits, with its weights; kernels in low precision are rounded.
 * @param weights under PyTorch's names and in its layouts
 * @throws Error with a sentence when the weights are not the network's own
 */
export function graphOf(
  { input, nodes, trace, parameters, constants }: WrittenNetwork,
  weights: readonly NamedArray[],
): ModelGraph {
  const problem = stateProblem(parameters, weights);
  if (problem) throw new Error(problem);
  const roundings = new Map(
    nodes.flatMap((node) => ('rounding' in node && node.rounding ? [[node.kernel, node.rounding]] : [])),
  );
  const given = new Map(weights.map(({ name, data }) => [name, data]));
  const all: ModelGraph['weights'] = new Map([
    ...constants.map(({ name, shape, torch }) => [name, { shape, torch: Float32Array.from(torch) }] as const),
    ...parameters.map(
      ({ name, shape }) => [name, asUsed({ shape, torch: given.get(name)! }, roundings.get(name))] as const,
    ),
  ]);
  const { kept, output } = withoutDropouts(nodes, trace.logits);
  return prune({ input: { name: 'images', shape: input }, nodes: kept, output, weights: all });
}

/** Whether a part of the network is in low precision. */
export function isRounded({ nodes }: Pick<WrittenNetwork, 'nodes'>): boolean {
  return nodes.some((node) => node.kind === 'roundedRelu' || ('rounding' in node && node.rounding));
}

/** A kernel in low precision as its layer uses it; others as they are. */
function asUsed({ shape, torch }: GraphWeight, rounding: WeightRounding | undefined): GraphWeight {
  if (!rounding) return { shape, torch };
  return { shape, torch: roundedNumbers(torch, rounding), integers: integerWeights(torch, rounding) };
}

/** Exported graphs are for inference: dropout nodes are removed, and their readers read the dropout's input. */
function withoutDropouts(nodes: readonly GraphNode[], output: string): { kept: ModelNode[]; output: string } {
  const stands = new Map<string, string>();
  const behind = (name: string): string => stands.get(name) ?? name;
  const kept: ModelNode[] = [];
  for (const node of nodes)
    if (node.kind === 'dropout') stands.set(node.name, behind(node.inputs[0]));
    else kept.push({ ...node, inputs: node.inputs.map(behind) } as ModelNode);
  return { kept, output: behind(output) };
}

/** Removes nodes that the output does not need (such as maps that only hints use) and unused weights. */
export function prune(graph: ModelGraph): ModelGraph {
  const needed = new Set([graph.output]);
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!needed.has(node.name)) return false;
    for (const input of node.inputs) needed.add(input);
    return true;
  });
  nodes.reverse();
  const used = new Set(nodes.flatMap(weightsOf));
  return { ...graph, nodes, weights: new Map([...graph.weights].filter(([name]) => used.has(name))) };
}
