/**
 * Networks in low precision: an op table around another one rounds kernels and activations, so that every network is one
 * definition in any precision. Which layers keep full precision is found by running the definition over shapes.
 */
import type {
  ConvOptions,
  DenseOptions,
  DepthwiseOptions,
  DropoutOptions,
  JoinOps,
  WeightRounding,
} from '../engine/ops';
import { describeModule, type Shape } from './describe';
import type { JoinedDefinition } from './networks/define-network';

export interface Precision {
  /** Bits of the kernels; 32 for full precision. */
  weights: number;
  /** Bits of what the activations let through; 32 for full precision. */
  activations: number;
  rule: WeightRounding['rule'];
  /** Whether the first layer, the last activation and the classifier keep full precision, where there are others. */
  exempt: boolean;
}

/** What of a network is rounded. */
export interface RoundedParts {
  /** Names of the kernels, in order of first use: "blocks.1.0.weight". */
  kernels: readonly string[];
  /** Places of the activations, counted from 0 in order of use. */
  activations: readonly number[];
}

/** Told of each activation. @param after the layer before it @param x [B,...] what comes to it */
export type WatchActivation<T> = (after: string, x: T, isRounded: boolean) => void;

/** Highest size of a kernel's levels, counted from 0: levels are k / steps for whole k (`wrpn`, `scaled`). */
export const stepsOfWeights = (bits: number) => 2 ** (bits - 1) - 1;

/** How many values a kernel's entry can have. */
export function levelsOfWeights({ weights, rule }: Pick<Precision, 'weights' | 'rule'>): number {
  return rule === 'dorefa' ? 2 ** weights : 2 * stepsOfWeights(weights) + 1;
}

/**
 * What is rounded of a network at this precision; empty lists where nothing is.
 * @param input shape without the batch axis
 */
export function roundedParts(define: JoinedDefinition, input: Shape, precision: Precision): RoundedParts {
  let activations = 0;
  const { parameters } = describeModule(
    (ops) => define(new LowPrecisionOps(ops, nothing, precision, () => activations++), input),
    [input],
  );
  const kernels = parameters.flatMap(({ name, shape }) => (shape.length > 1 ? [name] : []));
  const places = Array.from({ length: activations }, (_, place) => place);
  const { weights, activations: bits } = precision;
  // A network of two layers has no others.
  const exempt = precision.exempt && kernels.length > 2;
  return {
    kernels: weights === 32 ? [] : exempt ? kernels.slice(1, -1) : kernels,
    activations: bits === 32 ? [] : exempt ? places.slice(0, -1) : places,
  };
}

const nothing: RoundedParts = { kernels: [], activations: [] };

/** The same network with these parts rounded. @param watch sees what comes to every activation, rounded or not */
export function inLowPrecision(
  define: JoinedDefinition,
  parts: RoundedParts,
  precision: Precision,
): JoinedDefinition {
  return (ops, images) => define(new LowPrecisionOps(ops, parts, precision), images);
}

export class LowPrecisionOps<T> implements JoinOps<T> {
  private readonly ops: JoinOps<T>;
  private readonly kernels: ReadonlySet<string>;
  private readonly rounded: ReadonlySet<number>;
  private readonly precision: Precision;
  private readonly watch: WatchActivation<T> | null;
  private place = 0;
  /** Name of the last layer. */
  private last = '';

  /** One table serves one pass: activations are counted. */
  constructor(
    ops: JoinOps<T>,
    { kernels, activations }: RoundedParts,
    precision: Precision,
    watch: WatchActivation<T> | null = null,
  ) {
    this.ops = ops;
    this.kernels = new Set(kernels);
    this.rounded = new Set(activations);
    this.precision = precision;
    this.watch = watch;
  }

  shapeOf(x: T): readonly number[] {
    return this.ops.shapeOf(x);
  }

  conv(x: T, options: ConvOptions): T {
    return this.ops.conv(x, this.layer(options));
  }

  depthwiseConv(x: T, options: DepthwiseOptions): T {
    return this.ops.depthwiseConv(x, this.layer(options));
  }

  convTranspose(x: T, options: ConvOptions): T {
    return this.ops.convTranspose(x, options);
  }

  batchNorm(x: T, name: string): T {
    this.last = name;
    return this.ops.batchNorm(x, name);
  }

  batchNormRelu(x: T, name: string): T {
    if (this.rounded.has(this.place) || this.watch) return this.relu(this.batchNorm(x, name));
    this.place++;
    return this.ops.batchNormRelu(x, name);
  }

  relu(x: T): T {
    const isRounded = this.rounded.has(this.place++);
    this.watch?.(this.last, x, isRounded);
    return isRounded ? this.ops.roundedRelu(x, this.precision.activations) : this.ops.relu(x);
  }

  roundedRelu(x: T, bits: number): T {
    return this.ops.roundedRelu(x, bits);
  }

  clippedRelu(x: T, limit: number): T {
    return this.ops.clippedRelu(x, limit);
  }

  elu(x: T): T {
    return this.ops.elu(x);
  }

  dropout(x: T, options: DropoutOptions): T {
    return this.ops.dropout(x, options);
  }

  add(a: T, b: T): T {
    return this.ops.add(a, b);
  }

  maxPool(x: T, size: number, stride: number, padding?: number): T {
    return this.ops.maxPool(x, size, stride, padding);
  }

  averagePool(x: T, size: number, stride: number, padding: number): T {
    return this.ops.averagePool(x, size, stride, padding);
  }

  globalAveragePool(x: T): T {
    return this.ops.globalAveragePool(x);
  }

  concat(parts: readonly T[]): T {
    return this.ops.concat(parts);
  }

  split(x: T, channels: readonly number[]): T[] {
    return this.ops.split(x, channels);
  }

  shuffle(x: T, groups: number): T {
    return this.ops.shuffle(x, groups);
  }

  dense(x: T, options: DenseOptions): T {
    return this.ops.dense(x, this.layer(options));
  }

  flatten(x: T): T {
    return this.ops.flatten(x);
  }

  asMap(x: T): T {
    return this.ops.asMap(x);
  }

  blend(x: T, matrix: readonly (readonly number[])[]): T {
    return this.ops.blend(x, matrix);
  }

  softmax(x: T): T {
    return this.ops.softmax(x);
  }

  private layer<O extends { name: string; rounding?: WeightRounding }>(options: O): O {
    this.last = options.name;
    if (!this.kernels.has(`${options.name}.weight`)) return options;
    const { rule, weights: bits } = this.precision;
    return { ...options, rounding: { rule, bits } };
  }
}
