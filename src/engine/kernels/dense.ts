/** Fully connected layer x [B,D] * kernel [D,U] + bias [U] with its gradients, and the gradient of a global average. */
import type { Step } from '../pending';
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
export function denseInputGradient({ batch, inputs, units }: DenseShape, steps: readonly Step[]): RawKernel {
  const b = widthOf(units);
  const groups = units / b;
  return flat({
    name: ['dense input gradient', ...steps].join(', '),
    read: [`dy: ${vec(b)}`, `kernel: ${vec(b)}`],
    write: ['dx: f32'],
    threads: batch * inputs,
    body: `
      let row = i / ${inputs} * ${groups};
      let input = i % ${inputs} * ${groups};
      var sum = 0.0;
      for (var n = 0; n < ${groups}; n++) { sum += ${dot('dy[row + n]', 'kernel[input + n]', b)}; }
      dx[i] = finish(i, sum);`,
    finish: { steps, channels: inputs },
  });
}

/** x [B,D], dy [B,U] -> gradients of kernel [D,U] and bias [U], the bias as the kernel's row for an input of ones. */
export function denseParameterGradients({ batch, inputs, units }: DenseShape): RawKernel {
  const b = widthOf(units);
  const groups = units / b;
  return flat({
    name: 'dense parameter gradients',
    read: ['x: f32', `dy: ${vec(b)}`],
    write: [`kernel: ${vec(b)}`, `bias: ${vec(b)}`],
    threads: (inputs + 1) * groups,
    body: `
      let group = i % ${groups};
      let input = i / ${groups};
      var sum = ${vec(b)}();
      if (input == ${inputs}) {
        for (var n = 0; n < ${batch}; n++) { sum += dy[n * ${groups} + group]; }
        bias[group] = sum;
        return;
      }
      for (var n = 0; n < ${batch}; n++) { sum += x[n * ${inputs} + input] * dy[n * ${groups} + group]; }
      kernel[i] = sum;`,
  });
}

/** dy [B,C] -> [B,places,C], each place its share: the gradient of a global average. */
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
