/** From a network to its graph. */
import type { TraceOf } from '../../engine/ops';
import { describeModule, planNetwork } from '../describe';
import type { NamedArray } from '../layouts';
import type { JoinedDefinition } from '../networks';
import { stateProblem } from '../state-problem';
import { EmittingOps, type Sheet, type Value } from './emitting-ops';
import { weightsOf, type GraphNode, type ModelGraph, type ModelNode, type Shape } from './model-graph';

/** What a network computes, without its weights. Plain data: it can be written as JSON. */
export interface WrittenNetwork {
  /** Of the images, [h,w,c]. */
  input: Shape;
  /** In the order of computation, with those that only training or hints look at. */
  nodes: GraphNode[];
  /** Names of the values that a network exposes. */
  trace: Omit<TraceOf<string>, 'more'>;
  /** Names and shapes (here, not in PyTorch) of its weights. */
  parameters: { name: string; shape: Shape }[];
  /** Matrices that are part of the definition, in PyTorch's layout. */
  constants: { name: string; shape: Shape; torch: number[] }[];
}

/** Runs a definition over the emitting table. @param input [h,w,c] of its images */
export function writeDown(define: JoinedDefinition, input: Shape): WrittenNetwork {
  const sheet: Sheet = { nodes: new Map(), constants: new Map() };
  const images = { name: 'images', shape: input };
  const { output, parameters } = describeModule(
    (shapes) => define<Value>(new EmittingOps(shapes, sheet), images),
    [input],
  );
  const name = (value: Value) => value.name;
  const { logits, embedding, stem, stages, preActivations } = output;
  return {
    input,
    nodes: [...sheet.nodes.values()],
    trace: {
      logits: name(logits),
      embedding: name(embedding),
      stem: name(stem),
      stages: stages.map(name),
      preActivations: preActivations.map(name),
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
 * The same of a network of the page.
 * @param network its name (see nn/network-names.ts)
 * @throws Error with a sentence when there is no such network
 */
export function writeNetwork(network: string, input: Shape, classes: number): WrittenNetwork {
  const plan = planNetwork(network, input, classes);
  if ('problem' in plan) throw new Error(plan.problem);
  return writeDown(plan.define, input);
}

/**
 * The graph from images to logits, with its weights.
 * @param weights under PyTorch's names and in its layouts
 * @throws Error with a sentence when the weights are not the network's own
 */
export function graphOf(
  { input, nodes, trace, parameters, constants }: WrittenNetwork,
  weights: readonly NamedArray[],
): ModelGraph {
  const problem = stateProblem(parameters, weights);
  if (problem) throw new Error(problem);
  const given = new Map(weights.map(({ name, data }) => [name, data]));
  const all: ModelGraph['weights'] = new Map([
    ...constants.map(({ name, shape, torch }) => [name, { shape, torch: Float32Array.from(torch) }] as const),
    ...parameters.map(({ name, shape }) => [name, { shape, torch: given.get(name)! }] as const),
  ]);
  const { kept, output } = withoutDropouts(nodes, trace.logits);
  return prune({ input: { name: 'images', shape: input }, nodes: kept, output, weights: all });
}

/** What is saved is a network that answers: those who read a dropout read what it reads. */
function withoutDropouts(nodes: readonly GraphNode[], output: string): { kept: ModelNode[]; output: string } {
  const stands = new Map<string, string>();
  const behind = (name: string): string => stands.get(name) ?? name;
  const kept: ModelNode[] = [];
  for (const node of nodes)
    if (node.kind === 'dropout') stands.set(node.name, behind(node.inputs[0]));
    else kept.push({ ...node, inputs: node.inputs.map(behind) } as ModelNode);
  return { kept, output: behind(output) };
}

/** The graph without what its output does not need (maps that only hints look at) and without unused weights. */
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
