/** What page and worker say to each other of an ONNX model: plain data. */

/** Axes after the batch: channels before or after the places, no channels, everything in a row, or the columns of a table. */
export type Layout = 'CHW' | 'HWC' | 'HW' | 'flat CHW' | 'flat HWC' | 'columns';

type ScalingId = 'unit' | 'bytes' | 'signed' | 'own' | 'imagenet' | 'plain' | 'custom';

/** A number v of the set, a pixel from 0 to 1 or a cell of a table, is given as (v - mean) / deviation. */
export interface Scaling {
  id: ScalingId;
  /** One, or one per channel or column. */
  mean: readonly number[];
  deviation: readonly number[];
}

/** Shape of what the model reads of one instance. */
export interface Fit {
  layout: Layout;
  height: number;
  width: number;
  channels: number;
}

/** A way to give a model its input. */
export interface Way {
  fit: Fit;
  scaling: Scaling;
}

/** Numbers of a target: in the target's unit, or less their mean and divided by their deviation. */
export type Unit = 'own' | 'standardised';

/** A way, and how well the model answers then. */
export interface Tried extends Way {
  unit: Unit;
  /** On training instances: the share of right answers, or R² of numbers. Null where its answers are no numbers. */
  score: number | null;
}

/** A value inside a model that feature losses can read: a node's output, or an output of the file that is no answer. */
export interface Inner {
  /** Of the value in the graph. */
  name: string;
  op: string;
  /** Of one instance as a trace holds it: [h,w,c], [tokens,d] or [d] */
  shape: number[];
  layout: 'map' | 'tokens' | 'vector';
  /** Of a map whose channels lie behind its places in the model; left out where they come first. */
  order?: 'last';
}

export interface OnnxFound {
  name: string;
  /** The best first. */
  tried: Tried[];
  /** Training instances that they were tried on. */
  sample: number;
  /** Outputs that can be its answers; the likeliest first. */
  outputs: string[];
  inner: Inner[];
  /** Names of values that stand for stages and the vector before the classifier in most models, as far as there is room. */
  proposal: Pick<OnnxChoices, 'stages' | 'embedding' | 'side'>;
  /** Instances of both splits. */
  rows: number;
  /** Milliseconds per instance. */
  pace: number;
  notes: string[];
}

/** How a model is asked, and for what. */
export interface OnnxChoices extends Way {
  output: string;
  unit: Unit;
  /** Names of values whose maps feature losses are to see, in their order. */
  stages: string[];
  /** The value that stands for the vector before the classifier. */
  embedding: string | null;
  /** Maps with longer sides are averaged over blocks until they have so many places along each; null for as they are. */
  side: number | null;
}

/** The way that was found best, for answers alone. */
export function firstChoices({ tried: [best], outputs }: OnnxFound): OnnxChoices {
  const { fit, scaling, unit } = best!;
  return { fit, scaling, unit, output: outputs[0]!, stages: [], embedding: null, side: null };
}

export const isOnnx = ({ path }: { path: string }): boolean => /\.onnx$/i.test(path);

/** Sides that maps may be averaged to. */
export const mapSides = [14, 7, 4, 3, 2] as const;

/** Places along the sides of a block that becomes one place. @param sides [h,w] */
export function blockOf([height = 1, width = 1]: readonly number[], side: number | null): number {
  return side === null ? 1 : Math.ceil(Math.max(height, width) / side);
}

/** The shape with which a feature is kept. */
export function keptShape({ shape, layout }: Inner, side: number | null): number[] {
  if (layout !== 'map') return shape;
  const block = blockOf(shape, side);
  const [height, width, channels] = shape as [number, number, number];
  return [Math.ceil(height / block), Math.ceil(width / block), channels];
}

/** Bytes of inner maps that are kept of a set at most: they are in memory while a run reads them. */
export const mostMapBytes = 256 * 2 ** 20;

/** Bytes of such values for so many instances. */
export function mapBytes(inner: readonly Inner[], rows: number, side: number | null): number {
  const numbers = inner.map((one) => keptShape(one, side).reduce((size, own) => size * own, 1));
  return 4 * rows * numbers.reduce((sum, size) => sum + size, 0);
}

export const megabytes = (bytes: number): string =>
  `${Math.ceil(bytes / 2 ** 20).toLocaleString('en-GB')} MB`;

const layoutWords: Readonly<Record<Layout, string>> = {
  CHW: 'channels first [batch, channels, height, width]',
  HWC: 'channels last [batch, height, width, channels]',
  HW: 'one grey plane [batch, height, width]',
  'flat CHW': 'one row of numbers, channel by channel',
  'flat HWC': 'one row of numbers, pixel by pixel',
  columns: 'one row of numbers',
};

export const layoutText = (layout: Layout): string => layoutWords[layout];

const short = (value: number) => String(Number(value.toPrecision(4)));

/** What follows "its input is given": "as pixels from 0 to 1". */
export function scalingText({ id, mean, deviation }: Scaling): string {
  switch (id) {
    case 'unit':
      return 'as pixels from 0 to 1';
    case 'bytes':
      return 'as pixels from 0 to 255';
    case 'signed':
      return 'as pixels from −1 to 1';
    case 'own':
      return 'by this set’s mean and deviation';
    case 'imagenet':
      return 'by ImageNet’s mean and deviation';
    case 'plain':
      return 'as it is';
    case 'custom':
      return `by the mean ${mean.map(short).join(', ')} and the deviation ${deviation.map(short).join(', ')}`;
  }
}

/** What a saved model of a run is held against. */
export interface ModelCheck {
  /** [h,w,c] or [columns] of an instance. */
  shape: readonly number[];
  /** [N,...shape] training instances as the network reads them, normalised. */
  calibration: Float32Array;
  /** [M,...shape] the same of the test split. */
  test: Float32Array;
  /** [K*outputs] what the network answers to the first test instances, as the model does. */
  answers: Float32Array;
  /** Of the instances: (plain - mean) / deviation, of all numbers alike or by their last axis. */
  normalisation: { mean: number | readonly number[]; deviation: number | readonly number[] };
}

export interface ModelScores {
  /** The task's first score of each model on the test instances of the check. */
  scores: number[];
  /** How near each model is to the first one: share of equal answers, or the difference of numbers. */
  agreement: number[];
}

/** How far a saved model, loaded back, is from the network that it is of. */
export interface LoadedBack {
  /** Largest difference between their answers, as a share of the largest answer. */
  difference: number;
  /** Test instances that both were asked about. */
  instances: number;
}

/** Test instances that have the network's own answers beside them, at most. */
export const comparedInstances = 32;

/**
 * The first test instances of a check, [K,...shape], as a saved model reads them.
 * @param feed whether it normalises by itself ("pixels")
 */
export function fedInstances(
  { shape, test, normalisation }: ModelCheck,
  feed: 'pixels' | 'normalised',
): Float32Array {
  const size = shape.reduce((product, side) => product * side, 1);
  const values = test.subarray(0, comparedInstances * size);
  if (feed === 'normalised') return values;
  const of = (numbers: number | readonly number[], i: number) =>
    typeof numbers === 'number' ? numbers : numbers[i % numbers.length]!;
  const { mean, deviation } = normalisation;
  return values.map((value, i) => value * of(deviation, i) + of(mean, i));
}

/** @param answered [K*outputs] at least, of the first test instances */
export function differenceFrom(
  { answers, shape, test }: ModelCheck,
  answered: ArrayLike<number>,
): LoadedBack {
  const largest = answers.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-12);
  const apart = answers.reduce((most, value, i) => Math.max(most, Math.abs(value - answered[i]!)), 0);
  const size = shape.reduce((product, side) => product * side, 1);
  return { difference: apart / largest, instances: Math.min(comparedInstances, test.length / size) };
}
