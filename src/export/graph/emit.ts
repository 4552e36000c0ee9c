/** From a network's name to its graph. */
import type { TraceOf } from '../../engine/ops';
import { describeModule, planNetwork } from '../../nn/describe';
import type { NamedArray } from '../../nn/layouts';
import type { JoinedDefinition } from '../../nn/networks';
import { stateProblem } from '../../nn/state';
import { EmittingOps, type Sheet, type Value } from './emitting-ops';
import { weightsOf, type GraphNode, type ModelGraph, type Shape } from './graph';

/**
 * The graph from images to logits of a network of the page.
 * @param network its name (see nn/names.ts)
 * @param input [h,w,c] of its images
 * @param weights under PyTorch's names and in its layouts
 * @throws Error with a sentence when there is no such network or the weights are not its own
 */
export function graphOfNetwork(
  network: string,
  input: Shape,
  classes: number,
  weights: readonly NamedArray[],
): ModelGraph {
  const plan = planNetwork(network, input, classes);
  if ('problem' in plan) throw new Error(plan.problem);
  const problem = stateProblem(plan.description.parameters, weights);
  if (problem) throw new Error(problem);
  const { sheet, trace, parameters } = emit(plan.define, input);
  const given = new Map(weights.map(({ name, data }) => [name, data]));
  const all = new Map(sheet.constants);
  for (const { name, shape } of parameters) all.set(name, { shape, torch: given.get(name)! });
  return prune({
    input: { name: 'images', shape: input },
    nodes: [...sheet.nodes.values()],
    output: trace.logits.name,
    weights: all,
  });
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

export interface TraceGraph {
  /** In the order of computation, with those that only hints look at. */
  nodes: GraphNode[];
  /** Names of the values that a network exposes. */
  trace: TraceOf<string>;
}

/** All that a network exposes, as a graph without weights. @throws Error with a sentence when there is no such network */
export function traceGraphOf(network: string, input: Shape, classes: number): TraceGraph {
  const plan = planNetwork(network, input, classes);
  if ('problem' in plan) throw new Error(plan.problem);
  const { sheet, trace } = emit(plan.define, input);
  const name = (value: Value) => value.name;
  const { logits, embedding, stem, stages, preActivations } = trace;
  return {
    nodes: [...sheet.nodes.values()],
    trace: {
      logits: name(logits),
      embedding: name(embedding),
      stem: name(stem),
      stages: stages.map(name),
      preActivations: preActivations.map(name),
    },
  };
}

/** Runs a definition over the emitting table. */
function emit(define: JoinedDefinition, input: Shape) {
  const sheet: Sheet = { nodes: new Map(), constants: new Map() };
  const images = { name: 'images', shape: input };
  const { output, parameters } = describeModule(
    (shapes) => define<Value>(new EmittingOps(shapes, sheet), images),
    [input],
  );
  return { sheet, trace: output, parameters };
}
