/** Networks with random weights and statistics, and their logits, to compare exported models with. */
import { tf } from '../../../src/engine/tf';
import type { ModelSource } from '../../../src/export/model-source';
import { describeNetwork, planNetwork } from '../../../src/nn/describe';
import { writeDown } from '../../../src/nn/graph/emit';
import { torchShape, type NamedArray } from '../../../src/nn/layouts';
import { inLowPrecision, roundedParts, type Precision } from '../../../src/nn/low-precision';
import { networkSuggestions } from '../../../src/nn/network-names';
import { Network } from '../../../src/nn/network';
import type { JoinedDefinition } from '../../../src/nn/networks/define-network';
import { isLong } from '../../support/long';
import { RandomStream } from '../../../src/random/streams';

export const images = 8;

/**
 * The networks that the page offers, without those that take long on a processor. Of their ops the others lack only the
 * padded pooling of a 7x7 stem, which is left to the long tests.
 */
export const networks = networkSuggestions
  .map(({ value }) => value)
  .filter((name) => parametersOf(name) < 5e6 || (isLong && name === 'ResNet18-stem7'));

/** Infinite where the network does not fit such images. */
export function parametersOf(name: string): number {
  const sheet = describeNetwork(name, [8, 8, 3], 10);
  return 'problem' in sheet ? Infinity : sheet.parameters;
}

/** One that reads images. */
export interface ImageModel extends ModelSource {
  input: readonly [number, number, number];
  normalisation: { mean: number; deviation: number };
  /** Its definition, where it is in low precision. */
  define?: JoinedDefinition;
}

/** The same in low precision. */
export function inRoundedForm(source: ImageModel, precision: Precision): ImageModel {
  const plan = planNetwork(source.network, source.input, source.classes.length);
  if ('problem' in plan) throw new Error(plan.problem);
  const parts = roundedParts(plan.define, source.input, precision);
  const define = inLowPrecision(plan.define, parts, precision);
  return { ...source, define, written: writeDown(define, source.input) };
}

/** A network of the page with random weights and running statistics that are not 0 and 1. */
export function randomSource(
  network: string,
  input: readonly [number, number, number],
  classes = 10,
): ImageModel {
  const plan = planNetwork(network, input, classes);
  if ('problem' in plan) throw new Error(plan.problem);
  const random = RandomStream.fork(5, network);
  const weights = plan.description.parameters.map(({ name, shape, init }): NamedArray => {
    const size = shape.reduce((product, side) => product * side, 1);
    // As large as a first value would be, so that answers of deep networks neither vanish nor explode.
    const scale = shape.length > 1 ? Math.sqrt(6 / (size / shape.at(-1)!)) : 0.35;
    const middle = init.kind === 'constant' ? init.value : 0;
    const data = Float32Array.from({ length: size }, () => middle + scale * (2 * random.uniform() - 1));
    if (name.endsWith('running_var')) data.forEach((value, i) => (data[i] = Math.abs(value) + 0.5));
    return { name, shape: torchShape(shape), data };
  });
  return {
    learner: 'student',
    network,
    input,
    classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
    normalisation: { mean: 0.4, deviation: 0.3 },
    weights,
    run: 'A test',
  };
}

/** Pixels from 0 to 1, [8,h,w,c]. */
export function randomPixels({ input }: ImageModel): Float32Array {
  const random = RandomStream.fork(6, 'pixels');
  const size = images * input[0] * input[1] * input[2];
  return Float32Array.from({ length: size }, () => random.uniform());
}

export function normalised(pixels: Float32Array, { normalisation }: ImageModel): Float32Array {
  return pixels.map((pixel) => (pixel - normalisation.mean) / normalisation.deviation);
}

/** The page's own logits [8*classes] of normalised images. */
export async function logitsHere(source: ImageModel, batch: Float32Array): Promise<Float32Array> {
  const { network: name, input, classes, define } = source;
  const random = RandomStream.fork(1, 'export');
  const network = define
    ? Network.joined(define, name, input, classes.length, random)
    : Network.create(name, input, classes.length, random);
  network.module.loadState(source.weights);
  const logits = tf.tidy(
    () => network.forward(tf.tensor4d(batch, [images, ...source.input]), { training: false }).logits,
  );
  const values = await logits.data<'float32'>();
  logits.dispose();
  network.dispose();
  return values;
}

/** [N,H,W,C] -> [N,C,H,W] */
export function channelsFirst(batch: Float32Array, [h, w, c]: readonly [number, number, number]) {
  const moved = new Float32Array(batch.length);
  for (let n = 0; n < images; n++)
    for (let p = 0; p < h * w; p++)
      for (let k = 0; k < c; k++) moved[(n * c + k) * h * w + p] = batch[(n * h * w + p) * c + k]!;
  return moved;
}

/** The largest difference, as a share of the largest logit. */
export function worst(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  const reference = Array.from(expected);
  const scale = Math.max(...reference.map(Math.abs));
  return Math.max(...reference.map((value, i) => Math.abs(value - found[i]!))) / scale;
}
