/**
 * Describes a network or regressor without computing it, by running its definition over shapes: the list of
 * parameters (from which `module.ts` creates variables) and the cost sheet. Independent of TensorFlow.js, because the
 * page imports this file.
 */
import type {
  ConvOptions,
  DenseOptions,
  DepthwiseOptions,
  DropoutOptions,
  Initializer,
  LayerInit,
  PictureOps,
  TraceOf,
} from '../engine/ops';
import { parseNetworkName } from './network-names';
import { defineNetwork, type JoinedDefinition, type NetworkDefinition } from './networks/define-network';

/** Shape without the batch axis: [H,W,C] or [D]. */
export type Shape = readonly number[];

/** Shape of one instance as networks see it: an image, or a row of a table. */
export type InputShape = ImageShape | readonly [columns: number];

export type ImageShape = readonly [height: number, width: number, channels: number];

export interface ParameterSpec {
  /** PyTorch's name: `layer1.0.conv1.weight`, `bn1.running_mean`. */
  name: string;
  /** In the layouts of the op table: conv [k,k,in,out], transposed conv [k,k,out,in], dense [in,out], else [C]. */
  shape: number[];
  init: Initializer;
  /** `weight`: trained; `statistic`: running mean or variance. */
  kind: 'weight' | 'statistic';
}

/** A dropout layer: name, rate and the shape of its input. */
export interface DropoutSpec {
  name: string;
  rate: number;
  shape: Shape;
}

export interface ModuleDescription<R> {
  /** The definition's result, as shapes. */
  output: R;
  /** In order of first use. */
  parameters: ParameterSpec[];
  /** In order of use. */
  dropouts: DropoutSpec[];
  /** Number of trained parameters, without running statistics. */
  trainable: number;
  /** Multiply-adds of convolutions and dense layers, forward, per image. */
  multiplyAdds: number;
  /** Numbers written by the layers in one forward pass, per image; training keeps them for the backward pass. */
  activationFloats: number;
  /** Numbers of the largest map, per image. */
  largestMap: number;
  /** Numbers of the largest parameter. */
  largestParameter: number;
}

/** The definition does not fit its input; the message is a sentence for the user. */
export class ShapeProblem extends Error {}

/**
 * Runs a definition over shapes.
 * @throws ShapeProblem when a layer does not fit its input
 */
export function describeModule<R>(
  define: (ops: PictureOps<Shape>, ...inputs: Shape[]) => R,
  inputs: readonly Shape[],
): ModuleDescription<R> {
  const ops = new ShapeOps();
  const output = define(ops, ...inputs);
  const parameters = [...ops.parameters.values()];
  const trainable = parameters
    .filter((spec) => spec.kind === 'weight')
    .reduce((sum, spec) => sum + sizeOf(spec.shape), 0);
  return {
    output,
    parameters,
    dropouts: ops.dropouts,
    trainable,
    multiplyAdds: ops.multiplyAdds,
    activationFloats: ops.activationFloats,
    largestMap: ops.largestMap,
    largestParameter: parameters.reduce((most, { shape }) => Math.max(most, sizeOf(shape)), 0),
  };
}

export interface NetworkDescription {
  /** Trained parameters, as papers count them. */
  parameters: number;
  multiplyAdds: number;
  activationFloats: number;
  largestMap: number;
  largestParameter: number;
  trace: TraceOf<Shape>;
}

/**
 * Cost sheet and trace shapes of a network, by name (see `network-names.ts`), on images of [h,w,c]; or a sentence
 * that says why there is none.
 */
export function describeNetwork(
  name: string,
  input: Shape,
  classes: number,
): NetworkDescription | { problem: string } {
  const plan = planNetwork(name, input, classes);
  return 'problem' in plan ? plan : costOf(plan.description);
}

/** The same for a network with a definition of its own. */
export function describeJoined(
  define: JoinedDefinition,
  name: string,
  input: Shape,
): NetworkDescription | { problem: string } {
  const plan = planDefinition(define, name, input);
  return 'problem' in plan ? plan : costOf(plan.description);
}

function costOf(description: ModuleDescription<TraceOf<Shape>>): NetworkDescription {
  const { trainable, output, multiplyAdds, activationFloats, largestMap, largestParameter } = description;
  return {
    ...{ multiplyAdds, activationFloats, largestMap, largestParameter },
    parameters: trainable,
    trace: output,
  };
}

/** A network's definition with its description, or a sentence that says why there is none. */
export function planNetwork(
  name: string,
  input: Shape,
  classes: number,
): { define: NetworkDefinition; description: ModuleDescription<TraceOf<Shape>> } | { problem: string } {
  const spec = parseNetworkName(name);
  if ('problem' in spec) return { problem: `The network “${name}” ${spec.problem}.` };
  return planDefinition(defineNetwork(spec, classes), name, input);
}

/** @param name for the sentence that says why there is none */
export function planDefinition<D extends JoinedDefinition>(
  define: D,
  name: string,
  input: Shape,
): { define: D; description: ModuleDescription<TraceOf<Shape>> } | { problem: string } {
  try {
    return {
      define,
      description: describeModule<TraceOf<Shape>>((ops, images) => define(ops, images!), [input]),
    };
  } catch (error) {
    if (error instanceof ShapeProblem && input.length === 1)
      return { problem: `${name} does not fit this table: ${error.message}` };
    if (error instanceof ShapeProblem)
      return { problem: `${name} does not fit these images: ${error.message}` };
    throw error;
  }
}

function sizeOf(shape: Shape): number {
  return shape.reduce((product, side) => product * side, 1);
}

class ShapeOps implements PictureOps<Shape> {
  readonly parameters = new Map<string, ParameterSpec>();
  readonly dropouts: DropoutSpec[] = [];
  multiplyAdds = 0;
  activationFloats = 0;
  largestMap = 0;

  shapeOf(x: Shape): Shape {
    return x;
  }

  conv(x: Shape, options: ConvOptions): Shape {
    const { name, filters, kernel, bias = false, init, groups = 1 } = options;
    const inputs = mapSides(x)[2] / groups;
    const output = [...convolved(x, options), filters];
    const shape = [kernel, kernel, inputs, filters];
    const fanIn = kernel * kernel * inputs;
    this.layer(name, shape, fanIn, kernel * kernel * filters, bias, filters, init);
    this.multiplyAdds += sizeOf(output) * fanIn;
    return this.wrote(output);
  }

  depthwiseConv(x: Shape, options: DepthwiseOptions): Shape {
    const { name, kernel, init } = options;
    const channels = mapSides(x)[2];
    const output = [...convolved(x, options), channels];
    const fanIn = kernel * kernel;
    // The reference networks use all channels for the fan-out, although each output depends on one.
    this.layer(name, [kernel, kernel, 1, channels], fanIn, fanIn * channels, false, channels, init);
    this.multiplyAdds += sizeOf(output) * fanIn;
    return this.wrote(output);
  }

  convTranspose(x: Shape, options: ConvOptions): Shape {
    const { name, filters, kernel, stride = 1, padding = 0, outputPadding = 0, bias = false, init } = options;
    const [height, width, channels] = mapSides(x);
    const grown = (side: number) => (side - 1) * stride - 2 * padding + kernel + outputPadding;
    // PyTorch stores this kernel as [in,out,k,k] and takes the second axis for its fan-in.
    const fan = kernel * kernel * filters;
    this.layer(
      name,
      [kernel, kernel, filters, channels],
      fan,
      kernel * kernel * channels,
      bias,
      filters,
      init,
    );
    this.multiplyAdds += height * width * channels * fan;
    return this.wrote([grown(height), grown(width), filters]);
  }

  batchNorm(x: Shape, name: string): Shape {
    const shape = [x.at(-1)!];
    const constant = (value: number): Initializer => ({ kind: 'constant', value });
    this.parameter({ name: `${name}.weight`, shape, init: constant(1), kind: 'weight' });
    this.parameter({ name: `${name}.bias`, shape, init: constant(0), kind: 'weight' });
    this.parameter({ name: `${name}.running_mean`, shape, init: constant(0), kind: 'statistic' });
    this.parameter({ name: `${name}.running_var`, shape, init: constant(1), kind: 'statistic' });
    return this.wrote(x);
  }

  batchNormRelu(x: Shape, name: string): Shape {
    return this.relu(this.batchNorm(x, name));
  }

  relu(x: Shape): Shape {
    return this.wrote(x);
  }

  roundedRelu(x: Shape): Shape {
    return this.wrote(x);
  }

  clippedRelu(x: Shape): Shape {
    return this.wrote(x);
  }

  elu(x: Shape): Shape {
    return this.wrote(x);
  }

  dropout(x: Shape, { name, rate }: DropoutOptions): Shape {
    this.dropouts.push({ name, rate, shape: [...x] });
    return this.wrote(x);
  }

  add(a: Shape, b: Shape): Shape {
    if (a.join() !== b.join())
      throw new ShapeProblem(`maps of ${a.join(' × ')} and ${b.join(' × ')} cannot be added.`);
    return this.wrote(a);
  }

  maxPool(x: Shape, size: number, stride: number, padding = 0): Shape {
    const [height, width, channels] = mapSides(x);
    if (height + 2 * padding < size || width + 2 * padding < size)
      throw new ShapeProblem(
        `a ${height} × ${width} map is too small to be pooled by ${size}; use larger images or a network with fewer blocks.`,
      );
    const shrunk = (side: number) => Math.floor((side + 2 * padding - size) / stride) + 1;
    return this.wrote([shrunk(height), shrunk(width), channels]);
  }

  averagePool(x: Shape, size: number, stride: number, padding: number): Shape {
    return this.wrote([...convolved(x, { name: 'average pooling', kernel: size, stride, padding }), x[2]!]);
  }

  globalAveragePool(x: Shape): Shape {
    return this.wrote([mapSides(x)[2]]);
  }

  dense(x: Shape, { name, units, init, zeroBias }: DenseOptions): Shape {
    const inputs = sizeOf(x);
    this.layer(name, [inputs, units], inputs, units, true, units, init, zeroBias);
    this.multiplyAdds += inputs * units;
    return this.wrote([units]);
  }

  flatten(x: Shape): Shape {
    return [sizeOf(x)];
  }

  asMap(x: Shape): Shape {
    return [1, 1, sizeOf(x)];
  }

  concat(parts: readonly Shape[]): Shape {
    const [first, ...others] = parts as [Shape, ...Shape[]];
    const sides = (shape: Shape) => shape.slice(0, -1).join(' × ');
    const unlike = others.find((shape) => sides(shape) !== sides(first));
    if (unlike)
      throw new ShapeProblem(`maps of ${sides(first)} and ${sides(unlike)} cannot be put side by side.`);
    if (others.length === 0) return first;
    return this.wrote([...first.slice(0, -1), parts.reduce((sum, shape) => sum + shape.at(-1)!, 0)]);
  }

  split(x: Shape, channels: readonly number[]): Shape[] {
    const sum = channels.reduce((all, part) => all + part, 0);
    if (sum !== x.at(-1)) throw new Error(`Parts of ${channels.join(' and ')} channels of [${x.join()}]`);
    return channels.map((part) => this.wrote([...x.slice(0, -1), part]));
  }

  shuffle(x: Shape, groups: number): Shape {
    if (x.at(-1)! % groups !== 0) throw new Error(`[${x.join()}] cannot be shuffled in ${groups} groups`);
    return this.wrote(x);
  }

  blend(x: Shape, matrix: readonly (readonly number[])[]): Shape {
    if (matrix.length !== sizeOf(x)) throw new Error(`A matrix of ${matrix.length} rows for [${x.join()}]`);
    const units = matrix[0]!.length;
    this.multiplyAdds += matrix.length * units;
    return this.wrote([units]);
  }

  softmax(x: Shape): Shape {
    return this.wrote(x);
  }

  leakyRelu(x: Shape): Shape {
    return this.wrote(x);
  }

  sigmoid(x: Shape): Shape {
    return this.wrote(x);
  }

  enlarge(x: Shape): Shape {
    const [height, width, channels] = mapSides(x);
    return this.wrote([2 * height, 2 * width, channels]);
  }

  asPlaces(x: Shape, shape: readonly [number, number, number]): Shape {
    if (sizeOf(x) !== sizeOf(shape)) throw new Error(`[${x.join()}] as [${shape.join()}]`);
    return shape;
  }

  sumOverPlaces(x: Shape): Shape {
    return this.wrote([mapSides(x)[2]]);
  }

  innerProduct(a: Shape, b: Shape): Shape {
    if (a.join() !== b.join()) throw new Error(`[${a.join()}] times [${b.join()}]`);
    return this.wrote([1]);
  }

  groupNorm(x: Shape, { name, groups }: { name: string; groups: number }): Shape {
    const units = x.at(-1)!;
    if (units % groups !== 0) throw new Error(`${units} units in ${groups} groups`);
    const constant = (value: number): Initializer => ({ kind: 'constant', value });
    this.parameter({ name: `${name}.weight`, shape: [units], init: constant(1), kind: 'weight' });
    this.parameter({ name: `${name}.bias`, shape: [units], init: constant(0), kind: 'weight' });
    return this.wrote(x);
  }

  private layer(
    name: string,
    shape: number[],
    fanIn: number,
    fanOut: number,
    bias: boolean,
    units: number,
    init: LayerInit = 'torch-default',
    zeroBias = init !== 'torch-default',
  ): void {
    const torch: Initializer = { kind: 'torch-default', fanIn };
    const weights: Initializer =
      init === 'torch-default'
        ? torch
        : init === 'he-fan-out'
          ? { kind: 'he-fan-out', fanOut }
          : { kind: 'normal', deviation: init.deviation };
    this.parameter({ name: `${name}.weight`, shape, init: weights, kind: 'weight' });
    if (!bias) return;
    const first: Initializer = zeroBias ? { kind: 'constant', value: 0 } : torch;
    this.parameter({ name: `${name}.bias`, shape: [units], init: first, kind: 'weight' });
  }

  private parameter(spec: ParameterSpec): void {
    if (this.parameters.has(spec.name)) throw new Error(`Two layers are called ${spec.name}`);
    this.parameters.set(spec.name, spec);
  }

  private wrote(shape: Shape): Shape {
    const size = sizeOf(shape);
    this.activationFloats += size;
    this.largestMap = Math.max(this.largestMap, size);
    return shape;
  }
}

/** Height and width after a convolution or pooling with symmetric padding. */
function convolved(
  x: Shape,
  {
    name,
    kernel,
    stride = 1,
    padding = 0,
  }: { name: string; kernel: number; stride?: number; padding?: number },
): [number, number] {
  const [height, width] = mapSides(x);
  const shrunk = (side: number) => Math.floor((side + 2 * padding - kernel) / stride) + 1;
  if (shrunk(height) < 1 || shrunk(width) < 1)
    throw new ShapeProblem(
      `a ${height} × ${width} map is too small for a ${kernel} × ${kernel} convolution (${name}); use larger images or a smaller network.`,
    );
  return [shrunk(height), shrunk(width)];
}

function mapSides(x: Shape): [number, number, number] {
  if (x.length !== 3) throw new ShapeProblem('A table has no neighbouring pixels; take an MLP.');
  return x as unknown as [number, number, number];
}
