/**
 * The op table: the only vocabulary in which networks and regressors are written.
 *
 * `T` is whatever flows through a network. With tensors the table computes (`composed.ts`: tfjs ops on any
 * backend); with shapes it counts (`nn/describe.ts`: parameters, multiply-adds, memory). One definition of a network
 * therefore serves training, its cost sheet and the list of its parameters. This file holds types only, so that the
 * page may read network definitions without loading TensorFlow.js.
 */

/** How a parameter gets its first value; `fanIn` and `fanOut` are counted in numbers per output or input unit. */
export type Initializer =
  | { kind: 'constant'; value: number }
  /** Uniform in +-1/sqrt(fanIn): the default of PyTorch's layers. */
  | { kind: 'torch-default'; fanIn: number }
  /** Normal with standard deviation sqrt(2 / fanOut). */
  | { kind: 'he-fan-out'; fanOut: number }
  | { kind: 'normal'; deviation: number };

/** First values of a layer's kernel. Its bias starts like the kernel under 'torch-default', else at zero. */
export type LayerInit = 'torch-default' | 'he-fan-out' | { deviation: number };

/** How a kernel is rounded to few levels before it is used (`engine/quantise.ts`); the trained values stay as they are. */
export interface WeightRounding {
  /**
   * `wrpn`: multiples of 1/n from -1 to 1 with n = 2^(bits-1) - 1. `scaled`: the same times the largest size in the kernel.
   * `dorefa`: 2^bits levels from -1 to 1 after a tanh that the largest size divides; sign times mean size at 1 bit.
   */
  rule: 'scaled' | 'wrpn' | 'dorefa';
  /** From 2 on; from 1 on for `dorefa`. */
  bits: number;
}

export interface ConvOptions {
  /** Parameter prefix under PyTorch's names: `${name}.weight`, `${name}.bias`. */
  name: string;
  filters: number;
  kernel: number;
  stride?: number;
  /** Symmetric zero padding in pixels, as in PyTorch. */
  padding?: number;
  /** Of a transposed convolution: rows and columns added below and to the right, as in PyTorch. */
  outputPadding?: number;
  bias?: boolean;
  init?: LayerInit;
  /**
   * Number of groups of neighbouring channels on either side; each group is convolved by itself. More than one only
   * for kernel 1, stride 1 and no padding or bias, which is what networks use.
   */
  groups?: number;
  /** Left out for full precision. */
  rounding?: WeightRounding;
}

/** A convolution of each channel by itself. */
export interface DepthwiseOptions {
  /** Parameter prefix: `${name}.weight`. */
  name: string;
  kernel: number;
  stride?: number;
  /** Symmetric zero padding in pixels. */
  padding?: number;
  init?: LayerInit;
  /** Left out for full precision. */
  rounding?: WeightRounding;
}

export interface DenseOptions {
  name: string;
  units: number;
  init?: LayerInit;
  /** Starts the bias at zero whatever `init` says. */
  zeroBias?: boolean;
  /** Of the kernel; the bias stays. Left out for full precision. */
  rounding?: WeightRounding;
}

export interface DropoutOptions {
  /** Its name among the layers of the network; a dropout has no parameters. */
  name: string;
  /** Fraction of the numbers that become zero in training, below 1; the others are divided by 1 - rate. */
  rate: number;
}

export interface Ops<T> {
  /** Shape without the batch axis: [H,W,C] for maps, [D] for vectors. */
  shapeOf(x: T): readonly number[];
  /** Convolution over [B,H,W,C]; kernel variable stored [k,k,in/groups,out]. */
  conv(x: T, options: ConvOptions): T;
  /** Depthwise convolution over [B,H,W,C]; kernel variable stored [k,k,1,C] (PyTorch's groups = C). */
  depthwiseConv(x: T, options: DepthwiseOptions): T;
  /** Transposed convolution over [B,H,W,C]; kernel variable stored [k,k,out,in]. */
  convTranspose(x: T, options: ConvOptions): T;
  /** Batch normalisation over the last axis, eps 1e-5; batch statistics in training, running ones in evaluation. */
  batchNorm(x: T, name: string): T;
  /** The same followed by ReLU: to be used where the value in between is not needed. */
  batchNormRelu(x: T, name: string): T;
  relu(x: T): T;
  /** x cut off at 0 and 1 and rounded to multiples of 1/(2^bits - 1): takes the place of a ReLU in low precision. */
  roundedRelu(x: T, bits: number): T;
  /** x cut off at 0 and at `limit`: ReLU6 with 6. */
  clippedRelu(x: T, limit: number): T;
  /** x where it is positive, exp(x) - 1 elsewhere. */
  elu(x: T): T;
  /** Inverted dropout, elementwise, as in PyTorch; the identity in evaluation. */
  dropout(x: T, options: DropoutOptions): T;
  add(a: T, b: T): T;
  /**
   * 2-D max pooling: an odd last row or column is dropped, as in PyTorch. Padding is for maps without negative numbers
   * (after a ReLU): its zeros never win.
   * @param padding rows and columns at each edge, none where left out
   */
  maxPool(x: T, size: number, stride: number, padding?: number): T;
  /** 2-D average pooling; the padding's zeros count as pixels, as in PyTorch. */
  averagePool(x: T, size: number, stride: number, padding: number): T;
  /** [B,H,W,C] -> [B,C]. */
  globalAveragePool(x: T): T;
  /** Concatenation along the last axis: channels of maps of one size, entries of vectors. */
  concat(parts: readonly T[]): T;
  /** Splits a map along the channels into parts of the given sizes. */
  split(x: T, channels: readonly number[]): T[];
  /** Channel shuffle: moves channel c of group g from g * C/groups + c to c * groups + g. */
  shuffle(x: T, groups: number): T;
  /** [B,D] -> [B,units]; kernel variable stored [in,out]. */
  dense(x: T, options: DenseOptions): T;
  /** [B,...] -> [B,D] in NHWC order. */
  flatten(x: T): T;
  /** [B,D] -> [B,1,1,D]. */
  asMap(x: T): T;
}

/** Further ops for several networks joined in one. */
export interface JoinOps<T> extends Ops<T> {
  /** [B,D] -> [B,E] by a fixed matrix (D rows of E numbers) that is not trained. */
  blend(x: T, matrix: readonly (readonly number[])[]): T;
  /** [B,D], over the last axis. */
  softmax(x: T): T;
}

/** Further ops for networks that make pictures and judge them, which are never exported as graphs. */
export interface PictureOps<T> extends JoinOps<T> {
  /** x where it is positive, `slope` times x elsewhere. */
  leakyRelu(x: T, slope: number): T;
  sigmoid(x: T): T;
  /** Nearest neighbour: [B,H,W,C] -> [B,2H,2W,C]. */
  enlarge(x: T): T;
  /** [B,D] -> [B,H,W,C] in NHWC order. */
  asPlaces(x: T, shape: readonly [height: number, width: number, channels: number]): T;
  /** [B,H,W,C] -> [B,C]. */
  sumOverPlaces(x: T): T;
  /** [B,D] and [B,D] -> [B,1], the product of each pair of rows. */
  innerProduct(a: T, b: T): T;
  /** Of vectors [B,D] in groups of neighbours, eps 1e-5, with PyTorch's scale and offset `${name}.weight`, `${name}.bias`. */
  groupNorm(x: T, options: { name: string; groups: number }): T;
}

/**
 * The outputs of a network on a batch. (A type, not an interface, so that tfjs accepts it as a container of tensors.)
 */
export type TraceOf<T> = {
  /** [B,C] */
  logits: T;
  /** [B,D] the vector before the classifier. */
  embedding: T;
  /** [B,H,W,C] output of the first layer after its ReLU (f0 of the reference networks). */
  stem: T;
  /** [B,H,W,C] per stage, after the stage's last ReLU (f1..fn). */
  stages: T[];
  /** The same stages before that ReLU. */
  preActivations: T[];
  /** Further outputs of some networks and kinds of teachers, by name, [B,...] each (all maps of a group, codes of MGD's heads). */
  more?: Readonly<Record<string, T>>;
};
