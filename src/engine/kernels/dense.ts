/** Fully connected layer x [B,D] * kernel [D,U] + bias [U], and small elementwise layers with their gradients. */
import type { RawKernel } from '../webgpu-backend';
import { dot, flat, part, lines, vec, widthOf } from './wgsl';

export interface DenseShape {
  batch: number;
  inputs: number;
  units: number;
}

/** x, kernel, bias -> [B,U]; one thread per image and group of units. */
export function denseForward({ batch, inputs, units }: DenseShape): RawKernel {
  const [a, b] = [widthOf(inputs), widthOf(units)];
  const groups = units / b;
  return flat({
    name: 'dense',
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
      y[i] = sum;`,
  });
}

/** dy [B,U], kernel -> gradient of x [B,D]; one thread per number. */
export function denseInputGradient({ batch, inputs, units }: DenseShape): RawKernel {
  const b = widthOf(units);
  const groups = units / b;
  return flat({
    name: 'dense input gradient',
    read: [`dy: ${vec(b)}`, `kernel: ${vec(b)}`],
    write: ['dx: f32'],
    threads: batch * inputs,
    body: `
      let row = i / ${inputs} * ${groups};
      let input = i % ${inputs} * ${groups};
      var sum = 0.0;
      for (var n = 0; n < ${groups}; n++) { sum += ${dot('dy[row + n]', 'kernel[input + n]', b)}; }
      dx[i] = sum;`,
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

/** x -> max(x, 0) */
export function relu(size: number): RawKernel {
  const width = widthOf(size);
  return flat({
    name: 'ReLU',
    read: [`x: ${vec(width)}`],
    write: [`y: ${vec(width)}`],
    threads: size / width,
    body: `y[i] = max(x[i], ${vec(width)}());`,
  });
}

/** dy, x -> dy where x was positive */
export function reluGradient(size: number): RawKernel {
  const width = widthOf(size);
  const type = vec(width);
  return flat({
    name: 'ReLU gradient',
    read: [`dy: ${type}`, `x: ${type}`],
    write: [`dx: ${type}`],
    threads: size / width,
    body: `dx[i] = select(${type}(), dy[i], x[i] > ${type}());`,
  });
}

/** dy [B,C] -> [B,places,C], each place its share: the gradient of a global average. */
export function spreadOverPlaces(batch: number, places: number, channels: number): RawKernel {
  const width = widthOf(channels);
  const groups = channels / width;
  return flat({
    name: 'global average gradient',
    read: [`dy: ${vec(width)}`],
    write: [`dx: ${vec(width)}`],
    threads: batch * places * groups,
    body: `dx[i] = dy[i / ${groups * places} * ${groups} + i % ${groups}] / ${places};`,
  });
}
