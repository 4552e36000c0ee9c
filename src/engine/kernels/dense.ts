/** Fully connected layer x [B,D] * kernel [D,U] + bias [U] with its gradients, and the gradient of a global average. */
import type { Step } from '../lazy-tensors';
import type { RawKernel } from '../webgpu-backend';
import { dot, flat, part, lines, vec, widthOf } from './wgsl';

export interface DenseShape {
  batch: number;
  inputs: number;
  units: number;
}

/** x, kernel, bias -> [B,U]; one thread per image and group of units. */
export function denseForward({ batch, inputs, units }: DenseShape, steps: readonly Step[]): RawKernel {
  const [a, b] = [widthOf(inputs), widthOf(units)];
  const groups = units / b;
  return flat({
    name: ['dense', ...steps].join(', '),
    read: [`x: ${vec(a)}`, `kernel: ${vec(b)}`, `bias: ${vec(b)}`],
    write: [`y: ${vec(b)}`],
    threads: batch * groups,
    body: `
      let group = i % ${groups};
      let row = i / ${groups} * ${inputs / a};
      var sum = bias[group];
      for (var n = 0; n < ${inputs / a}; n++) {
        let v = x[row + n];
        ${lines(a, (c) => `sum += ${part('v', c, a)} * kernel[(n * ${a} + ${c}) * ${groups} + group];`)}
      }
      y[i] = finish(i, sum);`,
    finish: { steps, channels: units },
  });
}

/** dy [B,U], kernel -> gradient of x [B,D]; one thread per number. */
export function denseInputGradient(shape: DenseShape, steps: readonly Step[]): RawKernel {
  const b = vec(widthOf(shape.units));
  return flat({
    name: ['dense input gradient', ...steps].join(', '),
    read: [`dy: ${b}`, `kernel: ${b}`],
    write: ['dx: f32'],
    threads: shape.batch * shape.inputs,
    body: inputGradient(shape),
    finish: { steps, channels: shape.inputs },
  });
}

/**
 * x [B,D], dy [B,U] -> gradients of kernel [D,U] and bias [U]; the bias is computed as the kernel's row for an input
 * of ones.
 */
export function denseParameterGradients(shape: DenseShape): RawKernel {
  const b = vec(widthOf(shape.units));
  return flat({
    name: 'dense parameter gradients',
    read: ['x: f32', `dy: ${b}`],
    write: [`dkernel: ${b}`, `dbias: ${b}`],
    threads: parameterThreads(shape),
    body: parameterGradients(shape, 'i'),
  });
}

/**
 * x, dy, kernel -> the gradients of x, kernel and bias in one dispatch: first the threads of one, then those of the
 * others. For the head of a network the dispatch itself costs most.
 */
export function denseGradients(shape: DenseShape, steps: readonly Step[]): RawKernel {
  const b = vec(widthOf(shape.units));
  const numbers = shape.batch * shape.inputs;
  return flat({
    name: ['dense gradients', ...steps].join(', '),
    read: ['x: f32', `dy: ${b}`, `kernel: ${b}`],
    write: ['dx: f32', `dkernel: ${b}`, `dbias: ${b}`],
    threads: numbers + parameterThreads(shape),
    body: `
      if (i < ${numbers}) { ${inputGradient(shape)} return; }
      let j = i - ${numbers};
      ${parameterGradients(shape, 'j')}`,
    finish: { steps, channels: shape.inputs },
  });
}

function inputGradient({ inputs, units }: DenseShape): string {
  const b = widthOf(units);
  const groups = units / b;
  return `
    let row = i / ${inputs} * ${groups};
    let input = i % ${inputs} * ${groups};
    var sum = 0.0;
    for (var n = 0; n < ${groups}; n++) { sum += ${dot('dy[row + n]', 'kernel[input + n]', b)}; }
    dx[i] = finish(i, sum);`;
}

function parameterThreads({ inputs, units }: DenseShape): number {
  return (inputs + 1) * (units / widthOf(units));
}

/** @param thread name of the index variable */
function parameterGradients({ batch, inputs, units }: DenseShape, thread: string): string {
  const b = widthOf(units);
  const groups = units / b;
  return `
    let group = ${thread} % ${groups};
    let unit = ${thread} / ${groups};
    var sums = ${vec(b)}();
    if (unit == ${inputs}) {
      for (var n = 0; n < ${batch}; n++) { sums += dy[n * ${groups} + group]; }
      dbias[group] = sums;
      return;
    }
    for (var n = 0; n < ${batch}; n++) { sums += x[n * ${inputs} + unit] * dy[n * ${groups} + group]; }
    dkernel[${thread}] = sums;`;
}

/** dy [B,C] -> [B,places,C], divided by the number of places: the gradient of a global average. */
export function spreadOverPlaces(
  batch: number,
  places: number,
  channels: number,
  steps: readonly Step[],
): RawKernel {
  const width = widthOf(channels);
  const groups = channels / width;
  return flat({
    name: ['global average gradient', ...steps].join(', '),
    read: [`dy: ${vec(width)}`],
    write: [`dx: ${vec(width)}`],
    threads: batch * places * groups,
    body: `dx[i] = finish(i, dy[i / ${groups * places} * ${groups} + i % ${groups}] / ${places});`,
    finish: { steps, channels },
  });
}
