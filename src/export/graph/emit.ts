/** The op table that writes down what a network computes: any network of the page becomes a graph through it. */
import type { ConvOptions, DenseOptions, Ops } from '../../engine/ops';
import { planNetwork, describeModule } from '../../nn/describe';
import type { NamedArray } from '../../nn/layouts';
import { stateProblem } from '../../nn/state';
import { weightsOf, type GraphNode, type GraphStep, type ModelGraph, type Shape } from './graph';

/** A value of the graph under construction. */
interface Value {
  name: string;
  shape: Shape;
}

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
  const nodes: GraphNode[] = [];
  const images = { name: 'images', shape: input } as const;
  const { output, parameters } = describeModule(
    (shapes) => plan.define<Value>(new EmittingOps(shapes, nodes), images).logits,
    [input],
  );
  const given = new Map(weights.map(({ name, data }) => [name, data]));
  const all = new Map(parameters.map(({ name, shape }) => [name, { shape, torch: given.get(name)! }]));
  return prune({ input: images, nodes, output: output.name, weights: all });
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

class EmittingOps implements Ops<Value> {
  /** Works out the shapes and checks them. */
  private readonly shapes: Ops<Shape>;
  private readonly nodes: GraphNode[];

  constructor(shapes: Ops<Shape>, nodes: GraphNode[]) {
    this.shapes = shapes;
    this.nodes = nodes;
  }

  shapeOf(x: Value): Shape {
    return x.shape;
  }

  conv(x: Value, options: ConvOptions): Value {
    const { name, kernel: size, stride = 1, padding = 0, bias = false } = options;
    return this.emit(this.shapes.conv(x.shape, options), name, {
      kind: 'conv',
      inputs: [x.name],
      kernel: `${name}.weight`,
      bias: bias ? `${name}.bias` : null,
      size,
      stride,
      padding,
    });
  }

  convTranspose(_x: Value, { name }: ConvOptions): Value {
    throw new Error(
      `“${name}” is a transposed convolution: only regressors of hints have these, and they stay here.`,
    );
  }

  batchNorm(x: Value, name: string): Value {
    return this.emit(this.shapes.batchNorm(x.shape, name), name, {
      kind: 'batchNorm',
      inputs: [x.name],
      scale: `${name}.weight`,
      offset: `${name}.bias`,
      mean: `${name}.running_mean`,
      variance: `${name}.running_var`,
    });
  }

  batchNormRelu(x: Value, name: string): Value {
    return this.relu(this.batchNorm(x, name));
  }

  relu(x: Value): Value {
    return this.emit(x.shape, `${x.name}/relu`, { kind: 'relu', inputs: [x.name] });
  }

  add(a: Value, b: Value): Value {
    return this.emit(this.shapes.add(a.shape, b.shape), `${a.name}/add`, {
      kind: 'add',
      inputs: [a.name, b.name],
    });
  }

  maxPool(x: Value, size: number, stride: number): Value {
    return this.emit(this.shapes.maxPool(x.shape, size, stride), `${x.name}/pool`, {
      kind: 'maxPool',
      inputs: [x.name],
      size,
      stride,
    });
  }

  globalAveragePool(x: Value): Value {
    return this.emit(this.shapes.globalAveragePool(x.shape), `${x.name}/average`, {
      kind: 'globalAveragePool',
      inputs: [x.name],
    });
  }

  dense(x: Value, options: DenseOptions): Value {
    const { name } = options;
    return this.emit(this.shapes.dense(x.shape, options), name, {
      kind: 'dense',
      inputs: [x.name],
      kernel: `${name}.weight`,
      bias: `${name}.bias`,
    });
  }

  flatten(x: Value): Value {
    return this.emit(this.shapes.flatten(x.shape), `${x.name}/flat`, { kind: 'reshape', inputs: [x.name] });
  }

  asMap(x: Value): Value {
    return this.emit(this.shapes.asMap(x.shape), `${x.name}/map`, { kind: 'reshape', inputs: [x.name] });
  }

  /** Appends a node; a second value of the same make gets a number. */
  private emit(shape: Shape, wanted: string, step: GraphStep): Value {
    let name = wanted;
    for (let i = 2; this.nodes.some((node) => node.name === name); i++) name = `${wanted}-${i}`;
    this.nodes.push({ ...step, name, shape });
    return { name, shape };
  }
}
