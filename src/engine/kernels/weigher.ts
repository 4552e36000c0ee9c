/**
 * The small network that weights losses per image, and its gradients: a few numbers per image, which as stock ops
 * take dozens of dispatches. One thread per image, or per number of a parameter.
 */
import type { RawKernel } from '../webgpu-backend';
import { flat } from './wgsl';

export interface WeigherShape {
  batch: number;
  inputs: number;
  hidden: number;
  hints: number;
  /** Number of base weights: one per hint or one for all. */
  bases: number;
}

const parameters = ['kernel1: f32', 'bias1: f32', 'kernel2: f32', 'bias2: f32'];

/** Hidden unit `unit` of image `i`, before its ReLU. */
const hiddenUnit = ({ inputs, hidden }: WeigherShape) => `
  var unit = bias1[j];
  for (var k = 0; k < ${inputs}; k++) { unit += x[i * ${inputs} + k] * kernel1[k * ${hidden} + j]; }`;

/** Declares the output `z` of image `i` per hint. */
const outputs = (shape: WeigherShape) => `
  var z: array<f32, ${shape.hints}>;
  for (var h = 0; h < ${shape.hints}; h++) { z[h] = bias2[h]; }
  for (var j = 0; j < ${shape.hidden}; j++) {
    ${hiddenUnit(shape)}
    unit = max(unit, 0);
    for (var h = 0; h < ${shape.hints}; h++) { z[h] += unit * kernel2[j * ${shape.hints} + h]; }
  }`;

/** x [B,K], the network's parameters, base [H] -> base * 2 * sigmoid(network) [B,H]. */
export function weigh(shape: WeigherShape): RawKernel {
  const { batch, hints, bases } = shape;
  return flat({
    name: 'instance weights',
    read: ['x: f32', ...parameters, 'base: f32'],
    write: ['w: f32'],
    threads: batch,
    body: `
      ${outputs(shape)}
      for (var h = 0; h < ${hints}; h++) {
        w[i * ${hints} + h] = 2 / (1 + exp(-z[h])) * base[h % ${bases}];
      }`,
  });
}

/** Numbers per image that `weighBackward` stores for `weigherGradients`. */
export function backwardSize({ hidden, hints }: WeigherShape): number {
  return 2 * hidden + hints;
}

/** x, dw, base and parameters without the last bias -> per image hidden units, their gradients, those of z. */
export function weighBackward(shape: WeigherShape): RawKernel {
  const { batch, hidden, hints, bases } = shape;
  const size = backwardSize(shape);
  return flat({
    name: 'instance weights backward',
    read: ['x: f32', ...parameters, 'base: f32', 'dw: f32'],
    write: ['y: f32'],
    threads: batch,
    body: `
      ${outputs(shape)}
      for (var h = 0; h < ${hints}; h++) {
        let s = 1 / (1 + exp(-z[h]));
        z[h] = dw[i * ${hints} + h] * base[h % ${bases}] * 2 * s * (1 - s);
        y[i * ${size} + ${2 * hidden} + h] = z[h];
      }
      for (var j = 0; j < ${hidden}; j++) {
        ${hiddenUnit(shape)}
        var d = 0.0;
        for (var h = 0; h < ${hints}; h++) { d += z[h] * kernel2[j * ${hints} + h]; }
        y[i * ${size} + j] = max(unit, 0);
        y[i * ${size} + ${hidden} + j] = select(0.0, d, unit > 0);
      }`,
  });
}

/** x, result of `weighBackward` -> gradients of the four parameters; one thread per number. */
export function weigherGradients(shape: WeigherShape): RawKernel {
  const { batch, inputs, hidden, hints } = shape;
  const size = backwardSize(shape);
  const sum = (value: string) => `
    var sum = 0.0;
    for (var b = 0; b < ${batch}; b++) { let y = b * ${size}; sum += ${value}; }`;
  const [ofKernel1, ofBias1] = [inputs * hidden, hidden];
  const ends = [ofKernel1, ofKernel1 + ofBias1, ofKernel1 + ofBias1 + hidden * hints];
  return flat({
    name: 'instance weights parameter gradients',
    read: ['x: f32', 'parts: f32'],
    write: ['dKernel1: f32', 'dBias1: f32', 'dKernel2: f32', 'dBias2: f32'],
    threads: ends[2]! + hints,
    body: `
      if (i < ${ends[0]}) {
        let k = i / ${hidden};
        ${sum(`x[b * ${inputs} + k] * parts[y + ${hidden} + i % ${hidden}]`)}
        dKernel1[i] = sum;
      } else if (i < ${ends[1]}) {
        let j = i - ${ends[0]};
        ${sum(`parts[y + ${hidden} + j]`)}
        dBias1[j] = sum;
      } else if (i < ${ends[2]}) {
        let at = i - ${ends[1]};
        ${sum(`parts[y + at / ${hints}] * parts[y + ${2 * hidden} + at % ${hints}]`)}
        dKernel2[at] = sum;
      } else {
        let h = i - ${ends[2]};
        ${sum(`parts[y + ${2 * hidden} + h]`)}
        dBias2[h] = sum;
      }`,
  });
}
