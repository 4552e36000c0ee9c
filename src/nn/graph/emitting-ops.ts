/** An op table that records what a definition computes as graph nodes. */
import type { ConvOptions, DenseOptions, DepthwiseOptions, DropoutOptions, JoinOps } from '../../engine/ops';
import { toTorchLayout } from '../layouts';
import type { GraphNode, GraphStep, GraphWeight, Shape } from './model-graph';

/** Nodes and constants recorded so far. */
export interface Sheet {
  /** By name, in the order of computation. */
  nodes: Map<string, GraphNode>;
  /** Matrices that are part of the definition. */
  constants: Map<string, GraphWeight>;
}

/** A value of the graph under construction. */
export interface Value {
  name: string;
  shape: Shape;
}

export class EmittingOps implements JoinOps<Value> {
  /** Computes and checks the shapes. */
  private readonly shapes: JoinOps<Shape>;
  private readonly sheet: Sheet;

  constructor(shapes: JoinOps<Shape>, sheet: Sheet) {
    this.shapes = shapes;
    this.sheet = sheet;
  }

  shapeOf(x: Value): Shape {
    return x.shape;
  }

  conv(x: Value, options: ConvOptions): Value {
    const { name, kernel: size, stride = 1, padding = 0, bias = false, groups = 1, rounding } = options;
    return this.emit(this.shapes.conv(x.shape, options), name, {
      kind: 'conv',
      inputs: [x.name],
      kernel: `${name}.weight`,
      bias: bias ? `${name}.bias` : null,
      size,
      stride,
      padding,
      groups,
      ...(rounding ? { rounding } : {}),
    });
  }

  depthwiseConv(x: Value, options: DepthwiseOptions): Value {
    const { name, kernel: size, stride = 1, padding = 0, rounding } = options;
    return this.emit(this.shapes.depthwiseConv(x.shape, options), name, {
      kind: 'conv',
      inputs: [x.name],
      kernel: `${name}.weight`,
      bias: null,
      size,
      stride,
      padding,
      groups: x.shape.at(-1)!,
      ...(rounding ? { rounding } : {}),
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

  roundedRelu(x: Value, bits: number): Value {
    return this.emit(x.shape, `${x.name}/rounded`, { kind: 'roundedRelu', inputs: [x.name], bits });
  }

  clippedRelu(x: Value, limit: number): Value {
    return this.emit(x.shape, `${x.name}/clipped`, { kind: 'clippedRelu', inputs: [x.name], limit });
  }

  elu(x: Value): Value {
    return this.emit(x.shape, `${x.name}/elu`, { kind: 'elu', inputs: [x.name] });
  }

  dropout(x: Value, { name, rate }: DropoutOptions): Value {
    return this.emit(x.shape, name, { kind: 'dropout', inputs: [x.name], rate });
  }

  add(a: Value, b: Value): Value {
    return this.emit(this.shapes.add(a.shape, b.shape), `${a.name}/add`, {
      kind: 'add',
      inputs: [a.name, b.name],
    });
  }

  maxPool(x: Value, size: number, stride: number, padding = 0): Value {
    return this.emit(this.shapes.maxPool(x.shape, size, stride, padding), `${x.name}/pool`, {
      kind: 'maxPool',
      inputs: [x.name],
      size,
      stride,
      ...(padding > 0 ? { padding } : {}),
    });
  }

  averagePool(x: Value, size: number, stride: number, padding: number): Value {
    return this.emit(this.shapes.averagePool(x.shape, size, stride, padding), `${x.name}/mean-pool`, {
      kind: 'averagePool',
      inputs: [x.name],
      size,
      stride,
      padding,
    });
  }

  globalAveragePool(x: Value): Value {
    return this.emit(this.shapes.globalAveragePool(x.shape), `${x.name}/average`, {
      kind: 'globalAveragePool',
      inputs: [x.name],
    });
  }

  concat(parts: readonly Value[]): Value {
    const shape = this.shapes.concat(parts.map((part) => part.shape));
    return this.emit(shape, `${parts[0]!.name}/concat`, {
      kind: 'concat',
      inputs: parts.map(({ name }) => name),
    });
  }

  split(x: Value, channels: readonly number[]): Value[] {
    let start = 0;
    return this.shapes.split(x.shape, channels).map((shape) => {
      const part = this.emit(shape, `${x.name}/part`, { kind: 'slice', inputs: [x.name], start });
      start += shape.at(-1)!;
      return part;
    });
  }

  shuffle(x: Value, groups: number): Value {
    return this.emit(this.shapes.shuffle(x.shape, groups), `${x.name}/shuffle`, {
      kind: 'shuffle',
      inputs: [x.name],
      groups,
    });
  }

  blend(x: Value, matrix: readonly (readonly number[])[]): Value {
    const shape = [matrix.length, matrix[0]!.length];
    const name = this.free(`${x.name}/blend`);
    const kernel = `${name}.matrix`;
    this.sheet.constants.set(kernel, {
      shape,
      torch: toTorchLayout(Float32Array.from(matrix.flat()), shape),
    });
    return this.emit(this.shapes.blend(x.shape, matrix), name, {
      kind: 'dense',
      inputs: [x.name],
      kernel,
      bias: null,
    });
  }

  softmax(x: Value): Value {
    return this.emit(this.shapes.softmax(x.shape), `${x.name}/softmax`, {
      kind: 'softmax',
      inputs: [x.name],
    });
  }

  dense(x: Value, options: DenseOptions): Value {
    const { name, rounding } = options;
    return this.emit(this.shapes.dense(x.shape, options), name, {
      kind: 'dense',
      inputs: [x.name],
      kernel: `${name}.weight`,
      bias: `${name}.bias`,
      ...(rounding ? { rounding } : {}),
    });
  }

  flatten(x: Value): Value {
    return this.emit(this.shapes.flatten(x.shape), `${x.name}/flat`, { kind: 'reshape', inputs: [x.name] });
  }

  asMap(x: Value): Value {
    return this.emit(this.shapes.asMap(x.shape), `${x.name}/map`, { kind: 'reshape', inputs: [x.name] });
  }

  private emit(shape: Shape, wanted: string, step: GraphStep): Value {
    const name = this.free(wanted);
    this.sheet.nodes.set(name, { ...step, name, shape });
    return { name, shape };
  }

  /** The wanted name, with a number if it is taken. */
  private free(wanted: string): string {
    let name = wanted;
    for (let i = 2; this.sheet.nodes.has(name); i++) name = `${wanted}-${i}`;
    return name;
  }
}
